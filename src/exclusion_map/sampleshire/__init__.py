"""Sampleshire: an invented county, written as a raw folder in the publishers' own layouts.

It lets everything be tried where there is no network and no data, through the ordinary readers and
pipeline: nothing downstream knows that the county is not real, save for the marker file.
"""

from pathlib import Path

from exclusion_map.errors import SourceError

TITLE = "Sampleshire"
MARKER = "SAMPLESHIRE.txt"
FEWEST, MOST = 60, 1_000

__all__ = ["MARKER", "TITLE", "is_synthetic", "write_raw"]

_MARKER_TEXT = """\
Everything in this folder is invented.

Sampleshire is not a real county. Its places, people, services, codes, postcodes, addresses and
numbers were made up by a computer program (exclusion_map.sampleshire, seed {seed}, {areas} areas),
so that the software can be tried without real data. The files only look like those of the
publishers whose layouts they follow. Do not use them to learn anything about anywhere.
"""


def is_synthetic(raw_dir: Path) -> bool:
    """Return whether a raw folder holds the invented county, as its marker file says."""
    return (raw_dir / MARKER).is_file()


def write_raw(folder: Path, *, seed: int = 2026, areas: int = 320) -> None:
    """Write the invented county as a raw folder; the same seed gives the same bytes.

    Args:
        folder: where to write; made if it is not there. Files of the same names are replaced, but
            a folder that holds other sources without the marker is refused, so that real raw
            files are never overwritten.
        seed: of all that is drawn at random.
        areas: how many small areas, from 60 to 1,000.

    Raises:
        SourceError: the folder holds files that are not Sampleshire's, or too few or many areas.
    """
    from exclusion_map.sampleshire.write import write_all

    if folder.is_dir() and not is_synthetic(folder) and any(folder.iterdir()):
        raise SourceError(
            str(folder),
            found="files that are not Sampleshire's",
            expected="a new or empty folder, or one written by Sampleshire",
            mend="Choose another folder, so that real raw files are not overwritten.",
        )
    if not FEWEST <= areas <= MOST:
        raise SourceError(
            "areas of Sampleshire", found=str(areas), expected=f"between {FEWEST} and {MOST:,}"
        )
    folder.mkdir(parents=True, exist_ok=True)
    # First of all, so that a folder that was left half-written is known for what it is.
    (folder / MARKER).write_text(_MARKER_TEXT.format(seed=seed, areas=areas), encoding="utf-8")
    write_all(folder, seed=seed, areas=areas)
