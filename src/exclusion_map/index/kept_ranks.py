"""Ranks of all areas in all draws: in memory, or in a file without a name where they are many."""

import os
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

IN_MEMORY = 1 << 30
"""Most bytes of ranks kept in memory; a thousand draws of England and Wales take 71 million."""

BLOCK = 2_000_000
"""Ranks of one block of areas."""


class KeptRanks:
    """Ranks that are put in a draw at a time and asked for a block of areas at a time.

    The file holds one block of areas after the other, so that each is read in one piece. It has no
    name: nothing is left of it when the process ends, however that ends.

    Attributes:
        width: areas of a block; the last may have fewer.
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
        """Keep the ranks (m,) of one draw; several threads may do so at once.

        Raises:
            OSError: there is no room for the file.
        """
        if self._held is not None:
            self._held[draw] = ranks
            return
        ranks = np.ascontiguousarray(ranks, dtype=self._type)
        for start in self.starts():
            part = ranks[start : start + self.width]
            self._write(part, self._offset(start) + draw * part.nbytes)

    def block(self, start: int) -> NDArray[Any]:
        """Return the ranks (draws, areas of the block) from its first area on."""
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
