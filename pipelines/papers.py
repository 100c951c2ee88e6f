"""Reports of tools written by commands: the same documents as the pages send."""

from collections.abc import Callable

from rich.console import Console

from exclusion_map.editions.papers.files import PaperFile
from exclusion_map.editions.papers.paper import Again
from exclusion_map.exports.document import Document


def write_report(
    file: PaperFile | None, write: Callable[[Again], Document], console: Console
) -> None:
    """Write a report where one was asked for, and say so.

    Args:
        file: that was asked for; None for none.
        write: makes the report, told the command that makes it again.
        console: shows that it goes on.

    Raises:
        ExclusionMapError: it cannot be written.
    """
    if file is None:
        return
    with console.status(f"Writing {file.path.name}"):
        file.write(write(Again(command=file.command)))
    console.print(f"Report: {file.path}", markup=False, highlight=False, soft_wrap=True)
