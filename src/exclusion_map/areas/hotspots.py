"""Where high and low scores cluster: local Moran's I and Getis-Ord Gi* over contiguous areas.

With z = x - mean(x) over the m areas with a score, and N(i) the k neighbours of i with a score,
equally weighted:

    I_i  = (m - 1) z_i mean(z_j, j in N(i)) / sum(z^2)                         Anselin (1995)
    G*_i = (sum(x_j, j = i or in N(i)) - W mean(x)) / (s sqrt(W (m - W) / (m - 1))), W = k + 1,
           s^2 = mean(z^2): 0 is expected, and 1 is its spread                 Ord and Getis (1995)

Significance comes from conditional permutation: an area's own value is fixed and its neighbours are
drawn from all other areas. Given the own value, both statistics depend only on the neighbours'
mean, so they share one two-sided p-value.
"""

import math
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.permutations import false_discovery, two_sided_p
from exclusion_map.errors import InvalidRequestError
from exclusion_map.geography.contiguity import Contiguity

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

PERMUTATIONS = 99_999
FEWEST_PERMUTATIONS = 9_999
"""With fewer, few areas can be significant under a false-discovery rate over thousands."""
LEVEL = 0.05
SEED = 1


class Pattern(IntEnum):
    """An area compared with its neighbours; "high" and "low" relative to the mean of all areas."""

    MISSING = 0
    NOT_SIGNIFICANT = 1
    HIGH_HIGH = 2
    LOW_LOW = 3
    HIGH_LOW = 4
    LOW_HIGH = 5
    ISLAND = 6

    @property
    def label(self) -> str:
        """The words people see."""
        return _LABELS[self]

    @property
    def slug(self) -> str:
        """The identifier used in files and addresses."""
        return self.name.lower()


_LABELS = {
    Pattern.MISSING: "No score",
    Pattern.NOT_SIGNIFICANT: "No clear pattern",
    Pattern.HIGH_HIGH: "Higher risk among higher risk",
    Pattern.LOW_LOW: "Lower risk among lower risk",
    Pattern.HIGH_LOW: "Higher risk among lower risk",
    Pattern.LOW_HIGH: "Lower risk among higher risk",
    Pattern.ISLAND: "No neighbour to compare with",
}


@dataclass(frozen=True, eq=False)
class Hotspots:
    """Local patterns of n areas; arrays of shape (n,), NaN where nothing can be computed.

    Attributes:
        pattern: a `Pattern` number for each area.
        local_moran: I_i.
        gi_star: standardised G*_i; above 0, risk in the surroundings is above average.
        neighbour_mean: mean score of the neighbours that have one.
        p: two-sided p-value by conditional permutation, unadjusted; applies to both statistics.
        p_adjusted: the same with the Benjamini-Hochberg adjustment over the areas tested.
        gi_star_p_normal: two-sided p-value of ``gi_star`` as a normal deviate, for comparison. It
            lets the area's own value vary too, and is inexact for few neighbours.
        global_moran: Moran's I of the areas tested.
        islands: rows of areas without neighbours.
        cut_off: rows of areas with a score whose neighbours have none.
        missing: rows of areas without a score, which are left out of neighbours' means.
        permutations: number of permutations.
        seed: random seed.
        level: false-discovery rate, or the level of each single test where ``adjusted`` is false.
        adjusted: whether the patterns are based on ``p_adjusted``.
    """

    pattern: npt.NDArray[np.uint8]
    local_moran: Floats
    gi_star: Floats
    neighbour_mean: Floats
    p: Floats
    p_adjusted: Floats
    gi_star_p_normal: Floats
    global_moran: float
    islands: Rows
    cut_off: Rows
    missing: Rows
    permutations: int
    seed: int
    level: float
    adjusted: bool

    @property
    def tested(self) -> int:
        """Number of areas with a score and at least one neighbour with a score."""
        return int(np.count_nonzero(~np.isnan(self.p)))

    @property
    def floor(self) -> float:
        """The smallest two-sided p-value possible with this number of permutations."""
        return 2 / (self.permutations + 1)

    @property
    def at_floor(self) -> int:
        """Number of areas with the smallest possible p-value."""
        return int(np.count_nonzero(self.p <= self.floor * (1 + 1e-9)))

    @property
    def fewest_significant(self) -> int:
        """The smallest number of areas that can be significant together; with fewer, none are.

        The i-th smallest of m p-values passes at i level / m, and none is below the floor.
        """
        return math.ceil(self.tested * self.floor / self.level - 1e-9) if self.adjusted else 1

    @property
    def significant(self) -> Flags:
        """(n,) whether the neighbours are higher or lower than expected by chance."""
        return _significant(self.p_adjusted if self.adjusted else self.p, self.level)

    @property
    def hot(self) -> npt.NDArray[np.int8]:
        """(n,) by Gi*: 1 in a hot spot, -1 in a cold spot, 0 in neither."""
        sign = np.sign(np.nan_to_num(self.gi_star))
        return np.where(self.significant, sign, 0.0).astype(np.int8)

    def counts(self) -> dict[str, int]:
        """Return the number of areas with each pattern, by slug."""
        numbers = np.bincount(self.pattern, minlength=len(Pattern)).tolist()
        return {pattern.slug: numbers[pattern] for pattern in Pattern}

    def notes(self) -> tuple[str, ...]:
        """Return remarks to be shown with the result, as plain sentences."""
        return tuple(_notes(self))


