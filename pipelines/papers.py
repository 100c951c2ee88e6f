"""Reports written by the tools' commands: the same documents as on the web pages."""

from collections.abc import Callable

from rich.console import Console

from exclusion_map.editions.papers.files import PaperFile
from exclusion_map.editions.papers.paper import Again
from exclusion_map.exports.document import Document


def write_report(
    file: PaperFile | None, write: Callable[[Again], Document], console: Console
) -> None:
    """Write a report if requested, and print where.

    Args:
        file: output file, or None.
        write: writes the report; gets the command line that reproduces it.
        console: for progress.

    Raises:
        ExclusionMapError: the report cannot be written.
    """
    if file is None:
        return
    with console.status(f"Writing {file.path.name}"):
        file.write(write(Again(command=file.command)))
    console.print(f"Report: {file.path}", markup=False, highlight=False, soft_wrap=True)
