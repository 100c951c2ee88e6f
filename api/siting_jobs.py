"""Siting in the background: work that may take a minute shows how far it is, and can be stopped.

It takes its turn with other heavy work, and ends when nobody asks for it any more: a page that is
open asks every other second.
"""

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field

import anyio.to_thread
from starlette.datastructures import State

from api.work import Pool, place, pool_of
from exclusion_map.targeting.siting import Report
from exclusion_map.targeting.siting_query import Siting

KEPT = 12
FORGOTTEN_S = 20.0
"""Without a question from anybody, work ends after so many seconds."""
Work = Callable[[Report, Callable[[], bool]], Siting]


@dataclass(eq=False)
class SitingJob:
    """One question being answered.

    Attributes:
        key: of the question.
        words: what is being done.
        share: of the work done, 0 to 1.
        result: the answer, or why there is none.
        stop: set to end the work early: the best choice so far is then the answer.
        asked: when somebody last asked for it, by the clock that only goes forward.
        watched: whether a page shows how far it is.
        waiting: how many requests wait for it now.
    """

    key: str
    words: str = "waiting for its turn"
    share: float = 0.0
    result: Future[Siting] = field(default_factory=Future)
    stop: threading.Event = field(default_factory=threading.Event)
    asked: float = field(default_factory=time.monotonic)
    watched: bool = False
    waiting: int = 0

    def report(self, words: str, share: float) -> None:
        """Note how far it is."""
        self.words, self.share = words, share

    def look(self) -> None:
        """Note that a page shows how far it is, and will ask again."""
        self.watched, self.asked = True, time.monotonic()

    def wanted(self) -> bool:
        """Return whether anybody wants more of it; once nobody does, it stops for good."""
        if not self.waiting and time.monotonic() - self.asked > FORGOTTEN_S:
            self.stop.set()
        return not self.stop.is_set()

    @contextmanager
    def waited_for(self) -> Iterator[None]:
        """Count somebody who waits; when the last one leaves before the end, the work stops."""
        self.waiting += 1
        try:
            yield
        finally:
            self.waiting -= 1
            if not self.waiting and not self.watched and not self.result.done():
                self.stop.set()


class SitingJobs:
    """The last questions and their answers; they take turns in a pool."""

    def __init__(self, pool: Pool) -> None:
        self._jobs: OrderedDict[str, SitingJob] = OrderedDict()
        self._pool = pool
        self._tasks: set[asyncio.Task[None]] = set()

    def find(self, key: str) -> SitingJob | None:
        """Return the job of a question that was asked."""
        return self._jobs.get(key)

    def start(self, key: str, work: Work) -> SitingJob:
        """Return the job of a question; work begins unless it was asked before.

        To be called in the loop of the service.

        Raises:
            BusyError: too many are being worked on.
        """
        held = self._jobs.get(key)
        if held is not None and not held.stop.is_set():
            self._jobs.move_to_end(key)
            return held
        self._pool.check()
        if len(self._tasks) >= KEPT:  # Those of this moment are not in the queue yet.
            raise self._pool.busy()
        job = self._jobs[key] = SitingJob(key)
        self._forget()
        task = asyncio.create_task(self._run(job, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return job

    def _forget(self) -> None:
        done = [key for key, one in self._jobs.items() if one.result.done()]
        for key in done[: max(len(self._jobs) - KEPT, 0)]:
            del self._jobs[key]

    async def _run(self, job: SitingJob, work: Work) -> None:
        try:
            async with place(self._pool):
                found = await anyio.to_thread.run_sync(
                    work, job.report, job.wanted, limiter=self._pool.threads
                )
            job.result.set_result(found)
        except BaseException as error:
            job.result.set_exception(error)
            if not isinstance(error, Exception):
                raise


def jobs_of(state: State) -> SitingJobs:
    """Return the sitings of an app; made with the first question."""
    if not hasattr(state, "siting_jobs"):
        state.siting_jobs = SitingJobs(pool_of(state))
    jobs: SitingJobs = state.siting_jobs
    return jobs
