"""The best choice for certain, as far as time allows: a mixed-integer programme with HiGHS."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from exclusion_map.targeting.siting_problem import Floats, Ints, Problem

MOST_PAIRS = 400_000
"""Savings above 0 beyond which the programme is not tried."""


@dataclass(frozen=True, eq=False)
class Exact:
    """What the programme found: a choice (None for none in time), and what none can exceed."""

    opened: Ints | None
    bound: float


def solve_exactly(
    problem: Problem, useful: npt.NDArray[np.bool_], seconds: float, *, alike: bool
) -> Exact | None:
    """Return the best choice of the useful candidates; None where it is too large to try.

    Args:
        problem: the whole one.
        useful: (candidates,) those that a best choice may hold.
        seconds: when to stop.
        alike: whether a row saves the same with any of its candidates, as covering does.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    small, number = _narrowed(problem, useful)
    if len(small.saving) > MOST_PAIRS or seconds <= 0:
        return None
    parts = _covering(small) if alike else _assigning(small)
    cost, matrix, low, high = parts
    found = milp(
        c=-cost,
        constraints=LinearConstraint(matrix, low, high),
        bounds=Bounds(0, 1),
        integrality=np.r_[np.ones(small.candidates), np.zeros(len(cost) - small.candidates)],
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    dual = found.get("mip_dual_bound")
    limit = float("inf") if dual is None else -float(dual)
    if found.x is None:
        return Exact(None, limit)
    opened = np.flatnonzero(found.x[: small.candidates] > 0.5)
    return Exact(number[opened], limit)


def _narrowed(problem: Problem, useful: npt.NDArray[np.bool_]) -> tuple[Problem, Ints]:
    """Return the problem with only the useful candidates, and what they were numbered."""
    number = np.flatnonzero(useful)
    kept = useful[problem.candidate]
    new = np.cumsum(useful) - 1
    rows, row = np.unique(problem.row[kept], return_inverse=True)
    cost = None if problem.cost is None else problem.cost[number]
    small = replace(
        problem,
        row=row.reshape(-1),
        candidate=new[problem.candidate[kept]],
        saving=problem.saving[kept],
        rows=len(rows),
        candidates=len(number),
        cost=cost,
    )
    return small, number


Parts = tuple[Floats, Any, Floats, Floats]
"""Objective, matrix, lower and upper ends of its rows."""


def _covering(problem: Problem) -> Parts:
    """Return z_i <= sum of y_j that reach i."""
    from scipy import sparse

    m, n, q = problem.candidates, problem.rows, len(problem.saving)
    weight = np.zeros(n)
    weight[problem.row] = problem.saving
    rows = np.r_[problem.row, np.arange(n)]
    columns = np.r_[problem.candidate, m + np.arange(n)]
    reached = sparse.csr_array((np.r_[np.ones(q), -np.ones(n)], (rows, columns)), (n, m + n))
    return _limited(problem, np.r_[np.zeros(m), weight], reached, np.zeros(n), np.full(n, np.inf))


def _assigning(problem: Problem) -> Parts:
    """Return x_ij <= y_j, and the x_ij of a row at most 1 together."""
    from scipy import sparse

    m, n, q = problem.candidates, problem.rows, len(problem.saving)
    at = np.arange(q)
    rows = np.r_[at, at, q + problem.row]
    columns = np.r_[problem.candidate, m + at, m + at]
    values = np.r_[np.ones(q), -np.ones(q), -np.ones(q)]
    matrix = sparse.csr_array((values, (rows, columns)), (q + n, m + q))
    low = np.r_[np.zeros(q), -np.ones(n)]
    return _limited(
        problem, np.r_[np.zeros(m), problem.saving], matrix, low, np.full(q + n, np.inf)
    )


def _limited(problem: Problem, objective: Floats, matrix: Any, low: Floats, high: Floats) -> Parts:
    """Add the limits of number and budget."""
    from scipy import sparse

    m, wide = problem.candidates, len(objective)
    open_at_most = sparse.csr_array((np.ones(m), (np.zeros(m, dtype=int), np.arange(m))), (1, wide))
    rows = [matrix, open_at_most]
    lows, highs = [low, np.array([-np.inf])], [high, np.array([float(problem.k)])]
    if problem.budget is not None:
        rows.append(
            sparse.csr_array((problem.prices, (np.zeros(m, dtype=int), np.arange(m))), (1, wide))
        )
        lows.append(np.array([-np.inf]))
        highs.append(np.array([problem.budget]))
    return objective, sparse.vstack(rows, format="csr"), np.concatenate(lows), np.concatenate(highs)
