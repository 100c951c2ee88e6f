"""Pages that wait a moment for long work, and show that it goes on when it takes longer.

The work is done in a thread and remembers its own result, so that whoever asks again finds it. Two
who ask for the same wait for the same work. Work that nobody has asked for in a while ends: a page
that waits asks again every other second.
"""

import asyncio
import time
from collections.abc import Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass, field

import anyio.to_thread
from starlette.datastructures import State

from api.work import Pool, place, pool_of
from exclusion_map.errors import BusyError
from exclusion_map.settings import WorkSettings, read
from exclusion_map.stopping import while_wanted

WAIT_S = 1.5
"""How long a page waits before it says that the work goes on."""
MOST_UNDER_WAY = 8
FORGOTTEN_S = 30.0
"""Seconds without a question from anybody after which work ends."""


@dataclass(eq=False)
class UnderWay:
    """Work that somebody waits for.

    Attributes:
        work: the work.
        seconds: it may take.
        asked: when somebody last asked for it, by the clock that only goes forward.
    """

    work: Callable[[], object]
    seconds: float
    asked: float = field(default_factory=time.monotonic)
    begun: float = float("inf")
    task: asyncio.Task[None] = field(init=False)

    def wanted(self) -> bool:
        """Return whether it goes on."""
        now = time.monotonic()
        return now - self.asked <= FORGOTTEN_S and now - self.begun <= self.seconds

    def do(self) -> None:
        """Do it, in a thread."""
        self.begun = time.monotonic()
        with while_wanted(self.wanted):
            self.work()


class Waiting:
    """Work under way that pages wait for.

    Args:
        pool: in which the work takes its turn; without one it is done at once.
    """

    def __init__(self, pool: Pool | None = None) -> None:
        self._pool = pool
        self._under_way: dict[Hashable, UnderWay] = {}

    async def done(
        self, key: Hashable, work: Callable[[], object], seconds: float | None = None
    ) -> bool:
        """Return whether work was done within some seconds; else it goes on.

        What fails counts as done: who then asks for the result meets the same error.

        Args:
            key: of the work; work of the same key is done once at a time.
            work: done in a thread; keeps its own result.
            seconds: how long to wait; ``WAIT_S`` if None.

        Raises:
            BusyError: too much is under way already.
        """
        held = self._under_way.get(key)
        if held is None:
            held = self._begin(key, work)
        held.asked = time.monotonic()
        wait_s = WAIT_S if seconds is None else seconds
        finished, _ = await asyncio.wait([held.task], timeout=wait_s)
        return bool(finished)

    def _begin(self, key: Hashable, work: Callable[[], object]) -> UnderWay:
        if len(self._under_way) >= MOST_UNDER_WAY:
            raise BusyError(
                "this service",
                found=f"{MOST_UNDER_WAY} questions being answered",
                expected="fewer at once",
                mend="Try again in a moment.",
                wait_s=10,
            )
        if self._pool is not None:
            self._pool.check()
        held = UnderWay(work, read(WorkSettings).work_seconds)
        held.task = asyncio.create_task(_in_thread(held, self._pool))
        self._under_way[key] = held
        held.task.add_done_callback(lambda _: self._under_way.pop(key, None))
        return held


async def _in_thread(held: UnderWay, pool: Pool | None) -> None:
    with suppress(Exception):
        if pool is None:
            await anyio.to_thread.run_sync(held.do)
            return
        async with place(pool):
            if held.wanted():  # Else whoever asked left while it waited for its turn.
                await anyio.to_thread.run_sync(held.do, limiter=pool.threads)


def waiting_of(state: State) -> Waiting:
    """Return what is under way in an app; made with the first question."""
    if not hasattr(state, "waiting"):
        state.waiting = Waiting(pool_of(state))
    waiting: Waiting = state.waiting
    return waiting
