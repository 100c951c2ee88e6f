"""Where new places of support help most: the question, and before and after in people."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from exclusion_map.access import People, Points, TravelCost
from exclusion_map.access.people import weighted_counts
from exclusion_map.areas.atlas import Atlas
from exclusion_map.directory.selecting import Choice
from exclusion_map.errors import InvalidRequestError
from exclusion_map.targeting.candidates import Candidates
from exclusion_map.targeting.gaps import Risk, Worst
from exclusion_map.targeting.homes import Homes, points_of
from exclusion_map.targeting.sites import CHOICE, Chosen, Sites, choose_sites
from exclusion_map.targeting.siting import SECONDS, Report, Solution, solve
from exclusion_map.targeting.siting_problem import Problem, covering, shortening
from exclusion_map.terms import AreaKind

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

FARTHEST_WAY = 100_000.0
"""Metres; a way without a place there is already counts as long as the longest to a candidate."""


class Aim(StrEnum):
    """Objective when choosing new places."""

    REACH = "reach"
    JOURNEY = "journey"


class Whose(StrEnum):
    """People the new places are for."""

    CONCERNED = "concerned"
    HIGH_RISK = "high-risk"
    EVERYONE = "everyone"

    @property
    def label(self) -> str:
        """The words people see."""
        return _WHOSE[self]


_WHOSE = {
    Whose.CONCERNED: "people at risk (modelled)",
    Whose.HIGH_RISK: "people in the highest-risk fifth of areas",
    Whose.EVERYONE: "people",
}


@dataclass(frozen=True, kw_only=True)
class SitingQuestion:
    """What is asked.

    Attributes:
        choice: places there are already that count, and are kept.
        aim: most people in reach, or the shortest ways.
        k: how many new places at most.
        threshold: metres of way that count as in reach.
        whose: whom they are for.
        budget: what may be spent on candidates with a cost; None for no limit.
    """

    choice: Choice = CHOICE
    aim: Aim = Aim.REACH
    k: int = 5
    threshold: float = 1_000.0
    whose: Whose = Whose.CONCERNED
    budget: float | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class State:
    """How things are with some places, by postcode.

    Attributes:
        served: people meant who live within the threshold.
        people: of all people, those within the threshold.
        way: mean metres of the people meant; inf without any place.
        share: (k,) of each area's people within the threshold.
    """

    served: float
    people: float
    way: float
    share: Floats


@dataclass(frozen=True, eq=False, kw_only=True)
class Siting:
    """The answer.

    Attributes:
        rows: (k,) of the small areas.
        meant: people the new places are for, in all.
        existing: places there are already that count.
        candidates: that could be chosen.
        solution: which were, in terms of the programme.
        before: without them.
        steps: after each of them, in order; the last is how things are then.
    """

    rows: Rows
    meant: float
    existing: Chosen
    candidates: Candidates
    solution: Solution
    before: State
    steps: tuple[State, ...]

    @property
    def after(self) -> State:
        """With all that were chosen."""
        return self.steps[-1] if self.steps else self.before


def site_places(
    atlas: Atlas,
    homes: Homes,
    sites: Sites,
    risk: Risk,
    question: SitingQuestion,
    candidates: Candidates,
    rows: Rows,
    cost: TravelCost,
    *,
    seconds: float = SECONDS,
    report: Report | None = None,
    wanted: Callable[[], bool] | None = None,
) -> Siting:
    """Return which new places help most.

    Args:
        atlas: the areas.
        homes: where people live.
        sites: all places there are.
        risk: of the small areas.
        question: what is asked.
        candidates: where a new place could be.
        rows: the small areas whose people count.
        cost: of the way, in metres.
        seconds: when to stop.
        report: told how far it is.
        wanted: whether anybody still wants the answer.

    Raises:
        InvalidRequestError: no candidates, too many, or nobody to reach.
    """
    existing = choose_sites(sites, question.choice)
    there = sites.at(existing.rows)
    left = candidates.apart_from([sites.id(row) for row in existing.rows.tolist()])
    people = homes.of(rows)
    each = _each(atlas, homes, risk, question.whose)[rows]
    weight = people.weight * each[people.area]
    if not weight.sum() > 0:
        raise InvalidRequestError(
            "siting", found=f"no {question.whose.label} there", expected="a place that has some"
        )
    now, _ = cost.nearest(points_of(people), there)
    problem = _posed(question, people, weight, now, there, left, cost)
    alike = question.aim is Aim.REACH
    solution = solve(problem, alike=alike, seconds=seconds, report=report, wanted=wanted)
    before, steps = _states(people, weight, now, left, solution, cost, question.threshold)
    return Siting(
        rows=rows,
        meant=float(weight.sum()),
        existing=existing,
        candidates=left,
        solution=solution,
        before=before,
        steps=steps,
    )


def _posed(
    question: SitingQuestion,
    people: People,
    weight: Floats,
    now: Floats,
    there: Points,
    left: Candidates,
    cost: TravelCost,
) -> Problem:
    """Return a question as a problem of choosing; rows of a covering are sets of candidates."""
    if question.aim is Aim.JOURNEY:
        shorter = _shorter_ways(people, weight, there, left, cost)
        return _problem(question, left, shorter, people.areas)
    pairs = cost.within(points_of(people), left.points, question.threshold)
    row, candidate, saving, weights = covering(pairs, weight, now <= question.threshold)
    return _problem(question, left, (row, candidate, saving), len(weights))


def _problem(
    question: SitingQuestion, left: Candidates, savings: tuple[Rows, Rows, Floats], rows: int
) -> Problem:
    row, candidate, saving = savings
    return Problem(
        row=row,
        candidate=candidate,
        saving=saving,
        rows=rows,
        candidates=len(left),
        k=question.k,
        cost=left.cost,
        budget=question.budget,
    )


def _shorter_ways(
    people: People, weight: Floats, there: Points, left: Candidates, cost: TravelCost
) -> tuple[Rows, Rows, Floats]:
    """Return area, candidate and the metres it would save the people meant, all together."""
    centres = people.centres()
    meant = weighted_counts(people.area, weight, people.areas)
    away, _ = cost.nearest(points_of(centres), there)
    limit = float(np.max(away, initial=0.0))
    pairs = cost.within(points_of(centres), left.points, min(limit, FARTHEST_WAY))
    longest = float(pairs.cost.max(initial=0.0))
    return shortening(pairs, meant, np.where(np.isfinite(away), away, longest))


def _each(atlas: Atlas, homes: Homes, risk: Risk, whose: Whose) -> Floats:
    """Return (n,) how much each person of an area counts: the share of those who are meant."""
    if whose is Whose.EVERYONE:
        return np.ones(len(homes))
    if whose is Whose.HIGH_RISK:
        return risk.high(Worst.FIFTH).astype(np.float64)
    if risk.estimates is None:
        raise InvalidRequestError(
            "siting",
            found="no modelled estimate of people at risk in this edition",
            expected="one of: high-risk, everyone",
        )
    population = np.nan_to_num(atlas.level(AreaKind.SMALL_AREA).population)
    share: Floats = np.divide(
        risk.concerned(population),
        population,
        out=np.zeros(len(population)),
        where=population > 0,
    )
    return share


def _states(
    people: People,
    weight: Floats,
    now: Floats,
    left: Candidates,
    solution: Solution,
    cost: TravelCost,
    threshold: float,
) -> tuple[State, tuple[State, ...]]:
    """Return how things are before, and after each new place."""

    def state(away: Floats) -> State:
        within = away <= threshold
        with np.errstate(invalid="ignore"):
            way = float(np.average(away[weight > 0], weights=weight[weight > 0]))
        return State(
            served=float(weight[within].sum()),
            people=float(people.weight[within].sum()),
            way=way,
            share=people.share(within),
        )

    steps, away = [], now.copy()
    for chosen in solution.opened.tolist():
        at = np.array([chosen])
        place = Points(left.points.longitude[at], left.points.latitude[at])
        np.minimum(away, cost.nearest(points_of(people), place)[0], out=away)
        steps.append(state(away))
    return state(now), tuple(steps)
