"""Pages that wait a moment for long work, and show that it goes on when it takes longer.

The work is done in a thread and remembers its own result, so that whoever asks again finds it. Two
who ask for the same wait for the same work.
"""

import asyncio
from collections.abc import Callable, Hashable
from contextlib import suppress

import anyio.to_thread
from starlette.datastructures import State

from api.work import Pool, place, pool_of
from exclusion_map.errors import BusyError

WAIT_S = 1.5
"""How long a page waits before it says that the work goes on."""
MOST_UNDER_WAY = 8


class Waiting:
    """Work under way that pages wait for.

    Args:
        pool: in which the work takes its turn; without one it is done at once.
    """

    def __init__(self, pool: Pool | None = None) -> None:
        self._pool = pool
        self._under_way: dict[Hashable, asyncio.Task[None]] = {}

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
        task = self._under_way.get(key)
        if task is None:
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
            task = self._under_way[key] = asyncio.create_task(_in_thread(work, self._pool))
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
        finished, _ = await asyncio.wait([task], timeout=WAIT_S if seconds is None else seconds)
        return bool(finished)


async def _in_thread(work: Callable[[], object], pool: Pool | None) -> None:
    with suppress(Exception):
        if pool is None:
            await anyio.to_thread.run_sync(work)
            return
        async with place(pool):
            await anyio.to_thread.run_sync(work, limiter=pool.threads)


def waiting_of(state: State) -> Waiting:
    """Return what is under way in an app; made with the first question."""
    if not hasattr(state, "waiting"):
        state.waiting = Waiting(pool_of(state))
    waiting: Waiting = state.waiting
    return waiting
