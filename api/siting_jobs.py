"""Siting in the background: work that may take a minute shows how far it is, and can be stopped."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

from starlette.datastructures import State
from starlette.exceptions import HTTPException

from exclusion_map.targeting.siting import Report
from exclusion_map.targeting.siting_query import Siting

KEPT = 12
AT_ONCE = 2
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
    """

    key: str
    words: str = "waiting for its turn"
    share: float = 0.0
    result: Future[Siting] = field(default_factory=Future)
    stop: threading.Event = field(default_factory=threading.Event)

    def report(self, words: str, share: float) -> None:
        """Note how far it is."""
        self.words, self.share = words, share


class SitingJobs:
    """The last questions and their answers; two are worked on at once, the rest wait."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[str, SitingJob] = OrderedDict()
        self._lock = threading.Lock()
        self._turn = threading.BoundedSemaphore(AT_ONCE)

    def find(self, key: str) -> SitingJob | None:
        """Return the job of a question that was asked."""
        with self._lock:
            return self._jobs.get(key)

    def start(self, key: str, work: Work) -> SitingJob:
        """Return the job of a question; work begins unless it was asked before.

        Raises:
            HTTPException: too many are being worked on.
        """
        with self._lock:
            held = self._jobs.get(key)
            if held is not None and not held.stop.is_set():
                self._jobs.move_to_end(key)
                return held
            running = sum(not one.result.done() for one in self._jobs.values())
            if running >= KEPT:
                raise HTTPException(503, "Too many sitings are under way.", {"Retry-After": "20"})
            job = self._jobs[key] = SitingJob(key)
            self._forget()
        threading.Thread(target=self._run, args=(job, work), daemon=True).start()
        return job

    def _forget(self) -> None:
        done = [key for key, one in self._jobs.items() if one.result.done()]
        for key in done[: max(len(self._jobs) - KEPT, 0)]:
            del self._jobs[key]

    def _run(self, job: SitingJob, work: Work) -> None:
        with self._turn:
            try:
                job.result.set_result(work(job.report, lambda: not job.stop.is_set()))
            except BaseException as error:
                job.result.set_exception(error)


def jobs_of(state: State) -> SitingJobs:
    """Return the sitings of an app; made with the first question."""
    if not hasattr(state, "siting_jobs"):
        state.siting_jobs = SitingJobs()
    jobs: SitingJobs = state.siting_jobs
    return jobs