@dataclass(frozen=True, eq=False)
class _Local:
    """Statistics of the m areas with a score."""

    z: Floats
    neighbour_z: Floats
    moran: Floats
    gi_star: Floats
    p: Floats


def hotspots(
    values: npt.ArrayLike,
    contiguity: Contiguity,
    *,
    permutations: int = PERMUTATIONS,
    seed: int = SEED,
    level: float = LEVEL,
    adjust: bool = True,
) -> Hotspots:
    """Return the local patterns of a score.

    Args:
        values: (n,) scores, higher = more risk; areas with NaN are left out and listed. To analyse
            a single region, set all other areas to NaN.
        contiguity: neighbours of the same n areas.
        permutations: number of permutations.
        seed: random seed.
        level: false-discovery rate if ``adjust`` is true, else the level of each test.
        adjust: whether to control the false-discovery rate.

    Raises:
        InvalidRequestError: the lengths differ, a value is infinite, the level is not between 0 and
            1, or there are too few permutations.
    """
    x = np.asarray(values, dtype=np.float64)
    _check(x, contiguity, permutations, level, adjust)
    have = ~np.isnan(x)
    local = _statistics(x[have], contiguity.among(have), permutations, seed)
    tested = ~np.isnan(local.p)
    adjusted = np.full(len(tested), np.nan)
    adjusted[tested] = false_discovery(local.p[tested])
    decisive = _significant(adjusted if adjust else local.p, level)
    pattern = np.full(len(x), Pattern.MISSING, dtype=np.uint8)
    pattern[have] = _patterns(local, decisive)
    alone = pattern == Pattern.ISLAND
    return Hotspots(
        pattern=pattern,
        local_moran=_whole(local.moran, have),
        gi_star=_whole(local.gi_star, have),
        neighbour_mean=_whole(local.neighbour_z + x[have].mean() if have.any() else x[have], have),
        p=_whole(local.p, have),
        p_adjusted=_whole(adjusted, have),
        gi_star_p_normal=_whole(_normal_p(local.gi_star), have),
        global_moran=_global_moran(local),
        islands=contiguity.islands,
        cut_off=np.flatnonzero(alone & (contiguity.counts > 0)).astype(np.int32),
        missing=np.flatnonzero(~have).astype(np.int32),
        permutations=permutations,
        seed=seed,
        level=level,
        adjusted=adjust,
    )


