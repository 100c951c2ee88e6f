"""Disclosure control of counts, applied before any ratio is taken.

The shipped census counts are protected by their publisher, so no rule is applied to them. A rule is
for counts that are not: those of a practice, a survey or a programme that a user brings along.
"""

from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


class DisclosureRule(BaseModel):
    """How small counts are kept from pointing at people.

    The default, suppress 1 to 7 and round to 5, is the rule of NHS statistics.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    threshold: int = Field(7, ge=0, description="Counts from 1 to this are withheld.")
    base: int = Field(5, ge=1, description="What is left is rounded to a multiple of this.")

    @model_validator(mode="after")
    def _rounding_cannot_undo(self) -> Self:
        # A count just above the threshold must not round down to one that would be withheld.
        if self.threshold and float(_round(np.array([self.threshold + 1.0]), self.base)[0]) == 0.0:
            raise ValueError(
                f"base {self.base} rounds a count of {self.threshold + 1} to nothing; "
                "use a smaller base or a higher threshold"
            )
        return self


def protect(
    numerator: Floats, denominator: Floats, rule: DisclosureRule
) -> tuple[Floats, Floats, Mask]:
    """Return counts that may be shown, and which areas were withheld.

    An area is withheld when its numerator, its denominator, or the people outside the group
    (denominator minus numerator) are few: from any two of them the third can be had. A count of 0
    is told as 0. Both counts are then rounded, so that a ratio of them gives nothing away.

    Args:
        numerator: (n,) counts; NaN = missing, which stays missing and is not "withheld".
        denominator: (n,) counts, of the same areas.
        rule: threshold and rounding base.

    Returns:
        numerator and denominator (n,), NaN where withheld or missing, and the mask (n,).
    """
    known = np.isfinite(numerator) & np.isfinite(denominator)
    withheld = known & (
        _few(numerator, rule) | _few(denominator, rule) | _few(denominator - numerator, rule)
    )
    shown_numerator = np.where(withheld, np.nan, _round(numerator, rule.base))
    shown_denominator = np.where(withheld, np.nan, _round(denominator, rule.base))
    return shown_numerator, shown_denominator, withheld


def _few(counts: Floats, rule: DisclosureRule) -> Mask:
    return (counts > 0) & (counts <= rule.threshold)


def _round(counts: Floats, base: int) -> Floats:
    """Round to the nearest multiple, halves up (numpy would round halves to even multiples)."""
    return np.asarray(np.floor(counts / base + 0.5) * base, dtype=np.float64)
