"""Fair share: who gets how many of a total, by which rule, within which bounds, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

import numpy as np
import numpy.typing as npt

from exclusion_map.errors import InvalidRequestError
from exclusion_map.stopping import as_wanted
from exclusion_map.targeting.sharing_equity import Equity, equity
from exclusion_map.targeting.sharing_method import MOST_THINGS, Claims, Division, Method, divide
from exclusion_map.targeting.sharing_rules import Grounds, Rule, claims_of_units
from exclusion_map.targeting.sharing_units import Units

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

TIES = (
    "Where claims tie to the last digit, the unit with the higher mean score goes first, then the "
    "one whose code or name comes first."
)


@dataclass(frozen=True, kw_only=True)
class ShareQuestion:
    """What is shared, and how.

    Attributes:
        total: of things, pounds, hours.
        step: the smallest part that can be given: 1 computer, 0.01 pounds, 0.5 hours.
        rule: what it is shared in proportion to.
        method: how fair shares become whole steps.
        minimum: each must get now, unless it has a minimum of its own.
        maximum: each may get now, unless it has one of its own; None for no limit.
        line: score above which the rule ``above`` counts; None for the mean of all people.
    """

    total: Decimal
    step: Decimal = Decimal(1)
    rule: Rule = Rule.AT_RISK
    method: Method = Method.WEBSTER
    minimum: Decimal = Decimal(0)
    maximum: Decimal | None = None
    line: float | None = None

    @property
    def steps(self) -> int:
        """How many of the smallest parts the total is.

        Raises:
            InvalidRequestError: it is not a whole number of them, or there are too many.
        """
        return _steps("total", self.total, self.step)


def _steps(what: str, amount: Decimal, step: Decimal) -> int:
    if not step > 0:
        raise InvalidRequestError("step", found=f"{step}", expected="more than 0")
    count = amount / step
    if count != count.to_integral_value() or not 0 <= count <= MOST_THINGS:
        raise InvalidRequestError(
            what,
            found=f"{amount:f} in steps of {step:f}",
            expected=f"a whole number of steps, from 0 to {MOST_THINGS:,}",
            mend="Choose another step, or round the amount.",
        )
    return int(count)


@dataclass(frozen=True, eq=False, kw_only=True)
class Share:
    """The answer: arrays of (n,) units.

    Attributes:
        question: what was asked.
        units: who shares.
        claims: what each claims, with bounds in steps.
        division: what each gets, in steps.
        people: who live in its areas.
        risky: modelled people at risk there; those of the worst fifth where there is no estimate.
        score: mean score of its people; NaN for none.
    """

    question: ShareQuestion
    units: Units
    claims: Claims
    division: Division
    people: Floats
    risky: Floats
    score: Floats

    def amount(self, steps: npt.NDArray[np.generic] | float) -> Floats:
        """Return steps as things, pounds or hours."""
        amounts = np.asarray(steps, dtype=np.float64) * float(self.question.step)
        # 9,999 steps of 0.01 are 99.99, not 99.99000000000001.
        return np.asarray(np.round(amounts, 9), dtype=np.float64)

    @cached_property
    def given(self) -> Floats:
        """(n,) what each gets."""
        return self.amount(self.division.given)

    @cached_property
    def received(self) -> Floats:
        """(n,) what each had before."""
        return self.amount(self.claims.held)

    @cached_property
    def equity(self) -> Equity:
        """How even it is for people at risk, received things included."""
        return equity(self.given + self.received, self.risky)

    @cached_property
    def plain_share(self) -> Floats:
        """(n,) its part of all claims times the total: fair shares before bounds and received."""
        weight = np.nan_to_num(self.claims.weight)
        whole = float(weight.sum())
        total = float(self.question.total)
        return total * weight / whole if whole > 0 else np.zeros(len(weight))


def share_out(units: Units, grounds: Grounds, question: ShareQuestion) -> Share:
    """Return who gets how many, and what it stands on.

    Raises:
        InvalidRequestError: the rule has nothing to go by, or bounds and total do not fit.
    """
    known = np.where(np.isnan(grounds.score), 0.0, grounds.population)
    scored = units.summed(known)
    score = np.divide(
        units.summed(known * np.nan_to_num(grounds.score)),
        scored,
        out=np.full(len(units), np.nan),
        where=scored > 0,
    )
    claims = Claims(
        weight=claims_of_units(units, grounds, question.rule, question.line),
        **_bounds(units, question),
        held=np.nan_to_num(units.terms.received) / float(question.step),
        order=_queue(units, score),
    )
    if not claims.claiming.any():
        raise InvalidRequestError(
            f"rule {question.rule.value}",
            found=f"no {question.rule.measure} in any of the {len(units):,} units",
            expected="some",
            mend="Choose another rule, or a larger place.",
        )
    return Share(
        question=question,
        units=units,
        claims=claims,
        division=divide(question.steps, claims, question.method),
        people=units.summed(grounds.population),
        risky=units.summed(grounds.risky()),
        score=score,
    )


def _bounds(units: Units, question: ShareQuestion) -> dict[str, Ints]:
    total = question.steps
    least = np.full(len(units), _steps("minimum", question.minimum, question.step), dtype=np.int64)
    highest = question.total if question.maximum is None else question.maximum
    most = np.full(len(units), _steps("maximum", highest, question.step), dtype=np.int64)
    for own, bound, what in (
        (units.terms.minimum, least, "minimum"),
        (units.terms.maximum, most, "maximum"),
    ):
        for at in np.flatnonzero(~np.isnan(own)).tolist():
            amount = Decimal(repr(float(own[at])))
            bound[at] = _steps(f"{what} of {units.names[at]}", amount, question.step)
    # A maximum of one's own below the minimum of all is meant: that unit gets no more.
    own_most = ~np.isnan(units.terms.maximum) & np.isnan(units.terms.minimum)
    least = np.where(own_most, np.minimum(least, most), least)
    for at in np.flatnonzero(least > most).tolist()[:1]:
        raise InvalidRequestError(
            f"bounds of {units.names[at]}",
            found=f"a minimum of {least[at] * question.step:f}",
            expected=f"at most its maximum, {most[at] * question.step:f}",
        )
    return {"least": least, "most": np.minimum(most, total)}


def _queue(units: Units, score: Floats) -> Ints:
    """Return (n,) the place of each unit where claims tie: higher risk first, then code or name."""
    ordered = np.lexsort((np.array(units.keys), -np.nan_to_num(score, nan=-1.0)))
    place = np.empty(len(units), dtype=np.int64)
    place[ordered] = np.arange(len(units))
    return place


@dataclass(frozen=True, eq=False, kw_only=True)
class Compared:
    """The same total by another rule.

    Attributes:
        rule: what it is shared by.
        share: the answer; None where the rule cannot be used.
        why_not: the reason then.
        moved: how much goes to somebody else than under the rule that was asked for.
    """

    rule: Rule
    share: Share | None
    why_not: str = ""
    moved: float = 0.0


def by_every_rule(
    share: Share, grounds: Grounds, rules: Sequence[Rule] = tuple(Rule)
) -> tuple[Compared, ...]:
    """Return the same total by every rule, with the same bounds, method and received things.

    The rule ``own`` is left out where there are no numbers of one's own.
    """
    found = []
    for rule in as_wanted(rules):
        if rule is Rule.OWN and np.isnan(share.units.terms.number).all():
            continue
        try:
            other = share
            if rule is not share.question.rule:
                other = share_out(share.units, grounds, replace(share.question, rule=rule))
        except InvalidRequestError as error:
            found.append(Compared(rule=rule, share=None, why_not=f"{error.thing}: {error.found}"))
            continue
        found.append(Compared(rule=rule, share=other, moved=moved(share, other)))
    return tuple(found)


def moved(first: Share, second: Share) -> float:
    """Return how much goes to somebody else in one division than in another of the same total."""
    return float(np.abs(first.given - second.given).sum() / 2)
