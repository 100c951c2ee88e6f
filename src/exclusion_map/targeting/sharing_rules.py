"""Rules to share by: what each small area's people claim, and so each unit.

Formulas, summed over the small areas of a unit with p people, score s (0 to 100), and rank share R
(1 for the riskiest small area of the edition, 1/n for the least):

- equal: 1 for each unit
- people: p
- at-risk: modelled people in households unlikely to deal with things online
- households: modelled households of that kind
- worst-tenth, worst-fifth: p where the area is of the highest-risk tenth or fifth of people
- score: p s
- above: p max(s - t, 0) with a threshold t: need above a line, as grant formulas often count it
- exponential: p E with E = -23 ln(1 - R (1 - exp(-100 / 23))), the transformation by which the
  English Indices of Deprivation (Technical Report, 2019, 3.7) let high ranks weigh more than low
- own: a number of one's own for each unit
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import Atlas, ScoreSet
from exclusion_map.areas.rollup_estimate import SmallEstimates
from exclusion_map.errors import InvalidRequestError
from exclusion_map.index.normalise import RankExponential
from exclusion_map.targeting.sharing_units import Units
from exclusion_map.terms import AreaKind

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

EXPONENTIAL = RankExponential()


class Rule(StrEnum):
    """What shares are proportional to."""

    EQUAL = "equal"
    PEOPLE = "people"
    AT_RISK = "at-risk"
    HOUSEHOLDS = "households"
    WORST_TENTH = "worst-tenth"
    WORST_FIFTH = "worst-fifth"
    SCORE = "score"
    ABOVE = "above"
    EXPONENTIAL = "exponential"
    OWN = "own"

    @property
    def label(self) -> str:
        """The words people see in lists and tables."""
        return _LABELS[self][0]

    @property
    def measure(self) -> str:
        """What a claim counts, in words."""
        return _LABELS[self][1]

    @property
    def of_index(self) -> bool:
        """Whether weights of the index change it."""
        return self in _OF_INDEX

    @property
    def doubtful(self) -> bool:
        """Whether what it counts is itself uncertain."""
        return self in _OF_INDEX or self in (Rule.AT_RISK, Rule.HOUSEHOLDS)


_LABELS = {
    Rule.EQUAL: ("The same for each", "units"),
    Rule.PEOPLE: ("Equal per person", "people"),
    Rule.AT_RISK: ("People at risk (modelled)", "people at risk (modelled)"),
    Rule.HOUSEHOLDS: ("Households at risk (modelled)", "households at risk (modelled)"),
    Rule.WORST_TENTH: ("People in the highest-risk tenth", "people in the highest-risk tenth"),
    Rule.WORST_FIFTH: ("People in the highest-risk fifth", "people in the highest-risk fifth"),
    Rule.SCORE: ("Score times people", "score points times people"),
    Rule.ABOVE: ("Score above a line times people", "score points above the line times people"),
    Rule.EXPONENTIAL: ("Steep formula (high ranks weigh more)", "exponential points times people"),
    Rule.OWN: ("Your own numbers", "of your own numbers"),
}
_OF_INDEX = frozenset(
    {Rule.WORST_TENTH, Rule.WORST_FIFTH, Rule.SCORE, Rule.ABOVE, Rule.EXPONENTIAL}
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Grounds:
    """What rules look at: n small areas.

    Attributes:
        population: (n,) people.
        score: (n,) 0 to 100, NaN for none.
        decile: (n,) 1 = highest-risk tenth of people, 0 = no score.
        rank: (n,) 1 = highest risk, 0 = no score.
        estimates: modelled households and people; None where there are none.
    """

    population: Floats
    score: Floats
    decile: npt.NDArray[np.uint8]
    rank: npt.NDArray[np.int32]
    estimates: SmallEstimates | None

    @classmethod
    def of(cls, atlas: Atlas, scores: ScoreSet, estimates: SmallEstimates | None) -> "Grounds":
        """Return what the small areas of an edition and an index say."""
        return cls(
            population=np.nan_to_num(atlas.level(AreaKind.SMALL_AREA).population),
            score=scores.score,
            decile=scores.decile,
            rank=scores.rank,
            estimates=estimates,
        )

    @property
    def usual_score(self) -> float:
        """Mean score of all people: the line of the rule ``above`` unless another is drawn."""
        known = ~np.isnan(self.score)
        if not self.population[known].sum() > 0:
            return 0.0
        return float(np.average(self.score[known], weights=self.population[known]))

    def risky(self) -> Floats:
        """Return (n,) people at risk, for equity: modelled, else those in the worst fifth."""
        if self.estimates is None:
            return np.where((self.decile > 0) & (self.decile <= 2), self.population, 0.0)
        return np.nan_to_num(self.estimates.people)


def claim_of_areas(grounds: Grounds, rule: Rule, line: float | None) -> Floats:
    """Return (n,) what small areas claim; NaN where it is not known.

    Raises:
        InvalidRequestError: the edition has no modelled estimate and the rule needs it.
    """
    people = grounds.population
    if rule is Rule.PEOPLE:
        return people
    if rule in (Rule.AT_RISK, Rule.HOUSEHOLDS):
        if grounds.estimates is None:
            raise InvalidRequestError(
                f"rule {rule.value}",
                found="no modelled estimate in this edition",
                expected="one of: people, worst-fifth, score",
            )
        held = grounds.estimates
        return held.people if rule is Rule.AT_RISK else held.households
    if rule in (Rule.WORST_TENTH, Rule.WORST_FIFTH):
        worst = grounds.decile <= (1 if rule is Rule.WORST_TENTH else 2)
        return np.where(grounds.decile > 0, np.where(worst, people, 0.0), np.nan)
    if rule is Rule.SCORE:
        return people * grounds.score
    if rule is Rule.ABOVE:
        over = grounds.score - (grounds.usual_score if line is None else line)
        return people * np.where(np.isnan(over), np.nan, np.maximum(over, 0.0))
    if rule is Rule.EXPONENTIAL:
        return people * exponential(grounds.rank)
    raise ValueError(f"rule {rule} is of units, not of areas")


def exponential(rank: npt.NDArray[np.int32]) -> Floats:
    """Return (n,) points from 0 to 100 by rank, 1 = highest risk; NaN where the rank is 0."""
    ranked = int((rank > 0).sum())
    share = np.where(rank > 0, (ranked + 1.0 - rank) / max(ranked, 1), np.nan)
    scale = EXPONENTIAL.scale
    points: Floats = -scale * np.log(1 - share * (1 - np.exp(-100 / scale)))
    return points


def claims_of_units(
    units: Units, grounds: Grounds, rule: Rule, line: float | None = None
) -> Floats:
    """Return (n,) what units claim; NaN where nothing is known of any of their areas.

    Raises:
        InvalidRequestError: the edition, or the list of units, has not what the rule needs.
    """
    if rule is Rule.EQUAL:
        return np.ones(len(units))
    if rule is Rule.OWN:
        if np.isnan(units.terms.number).all():
            raise InvalidRequestError(
                "rule own",
                found="no numbers of your own",
                expected="a column headed number in the list of units",
            )
        return units.terms.number
    claim = claim_of_areas(grounds, rule, line)
    known = units.summed(np.where(np.isnan(claim), 0.0, 1.0)) > 0
    return np.where(known, units.summed(claim), np.nan)
