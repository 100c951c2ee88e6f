"""Tenths of every area of a kind for any weights, fast enough to follow a slider.

The results equal those of :func:`exclusion_map.areas.scoring.at_level`; everything independent of
the weights is computed once.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import OUTSIDE, Atlas, Floats, Rows
from exclusion_map.areas.rolling import larger_base
from exclusion_map.index import Prepared
from exclusion_map.index.reweigh import Reweigher
from exclusion_map.index.scratch import Scratch
from exclusion_map.index.tenths import Tenths
from exclusion_map.terms import AreaKind

Deciles = npt.NDArray[np.uint8]
_scratch = Scratch()


class LiveIndex:
    """One index within one base, at every level."""

    def __init__(self, atlas: Atlas, prepared: Prepared) -> None:
        """Store the areas and the normalised columns."""
        self._atlas = atlas
        self._reweigher = Reweigher(prepared)
        self._levels: dict[AreaKind, _LargerLevel] = {}

    def deciles(self, kind: AreaKind, weights: Mapping[str, float]) -> Deciles:
        """Return the tenth (n,) of every area of a kind: 1 = highest risk, 0 = no score.

        Raises:
            DefinitionError: an id is unknown, a weight is negative, or a group has no weight.
            NotFoundError: the edition has no such level.
        """
        count = len(self._atlas.level(kind))
        if kind is AreaKind.SMALL_AREA:
            return self._reweigher.deciles(weights)
        if kind not in self._levels:
            self._levels[kind] = _LargerLevel(self._atlas, kind, count, self._reweigher.prepared)
        return self._levels[kind].deciles(self._reweigher.score(weights))


class _LargerLevel:
    """Population-weighted means of small areas, as in :func:`roll_scores`."""

    def __init__(self, atlas: Atlas, kind: AreaKind, count: int, prepared: Prepared) -> None:
        small = atlas.level(AreaKind.SMALL_AREA)
        parent, base = small.parents[kind], prepared.base
        inside_base = base.inside(len(small))
        people = np.where(inside_base, np.nan_to_num(small.population), 0.0)
        self._rows = np.flatnonzero(parent != OUTSIDE)
        self._parent: Rows = parent[self._rows].astype(np.intp)
        self._people: Floats = people[self._rows]
        self._whole = len(self._rows) == len(small)
        self._everyone = _summed(self._parent, self._people, count)
        self._base = larger_base(base, parent, count)
        self._tenths = Tenths(self._everyone, self._base)

    def deciles(self, score: Floats) -> Deciles:
        """Return the tenths of larger areas from the scores (n,) of small areas."""
        if not self._whole:
            score = score[self._rows]
        weighted: Floats = np.multiply(score, self._people, out=_scratch.of("weighted", len(score)))
        gaps = np.isnan(score)
        total = self._everyone
        count = len(total)
        if gaps.any():
            weighted[gaps] = 0.0
            total = _summed(self._parent, np.where(gaps, 0.0, self._people), count)
        mean = np.full(count, np.nan)
        np.divide(_summed(self._parent, weighted, count), total, out=mean, where=total > 0)
        if self._base is not None:
            mean[~self._base.inside(count)] = np.nan
        return self._tenths.of(mean)


def _summed(parent: Rows, values: Floats, count: int) -> Floats:
    return np.bincount(parent, values, count).astype(np.float64, copy=False)
