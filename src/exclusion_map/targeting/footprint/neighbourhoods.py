"""The worst-served neighbourhoods: many people in areas of high risk, few of them served."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import OUTSIDE, Atlas
from exclusion_map.targeting.footprint.comparing import Sides
from exclusion_map.targeting.footprint.withholding import safe_cells
from exclusion_map.terms import AreaKind

Floats = npt.NDArray[np.float64]
WORST = 2
"""Tenths that count as of high risk: the highest-risk fifth."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Neighbourhoods:
    """Neighbourhoods of the comparator with anybody in areas of high risk, worst served first.

    Attributes:
        kind: of area they are.
        rows: (k,) of that kind.
        high: (k,) people in areas of the highest-risk fifth.
        served: (k,) people served who live in those areas, as may be shown; NaN where withheld.
        expected: (k,) who would be served there, were all people of the comparator as likely to be.
        short: (k,) how many fewer are served; withheld counts are taken as the middle of what they
            can be.
        reach: people served for each person of the comparator.
    """

    kind: AreaKind
    rows: npt.NDArray[np.int64]
    high: Floats
    served: Floats
    expected: Floats
    short: Floats
    reach: float

    def __len__(self) -> int:
        return len(self.rows)


def worst_served(
    atlas: Atlas, sides: Sides, kind: AreaKind = AreaKind.NEIGHBOURHOOD
) -> Neighbourhoods:
    """Return the areas of a kind by how many people in small areas of high risk are missed.

    Small areas themselves where the edition has no areas of the kind.
    """
    small = atlas.level(AreaKind.SMALL_AREA)
    nested = kind in atlas.levels and kind in small.parents
    kind = kind if nested else AreaKind.SMALL_AREA
    parent = small.parents[kind].astype(np.int64) if nested else np.arange(len(small))
    at_risk = (sides.tenth > 0) & (sides.tenth <= WORST) & (parent != OUTSIDE)
    count = len(atlas.level(kind))
    whole = np.bincount(parent[at_risk], weights=sides.whole[at_risk], minlength=count)
    rows = np.flatnonzero(whole > 0)
    inside = np.bincount(parent[at_risk], weights=sides.served[at_risk], minlength=count)[rows]
    everyone = max(float(sides.whole.sum()), 1e-300)
    rest = float(sides.served.sum() - inside.sum())
    # People served elsewhere are a cell of the same table: together they are the total.
    cells = safe_cells(np.append(inside, max(rest, 0.0)), sides.rule)
    served = cells.shown[:-1]
    reach = cells.total / everyone
    middle = 0.0 if sides.rule is None else (1 + sides.rule.threshold) / 2
    high: Floats = whole[rows].astype(np.float64)
    expected: Floats = high * reach
    short: Floats = expected - np.where(np.isnan(served), middle, served)
    order = np.lexsort((rows, -short))
    return Neighbourhoods(
        kind=kind,
        rows=rows[order],
        high=high[order],
        served=served[order],
        expected=expected[order],
        short=short[order],
        reach=reach,
    )
