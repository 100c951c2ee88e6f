"""Small areas of many postcodes at once, from an edition's index of postcodes."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from exclusion_map.errors import EditionError
from exclusion_map.placing.order import CODE, Placed, Reason

_FULL = r"^(?:[A-Z]{1,2}[0-9][A-Z0-9]?|GIR|NPT)[0-9][A-Z]{2}$"
_WIDTH = 7


class PostcodeRows:
    """Postcodes as sorted numbers, with the row of the small area of each."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise EditionError(
                f"edition {path.parent.name}",
                found="no postcodes",
                expected="an index of postcodes",
                mend="Place by coordinates, or build an edition with postcodes.",
            )
        with pa.memory_map(str(path)) as source:
            table = pa.ipc.open_file(source).read_all().combine_chunks()
        codes = table.column("postcode").chunk(0)
        raw = np.frombuffer(codes.buffers()[1], dtype=f"S{_WIDTH}", count=len(codes))
        self._keys = _numbers(raw)
        self._area = table.column("area").chunk(0).to_numpy()

    def place(self, column: pa.Array) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
        """Return rows of areas (n,), -1 for none, and outcomes (n,) as numbers of ``HOW``."""
        text = pc.fill_null(column.cast(pa.string()), "")
        bare = pc.replace_substring_regex(pc.utf8_upper(text), r"[^A-Z0-9]+", "")
        given = pc.not_equal(bare, "").to_numpy(zero_copy_only=False)
        good = pc.match_substring_regex(bare, _FULL)
        padded = pc.utf8_rpad(pc.if_else(good, bare, ""), _WIDTH, " ").cast(pa.binary(_WIDTH))
        raw = np.frombuffer(padded.buffers()[1], dtype=f"S{_WIDTH}")
        keys = _numbers(raw[padded.offset : padded.offset + len(padded)])
        at = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        known = self._keys[at] == keys
        area = np.where(known, self._area[at], -1).astype(np.int32)
        formed = good.to_numpy(zero_copy_only=False)
        outcome = np.select(
            [~given, ~formed, ~known, area < 0],
            [
                CODE[Reason.NO_POSTCODE],
                CODE[Reason.NOT_A_POSTCODE],
                CODE[Reason.UNKNOWN_POSTCODE],
                CODE[Reason.OUTSIDE],
            ],
            CODE[Placed.POSTCODE],
        )
        return area, outcome.astype(np.uint8)


def _numbers(codes: npt.NDArray[np.bytes_]) -> npt.NDArray[np.uint64]:
    """Return codes of seven bytes as numbers in the same order: found faster than text."""
    wide = np.zeros((len(codes), 8), dtype=np.uint8)
    wide[:, :_WIDTH] = np.ascontiguousarray(codes).view(np.uint8).reshape(-1, _WIDTH)
    return wide.view(">u8").ravel().astype(np.uint64)
