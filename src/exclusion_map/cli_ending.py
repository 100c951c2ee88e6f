"""How a command ends: by itself, by Ctrl-C, by order of the system, or with nobody reading it."""

import errno
import io
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any, Final, TextIO

from exclusion_map.errors import ExclusionMapError
from exclusion_map.outputs import forget_drafts

TIDY_S: Final = 3.0
"""Seconds that a command has to take away what is unfinished before the process ends without it."""
STOPPED: Final = "Stopped. Nothing half-written is left; the same command can be run again."
_ASKED: Final = ("SIGINT", "SIGTERM", "SIGHUP")
_OF_THE_MACHINE: Final = frozenset(
    getattr(errno, name, -1)
    for name in ("ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM", "EFBIG", "EIO", "EMFILE", "ENFILE")
)
"""What a person mends on the machine; a traceback would only hide it."""


class Stopped(BaseException):
    """Somebody told the process to stop; ``number`` is the signal."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class _Patient(io.FileIO):
    """A standard stream that nobody may read any more: what is written then goes nowhere."""

    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
            return memoryview(data).nbytes


def run(command: Callable[[], object], say: Callable[[str], object]) -> int:
    """Run a command to its end, whatever ends it; returns the status of the process.

    Args:
        command: what to do; may raise SystemExit.
        say: tells a person why it ended.
    """
    sys.stdout, sys.stderr = _patient(sys.stdout), _patient(sys.stderr)
    _heed_signals()
    try:
        command()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except ExclusionMapError as error:
        say(error.message)
        code = 2
    except Stopped as stopped:
        print(STOPPED, file=sys.stderr)
        code = 128 + stopped.number
    except OSError as error:
        if error.errno not in _OF_THE_MACHINE:
            raise
        say(f"{error.filename or 'output'}: found {error.strerror}; expected a place to write to.")
        code = 2
    return _flushed(code, say)


def follow_parent() -> None:
    """In a process that another of ours began: leave Ctrl-C to that one, and end when it is gone.

    Workers of a pool wait for work from a parent that was killed for ever otherwise.
    """
    # It is not told yet who its parent is while it imports the module of the command.
    if "--multiprocessing-fork" not in sys.orig_argv:
        return
    parent = os.getppid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def end() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=end, name="follow-parent", daemon=True).start()


def _patient(stream: TextIO) -> TextIO:
    """Return a standard stream that outlives its reader; closed ones stay closed."""
    if type(stream) is not io.TextIOWrapper:  # Closed, or a test listens.
        return stream
    stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(_Patient(stream.fileno(), "wb", closefd=False)),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def _heed_signals() -> None:
    """Turn orders to stop into an exception; what ``nohup`` or a shell ignores stays ignored."""
    for name in _ASKED:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)


def _stop(number: int, _frame: FrameType | None) -> None:
    # A second order is not to wait for anything.
    signal.signal(number, signal.SIG_DFL)
    for child in multiprocessing.active_children():
        child.terminate()
    threading.Thread(target=_end_late, args=(number,), daemon=True).start()
    raise Stopped(number)


def _end_late(number: int) -> None:
    """End the process where a thread or compiled code hears nothing; as if killed, but tidier."""
    time.sleep(TIDY_S)
    forget_drafts()
    os.write(2, f"\n{STOPPED}\n".encode())
    os._exit(128 + number)


def _flushed(code: int, say: Callable[[str], object]) -> int:
    """Return the status of a process all of whose output has arrived."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        # What is left in the buffer must not be tried again when the interpreter ends.
        sys.stdout = None
        say(f"output: found {error.strerror}; expected a place to write to.")
        return code or 2
    return code
