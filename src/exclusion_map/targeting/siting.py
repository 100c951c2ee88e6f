"""Solve a siting problem: a quick good choice, its bound, and the proof where time allows."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from exclusion_map.targeting.siting_exact import solve_exactly
from exclusion_map.targeting.siting_problem import Floats, Ints, Problem
from exclusion_map.targeting.siting_search import bound, greedy, swapped

SECONDS = 60.0
TOLERANCE = 1e-6
"""A gap below this is none."""

Report = Callable[[str, float], None]
"""Told in words what is being done, and the share done, 0 to 1."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Solution:
    """A choice of candidates.

    Attributes:
        opened: in the order in which each adds most to those before it.
        adds: what each adds to those before it.
        value: what they save together.
        bound: what no choice can exceed.
        seconds: how long it took.
        stopped: whether it was told to stop, or time was up, before the proof.
    """

    opened: Ints
    adds: Floats
    value: float
    bound: float
    seconds: float
    stopped: bool

    @property
    def gap(self) -> float:
        """Share by which the best choice may be better; 0 = proved to be the best."""
        if self.bound <= 0 or not np.isfinite(self.bound):
            return 0.0 if self.bound <= 0 else 1.0
        gap = max(self.bound - self.value, 0.0) / self.bound
        return 0.0 if gap < TOLERANCE else gap


def solve(
    problem: Problem,
    *,
    alike: bool,
    seconds: float = SECONDS,
    report: Report | None = None,
    wanted: Callable[[], bool] | None = None,
) -> Solution:
    """Return the best choice that can be found in time, and how good it is for certain.

    Args:
        problem: what is to be solved.
        alike: whether a row saves the same with any of its candidates, as covering does.
        seconds: when to stop.
        report: told how far it is.
        wanted: whether anybody still wants the answer; asked between rounds.
    """
    begun = time.perf_counter()
    tell = report or _nobody
    asked = wanted or (lambda: True)

    def going() -> bool:
        return time.perf_counter() - begun < seconds and asked()

    tell("choosing places one by one", 0.05)
    opened = swapped(problem, greedy(problem, going), going)
    value = problem.value(opened)
    tell("working out how good any choice could be", 0.3)
    limit, useful = bound(problem, value, going)
    limit = max(limit, value)
    if limit > value * (1 + TOLERANCE) and going():
        tell("looking for the best choice of all", 0.5)
        left = seconds - (time.perf_counter() - begun)
        exact = solve_exactly(problem, useful, left, alike=alike)
        if exact is not None:
            if exact.opened is not None and problem.value(exact.opened) > value:
                opened = exact.opened
                value = problem.value(opened)
            # What was left out cannot be better than what there was.
            limit = max(min(limit, exact.bound), value)
    tell("done", 1.0)
    ordered, adds = in_order(problem, opened)
    return Solution(
        opened=ordered,
        adds=adds,
        value=value,
        bound=limit,
        seconds=time.perf_counter() - begun,
        stopped=not going(),
    )


def _nobody(_words: str, _share: float) -> None:
    """Tell nobody."""


def in_order(problem: Problem, opened: Ints) -> tuple[Ints, Floats]:
    """Return chosen candidates so that each adds most to those before it, and what it adds."""
    left, order, adds = list(opened.tolist()), [], []
    best = np.zeros(problem.rows)
    while left:
        gain = problem.gains(best)
        chosen = max(left, key=lambda one: (gain[one], -one))
        left.remove(chosen)
        order.append(chosen)
        adds.append(float(gain[chosen]))
        np.maximum(best, problem.best(np.array([chosen])), out=best)
    return np.array(order, dtype=np.int64), np.array(adds)
