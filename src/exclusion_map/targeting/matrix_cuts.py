"""Where one class of a risk matrix ends and the next begins: by areas, by people, by own lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt

from exclusion_map.errors import InvalidRequestError

Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]
Side = Literal["left", "right"]

SIZES = (3, 5)
LEVEL_WORDS = {
    3: ("low", "medium", "high"),
    5: ("lowest", "low", "middle", "high", "highest"),
}
"""What the classes of an axis are called, class 1 first."""


class CutRule(StrEnum):
    """How classes are cut."""

    AREAS = "areas"
    PEOPLE = "people"
    FIXED = "fixed"

    @property
    def label(self) -> str:
        """The words people see."""
        return _LABELS[self]


_LABELS = {
    CutRule.AREAS: "the same number of areas",
    CutRule.PEOPLE: "the same number of residents",
    CutRule.FIXED: "what lines of your own give it",
}


@dataclass(frozen=True, slots=True)
class Cuts:
    """The lines of one axis.

    Attributes:
        rule: how they were found.
        edges: ascending; one fewer than there are classes.
    """

    rule: CutRule
    edges: tuple[float, ...]

    @property
    def size(self) -> int:
        """How many classes there are."""
        return len(self.edges) + 1

    def classes(self, values: Floats) -> Bytes:
        """Return (n,) class of each value from 1, the lowest; 0 where the value is missing.

        A value on a line that the data drew is in the lower class: ties stay together. A value on
        a line of one's own is in the upper one: "500 or more".
        """
        side = self._side
        found = 1 + np.searchsorted(np.array(self.edges), values, side=side)
        return np.where(np.isnan(values), 0, found).astype(np.uint8)

    @property
    def _side(self) -> Side:
        return "right" if self.rule is CutRule.FIXED else "left"

    def span(self, number: int, places: int = 1) -> str:
        """Return what lies in a class, in words: "above 12.3, up to 20.1"."""
        low = self.edges[number - 2] if number > 1 else None
        high = self.edges[number - 1] if number < self.size else None
        own = self.rule is CutRule.FIXED
        if low is None:
            return f"{'under' if own else 'up to'} {high:,.{places}f}"
        if high is None:
            return f"{low:,.{places}f} or more" if own else f"above {low:,.{places}f}"
        if own:
            return f"{low:,.{places}f} to under {high:,.{places}f}"
        return f"above {low:,.{places}f}, up to {high:,.{places}f}"


def cut(values: Floats, people: Floats, rule: CutRule, size: int) -> Cuts:
    """Return lines that put as many areas, or people, as can be into each class.

    A line is the value of the area with which a k-th part of them all is reached, areas sorted by
    value; so equal values always share a class, and with many ties a class may be empty.

    Args:
        values: (n,) what is cut; NaN is left out.
        people: (n,) who live there; counts with the rule ``people``.
        rule: areas or people.
        size: how many classes.

    Raises:
        InvalidRequestError: no value is known, or nobody lives where it is.
    """
    known = ~np.isnan(values)
    order = np.argsort(values[known], kind="stable")
    held = values[known][order]
    weight = np.ones(len(held))
    if rule is CutRule.PEOPLE:
        weight = np.nan_to_num(people[known])[order]
    if not len(held) or not weight.sum() > 0:
        raise InvalidRequestError(
            "classes", found="no area with a value", expected="at least one area with a value"
        )
    reached = np.cumsum(weight) / weight.sum()
    at = [np.searchsorted(reached, part / size - 1e-12) for part in range(1, size)]
    return Cuts(rule, tuple(float(held[min(int(one), len(held) - 1)]) for one in at))


def own_lines(edges: Sequence[float], size: int, axis: str) -> Cuts:
    """Return lines somebody drew.

    Raises:
        InvalidRequestError: there are not one fewer than classes, or they do not rise.
    """
    lines = tuple(float(edge) for edge in edges)
    rising = all(low < high for low, high in pairwise(lines))
    if len(lines) != size - 1 or not rising or not np.isfinite(lines).all():
        raise InvalidRequestError(
            f"lines of {axis}",
            found=", ".join(f"{edge:g}" for edge in lines) or "none",
            expected=f"{size - 1} rising numbers for {size} classes",
        )
    return Cuts(CutRule.FIXED, lines)
