"""Counts of people that may be shown: small ones withheld, the rest rounded, no sum undoing it.

A table whose cells add up to a total is protected as a whole:

1. Cells from 1 to the threshold are withheld; 0 is told as 0.
2. Where exactly one cell is withheld, the smallest other cell above 0 is withheld too: else the
   total less the others would tell it.
3. All other cells, and the total, are rounded to the base; shares and ratios are taken from what
   is shown, never from what came.
4. A total at or below the threshold is not told at all.

Rounding is always the same for the same count: asking again tells nothing more. What this cannot
do: two tables of the same people cut in two ways (two comparators, say), both published, narrow
down what lies between the cuts, to within the rounding. Publish one.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from exclusion_map.errors import InvalidRequestError

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class DisclosureRule:
    """How small counts are kept from pointing at people.

    The rule of `indicators.disclosure` for one count alone, without what builds editions: a service
    that answers must not load it. The default, withhold 1 to 7 and round to 5, is that of NHS
    statistics.

    Attributes:
        threshold: counts from 1 to this are withheld.
        base: what is left is rounded to a multiple of this, halves up.
    """

    threshold: int = 7
    base: int = 5

    def __post_init__(self) -> None:
        # A count just above the threshold must not round down to one that would be withheld.
        if self.threshold and not self.rounded(np.array([self.threshold + 1.0]))[0] > 0:
            raise InvalidRequestError(
                "rounding of small counts",
                found=f"a base of {self.base}, which rounds {self.threshold + 1} to nothing",
                expected="a smaller base or a higher threshold",
            )

    def few(self, counts: Floats) -> Flags:
        """Return (k,) which counts are so few that they are withheld."""
        return np.asarray((counts > 0) & (counts <= self.threshold), dtype=np.bool_)

    def rounded(self, counts: Floats) -> Floats:
        """Return counts (k,) to the nearest multiple of the base."""
        return np.asarray(np.floor(counts / self.base + 0.5) * self.base, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Cells:
    """Counts as they may be shown.

    Attributes:
        shown: (k,) NaN where withheld.
        withheld: (k,) which are.
        total: of all cells, rounded.
    """

    shown: Floats
    withheld: Flags
    total: float


def safe_cells(counts: Floats, rule: DisclosureRule | None) -> Cells:
    """Return the cells (k,) of a table that add up to a total; all as they are without a rule.

    Raises:
        InvalidRequestError: so few people in all that nothing may be told.
    """
    counts = np.asarray(counts, dtype=np.float64)
    total = float(counts.sum())
    if rule is None:
        return Cells(counts, np.zeros(len(counts), dtype=np.bool_), total)
    # Counts with parts of people (averages, spread over areas) count as whole ones for the rule.
    whole = np.round(counts)
    if round(total) <= rule.threshold:
        raise InvalidRequestError(
            "people served",
            found=f"{rule.threshold} or fewer in the place compared with",
            expected="more: so few could be recognised",
            mend="Use a longer list, or compare with a larger place.",
        )
    withheld = rule.few(whole)
    shown = np.where(withheld, np.nan, rule.rounded(whole))
    if withheld.sum() == 1:
        others = np.where(withheld | (whole <= 0), np.inf, whole)
        if np.isfinite(others).any():
            withheld[int(np.argmin(others))] = True
            shown = np.where(withheld, np.nan, shown)
    return Cells(shown, withheld, float(rule.rounded(np.array([np.round(total)]))[0]))
