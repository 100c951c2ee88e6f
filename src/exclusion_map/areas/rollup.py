"""Scores of larger areas from those of the small areas in them."""

import geopandas as gpd
import numpy as np
import pandas as pd

from exclusion_map.geography.larger import PARENT_COLUMNS
from exclusion_map.index import Composite
from exclusion_map.index.rank import rank_and_decile
from exclusion_map.terms import LARGER_KINDS, AreaKind

WORST_TENTH = 1


def score_table(index: str, composite: Composite, small: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the scores of one index at every level, by kind and then in feature order.

    A larger area's score is the mean of its small areas' scores weighted by residents, over the
    small areas that have a score; it is ranked among areas of its kind.

    Args:
        index: id of the index.
        composite: scores of the small areas, in the order of ``small``.
        small: the table of small areas, with population and the codes of larger areas.

    Returns:
        index, kind, code, score, rank, decile, ranked, data_share, worst_tenth_share.
    """
    scores = pd.DataFrame(
        {
            "code": small["code"],
            "score": composite.score,
            "rank": composite.rank,
            "decile": composite.decile,
            "ranked": np.int32((composite.rank > 0).sum()),
            "data_share": composite.data_share,
            "worst_tenth_share": np.nan,
        }
    )
    levels = [scores.assign(kind=AreaKind.SMALL_AREA.value)]
    weighted = _weighted(scores, small["population"].to_numpy(dtype=float))
    for kind in LARGER_KINDS:
        level = _roll_up(weighted, small[PARENT_COLUMNS[kind][0]])
        levels.append(level.assign(kind=kind.value))
    table = pd.concat(levels, ignore_index=True).assign(index=index)
    return table[
        [
            "index",
            "kind",
            "code",
            "score",
            "rank",
            "decile",
            "ranked",
            "data_share",
            "worst_tenth_share",
        ]
    ]


def _weighted(scores: pd.DataFrame, population: np.ndarray) -> pd.DataFrame:
    """Return what is added up, per small area: people, and people times score and shares."""
    people = np.where(scores["score"].notna(), population, 0.0)
    return pd.DataFrame(
        {
            "everyone": population,
            "people": people,
            "score": (scores["score"] * people).fillna(0.0),
            "data_share": scores["data_share"].fillna(0.0) * population,
            "worst": people * (scores["decile"] == WORST_TENTH),
        }
    )


def _roll_up(weighted: pd.DataFrame, parent: pd.Series) -> pd.DataFrame:
    total = weighted.groupby(parent.to_numpy(), sort=True).sum()
    people = total["people"].where(total["people"] > 0)
    score = (total["score"] / people).to_numpy(dtype=float)
    rank, decile = rank_and_decile(score, total["everyone"].to_numpy(dtype=float))
    return pd.DataFrame(
        {
            "code": total.index,
            "score": score,
            "rank": rank,
            "decile": decile,
            "ranked": np.int32((rank > 0).sum()),
            "data_share": (total["data_share"] / total["everyone"]).to_numpy(dtype=float),
            "worst_tenth_share": (total["worst"] / people).to_numpy(dtype=float),
        }
    )
