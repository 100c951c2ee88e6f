"""Show what a long job is doing: a live list on a terminal, plain lines elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

DONE = "already done"


class Progress:
    """Names each step as it starts, what it is at, and how long it took."""

    def __init__(self, console: Console, steps: int) -> None:
        self._console = console
        self._steps = steps
        self._count = 0

    @contextmanager
    def step(self, says: str) -> Iterator[Callable[[str], None]]:
        """Show a step for as long as the context lasts; yields a way to say how far it is."""
        self._count += 1
        head = f"[{self._count}/{self._steps}] {says}"
        begun = time.perf_counter()
        told: list[str] = []
        if self._console.is_terminal:
            with self._console.status(head) as status:

                def note(text: str) -> None:
                    told.append(text)
                    status.update(f"{head} – {text}")

                yield note
        else:
            self._console.print(head, markup=False, highlight=False)
            yield told.append
        taken = time.perf_counter() - begun
        ending = DONE if told[-1:] == [DONE] else f"{taken:.1f} s"
        self._console.print(f"{head}: {ending}", markup=False, highlight=False)
