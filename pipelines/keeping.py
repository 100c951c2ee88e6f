"""Store results of build steps: written completely before they get their name, then verified.

A build can be killed, run out of space or lose power at any point. It then leaves an unlocked
temporary folder, which the next build removes first because it may need the space.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from exclusion_map.editions.verify import SUMS, record_file, sums_text
from exclusion_map.editions.workshop import locked, sync_folder

MAKING = ".making-"


@contextmanager
def made_aside(folder: Path) -> Iterator[Path]:
    """Yield a temporary folder for a result; it is renamed if the block ends without an error.

    If another build has produced the same result meanwhile, that one is kept.
    """
    making = folder.parent / f"{MAKING}{folder.name}-{os.getpid()}"
    with ExitStack() as held:
        with locked(folder.parent, wait=True):  # So that it is not swept before it is locked.
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir()
            held.enter_context(locked(making, wait=True))
        try:
            yield making
            _write_through(making)
            _settle(making, folder)
        finally:
            shutil.rmtree(making, ignore_errors=True)


def is_whole(folder: Path) -> bool:
    """Return whether a result exists with correct checksums; remove it if damaged.

    Results of older versions have no checksums and are accepted.
    """
    if not folder.is_dir():
        return False
    try:
        told = (folder / SUMS).read_text(encoding="utf-8")
        whole = told == _sums_of(folder)
    except FileNotFoundError:
        return True
    except (OSError, UnicodeDecodeError):
        whole = False
    if not whole:
        shutil.rmtree(folder)
    return whole


def sweep(steps_dir: Path) -> None:
    """Remove temporary folders left by builds that were killed."""
    with locked(steps_dir, wait=True):
        for left in steps_dir.glob(f"{MAKING}*"):
            with locked(left, wait=False) as ours:
                if ours:
                    shutil.rmtree(left, ignore_errors=True)


def write_synced(path: Path, text: str) -> None:
    """Replace a small file atomically and durably, even if power is lost."""
    draft = path.with_suffix(".draft")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)


def _write_through(making: Path) -> None:
    (making / SUMS).write_text(_sums_of(making), encoding="utf-8")
    for path in _files(making):
        with path.open("rb") as file:
            os.fsync(file.fileno())
    sync_folder(making)


def _settle(making: Path, folder: Path) -> None:
    try:
        making.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
    sync_folder(folder.parent)


def _sums_of(folder: Path) -> str:
    names = {path.relative_to(folder).as_posix(): path for path in _files(folder)}
    return sums_text({name: record_file(path) for name, path in names.items() if name != SUMS})


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
