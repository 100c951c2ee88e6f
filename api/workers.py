"""Several processes of the service on one address; each maps the same edition.

They are forked after the code is imported and before anything is opened, so that they share the
memory of the code, and through the system's cache that of the files. What they keep to themselves
is the tables that are read into memory.
"""

import logging
import math
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import FrameType
from typing import Final, NoReturn

logger = logging.getLogger(__name__)

Serve = Callable[[], None]
QUICK_S: Final = 5.0
MOST_QUICK: Final = 5
"""So many ends within ``QUICK_S`` of their beginning, one after another, and the service ends."""


def run_workers(
    count: int,
    serve: Serve,
    *,
    stop_s: float = math.inf,
    ended: Callable[[int], object] = lambda _: None,
) -> int:
    """Run processes until told to stop; one that ends by itself is replaced.

    Args:
        count: how many.
        serve: what each does until SIGTERM.
        stop_s: seconds from the order to stop after which those that are left are killed.
        ended: told of the number of each that ended.

    Returns:
        0 after a stop that was asked for, 1 when workers ended again and again.
    """
    workers: dict[int, float] = {}
    stopping = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True
        _tell(workers, signal.SIGTERM)
        if math.isfinite(stop_s):
            signal.setitimer(signal.ITIMER_REAL, stop_s)

    def kill(_number: int, _frame: FrameType | None) -> None:
        logger.error("%d workers did not end in time; they are killed", len(workers))
        _tell(workers, signal.SIGKILL)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    before[signal.SIGALRM] = signal.signal(signal.SIGALRM, kill)
    quick = 0
    try:
        for _ in range(count):
            workers[_fork(serve)] = time.monotonic()
        while workers:
            pid, status = os.wait()
            begun = workers.pop(pid, None)
            ended(pid)
            if stopping or begun is None:
                continue
            quick = quick + 1 if time.monotonic() - begun < QUICK_S else 0
            logger.error("worker %d ended (%d)", pid, os.waitstatus_to_exitcode(status))
            if quick >= MOST_QUICK:
                stop(0, None)
                return 1
            workers[_fork(serve)] = time.monotonic()
            if stopping:  # The order came while this one began.
                stop(0, None)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)
    return 0


def _tell(workers: Iterable[int], number: signal.Signals) -> None:
    for pid in tuple(workers):
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def once_apart(work: Serve) -> None:
    """Do something in a process of its own, to its end: what it loads stays out of this one."""
    os.waitpid(_fork(work), 0)


def _fork(work: Serve) -> int:
    """Return the number of a new process that does some work and then ends."""
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        _be_worker(work, parent)
    return pid


def _be_worker(work: Serve, parent: int) -> NoReturn:
    code = 1
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
        work()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        logger.exception("a worker failed")
    finally:
        os._exit(code)


def _end_with(parent: int) -> None:
    """End this process when the one that began it is gone, however it went."""
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)
