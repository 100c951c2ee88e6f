"""Why each unit gets what it gets, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from exclusion_map.targeting.sharing import Share
from exclusion_map.targeting.sharing_method import Method
from exclusion_map.targeting.sharing_rules import Rule

_CLOSE = 1e-7


def reasons(share: Share) -> list[str]:
    """Return why each unit gets what it gets, a sentence or two each."""
    teller = Teller(share)
    return [teller.why(at) for at in range(len(share.units))]


@dataclass(frozen=True, eq=False)
class _Lists:
    """Arrays of a division as lists: to read one number after another is far quicker so."""

    weight: list[float]
    least: list[int]
    most: list[int]
    held: list[float]
    given: list[int]
    fair: list[float]
    tied: list[bool]


class Teller:
    """Says why, one unit after another."""

    def __init__(self, share: Share) -> None:
        self.share = share
        self._step = float(share.question.step)
        self._digits = max(-int(share.question.step.normalize().as_tuple().exponent), 0)
        self._whole = float(np.nansum(share.claims.weight))

    @cached_property
    def _all(self) -> _Lists:
        claims, division = self.share.claims, self.share.division
        return _Lists(
            weight=np.nan_to_num(claims.weight, nan=-1.0).tolist(),
            least=claims.least.tolist(),
            most=claims.most.tolist(),
            held=claims.held.tolist(),
            given=division.given.tolist(),
            fair=division.fair.tolist(),
            tied=division.tied.tolist(),
        )

    def amount(self, steps: float) -> str:
        """Return steps as an amount: whole numbers plain, pence and halves with their digits."""
        return f"{steps * self._step:,.{self._digits}f}"

    def why(self, at: int) -> str:
        """Return why a unit gets what it gets."""
        every = self._all
        weight, given, fair = every.weight[at], every.given[at], every.fair[at]
        if weight <= 0:
            return self._silent(weight, given)
        said = f"{self._counted(weight)}, {_percent(weight / self._whole)} of all."
        filled = self.share.division.level * weight - every.held[at]
        if abs(fair - every.least[at]) < _CLOSE < every.least[at] - filled:
            if every.least[at] == 0:
                return f"{said} What it received before is its fair share already."
            return f"{said} Raised to its minimum of {self.amount(given)}."
        if abs(fair - every.most[at]) < _CLOSE < filled - every.most[at]:
            return f"{said} Held at its maximum of {self.amount(given)}."
        had = f" after the {self.amount(every.held[at])} it has" if every.held[at] else ""
        share = f"Fair share {fair * self._step:,.{self._digits + 2}f}{had}"
        if abs(fair - given) < _CLOSE:
            return f"{said} {share}."
        way = "up" if given > fair else "down"
        tie = " A tie, settled by the queue." if every.tied[at] else ""
        return f"{said} {share}, rounded {way} to {self.amount(given)}.{tie}"

    def _silent(self, weight: float, given: int) -> str:
        known = f"It has no {self.share.question.rule.measure}"
        why = known if weight == 0 else "Nothing is known of what it claims"
        return f"{why}: it gets {f'its minimum of {self.amount(given)}' if given else 'nothing'}."

    def _counted(self, weight: float) -> str:
        rule = self.share.question.rule
        if rule is Rule.EQUAL:
            return "One unit"
        if rule is Rule.OWN:
            return f"Your number {weight:,.10g}"
        return f"{weight:,.0f} {rule.measure}"


def _percent(part: float) -> str:
    return "under 0.1%" if part < 0.001 else f"{100 * part:.1f}%"


ROUNDING: Mapping[Method, str] = {
    Method.WEBSTER: (
        "Each fair share is rounded to the nearest whole; where these do not add up, the level is "
        "moved for everybody alike until they do. More to share never takes from anybody."
    ),
    Method.LARGEST_REMAINDER: (
        "Fair shares are rounded down, and what is left goes to the largest fractions. Nobody is a "
        "whole one away from the fair share; but more to share can take one from somebody."
    ),
    Method.HILL: (
        "As Webster, but a fair share is rounded up from the geometric mean of the whole numbers "
        "around it: 1.42 becomes 2, and anybody with a claim has one before somebody has two."
    ),
    Method.DHONDT: "Fair shares at a level raised for all are rounded down: kinder to the large.",
    Method.ADAMS: "Fair shares at a level lowered for all are rounded up: kinder to the small.",
}
"""How each method rounds, in words."""
