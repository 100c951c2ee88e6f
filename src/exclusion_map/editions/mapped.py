"""Large arrays in files without names, mapped: of what is seldom read, only that is in memory."""

import logging
import mmap
import os
import tempfile
from typing import Any, Final

import numpy as np
import numpy.typing as npt

logger = logging.getLogger(__name__)

IN_MEMORY: Final = 64 << 20
"""Most bytes of an array held in memory; those of England and Wales take 5 to 14 million."""


def space(shape: tuple[int, ...], dtype: npt.DTypeLike, memory: int = IN_MEMORY) -> Any:
    """Return an array to be filled: in memory, or in a file where it is larger than ``memory``.

    The file has no name and lies in the folder for temporary files (``TMPDIR``): nothing is left of
    it when the process ends, however that ends. Without room for it the array is in memory.
    """
    kind = np.dtype(dtype)
    size = int(np.prod(shape)) * kind.itemsize
    if size > memory:
        try:
            with tempfile.TemporaryFile() as file:
                _reserve(file.fileno(), size)
                return np.frombuffer(mmap.mmap(file.fileno(), size), dtype=kind).reshape(shape)
        except OSError as error:
            logger.warning("no room for a file of %d bytes (%s): held in memory", size, error)
    return np.empty(shape, dtype=kind)


def let_go(array: npt.NDArray[Any]) -> None:
    """Give back the memory of what was read or written of a mapped array; what stands in it stays.

    An array in memory is left as it is.
    """
    held: Any = array
    while isinstance(held, np.ndarray):
        held = held.base
    if isinstance(held, memoryview):
        held = held.obj
    if isinstance(held, mmap.mmap) and hasattr(held, "madvise"):
        held.madvise(mmap.MADV_DONTNEED)


def _reserve(file: int, size: int) -> None:
    """Take the room on the disk now: to write to a mapped page without any would end the process.

    Raises:
        OSError: there is none.
    """
    reserve = getattr(os, "posix_fallocate", None)
    if reserve is None:
        os.ftruncate(file, size)
    else:
        reserve(file, 0, size)