def _check(
    x: Floats, contiguity: Contiguity, permutations: int, level: float, adjust: bool
) -> None:
    fewest = FEWEST_PERMUTATIONS if adjust else 99
    faults = (
        (x.shape != (len(contiguity),), "values", f"shape {x.shape}", f"({len(contiguity)},)"),
        (np.isinf(x).any(), "values", "an infinite value", "numbers, or NaN for no score"),
        (not 0 < level < 1, "level", str(level), "a share between 0 and 1, such as 0.05"),
        (permutations < fewest, "permutations", str(permutations), f"at least {fewest:,}"),
    )
    for wrong, thing, found, expected in faults:
        if wrong:
            raise InvalidRequestError(f"hot spots, {thing}", found=found, expected=expected)


def _statistics(x: Floats, graph: Contiguity, permutations: int, seed: int) -> _Local:
    m = len(x)
    nothing = np.full(m, np.nan)
    z = x - x.mean() if m else x
    counts = graph.counts.astype(np.float64)
    sums = graph.sums(z)
    neighbour_z = np.divide(sums, counts, out=nothing.copy(), where=counts > 0)
    square = float(z @ z)
    # The mean of equal values may differ by rounding, so z == 0 is no test of equality.
    if m < 3 or float(np.ptp(x)) == 0.0:
        return _Local(z, neighbour_z, nothing, nothing, nothing)
    together = counts + 1
    spread = np.sqrt(square / m * together * (m - together) / (m - 1))
    near = (counts > 0) & (spread > 0)
    return _Local(
        z,
        neighbour_z,
        moran=(m - 1) * z * neighbour_z / square,
        gi_star=np.divide(sums + z, spread, out=nothing, where=near),
        p=two_sided_p(z, sums, graph.counts.astype(np.intp), permutations, seed),
    )


def _patterns(local: _Local, significant: Flags) -> npt.NDArray[np.uint8]:
    high, near_high = local.z > 0, local.neighbour_z > 0
    quadrant = np.where(
        high,
        np.where(near_high, Pattern.HIGH_HIGH, Pattern.HIGH_LOW),
        np.where(near_high, Pattern.LOW_HIGH, Pattern.LOW_LOW),
    )
    found = np.where(significant, quadrant, Pattern.NOT_SIGNIFICANT)
    return np.where(np.isnan(local.neighbour_z), Pattern.ISLAND, found).astype(np.uint8)


def _significant(p: Floats, level: float) -> Flags:
    return np.nan_to_num(p, nan=1.0) <= level


def _normal_p(deviate: Floats) -> Floats:
    """Return the two-sided p-value of normal deviates."""
    scaled = (np.abs(deviate) / math.sqrt(2)).tolist()
    return np.array([math.erfc(one) for one in scaled], dtype=np.float64)


def _global_moran(local: _Local) -> float:
    at = ~np.isnan(local.p)
    if not at.any():
        return math.nan
    m = len(local.z)
    return float(local.moran[at].mean() * m / (m - 1))


def _whole(column: Floats, have: Flags) -> Floats:
    whole = np.full(len(have), np.nan)
    whole[have] = column
    return whole


def _notes(found: Hotspots) -> list[str]:
    notes = [
        f"Two-sided, {found.permutations:,} permutations with seed {found.seed}: no p-value can be "
        f"below {found.floor:.2g}; {found.at_floor:,} of {found.tested:,} areas have that value."
    ]
    if found.adjusted:
        notes.append(
            f"At that minimum, a false-discovery rate of {found.level:.0%} over {found.tested:,} "
            f"areas can be met only by {found.fewest_significant:,} areas or more together, or by "
            f"none; here {int(found.significant.sum()):,} meet it."
        )
    if not found.tested:
        notes.append("No area can be tested: there are fewer than 3 scores, or all are equal.")
    for rows, words in (
        (found.islands, "touch no other area"),
        (found.cut_off, "have neighbours, but none with a score"),
        (found.missing, "have no score and are left out of their neighbours' means"),
    ):
        if len(rows):
            notes.append(f"Areas that {words}: {len(rows):,}.")
    return notes
