"""The cells of a risk matrix: what they are called, and how somebody names them."""

import re
from dataclasses import dataclass

from exclusion_map.errors import InvalidRequestError
from exclusion_map.targeting.matrix_cuts import LEVEL_WORDS

_CELL = re.compile(r"([1-9])-([1-9])")


@dataclass(frozen=True, slots=True, order=True)
class CellId:
    """A cell: class of likelihood and class of impact, each from 1, the lowest."""

    likelihood: int
    impact: int

    def __str__(self) -> str:
        return f"{self.likelihood}-{self.impact}"

    def words(self, size: int) -> str:
        """Return it in words: "high likelihood, medium impact"."""
        names = LEVEL_WORDS[size]
        return f"{names[self.likelihood - 1]} likelihood, {names[self.impact - 1]} impact"


@dataclass(frozen=True, slots=True)
class Cell:
    """What lies in a cell: areas, residents, and people of the group."""

    id: CellId
    areas: int
    people: float
    group: float


def corner(size: int) -> tuple[CellId, ...]:
    """Return the cells high on both: 1 of 9, or 4 of 25."""
    first = size if size == 3 else size - 1
    highest = range(size, first - 1, -1)
    return tuple(CellId(likelihood, impact) for likelihood in highest for impact in highest)


def parse_cells(text: str, size: int) -> tuple[CellId, ...]:
    """Return the cells of ``3-3,3-2``, highest first; the corner for none.

    Raises:
        InvalidRequestError: a part is no cell of a matrix of this size.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    found = []
    for part in parts:
        match = _CELL.fullmatch(part)
        cell = CellId(int(match[1]), int(match[2])) if match else CellId(0, 0)
        if not (1 <= cell.likelihood <= size and 1 <= cell.impact <= size):
            raise InvalidRequestError(
                "cells",
                found=repr(part[:20]),
                expected=f"likelihood-impact, each from 1 to {size}, such as {size}-{size}",
            )
        found.append(cell)
    return tuple(sorted(set(found), reverse=True)) or corner(size)
