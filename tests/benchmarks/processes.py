"""Processor time and memory of a process with all its children, from /proc."""

import os
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

BETWEEN_S = 0.1
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Usage:
    """What a command took.

    Attributes:
        wall_s: from start to end.
        cpu_s: user and system time of the process and of its children.
        peak_bytes: most resident memory of the process and its children together.
        lines: what it printed.
    """

    wall_s: float
    cpu_s: float
    peak_bytes: int
    lines: tuple[str, ...]


def run_measured(command: Sequence[str], on_line: Callable[[str], None]) -> Usage:
    """Run a command to its end.

    Raises:
        RuntimeError: it failed, with what it printed.
    """
    begun = time.perf_counter()
    environment = {**os.environ, "COLUMNS": "200"}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )
    lines = []
    with _Sampler(process.pid) as sampler:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line.rstrip())
            on_line(lines[-1])
        # wait4 tells the processor time of this child, and of its own children that have ended.
        _, status, spent = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - begun
    if process.returncode:
        raise RuntimeError(f"{command} failed:\n" + "\n".join(lines))
    peak = max(sampler.peak, spent.ru_maxrss * 1024)
    return Usage(wall, spent.ru_utime + spent.ru_stime, peak, tuple(lines))


class _Sampler:
    """Looks ten times a second how much memory a process and its children hold."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.peak = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(BETWEEN_S):
            self.peak = max(self.peak, sum(resident(pid) for pid in family(self._pid)))


class Peak:
    """The most memory that a process holds for a while, and its children together, in bytes.

    The kernel counts for the process itself: nothing between two looks is missed.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.own = 0
        self.children = 0

    def __enter__(self) -> Self:
        Path(f"/proc/{self._pid}/clear_refs").write_text("5")  # the highest mark, from now on
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self.own = highest(self._pid)

    def _watch(self) -> None:
        while not self._done.wait(BETWEEN_S / 10):
            now = sum(highest(pid) for pid in family(self._pid)[1:])
            self.children = max(self.children, now)


def highest(pid: int) -> int:
    """Return the most resident bytes a process has had, mapped files included; 0 when gone."""
    return _status(pid, "VmHWM:")


def resident(pid: int) -> int:
    """Return the resident bytes of a process, shared pages included; 0 when it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    except (OSError, IndexError):
        return 0


def own(pid: int) -> int:
    """Return the resident bytes that no file backs, without memory maps; 0 when it is gone."""
    return _status(pid, "RssAnon:")


def _status(pid: int, name: str) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024
    return 0


def spent(pid: int) -> float:
    """Return the processor seconds a process has used, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    found = [pid]
    for member in found:
        try:
            for children in Path(f"/proc/{member}/task").glob("*/children"):
                found.extend(int(child) for child in children.read_text().split())
        except OSError:
            continue
    return found
