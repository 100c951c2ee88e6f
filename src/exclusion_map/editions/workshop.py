"""The temporary folder in which an edition is built: locked during the build, then removed.

The lock is an ``flock`` on the folder itself. The kernel releases it when the process ends for any
reason, so a folder that can be locked has no running builder. Process ids would not work: they are
reused, and in containers every builder may have the same one.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from exclusion_map.errors import EditionError

EDITIONS = "editions"
BUILDING = ".building-"
CURRENT = "current"
CURRENT_DRAFT = ".current-"
PREVIOUS = "previous"


@contextmanager
def locked(folder: Path, *, wait: bool) -> Iterator[bool]:
    """Hold the lock of a folder; yield False if it is held elsewhere and ``wait`` is False."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries (names, renames) to disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep(processed_dir: Path) -> tuple[str, ...]:
    """Remove folders left by dead builders; return their names."""
    removed = []
    for left in sorted(processed_dir.glob(f"{BUILDING}*")):
        with locked(left, wait=False) as ours:
            if ours:
                shutil.rmtree(left)
                removed.append(left.name)
    for draft in processed_dir.glob(f"{CURRENT_DRAFT}*"):
        draft.unlink(missing_ok=True)
    return tuple(removed)


@contextmanager
def new_edition(processed_dir: Path, edition_id: str) -> Iterator[Path]:
    """Yield an empty folder for an edition; it is removed unless published.

    ``exclusion_map.editions.publish`` moves the folder to its final place.

    Raises:
        EditionError: this process is already building an edition with that id.
    """
    processed_dir.mkdir(parents=True, exist_ok=True)
    folder = processed_dir / f"{BUILDING}{edition_id}-{os.getpid()}"
    with locked(processed_dir, wait=True):
        # Under the common lock, so that no other builder sweeps the folder before it is locked.
        sweep(processed_dir)
        try:
            folder.mkdir()
        except FileExistsError:
            raise EditionError(
                str(folder),
                found="a build of the same edition under way in this process",
                expected="only one build of an edition at a time",
            ) from None
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)
