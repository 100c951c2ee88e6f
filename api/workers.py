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
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final, NoReturn

logger = logging.getLogger(__name__)

Serve = Callable[[], None]
Handler = Callable[[int, FrameType | None], None]
_ORDERS: Final = (signal.SIGTERM, signal.SIGINT)
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

    def begin() -> None:
        workers[_fork(serve)] = time.monotonic()
        if stopping:  # The order came while this one began.
            stop(0, None)

    quick = 0
    with _heard({**dict.fromkeys(_ORDERS, stop), signal.SIGALRM: kill}):
        for _ in range(count):
            begin()
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
            begin()
    return 0


@contextmanager
def _heard(handlers: Mapping[signal.Signals, Handler]) -> Iterator[None]:
    """Hear signals for the time of the block; an alarm that is set then is taken back."""
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


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
    # An order to stop waits until the new process hears it itself: its first steps have the
    # handlers of this one, which would take the order and go on.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ORDERS)
    try:
        pid = os.fork()
        if pid == 0:
            _be_worker(work, parent)
        return pid
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _be_worker(work: Serve, parent: int) -> NoReturn:
    code = 1
    try:
        for number in _ORDERS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ORDERS)
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
