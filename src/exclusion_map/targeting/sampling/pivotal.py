"""The local pivotal method: near areas compete, so the sample is spread over the map.

Grafstrom, Lundstrom and Schelin (2012), Biometrics 68, 514-520, second method (LPM2): a unit at
random and the nearest undecided one settle between them by the rule of Deville and Tille (1998)

    s = pi_i + pi_j < 1:  (s, 0) with chance pi_i / s, else (0, s)
    s >= 1:               (1, s - 1) with chance (1 - pi_j) / (2 - s), else (s - 1, 1)

so that inclusion probabilities are kept exactly. Nearest ones come from a k-d tree, built again
whenever half of its units are decided: about N log N in all.
"""

import numpy as np

from exclusion_map.stopping import check_wanted
from exclusion_map.targeting.sampling.probabilities import Floats, Rows

_ASK_EVERY = 256

_DECIDED = 1e-9
_NEAR = 12


def local_pivotal(probability: Floats, points: Floats, random: np.random.Generator) -> Rows:
    """Return the units drawn, ascending.

    Args:
        probability: (N,) with a whole sum.
        points: (N, d) where units lie, in one unit of length.
        random: source of chance.
    """
    pi = probability.astype(np.float64).copy()
    open_ = np.flatnonzero((pi > _DECIDED) & (pi < 1 - _DECIDED))
    while len(open_) > 1:
        _round(pi, open_, points, random)
        open_ = open_[(pi[open_] > _DECIDED) & (pi[open_] < 1 - _DECIDED)]
    return np.flatnonzero(pi > 0.5).astype(np.int64)


def _round(pi: Floats, rows: Rows, points: Floats, random: np.random.Generator) -> None:
    """Let units of one tree compete until half of them are decided."""
    from scipy.spatial import cKDTree  # Not needed to start.

    count = len(rows)
    tree = cKDTree(points[rows])
    near = tree.query(points[rows], k=min(_NEAR, count))[1].reshape(count, -1).tolist()
    chance: list[float] = pi[rows].tolist()
    alive = list(range(count))
    place = list(range(count))
    undecided = [True] * count
    # Each contest takes two numbers and decides at least one unit.
    numbers = iter(random.random(2 * count).tolist())
    until = count // 2 if count > 2 * _NEAR else 1
    while len(alive) > until:
        if len(alive) % _ASK_EVERY == 0:
            check_wanted()
        one = alive[int(next(numbers) * len(alive))]
        other = next((at for at in near[one] if at != one and undecided[at]), -1)
        if other < 0:
            other = _nearest(points[rows[one]], points, rows, alive, one)
        chance[one], chance[other] = _settle(chance[one], chance[other], next(numbers))
        for at in (one, other):
            if not _DECIDED < chance[at] < 1 - _DECIDED:
                undecided[at] = False
                last = alive.pop()
                if last != at:
                    alive[place[at]] = last
                    place[last] = place[at]
    pi[rows] = chance


def _nearest(point: Floats, points: Floats, rows: Rows, alive: list[int], one: int) -> int:
    """Return the nearest undecided unit, where none of those looked up is left."""
    others = np.array([at for at in alive if at != one], dtype=np.int64)
    gap = points[rows[others]] - point
    return int(others[np.argmin(np.einsum("ij,ij->i", gap, gap))])


def _settle(first: float, second: float, chance: float) -> tuple[float, float]:
    total = first + second
    if total < 1:
        return (total, 0.0) if chance * total < first else (0.0, total)
    if chance * (2 - total) < 1 - second:
        return 1.0, total - 1
    return total - 1, 1.0
