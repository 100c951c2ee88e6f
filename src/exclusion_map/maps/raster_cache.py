"""A cache bounded by bytes, shared between threads; what was used longest ago goes first."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, Protocol, TypeVar


class Sized(Protocol):
    """Anything that knows how many bytes it takes."""

    @property
    def nbytes(self) -> int:
        """Bytes in memory."""


Kept = TypeVar("Kept", bound=Sized)


class ByteCache(Generic[Kept]):
    """Keeps what was made, up to a number of bytes.

    Two threads that ask for the same at once may both make it: that is cheaper here than to wait.
    """

    def __init__(self, most: int) -> None:
        """Make an empty cache of at most ``most`` bytes."""
        self._most = most
        self._held: OrderedDict[Hashable, Kept] = OrderedDict()
        self._lock = threading.Lock()
        self.nbytes = 0

    def get(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """Return what is kept under a key, or make it; what is too large is made and not kept."""
        with self._lock:
            held = self._held.get(key)
            if held is not None:
                self._held.move_to_end(key)
                return held
        made = make()
        with self._lock:
            if key not in self._held and made.nbytes <= self._most:
                self._held[key] = made
                self.nbytes += made.nbytes
            while self.nbytes > self._most:
                self.nbytes -= self._held.popitem(last=False)[1].nbytes
        return made

    def __len__(self) -> int:
        return len(self._held)
