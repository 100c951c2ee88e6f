"""Heavy work of the service: so much at once, so much waiting, and none for who went away.

Maps and pages must stay quick while somebody reads a boundary, looks for gaps everywhere or prints
a report. Such work takes its turn here. Who comes when the queue is full is told to come back; who
leaves while waiting leaves the queue; who leaves during the work is worked for no longer.
"""

import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final, TypeVar

import anyio
import anyio.to_thread
from anyio.abc import TaskGroup
from fastapi import Request
from starlette.datastructures import State
from starlette.exceptions import HTTPException

from exclusion_map.errors import BusyError
from exclusion_map.settings import WorkSettings, read

Result = TypeVar("Result")
Wanted = Callable[[], bool]
"""Whether an answer is still wanted; long work asks now and then, and ends when it is not."""

GONE: Final = 499
_LOOK_EVERY_S: Final = 0.05
_TURNS: ContextVar[frozenset[str]] = ContextVar("turns", default=frozenset())


@dataclass(eq=False)
class Pool:
    """Who works and who waits.

    Attributes:
        name: of the pool.
        most_waiting: how many may wait.
        limiter: lets so many through at once.
        threads: for the work; the many short requests keep the others.
    """

    name: str
    at_once: int
    most_waiting: int
    limiter: anyio.CapacityLimiter = field(init=False)
    threads: anyio.CapacityLimiter = field(init=False)

    def __post_init__(self) -> None:
        self.limiter = anyio.CapacityLimiter(self.at_once)
        self.threads = anyio.CapacityLimiter(self.at_once)
        self.moved()

    def moved(self) -> None:
        """Note that a piece of work began or ended."""
        self._moved = time.monotonic()

    @property
    def running(self) -> int:
        """How many are at work."""
        return self.limiter.statistics().borrowed_tokens

    @property
    def waiting(self) -> int:
        """How many wait."""
        return self.limiter.statistics().tasks_waiting

    @property
    def still_s(self) -> float:
        """For how many seconds all have been at work and none began or ended; 0 where one could."""
        held = self.limiter.statistics()
        busy = held.borrowed_tokens >= held.total_tokens
        return time.monotonic() - self._moved if busy else 0.0

    @property
    def full(self) -> bool:
        """Whether nobody more may wait."""
        held = self.limiter.statistics()
        free = held.borrowed_tokens < held.total_tokens
        return not free and held.tasks_waiting >= self.most_waiting

    def check(self) -> None:
        """Refuse more work where nobody more may wait.

        Raises:
            BusyError: so it is.
        """
        if self.full:
            raise self.busy()

    def busy(self) -> BusyError:
        """Return the error of a pool that is full."""
        return BusyError(
            "this service",
            found=f"{self.at_once} at work and up to {self.most_waiting} waiting",
            expected="fewer at once",
            mend="Nothing was lost. Try again in a moment.",
            wait_s=20,
        )


def pool_of(state: State, name: str = "heavy", at_once: int = 0) -> Pool:
    """Return a pool of an app, made with its first work.

    Args:
        state: of the app.
        name: of the pool; work of one pool does not wait for that of another.
        at_once: how many work in a pool that is made; as the settings say if 0.
    """
    pools: dict[str, Pool] = getattr(state, "work_pools", {})
    state.work_pools = pools
    if name not in pools:
        settings = read(WorkSettings)
        pools[name] = Pool(name, at_once or settings.work_at_once, settings.work_waiting)
    return pools[name]


@asynccontextmanager
async def place(pool: Pool) -> AsyncIterator[None]:
    """Wait for a turn and hold it, for work that goes on without a request that waits for it.

    Whoever begins such work asks `Pool.check` first.
    """
    async with pool.limiter:
        pool.moved()
        try:
            yield
        finally:
            pool.moved()


@asynccontextmanager
async def turn(request: Request, pool: Pool | None = None) -> AsyncIterator[None]:
    """Wait for one's turn, and hold it for the time of the block.

    Work within a turn that asks for one of the same pool has it already.

    Args:
        request: whose client is looked after while it waits.
        pool: the one for heavy work of the app if None.

    Raises:
        BusyError: too many wait already.
        HTTPException: 499, the client went away while it waited.
    """
    pool = pool or pool_of(request.app.state)
    held = _TURNS.get()
    if pool.name in held:
        yield
        return
    pool.check()
    borrower = object()
    await _enter(request, pool, borrower)
    pool.moved()
    before = _TURNS.set(held | {pool.name})
    try:
        yield
    finally:
        _TURNS.reset(before)
        pool.moved()
        pool.limiter.release_on_behalf_of(borrower)


async def in_thread(
    request: Request, work: Callable[[Wanted], Result], pool: Pool | None = None
) -> Result:
    """Return what work in a thread of the pool returns.

    The turn lasts until the thread ends, even where it goes on for nobody: what costs is counted.

    Args:
        request: whose client is looked after.
        work: is given a function that tells whether its answer is still wanted.
        pool: the one for heavy work of the app if None.

    Raises:
        BusyError: too many wait already.
        HTTPException: 499, the client went away.
        Exception: what the work raises.
    """
    pool = pool or pool_of(request.app.state)
    left = threading.Event()
    done: list[Result] = []
    failed: list[Exception] = []
    async with turn(request, pool), anyio.create_task_group() as group:
        group.start_soon(_watch, request, left.set)
        try:
            # Wanted or not, it is waited for: a thread cannot be ended from outside.
            limiter = pool.threads
            done.append(
                await anyio.to_thread.run_sync(work, lambda: not left.is_set(), limiter=limiter)
            )
        except Exception as error:
            failed.append(error)
        group.cancel_scope.cancel()
    if left.is_set():
        raise gone()
    if failed:
        raise failed[0]
    return done[0]


async def in_turn(request: Request, ready: bool, make: Callable[[], Result]) -> Result:
    """Return what draws, or another comparison of everything, give: one at a time.

    They take every core and much memory; who waits takes no thread.

    Args:
        request: whose client is looked after.
        ready: whether it is there already, so that nobody has to wait.
        make: the work.

    Raises:
        BusyError: too many wait already.
        HTTPException: 499, the client went away.
    """
    if ready:
        return await anyio.to_thread.run_sync(make)
    pool = pool_of(request.app.state, "draws", at_once=1)
    return await in_thread(request, lambda _: make(), pool)


def gone() -> HTTPException:
    """Return the error of a request that nobody waits for; nobody reads it but the log."""
    return HTTPException(GONE, "The client went away.")


async def _enter(request: Request, pool: Pool, borrower: object) -> None:
    entered = False
    async with anyio.create_task_group() as group:
        group.start_soon(_leave, request, group)
        await pool.limiter.acquire_on_behalf_of(borrower)
        entered = True
        group.cancel_scope.cancel()
    if not entered:
        raise gone()


async def _leave(request: Request, group: TaskGroup) -> None:
    await _watch(request, group.cancel_scope.cancel)


async def _watch(request: Request, then: Callable[[], object]) -> None:
    """Do something as soon as a client has gone away."""
    while not await request.is_disconnected():
        await anyio.sleep(_LOOK_EVERY_S)
    then()
