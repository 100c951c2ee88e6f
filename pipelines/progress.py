"""Show the progress of a long job: a live list on a terminal, otherwise plain lines."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.status import Status

DONE = "already done"


class Progress:
    """Shows each step with its current activity and duration; steps may overlap."""

    def __init__(self, console: Console, steps: int) -> None:
        self._console = console
        self._steps = steps
        self._count = 0
        self._lock = threading.Lock()
        self._doing: dict[str, str] = {}
        self._status: Status | None = None

    @contextmanager
    def step(self, says: str) -> Iterator[Callable[[str], None]]:
        """Show a step while the context is open; yields a callback for its activity."""
        with self._lock:
            self._count += 1
            head = f"[{self._count}/{self._steps}] {says}"
        begun = time.perf_counter()
        told: list[str] = []

        def note(text: str) -> None:
            told.append(text)
            self._show(head, text)

        if not self._console.is_terminal:
            self._say(head)
        self._show(head, "")
        try:
            yield note
        finally:
            self._hide(head)
        taken = time.perf_counter() - begun
        self._say(f"{head}: {DONE if told[-1:] == [DONE] else f'{taken:.1f} s'}")

    def _say(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False)

    def _show(self, head: str, text: str) -> None:
        """Show the current activity in the live line of the terminal."""
        if not self._console.is_terminal:
            return
        with self._lock:
            self._doing[head] = f"{head} – {text}" if text else head
            if self._status is None:
                self._status = self._console.status("")
                self._status.start()
            self._status.update("\n".join(self._doing.values()))

    def _hide(self, head: str) -> None:
        with self._lock:
            self._doing.pop(head, None)
            if self._status is not None and not self._doing:
                self._status.stop()
                self._status = None
            elif self._status is not None:
                self._status.update("\n".join(self._doing.values()))
