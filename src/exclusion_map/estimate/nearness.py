"""Correlation of errors between nearby areas, and its effect on the variance of sums.

Let u be the expected error of an area and z = error / u. The mean of z_i z_j is taken over pairs of
areas in the same neighbourhood, over pairs in the same district but different neighbourhoods, and
over pairs in the same health area but different districts. The variance of a sum with weights h is

    sum over levels l of (c_l - c_l+1) sum over groups of l of (sum h u)^2  +  (v - c_1) sum (h u)^2

with c_l those means, forced to decrease from level to level, and v the mean of z^2. Assuming
independent errors would make the interval of a district less than half as wide as it should be.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exclusion_map.index.order import Floats

Labels = NDArray[np.intp]

LEVELS = (
    ("neighbourhood", "neighbourhood_code"),
    ("district", "local_authority_code"),
    ("health area", "icb_code"),
)
"""Levels at which errors correlate, nearest first, and the column of their codes."""


@dataclass(frozen=True)
class Nearness:
    """Mean product of two areas' scaled errors, by the nearest level they share.

    Attributes:
        own: mean square of the scaled errors, about 1.
        shared: mean product by level, nearest first; not negative and decreasing.
    """

    own: float
    shared: Mapping[str, float]

    @property
    def correlations(self) -> dict[str, float]:
        """Correlation of two areas' errors by the nearest level they share."""
        return {name: value / self.own for name, value in self.shared.items()}

    @classmethod
    def of(cls, scaled: Floats, levels: Mapping[str, Labels]) -> "Nearness":
        """Return the mean products of scaled errors (n,), NaN where unknown.

        Args:
            scaled: (n,) scaled errors.
            levels: for each level, the group of each area (n,), nearest level first; -1 = none.
        """
        known = ~np.isnan(scaled)
        z = scaled[known]
        own = float((z**2).mean())
        before, ceiling = (0.0, 0.0), own
        shared: dict[str, float] = {}
        for name, labels in levels.items():
            now = _pairs(z, labels[known])
            products, pairs = now[0] - before[0], now[1] - before[1]
            ceiling = min(max(products / pairs, 0.0), ceiling) if pairs > 0 else 0.0
            shared[name], before = ceiling, now
        return cls(own, shared)

    def variance(
        self, spread: Floats, larger: Labels, count: int, levels: Mapping[str, Labels]
    ) -> Floats:
        """Return the variance (count,) of the sums of errors over larger areas.

        Args:
            spread: (n,) weight times expected error of each small area.
            larger: (n,) larger area of each small area, from 0; -1 = none.
            count: number of larger areas.
            levels: as in `of`.
        """
        steps = [*self.shared.values(), 0.0]
        own = self.own - steps[0]
        inside = larger >= 0
        total = own * np.bincount(larger[inside], weights=spread[inside] ** 2, minlength=count)
        for step, further, labels in zip(steps, steps[1:], levels.values(), strict=False):
            total += (step - further) * _squares(spread, larger, count, labels)
        return np.asarray(total, dtype=np.float64)


def nested(levels: Mapping[str, Labels]) -> dict[str, Labels]:
    """Return levels in which an area without a group stays in its group of the nearer level.

    Wales has no health areas of this kind. Its areas must not lose the part of a correlation that
    areas of a district share because they share a health area too.

    Args:
        levels: as in `Nearness.of`.
    """
    found: dict[str, Labels] = {}
    nearer: Labels | None = None
    for name, labels in levels.items():
        if nearer is not None:
            beyond = labels.max(initial=-1) + 1
            labels = np.where((labels < 0) & (nearer >= 0), beyond + nearer, labels)
        found[name] = nearer = labels
    return found


def coded(labels: Sequence[object]) -> tuple[Labels, tuple[str, ...]]:
    """Return the code of each label (n,), -1 where missing, and the labels in order."""
    names = sorted({label for label in labels if isinstance(label, str) and label})
    number: dict[object, int] = {name: at for at, name in enumerate(names)}
    return np.array([number.get(label, -1) for label in labels], dtype=np.intp), tuple(names)


def _pairs(z: Floats, labels: Labels) -> tuple[float, float]:
    """Return the sum of products over pairs of areas in the same group, and the number of pairs."""
    inside = labels >= 0
    groups, values = labels[inside], z[inside]
    if not len(groups):
        return 0.0, 0.0
    sums, counts = np.bincount(groups, weights=values), np.bincount(groups).astype(np.float64)
    return float((sums**2).sum() - (values**2).sum()), float((counts**2 - counts).sum())


def _squares(spread: Floats, larger: Labels, count: int, labels: Labels) -> Floats:
    """Return (count,) the squared sums of spread over intersections of larger areas and groups.

    An area in no group of a level has no correlated errors at that level.
    """
    inside = np.flatnonzero(larger >= 0)
    beyond = labels.max(initial=-1) + 1
    group = np.where(labels >= 0, labels, beyond + np.arange(len(labels)))[inside]
    # One integer per intersection: sorting these is far quicker than sorting pairs.
    part, at = np.unique(larger[inside] * (beyond + len(labels)) + group, return_inverse=True)
    sums = np.bincount(at, weights=spread[inside])
    home = part // (beyond + len(labels))
    return np.asarray(np.bincount(home, weights=sums**2, minlength=count), dtype=np.float64)
