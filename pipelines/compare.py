"""The command ``compare``: what changed between two editions."""

import json
from pathlib import Path

from rich.console import Console

from exclusion_map.editions import edition_path
from exclusion_map.editions.compare import compare as compare_editions
from exclusion_map.outputs import written_aside


def compare(
    processed_dir: Path, old: str, new: str, index: str, out: Path | None, console: Console
) -> None:
    """Print the summary of a comparison as JSON on standard output, and write the table.

    Args:
        processed_dir: folder of editions, for editions given by id.
        old: id or folder of an edition.
        new: id or folder of the other edition.
        index: id of an index in both.
        out: CSV output file with one row per area, if any.
        console: for messages other than the result.

    Raises:
        EditionError: one of the editions cannot be found or opened.
        NotFoundError: the index is not in both.
    """
    found = compare_editions(_folder(processed_dir, old), _folder(processed_dir, new), index)
    print(json.dumps(found.summary(), indent=1, ensure_ascii=False))
    if out is not None:
        frame = found.to_frame()
        with written_aside(out) as draft:
            frame.to_csv(draft, index=False)
        console.print(f"{len(frame):,} areas written to {out}", markup=False, highlight=False)


def _folder(processed_dir: Path, named: str) -> Path:
    given = Path(named)
    return given if given.is_dir() else edition_path(processed_dir, named)
