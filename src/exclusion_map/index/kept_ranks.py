"""Storage for the ranks of all areas in all draws: in memory, or in an unnamed file if large."""

import os
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

IN_MEMORY = 1 << 30
"""Maximum bytes of ranks in memory; 1,000 draws of England and Wales take 71 million."""

BLOCK = 2_000_000
"""Number of ranks in one block of areas."""


class KeptRanks:
    """Ranks that are written one draw at a time and read one block of areas at a time.

    The file stores block after block of areas, so that each block is read in one piece. It is
    unnamed, so the system removes it when the process ends, even if it crashes.

    Attributes:
        width: number of areas in a block; the last may have fewer.
    """

    def __init__(
        self, draws: int, areas: int, dtype: DTypeLike, *, memory: int, folder: Path | None
    ) -> None:
        self._draws, self._areas, self._type = draws, areas, np.dtype(dtype)
        self.width = max(1, BLOCK // draws)
        spilt = draws * areas * self._type.itemsize > memory
        self._held = None if spilt else np.empty((draws, areas), dtype=self._type)
        self._file = tempfile.TemporaryFile(dir=folder) if spilt else None  # noqa: SIM115

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._held = None
        if self._file is not None:
            self._file.close()

    def starts(self) -> range:
        """Return the first area of each block."""
        return range(0, self._areas, self.width)

    def put(self, draw: int, ranks: NDArray[Any]) -> None:
        """Store the ranks (m,) of one draw; may be called from several threads at once.

        Raises:
            OSError: there is no space for the file.
        """
        if self._held is not None:
            self._held[draw] = ranks
            return
        ranks = np.ascontiguousarray(ranks, dtype=self._type)
        for start in self.starts():
            part = ranks[start : start + self.width]
            self._write(part, self._offset(start) + draw * part.nbytes)

    def block(self, start: int) -> NDArray[Any]:
        """Return the ranks (draws, areas in the block) of the block that begins at ``start``."""
        if self._held is not None:
            return self._held[:, start : start + self.width]
        assert self._file is not None  # noqa: S101 - it is held or in a file
        shape = (self._draws, min(self.width, self._areas - start))
        found = np.empty(shape, dtype=self._type)
        rest, at = found.data.cast("B"), self._offset(start)
        while rest:
            count = os.preadv(self._file.fileno(), [rest], at)
            rest, at = rest[count:], at + count
        return found

    def _offset(self, start: int) -> int:
        return start * self._draws * self._type.itemsize

    def _write(self, part: NDArray[Any], at: int) -> None:
        assert self._file is not None  # noqa: S101
        rest = part.data.cast("B")
        while rest:
            count = os.pwrite(self._file.fileno(), rest, at)
            rest, at = rest[count:], at + count
