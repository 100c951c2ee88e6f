"""Heavy work of the service: so much at once, so much waiting, and none for who went away.

Maps and pages must stay quick while somebody reads a boundary, looks for gaps everywhere or prints
a report. Such work takes its turn here. Who comes when the queue is full is told to come back; who
leaves while waiting leaves the queue; who leaves during the work is worked for no longer, and
neither is anybody for longer than a setting says: long loops ask (``exclusion_map.stopping``).

Work of some tenths of a second has a queue of its own, so that it does not wait behind work that
takes minutes.
"""

import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final, ParamSpec, TypeVar

import anyio
import anyio.to_thread
from anyio.abc import TaskGroup
from fastapi import Request
from starlette.datastructures import State
from starlette.exceptions import HTTPException

from exclusion_map.errors import BusyError, InvalidRequestError
from exclusion_map.settings import WorkSettings, read
from exclusion_map.stopping import StoppedError, while_wanted
from exclusion_map.stopping import Wanted as Wanted

Given = ParamSpec("Given")
Result = TypeVar("Result")

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


def queued(state: State) -> int:
    """Return how many have or wait for a turn in an app; the queues bound them."""
    pools: dict[str, Pool] = getattr(state, "work_pools", {})
    return sum(pool.running + pool.waiting for pool in pools.values())


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


@dataclass(eq=False)
class Patience:
    """How long work goes on: until its client goes away, or it has taken too long.

    Attributes:
        seconds: it may take.
        left: set when the client goes away.
    """

    seconds: float
    left: threading.Event = field(default_factory=threading.Event)
    _begun: float = field(default_factory=time.monotonic)

    @property
    def over(self) -> bool:
        """Whether the work has taken too long."""
        return time.monotonic() - self._begun > self.seconds

    def wanted(self) -> bool:
        """Return whether the answer is still wanted."""
        return not (self.left.is_set() or self.over)

    def too_long(self) -> InvalidRequestError:
        """Return the error of work that took too long."""
        return InvalidRequestError(
            "question",
            found=f"more than {self.seconds:g} seconds of work",
            expected="a smaller request",
            mend="Choose a smaller place, fewer rows or fewer draws, or use the command line.",
        )


async def in_thread(
    request: Request, work: Callable[[Wanted], Result], pool: Pool | None = None
) -> Result:
    """Return what work in a thread of the pool returns.

    The turn lasts until the thread ends, even where it goes on for nobody: what costs is counted.
    Work that asks, by what it is given or by ``exclusion_map.stopping``, ends soon after its
    client went away or its time was over.

    Args:
        request: whose client is looked after.
        work: is given a function that tells whether its answer is still wanted.
        pool: the one for heavy work of the app if None.

    Raises:
        BusyError: too many wait already.
        InvalidRequestError: it took longer than a setting allows.
        HTTPException: 499, the client went away.
        Exception: what the work raises.
    """
    pool = pool or pool_of(request.app.state)
    done: list[Result] = []
    failed: list[Exception] = []
    async with turn(request, pool), anyio.create_task_group() as group:
        patience = Patience(read(WorkSettings).work_seconds)
        group.start_soon(_watch, request, patience.left.set)
        try:
            # Wanted or not, it is waited for: a thread cannot be ended from outside.
            done.append(
                await anyio.to_thread.run_sync(_work, work, patience.wanted, limiter=pool.threads)
            )
        except Exception as error:
            failed.append(error)
        group.cancel_scope.cancel()
    if patience.left.is_set():
        raise gone()
    if done:
        return done[0]
    if isinstance(failed[0], StoppedError) or patience.over:
        raise patience.too_long() from failed[0]
    raise failed[0]


def _work(work: Callable[[Wanted], Result], wanted: Wanted) -> Result:
    with while_wanted(wanted):
        return work(wanted)


async def briefly(
    request: Request, work: Callable[Given, Result], *args: Given.args, **more: Given.kwargs
) -> Result:
    """Return what work of some tenths of a second returns, in a queue of its own.

    Args:
        request: whose client is looked after.
        work: done in a thread.
        args: the work is given.
        more: the same, by name.

    Raises:
        BusyError: too many wait already.
        HTTPException: 499, the client went away.
        Exception: what the work raises.
    """
    pool = pool_of(request.app.state, "brief")
    return await in_thread(request, lambda _: work(*args, **more), pool)


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
