"""Table of scores at every level for an edition; computed by ``rolling``."""

import geopandas as gpd
import numpy as np
import pandas as pd

from exclusion_map.areas.atlas import OUTSIDE, ScoreSet
from exclusion_map.areas.rolling import roll_scores
from exclusion_map.geography.larger import PARENT_COLUMNS
from exclusion_map.index import Composite
from exclusion_map.terms import LARGER_KINDS, AreaKind

COLUMNS = (
    *("index", "kind", "code", "score", "rank", "decile", "ranked", "data_share"),
    "worst_tenth_share",
)


def score_table(index: str, composite: Composite, small: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the scores of one index at every level, sorted by kind, then in feature order.

    A larger area's score is the mean of its small areas' scores weighted by residents, over the
    small areas that have a score; it is ranked among areas of its kind.

    Args:
        index: id of the index.
        composite: scores of the small areas, in the order of ``small``.
        small: the table of small areas, with population and the codes of larger areas.

    Returns:
        index, kind, code, score, rank, decile, ranked, data_share, worst_tenth_share.
    """
    scores = ScoreSet.of_small_areas(composite)
    people = small["population"].to_numpy(dtype=float)
    levels = [_frame(AreaKind.SMALL_AREA, small["code"].to_numpy(), scores)]
    for kind in LARGER_KINDS:
        # Many small areas to one larger area or none; sorted codes give the feature order.
        rows, codes = pd.factorize(small[PARENT_COLUMNS[kind][0]], sort=True, use_na_sentinel=True)
        parent = np.where(rows < 0, OUTSIDE, rows).astype(np.int32)
        rolled = roll_scores(scores, people, parent, len(codes))
        levels.append(_frame(kind, np.asarray(codes), rolled))
    table = pd.concat(levels, ignore_index=True).assign(index=index)
    return table[list(COLUMNS)]


def _frame(kind: AreaKind, codes: np.ndarray, scores: ScoreSet) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "kind": kind.value,
            "code": codes,
            "score": scores.score,
            "rank": scores.rank,
            "decile": scores.decile,
            "ranked": np.int32(scores.ranked),
            "data_share": scores.data_share,
            "worst_tenth_share": scores.worst_tenth_share,
        }
    )
