"""Give memory back: what long jobs took for a moment stays with the process otherwise."""

import ctypes
import sys
from functools import cache
from typing import Any

import pyarrow as pa


@cache
def _trim() -> Any:
    # Only the GNU C library has it; others give back by themselves, or cannot be asked.
    if not sys.platform.startswith("linux"):
        return None
    return getattr(ctypes.CDLL(None), "malloc_trim", None)


def give_back() -> None:
    """Return free memory to the system; takes some milliseconds."""
    pa.default_memory_pool().release_unused()
    trim = _trim()
    if trim is not None:
        trim(0)
