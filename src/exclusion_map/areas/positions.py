"""Positions of codes in a sorted sequence."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping

from exclusion_map.areas.on_demand import MANY


def positions(codes: tuple[str, ...], many: int = MANY) -> Mapping[str, int]:
    """Return the row of each code, by binary search instead of a dict if there are very many.

    Args:
        codes: sorted and unique.
        many: number of codes above which a dict (120 bytes per code) would be too large.
    """
    if len(codes) <= many:
        return {code: row for row, code in enumerate(codes)}
    return _Halving(codes)


class _Halving(Mapping[str, int]):
    def __init__(self, codes: tuple[str, ...]) -> None:
        self._codes = codes

    def __getitem__(self, code: str) -> int:
        row = bisect_left(self._codes, code)
        if row == len(self._codes) or self._codes[row] != code:
            raise KeyError(code)
        return row

    def __iter__(self) -> Iterator[str]:
        return iter(self._codes)

    def __len__(self) -> int:
        return len(self._codes)
