"""A roll-up as tables: one row per list, or one row per small area of each list."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from exclusion_map.areas.atlas import OUTSIDE, Atlas, ScoreSet
from exclusion_map.areas.rollup_answer import RolledUp
from exclusion_map.areas.rollup_estimate import Range, RolledEstimate
from exclusion_map.exports.score_tables import Column
from exclusion_map.terms import AreaKind

_ESTIMATED = ("share", "households", "people")


def summary_columns(found: Mapping[str, RolledUp]) -> dict[str, Column]:
    """Return one row per list; shares are 0 to 1, the modelled share is in per cent."""
    rows = [_summary(name, one) for name, one in found.items()]
    return {
        name: [row[name] for row in rows]
        if name == "list"
        else np.array([row[name] for row in rows])
        for name in rows[0]
    }


def area_columns(
    atlas: Atlas, scores: ScoreSet, found: Mapping[str, RolledUp]
) -> dict[str, Column]:
    """Return one row per small area of each list, highest risk first within a list."""
    small = atlas.level(AreaKind.SMALL_AREA)
    names: list[str] = []
    parts: list[np.ndarray[tuple[int], np.dtype[np.int32]]] = []
    shares: list[Any] = []
    for name, one in found.items():
        rank = scores.rank[one.members.rows]
        last = np.iinfo(np.int32).max
        rows = one.members.rows[np.argsort(np.where(rank > 0, rank, last), kind="stable")]
        names.extend([name] * len(rows))
        parts.append(rows)
        shares.append(one.members.share[rows])
    rows, share = np.concatenate(parts), np.concatenate(shares)
    listed = rows.tolist()
    columns: dict[str, Column] = {"list": names} if any(found) else {}
    return columns | {
        "code": [small.codes[row] for row in listed],
        "name": [small.labels[row] for row in listed],
        "local_authority": _councils(atlas, listed),
        "share_inside": share,
        "people_inside": np.nan_to_num(small.population[rows]) * share,
        "score": scores.score[rows],
        "rank": scores.rank[rows],
        "decile": scores.decile[rows],
    }


def _councils(atlas: Atlas, rows: Sequence[int]) -> list[str]:
    parent = atlas.level(AreaKind.SMALL_AREA).parents.get(AreaKind.LOCAL_AUTHORITY)
    if parent is None:
        return [""] * len(rows)
    names = atlas.level(AreaKind.LOCAL_AUTHORITY).labels
    return [names[parent[row]] if parent[row] != OUTSIDE else "" for row in rows]


def _summary(name: str, found: RolledUp) -> dict[str, Any]:
    spread = asdict(found.spread)
    tenths = spread.pop("tenths")
    numbers = {key: float(value) for key, value in spread.items()}
    numbers |= {f"people_in_tenth_{tenth}": people for tenth, people in enumerate(tenths, 1)}
    members = found.members
    return {
        "list": name,
        **numbers,
        **_estimated(found.estimate),
        "areas_cut": float(members.cut),
        "entries_matched": float(sum(members.matched.values())),
        "entries_not_matched": float(len(members.unmatched)),
    }


def _estimated(estimate: RolledEstimate | None) -> dict[str, float]:
    nothing = Range(low=np.nan, middle=np.nan, high=np.nan)
    found: dict[str, float] = {}
    for name in _ESTIMATED:
        figure: Range = nothing if estimate is None else getattr(estimate, name)
        found |= {
            f"modelled_{name}_low": figure.low,
            f"modelled_{name}": figure.middle,
            f"modelled_{name}_high": figure.high,
        }
    return found
