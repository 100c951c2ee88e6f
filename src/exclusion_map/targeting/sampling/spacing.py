"""Areas that are apart: orders drawn at random, in which a near one gives way to an earlier one.

To draw whole samples and reject those with two areas too near would never end: of 400 areas some
always touch. So areas come in the order of Pareto sampling (Rosen 1997), u (1 - pi) / ((1 - u) pi)
ascending, and each is taken unless one taken before is too near or its stratum is full; an order
that fills not all strata is rejected. Crowded areas then come less often than pi says. How much
less is found by simulation, by how many areas lie within the distance: probabilities are estimates.
"""

from dataclasses import dataclass

import numpy as np

from exclusion_map.errors import InvalidRequestError
from exclusion_map.stopping import as_wanted
from exclusion_map.targeting.sampling.probabilities import Floats, Rows

ORDERS = 40
"""Orders tried before it is said that the areas do not fit."""
DRAWS = 40_000
"""Areas drawn in all simulated samples together, about."""
_LEAST_SAMPLES, _MOST_SAMPLES = 100, 2_000
_BINS = 10
_FIRST = 6
"""Units looked at first, for each that is wanted: enough unless strata differ much."""


@dataclass(frozen=True, eq=False)
class Spaced:
    """A sample of areas that are apart.

    Attributes:
        taken: (n,) units, ascending.
        probability: (N,) estimated inclusion probabilities; they sum to n in each stratum.
        samples: how many were simulated.
        rejected: share of orders that filled not all strata.
        error: largest relative standard error of the correction by simulation.
    """

    taken: Rows
    probability: Floats
    samples: int
    rejected: float
    error: float


def draw_apart(
    probability: Floats,
    stratum: Rows,
    wanted: Rows,
    points: Floats,
    distance: float,
    random: np.random.Generator,
) -> Spaced:
    """Return a sample of areas that are apart, and how likely each area was.

    Args:
        probability: (N,) meant; 0 = never.
        stratum: (N,) number of the stratum.
        wanted: (h,) areas to draw in each.
        points: (N, 3) where areas are, in metres.
        distance: metres that they are apart at least.
        random: source of chance.

    Raises:
        InvalidRequestError: so many do not fit.
    """
    for _ in as_wanted(range(ORDERS)):
        taken = _one(probability, stratum, wanted, points, distance, random)
        if len(taken) == wanted.sum():
            break
    else:
        raise InvalidRequestError(
            "distance between areas",
            found=f"room for about {len(taken):,} of {int(wanted.sum()):,} areas",
            expected="room for all of them",
            mend="Choose a shorter distance, fewer areas, or fewer strata.",
        )
    samples = int(np.clip(DRAWS // max(len(taken), 1), _LEAST_SAMPLES, _MOST_SAMPLES))
    drawn = np.zeros(len(probability))
    whole = 0
    for _ in as_wanted(range(samples)):
        found = _one(probability, stratum, wanted, points, distance, random)
        if len(found) == wanted.sum():
            drawn[found] += 1
            whole += 1
    told, error = _corrected(probability, drawn / max(whole, 1), points, distance, max(whole, 1))
    return Spaced(
        taken=np.sort(taken),
        probability=_to_totals(told, stratum, wanted),
        samples=whole,
        rejected=1 - whole / samples,
        error=error,
    )


def _one(
    probability: Floats,
    stratum: Rows,
    wanted: Rows,
    points: Floats,
    distance: float,
    random: np.random.Generator,
) -> Rows:
    number = random.random(len(probability))
    with np.errstate(divide="ignore"):
        rank = number * (1 - probability) / ((1 - number) * probability)
    # Those that are certain come first, in an order of their own.
    rank = np.where(probability >= 1, number - 1, rank)
    first = min(len(rank), _FIRST * int(wanted.sum()))
    order = np.argpartition(rank, first - 1)[:first]
    taken = _in_turn(
        order[np.argsort(rank[order], kind="stable")], stratum, wanted, points, distance
    )
    if len(taken) == wanted.sum() or first == len(rank):
        return taken
    order = np.argsort(rank, kind="stable")
    return _in_turn(order[np.isfinite(rank[order])], stratum, wanted, points, distance)


def _in_turn(order: Rows, stratum: Rows, wanted: Rows, points: Floats, distance: float) -> Rows:
    """Return the units of an order that are far from those before, until strata are full."""
    left = wanted.copy()
    taken: list[int] = []
    held = np.empty((int(wanted.sum()), points.shape[1]))
    for unit, own in zip(order.tolist(), stratum[order].tolist(), strict=True):
        if not left[own]:
            continue
        gap = held[: len(taken)] - points[unit]
        if len(taken) and np.einsum("ij,ij->i", gap, gap).min() < distance**2:
            continue
        held[len(taken)] = points[unit]
        taken.append(unit)
        left[own] -= 1
        if len(taken) == len(held):
            break
    return np.array(taken, dtype=np.int64)


def _corrected(
    probability: Floats, simulated: Floats, points: Floats, distance: float, samples: int
) -> tuple[Floats, float]:
    """Return probabilities times what simulation says of areas as crowded, and its error."""
    from scipy.spatial import cKDTree  # Not needed to start.

    crowd = cKDTree(points).query_ball_point(points, distance, return_length=True)
    edges = np.unique(np.quantile(crowd, np.arange(1, _BINS) / _BINS))
    number = np.searchsorted(edges, crowd)
    meant = np.bincount(number, weights=probability)
    found = np.bincount(number, weights=simulated)
    ratio = np.divide(found, meant, out=np.ones_like(meant), where=meant > 0)
    counted = found[meant > 0] * samples
    error = float(1 / np.sqrt(max(counted.min(initial=np.inf), 1.0)))
    # An area that was meant to come for certain was drawn as often as the simulation says.
    told = np.where(probability >= 1, simulated, np.minimum(probability * ratio[number], 1.0))
    return told, error


def _to_totals(probability: Floats, stratum: Rows, wanted: Rows) -> Floats:
    """Return probabilities scaled to sum to the areas wanted in each stratum, none above 1."""
    scaled = probability.copy()
    for _ in range(50):
        total = np.bincount(stratum, weights=scaled, minlength=len(wanted))
        factor = np.divide(wanted, total, out=np.ones(len(total)), where=total > 0)
        if np.abs(factor - 1).max(initial=0) < 1e-12:
            break
        scaled = np.minimum(scaled * factor[stratum], 1.0)
    return scaled
