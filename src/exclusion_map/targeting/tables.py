"""Access, gaps and siting as columns, one entry a row: what files and the API hold alike.

What is missing is NaN or empty text. A way without any place to go to is missing, too, and the
column ``places`` then says 0.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import OUTSIDE, Atlas
from exclusion_map.targeting.access_query import Access, rolled_up
from exclusion_map.targeting.gaps import Gaps, Risk
from exclusion_map.targeting.sites import Sites
from exclusion_map.terms import AreaKind

Floats = npt.NDArray[np.float64]
Columns = Mapping[str, npt.NDArray[Any] | Sequence[str]]


def _finite(values: Floats, digits: int) -> Floats:
    known = np.where(np.isfinite(values), values, np.nan)
    return np.asarray(np.round(known, digits), dtype=np.float64)


def access_columns(atlas: Atlas, sites: Sites, access: Access) -> Columns:
    """Return the access of small areas."""
    small = atlas.level(AreaKind.SMALL_AREA)
    rows = access.rows.tolist()
    nearest = [access.site(at) for at in range(len(rows))]
    near, supply = access.near, access.supply
    return {
        "code": [small.codes[row] for row in rows],
        "name": [small.labels[row] for row in rows],
        "local_authority": councils(atlas, access.rows),
        "population": access.people,
        "nearest_m": _finite(near.way, 0),
        "nearest_id": [sites.id(site) if site >= 0 else "" for site in nearest],
        "nearest_name": [sites.name(site) if site >= 0 else "" for site in nearest],
        "share_within": _finite(near.share, 4),
        "people_beyond": _finite(access.beyond, 0),
        "places": np.where(access.unlisted, np.nan, supply.count),
        "capacity": _finite(supply.supply, 1),
        "per_10000": _finite(supply.per_10000, 4),
    }


def larger_columns(atlas: Atlas, access: Access, kind: AreaKind) -> Columns:
    """Return the access of larger areas that hold some of the small ones: means over people."""
    level = atlas.level(kind)
    parent = atlas.level(AreaKind.SMALL_AREA).parents[kind][access.rows]
    held = np.unique(parent[parent != OUTSIDE])
    share = rolled_up(atlas, access, kind, access.near.share)[held]
    known = (parent != OUTSIDE) & ~access.unlisted
    people = np.bincount(parent[known], weights=access.people[known], minlength=len(level))[held]
    way = rolled_up(atlas, access, kind, np.where(access.unlisted, np.nan, access.near.way))[held]
    per = rolled_up(atlas, access, kind, access.supply.per_10000)[held]
    return {
        "code": [level.codes[row] for row in held.tolist()],
        "name": [level.labels[row] for row in held.tolist()],
        "population": people,
        "nearest_m": _finite(way, 0),
        "share_within": _finite(share, 4),
        "people_beyond": _finite(people * (1 - share), 0),
        "per_10000": _finite(per, 4),
    }


def gap_columns(atlas: Atlas, sites: Sites, gaps: Gaps, risk: Risk) -> Columns:
    """Return the areas of high risk with support far away, most people concerned first."""
    at, access = gaps.listed, gaps.access
    rows = access.rows[at]
    small = atlas.level(AreaKind.SMALL_AREA)
    group = np.zeros(len(at), dtype=np.int64)
    place = {row: number for number, row in enumerate(rows.tolist())}
    for number, one in enumerate(gaps.groups, start=1):
        group[[place[row] for row in one.rows.tolist()]] = number
    nearest = [access.site(one) for one in at.tolist()]
    silent = np.full(len(at), np.nan)
    columns: dict[str, npt.NDArray[Any] | Sequence[str]] = {
        "code": [small.codes[row] for row in rows.tolist()],
        "name": [small.labels[row] for row in rows.tolist()],
        "local_authority": councils(atlas, rows),
        "group": group,
        "population": access.people[at],
        "people_beyond": _finite(gaps.beyond[at], 0),
        "score": risk.score[rows],
        "decile": risk.decile[rows],
        "worst_tenth_probability": silent if risk.probability is None else risk.probability[rows],
        "robustness": sure_of(risk, rows),
        "nearest_m": _finite(access.near.way[at], 0),
        "nearest_id": [sites.id(site) if site >= 0 else "" for site in nearest],
        "nearest_name": [sites.name(site) if site >= 0 else "" for site in nearest],
        "share_within": _finite(access.near.share[at], 4),
        "per_10000": _finite(access.supply.per_10000[at], 4),
    }
    for name, values in _estimates(gaps, risk, rows, at).items():
        columns[f"modelled_{name}"] = values
    return columns


def _estimates(gaps: Gaps, risk: Risk, rows: npt.NDArray[np.int64], at: Any) -> dict[str, Floats]:
    """Return modelled people and households concerned beyond the threshold, with their ranges."""
    held = risk.estimates
    if held is None:
        return {}
    far = 1 - gaps.access.near.share[at]
    found = {}
    for name, counts in held.counts.items():
        middle = counts[rows] * far
        for end, share in (("_low", held.low), ("", held.share), ("_high", held.high)):
            with np.errstate(invalid="ignore", divide="ignore"):
                found[name + end] = np.round(middle * share[rows] / held.share[rows], 1)
    return found


def sure_of(risk: Risk, rows: npt.NDArray[np.int64]) -> list[str]:
    """Return how sure the risk of some areas is, in words; empty where it is not known."""
    if risk.sure is None:
        return [""] * len(rows)
    words = ("", *risk.sure_words)
    return [words[number] for number in risk.sure[rows].tolist()]


def councils(atlas: Atlas, rows: npt.NDArray[np.int64]) -> list[str]:
    """Return the local authority of each small area; empty for none."""
    parent = atlas.level(AreaKind.SMALL_AREA).parents.get(AreaKind.LOCAL_AUTHORITY)
    if parent is None:
        return [""] * len(rows)
    names = atlas.level(AreaKind.LOCAL_AUTHORITY).labels
    return [names[row] if row != OUTSIDE else "" for row in parent[rows].tolist()]
