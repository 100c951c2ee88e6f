"""Files that a command or a job writes: each has its name only when it is whole.

What is being written stands beside it under a hidden name, which is forgotten whatever goes wrong.
Only SIGKILL leaves it behind; nothing reads it then.
"""

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from exclusion_map.errors import InvalidRequestError

_drafts: set[Path] = set()
"""What this process is writing now."""


@contextmanager
def written_aside(path: Path) -> Iterator[Path]:
    """Yield where to write a file; it gets its own name when the block ends well.

    A link stays a link, and rights stay as they were. Pipes and devices are written to straight.

    Raises:
        InvalidRequestError: it cannot be written, or the disk is full.
    """
    check_place(path)
    try:
        if _is_stream(path):
            yield path
            return
        target = path.resolve()
        draft = target.with_name(f".{target.stem[:40]}-{os.getpid()}.part{target.suffix}")
        _drafts.add(draft)
        try:
            # A half-written one of before would be added to, not replaced, by some writers.
            draft.unlink(missing_ok=True)
            yield draft
            _settle(draft, target)
        finally:
            draft.unlink(missing_ok=True)
            _drafts.discard(draft)
    except OSError as error:
        raise _refusal(path, error.strerror or str(error)) from None


def write_file(path: Path, content: str | bytes) -> None:
    """Write a small file, text as UTF-8 with the line ends it has.

    Raises:
        InvalidRequestError: it cannot be written, or the disk is full.
    """
    with written_aside(path) as draft:
        draft.write_bytes(content.encode() if isinstance(content, str) else content)


def check_place(path: Path) -> None:
    """Say that a file cannot be written there before any work is done for it.

    Raises:
        InvalidRequestError: there is no such folder, or it is one, or nobody may write there.
    """
    try:
        if path.is_dir():
            raise _refusal(path, "a folder", "the name of a file")
        folder = path.resolve().parent
        if not folder.is_dir():
            raise _refusal(path, f"no folder {path.parent}", "a folder that is there")
        # Replacing a file asks only for rights to its folder: its own are heeded too.
        if path.exists() and not os.access(path, os.W_OK):
            raise _refusal(path, "a file that may not be written")
        if not _is_stream(path) and not os.access(folder, os.W_OK | os.X_OK):
            raise _refusal(path, f"folder {path.parent} may not be written to")
    except (OSError, RuntimeError, ValueError) as error:
        raise _refusal(path, getattr(error, "strerror", None) or str(error)) from None


def check_folder(path: Path) -> None:
    """Say that files cannot be written to a folder, which need not be there yet.

    Raises:
        InvalidRequestError: it is a file, or cannot be made, or nobody may write there.
    """
    try:
        there = next(one for one in (path.resolve(), *path.resolve().parents) if one.exists())
        if not there.is_dir():
            raise _refusal(path, f"{there.name} is a file", "a folder")
        if not os.access(there, os.W_OK | os.X_OK):
            raise _refusal(path, f"folder {there} may not be written to")
    except (OSError, RuntimeError, ValueError) as error:
        raise _refusal(path, getattr(error, "strerror", None) or str(error)) from None


def forget_drafts() -> None:
    """Remove what this process was writing, when it ends without waiting for it."""
    for draft in tuple(_drafts):
        with suppress(OSError):
            draft.unlink()


def _is_stream(path: Path) -> bool:
    return path.exists() and not stat.S_ISREG(path.stat().st_mode)


def _settle(draft: Path, target: Path) -> None:
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    if target.exists():
        shutil.copymode(target, draft)
    draft.replace(target)


def _refusal(path: Path, found: str, expected: str = "a place to write to") -> InvalidRequestError:
    return InvalidRequestError(f"output {path.name or path}", found=found, expected=expected)
