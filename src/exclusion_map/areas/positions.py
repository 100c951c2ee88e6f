"""Where each code stands among codes that are in order."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping

from exclusion_map.areas.on_demand import MANY


def positions(codes: tuple[str, ...], many: int = MANY) -> Mapping[str, int]:
    """Return the row of each code; of very many, by halving instead of a table.

    Args:
        codes: in order, each once.
        many: codes above which a table, of 120 bytes a code, is too much.
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
