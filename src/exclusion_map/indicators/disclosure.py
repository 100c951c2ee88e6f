"""Disclosure control of counts, applied before any ratio is taken.

The census counts are already protected by their publisher, so no rule is applied to them. Rules are
for unprotected counts that a user supplies, such as those of a practice, a survey or a programme.
"""

from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


class DisclosureRule(BaseModel):
    """How small counts are protected, so that nobody can be identified from them.

    The default follows NHS statistics: suppress counts from 1 to 7 and round others to 5.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    threshold: int = Field(7, ge=0, description="Counts from 1 to this are withheld.")
    base: int = Field(5, ge=1, description="Other counts are rounded to a multiple of this.")

    @model_validator(mode="after")
    def _rounding_cannot_undo(self) -> Self:
        # A count just above the threshold must not be rounded to 0.
        if self.threshold and float(_round(np.array([self.threshold + 1.0]), self.base)[0]) == 0.0:
            raise ValueError(
                f"base {self.base} rounds a count of {self.threshold + 1} to nothing; "
                "use a smaller base or a higher threshold"
            )
        return self


def protect(
    numerator: Floats, denominator: Floats, rule: DisclosureRule
) -> tuple[Floats, Floats, Mask]:
    """Return counts that may be published, and a mask of the areas withheld.

    An area is withheld if its numerator, its denominator, or the people outside the group
    (denominator minus numerator) are few, because any two of these give the third. A count of 0 is
    published as 0. Both counts are then rounded, so that their ratio discloses nothing.

    Args:
        numerator: (n,) counts; NaN = missing, which is not counted as withheld.
        denominator: (n,) counts, of the same areas.
        rule: threshold and rounding base.

    Returns:
        numerator and denominator (n,), NaN where withheld or missing; mask (n,) of those withheld.
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
    """Round to the nearest multiple, halves up (numpy rounds halves to even multiples)."""
    return np.asarray(np.floor(counts / base + 0.5) * base, dtype=np.float64)
