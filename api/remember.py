"""Remember the last few results of long work."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

from api.memory import give_back

Kept = TypeVar("Kept")


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

        What fails is not remembered.
        """
        with self._lock:
            held = self._held.get(key)
            mine = held is None
            if held is None:
                held = self._held[key] = Future()
                while len(self._held) > self._size:
                    self._held.popitem(last=False)
            self._held.move_to_end(key)
        if mine:
            try:
                held.set_result(make())
                if self._heavy:
                    give_back()
            except BaseException as error:
                held.set_exception(error)
                with self._lock:
                    self._held.pop(key, None)
        return held.result()

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
