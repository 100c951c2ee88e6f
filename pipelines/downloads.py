"""Show downloads: progress bars on a terminal, otherwise one line per file."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from exclusion_map.sources.download import Report
from exclusion_map.sources.fetching import Outcome, Status, Wanted

_LOUD = (Status.FETCHED, Status.UNCHANGED, Status.FAILED)


class Display(Protocol):
    """Display of downloads in progress."""

    def begin(self, wanted: Wanted) -> Report:
        """Show that a file is being downloaded; return its progress callback."""

    def end(self, outcome: Outcome) -> None:
        """Show the outcome."""


@contextmanager
def display(console: Console, count: int) -> Iterator[Display]:
    """Return a display for ``count`` files that suits the console."""
    if not console.is_terminal:
        yield _Lines(console)
        return
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[shown]}"),
        TimeRemainingColumn(),
        console=console,
    ) as progress:
        yield _Bars(progress, count)


def line_of(outcome: Outcome) -> str:
    """Return the outcome of a file as one line."""
    if outcome.status is Status.FAILED:
        return f"failed: {outcome.detail}"
    return f"{outcome.wanted.name}: {outcome.status}, {outcome.detail}"


def say(console: Console, line: str) -> None:
    """Print a line unchanged, without markup and without wrapping."""
    console.print(line, markup=False, highlight=False, soft_wrap=True)


class _Lines:
    """One line for each file fetched or failed; the summary covers the others."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def begin(self, wanted: Wanted) -> Report:
        del wanted
        return _ignore

    def end(self, outcome: Outcome) -> None:
        if outcome.status in _LOUD:
            say(self._console, line_of(outcome))


def _ignore(have: int, total: int | None) -> None:
    del have, total


class _Bars:
    """One bar for the current file, and one for all files."""

    def __init__(self, progress: Progress, count: int) -> None:
        self._progress = progress
        self._count = count
        self._ended = 0
        self._bytes = 0
        self._all = progress.add_task("all files", total=count, shown="")
        self._one = progress.add_task("", total=None, shown="", visible=False)

    def begin(self, wanted: Wanted) -> Report:
        self._progress.reset(self._one, total=None, visible=False, description=wanted.name)
        return self._report

    def _report(self, have: int, total: int | None) -> None:
        shown = decimal(have) if total is None else f"{decimal(have)} of {decimal(total)}"
        self._progress.update(self._one, completed=have, total=total, shown=shown, visible=True)

    def end(self, outcome: Outcome) -> None:
        self._ended += 1
        self._bytes += outcome.record.bytes if outcome.record else 0
        self._progress.update(self._one, visible=False)
        self._progress.update(
            self._all,
            completed=self._ended,
            shown=f"{self._ended} of {self._count}, {decimal(self._bytes)}",
        )
        if outcome.status in _LOUD:
            say(self._progress.console, line_of(outcome))
