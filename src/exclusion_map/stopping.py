"""Long work that ends soon after nobody wants its answer any more.

A thread cannot be ended from outside. Whoever starts work says how it is told whether its answer
is still wanted; long loops ask, now and then, and end. Where nobody said, as in commands and
builds, work goes on to its end.

What is said holds within the context of the thread; work that begins threads of its own asks in
the one that waits for them.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

Item = TypeVar("Item")
Wanted = Callable[[], bool]
"""Whether an answer is still wanted. It is asked often, so it answers at once."""

_WANTED: ContextVar[Wanted | None] = ContextVar("wanted", default=None)


class StoppedError(Exception):
    """Work that ended early because nobody wants its answer any more.

    Not one of the errors of the domain, on purpose: what catches those to tell a reader must not
    catch this.
    """


@contextmanager
def while_wanted(wanted: Wanted) -> Iterator[None]:
    """Let long work of the block end once its answer is no longer wanted."""
    before = _WANTED.set(wanted)
    try:
        yield
    finally:
        _WANTED.reset(before)


def stoppable() -> bool:
    """Return whether anybody said when work is to end."""
    return _WANTED.get() is not None


def check_wanted() -> None:
    """End work that nobody wants any more; where nobody said, it goes on.

    Raises:
        StoppedError: nobody wants the answer.
    """
    wanted = _WANTED.get()
    if wanted is not None and not wanted():
        raise StoppedError


def as_wanted(items: Iterable[Item], every: int = 1) -> Iterator[Item]:
    """Yield items as long as their answer is wanted.

    Args:
        items: of a long loop.
        every: after how many to ask; more where one is a matter of microseconds.

    Raises:
        StoppedError: nobody wants the answer.
    """
    for number, item in enumerate(items):
        if number % every == 0:
            check_wanted()
        yield item
