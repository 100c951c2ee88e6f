"""Give memory back: what long jobs took for a moment stays with the process otherwise."""

import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

import pyarrow as pa

_CHOICES: Final = {-8: 2, -3: 1_000_000, -1: 1_000_000}
"""As <malloc.h> numbers them: M_ARENA_MAX, M_MMAP_THRESHOLD and M_TRIM_THRESHOLD."""

_NO_HUGE_PAGES: Final = 41
"""PR_SET_THP_DISABLE of <linux/prctl.h>."""


@cache
def _trim() -> Any:
    # Only the GNU C library has it; others give back by themselves, or cannot be asked.
    if not sys.platform.startswith("linux"):
        return None
    return getattr(ctypes.CDLL(None), "malloc_trim", None)


def spare() -> None:
    """Have long arrays go back to the system as soon as they are let go of; for a service alone.

    The GNU C library otherwise raises the length from which it maps a block of its own with every
    block that is freed, up to 32 MB, and keeps an arena for every thread: what one request needed
    for a moment then lies between what others keep.
    """
    if _trim() is None:
        return
    choose = ctypes.CDLL(None).mallopt
    for what, value in _CHOICES.items():
        choose(what, value)
    # Pages of 2 MB round every block up to one: 50 MB that nobody uses.
    ctypes.CDLL(None).prctl(_NO_HUGE_PAGES, 1, 0, 0, 0)


def give_back() -> None:
    """Return free memory to the system; takes some milliseconds."""
    pa.default_memory_pool().release_unused()
    trim = _trim()
    if trim is not None:
        trim(0)


@contextmanager
def uncollected() -> Iterator[None]:
    """Let the collector of garbage rest while much is made that stays: a sixth of the time.

    Where it was at work before, it looks through what was made once, some hundredths of a second
    for a country, and then leaves it alone: every request waits while it looks.
    """
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.collect()
            gc.freeze()
            gc.enable()


def keep() -> None:
    """Have the collector leave alone what there is from now on, and give free memory back.

    What an edition is made of stays for as long as the edition does: looking through it would hold
    up requests. Nothing of it refers to itself in a circle, so it goes without the collector.
    """
    gc.freeze()
    give_back()
