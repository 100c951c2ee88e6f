"""Ends this very process, or fills the disk under it, at a chosen point of what it does.

Meant for a forked child: an audit hook cannot be taken out again.
"""

import errno
import os
import resource
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

CHANGES = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.utime", "os.chmod"}
"""What Python tells an audit hook of; fsync and statements of SQL are counted beside."""
NEED_ROOM = {"open", "os.mkdir", "os.rename", "fsync", "commit"}
FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@dataclass
class Trap:
    """Springs at the n-th operation on a folder: SIGKILL, or a disk that is full from then on.

    Attributes:
        folder: operations elsewhere do not count.
        point: n.
        full: the disk is full, rather than the process dead.
        reads: files opened only to be read count too.
        done: how many there were.
    """

    folder: Path
    point: int
    full: bool = False
    reads: bool = True
    done: int = 0
    _inside: bool = field(default=False, repr=False)

    def arm(self) -> None:
        """Begin to count."""
        sync = os.fsync

        def fsync(descriptor: int) -> None:
            self.step("fsync")
            sync(descriptor)

        os.fsync = fsync  # type: ignore[assignment]
        sys.addaudithook(self._heard)
        event.listen(Engine, "before_cursor_execute", self._statement)
        event.listen(Engine, "commit", lambda _: self.step("commit"))

    def step(self, what: str) -> None:
        """Count one operation, and spring when its time has come."""
        if self._inside:
            return
        self.done += 1
        if self.done < self.point:
            return
        if not self.full:
            os.kill(os.getpid(), signal.SIGKILL)
        elif what in NEED_ROOM:
            raise FULL

    def _heard(self, what: str, arguments: tuple[Any, ...]) -> None:
        if what not in CHANGES or isinstance(arguments[0], int):
            return
        if not os.fsdecode(arguments[0]).startswith(str(self.folder)):
            return
        # Reading needs no room.
        if what == "open" and not arguments[2] & (os.O_WRONLY | os.O_RDWR):
            if self.reads and not self.full:
                self.step(what)
            return
        self.step(what)

    def _statement(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not (self.full and statement.lstrip().upper().startswith(("SELECT", "PRAGMA"))):
            self.step("statement")


def end_in(seconds: float) -> None:
    """End this process after a time, wherever it then is, with nothing of it running any more."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-6))


def no_file_above(size: int) -> None:
    """Let every write beyond a size fail, in C and C++ too, as it does on a full disk."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


class Ballast:
    """A file that leaves only so much room on a file system."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "ballast"

    def leave(self, room: int) -> None:
        """Fill the file system but for some bytes."""
        self.drop()
        stat = os.statvfs(self._path.parent)
        size = stat.f_bavail * stat.f_frsize - room
        if size > 0:
            with self._path.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, size)

    def drop(self) -> None:
        """Make room again."""
        self._path.unlink(missing_ok=True)
