"""Which editions there are, which is current, and how to open one."""

import re
from pathlib import Path

from exclusion_map.editions.manifest import EDITION_ID, MANIFEST
from exclusion_map.editions.workshop import CURRENT, EDITIONS
from exclusion_map.errors import EditionError

_ID = re.compile(EDITION_ID)


def list_editions(processed_dir: Path) -> tuple[str, ...]:
    """Return the ids of the published editions, sorted."""
    folder = processed_dir / EDITIONS
    if not folder.is_dir():
        return ()
    return tuple(sorted(path.name for path in folder.iterdir() if (path / MANIFEST).is_file()))


def current_id(processed_dir: Path) -> str:
    """Return the id of the current edition.

    Raises:
        EditionError: nothing was ever published here, or the pointer is damaged.
    """
    pointer = processed_dir / CURRENT
    try:
        text = pointer.read_text(encoding="utf-8", errors="replace").strip()
    except FileNotFoundError:
        raise EditionError(
            str(pointer),
            found="no such file",
            expected="the id of the current edition",
            mend="Build an edition with: exclusion-map build",
        ) from None
    if not _ID.match(text):
        raise EditionError(
            str(pointer),
            found=repr(text[:40]),
            expected="the id of an edition",
            mend="Build an edition with: exclusion-map build",
        )
    return text


def edition_path(processed_dir: Path, edition_id: str) -> Path:
    """Return the folder of an edition.

    Raises:
        EditionError: there is none of that id.
    """
    path = processed_dir / EDITIONS / edition_id
    if not _ID.match(edition_id) or not (path / MANIFEST).is_file():
        here = ", ".join(list_editions(processed_dir)) or "none"
        raise EditionError(
            f"edition {edition_id!r}",
            found=f"no such edition in {processed_dir / EDITIONS}",
            expected=f"one of: {here}",
            mend="Build an edition with: exclusion-map build",
        )
    return path


def current_path(processed_dir: Path) -> Path:
    """Return the folder of the current edition.

    Raises:
        EditionError: there is none, or the pointer names one that is not there.
    """
    return edition_path(processed_dir, current_id(processed_dir))
