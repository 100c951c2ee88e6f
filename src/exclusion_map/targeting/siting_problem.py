"""Where to put k new places: one form for the two classical problems, and its numbers.

Each row of demand i has a saving s_ij if candidate j is opened; it uses the best one opened:

    maximise  sum_i max over opened j of s_ij,  with at most k opened and costs within a budget

Maximal covering (Church and ReVelle 1974): s_ij is the weight of i where j is in reach, else 0.
p-median (ReVelle and Swain 1970): s_ij is the weight of i times the metres j saves it, which leaves
the same order of choices as the least total of weighted metres.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from exclusion_map.access import Pairs
from exclusion_map.access.people import weighted_counts
from exclusion_map.errors import InvalidRequestError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MOST_NEW = 100
MOST_CANDIDATES = 5_000
MOST_SAVINGS = 20_000_000
"""Savings above 0; more would take gigabytes."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Problem:
    """A siting problem: savings above 0 as triplets, sorted by candidate.

    Attributes:
        row: (q,) of the demand.
        candidate: (q,) ascending.
        saving: (q,) above 0.
        rows: how many rows of demand there are.
        candidates: how many candidates there are.
        k: how many may be opened at most.
        cost: (candidates,) of opening; None where it costs nothing.
        budget: what may be spent; None for no limit.
    """

    row: Ints
    candidate: Ints
    saving: Floats
    rows: int
    candidates: int
    k: int
    cost: Floats | None = None
    budget: float | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.k <= MOST_NEW:
            raise InvalidRequestError(
                "number of new places", found=f"{self.k}", expected=f"from 1 to {MOST_NEW}"
            )
        if not 1 <= self.candidates <= MOST_CANDIDATES:
            raise InvalidRequestError(
                "candidates",
                found=f"{self.candidates:,}",
                expected=f"from 1 to {MOST_CANDIDATES:,}",
                mend="Choose another kind of candidate or a smaller area.",
            )
        if self.budget is not None and self.cost is None:
            raise InvalidRequestError(
                "budget", found="no costs", expected="the cost of every candidate"
            )
        if len(self.saving) > MOST_SAVINGS:
            raise InvalidRequestError(
                "siting",
                found=f"{len(self.saving):,} pairs of people and candidates",
                expected=f"at most {MOST_SAVINGS:,}",
                mend="Choose fewer candidates or a smaller area.",
            )

    @cached_property
    def prices(self) -> Floats:
        """(candidates,) what each costs; 0 where nothing does."""
        return np.zeros(self.candidates) if self.cost is None else self.cost

    @property
    def purse(self) -> float:
        """What may be spent, inf for no limit."""
        return float("inf") if self.budget is None else self.budget

    def best(self, opened: Ints) -> Floats:
        """Return (rows,) the saving of each row with some candidates opened."""
        found = np.zeros(self.rows)
        used = np.isin(self.candidate, opened)
        np.maximum.at(found, self.row[used], self.saving[used])
        return found

    def value(self, opened: Ints) -> float:
        """Return what opening some candidates saves in all."""
        return float(self.best(opened).sum())

    def gains(self, best: Floats) -> Floats:
        """Return (candidates,) what opening each one more would add."""
        more = np.maximum(self.saving - best[self.row], 0.0)
        return weighted_counts(self.candidate, more, self.candidates)


def covering(pairs: Pairs, weight: Floats, served: Flags) -> tuple[Ints, Ints, Floats, Floats]:
    """Return the triplets of a covering problem, equal rows of demand added together.

    Args:
        pairs: demand points and candidates within reach.
        weight: (n,) of demand points.
        served: (n,) those in reach of a place there is already.

    Returns:
        row, candidate, saving, and (rows,) weight of the rows.
    """
    kept = ~served[pairs.origin] & (weight[pairs.origin] > 0)
    origin, destination = pairs.origin[kept], pairs.destination[kept]
    points, start = np.unique(origin, return_index=True)
    if not len(points):
        nothing = np.empty(0, dtype=np.int64)
        return nothing, nothing, np.empty(0), np.empty(0)
    # A set of candidates as the sum of two random numbers each: alike only for the same set.
    marks = np.random.default_rng(0).integers(2**62, size=(pairs.destinations, 2), dtype=np.uint64)
    keys = np.add.reduceat(marks[destination], start, axis=0)
    _, first, group = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    group = group.reshape(-1)
    weights = weighted_counts(group, weight[points], int(group.max()) + 1)
    size = np.diff(np.append(start, len(origin)))
    taken = np.zeros(len(points), dtype=np.bool_)
    taken[first] = True
    held = np.repeat(taken, size)
    row, candidate = np.repeat(group, size)[held], destination[held]
    order = np.lexsort((row, candidate))
    return row[order], candidate[order], weights[row][order], weights


def shortening(pairs: Pairs, weight: Floats, now: Floats) -> tuple[Ints, Ints, Floats]:
    """Return the triplets of a median problem: weighted metres each candidate saves.

    Args:
        pairs: demand points and candidates.
        weight: (n,) of demand points.
        now: (n,) metres to the nearest place there is already, finite.
    """
    saving = weight[pairs.origin] * (now[pairs.origin] - pairs.cost)
    better = saving > 0
    row, candidate, saved = pairs.origin[better], pairs.destination[better], saving[better]
    order = np.lexsort((row, candidate))
    return row[order], candidate[order], saved[order]
