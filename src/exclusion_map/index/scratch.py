"""Reusable arrays: allocating a new one costs more than the arithmetic done in it.

The system clears every page of a new array of this size: 0.24 ms for the three that assign 35,672
scores to buckets, against 0.05 ms for the arithmetic.
"""

import threading
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


class Scratch(threading.local):
    """Reusable arrays for one kind of work, separate for each thread."""

    def __init__(self) -> None:
        self._held: dict[str, NDArray[Any]] = {}

    def of(self, name: str, n: int, dtype: DTypeLike = np.float64) -> NDArray[Any]:
        """Return the uninitialised array (n,) with this name; valid until the next call for it.

        Args:
            name: its purpose; always use a name with the same dtype.
            n: its length.
            dtype: its data type.
        """
        held = self._held.get(name)
        if held is None or len(held) != n:
            held = self._held[name] = np.empty(n, dtype=dtype)
        return held
