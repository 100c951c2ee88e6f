"""Remember the last few results of long work."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Final, Generic, TypeVar

from api.memory import give_back
from exclusion_map.stopping import StoppedError, check_wanted, stoppable

Kept = TypeVar("Kept")
_LOOK_EVERY_S: Final = 0.1


class Memory(Generic[Kept]):
    """Remembers the last few results; two who ask for the same at once make it once."""

    def __init__(self, size: int, *, heavy: bool = False) -> None:
        self._size = size
        self._heavy = heavy
        """Whether making takes much memory for a moment."""
        self._held: OrderedDict[Hashable, Future[Kept]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """Return what is remembered under a key, or make it; who asks meanwhile waits for it.

        What fails is not remembered. Where whoever makes it goes away, one of those who wait makes
        it; who waits and goes away waits no longer.

        Raises:
            StoppedError: nobody wants it of whoever asks here.
        """
        while True:
            held, mine = self._claim(key)
            if mine:
                self._make(key, held, make)
                return held.result()
            try:
                return _waited(held)
            except StoppedError:
                check_wanted()

    def _claim(self, key: Hashable) -> tuple[Future[Kept], bool]:
        """Return what is held under a key, and whether whoever asks is to make it."""
        with self._lock:
            held = self._held.get(key)
            mine = held is None
            if held is None:
                held = self._held[key] = Future()
                while len(self._held) > self._size:
                    self._held.popitem(last=False)
            self._held.move_to_end(key)
        return held, mine

    def _make(self, key: Hashable, held: Future[Kept], make: Callable[[], Kept]) -> None:
        try:
            made = make()
        except BaseException as error:
            # Gone before others hear of it: one of them may have to make it.
            with self._lock:
                if self._held.get(key) is held:
                    del self._held[key]
            held.set_exception(error)
        else:
            held.set_result(made)
            if self._heavy:
                give_back()

    def forget(self) -> None:
        """Forget all that is made already."""
        with self._lock:
            for key in [key for key, held in self._held.items() if held.done()]:
                del self._held[key]

    def has(self, key: Hashable) -> bool:
        """Return whether a result is there already."""
        with self._lock:
            held = self._held.get(key)
        return held is not None and held.done()

    def peek(self, key: Hashable) -> Kept | None:
        """Return what is remembered under a key; None where it is not there yet."""
        with self._lock:
            held = self._held.get(key)
            if held is None or not held.done() or held.exception() is not None:
                return None
            self._held.move_to_end(key)
        return held.result()


def _waited(held: Future[Kept]) -> Kept:
    """Return what somebody else makes; looks now and then whether it is wanted here."""
    while stoppable():
        try:
            return held.result(_LOOK_EVERY_S)
        except TimeoutError:
            if held.done():  # It is what the work raised.
                raise
        check_wanted()
    return held.result()
