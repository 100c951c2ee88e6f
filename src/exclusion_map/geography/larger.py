"""Outlines of larger areas, dissolved from their small areas so that the levels nest exactly."""

from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from exclusion_map.terms import LARGER_KINDS, AreaKind

PARENT_COLUMNS = MappingProxyType(
    {
        AreaKind.NEIGHBOURHOOD: ("neighbourhood_code", "neighbourhood"),
        AreaKind.WARD: ("ward_code", "ward"),
        AreaKind.LOCAL_AUTHORITY: ("local_authority_code", "local_authority"),
        AreaKind.SUB_ICB: ("sub_icb_code", "sub_icb"),
        AreaKind.ICB: ("icb_code", "icb"),
        AreaKind.REGION: ("region_code", "region"),
        AreaKind.NATION: ("nation_code", "nation"),
    }
)
"""For each larger kind, the columns of the small areas that hold its code and name."""

_WITHIN_ONE_COUNCIL = (AreaKind.NEIGHBOURHOOD, AreaKind.WARD)


def dissolve(small_areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return every larger area, sorted by kind and code, with its outline.

    Wards are best-fit aggregations of small areas, so their outlines can differ from the legal
    boundaries.

    Args:
        small_areas: one row per small area, with the columns of :data:`PARENT_COLUMNS`.

    Returns:
        Columns kind, feature_id (0.. within a kind), code, name, name_welsh, nation,
        local_authority_code, local_authority, small_areas, geometry.
    """
    levels = [_level(small_areas, kind) for kind in LARGER_KINDS]
    return gpd.GeoDataFrame(
        pd.concat(levels, ignore_index=True), geometry="geometry", crs=small_areas.crs
    )


def _level(small_areas: gpd.GeoDataFrame, kind: AreaKind) -> pd.DataFrame:
    code, name = PARENT_COLUMNS[kind]
    inside = small_areas[small_areas[code].notna()]
    groups = inside.groupby(code, sort=True)
    first = groups[list({name, "nation", "local_authority_code", "local_authority"})].first()
    level = pd.DataFrame(
        {
            "kind": kind.value,
            "feature_id": np.arange(len(first), dtype=np.int32),
            "code": first.index.to_numpy(),
            "name": first[name].to_numpy(),
            "name_welsh": _welsh_names(small_areas, kind, first.index),
            "nation": first["nation"].to_numpy(),
            "small_areas": groups.size().to_numpy().astype(np.int32),
        }
    )
    for column in ("local_authority_code", "local_authority"):
        level[column] = first[column].to_numpy() if kind in _WITHIN_ONE_COUNCIL else None
    outlines = inside.geometry.to_numpy()
    level["geometry"] = np.array(
        [shapely.coverage_union_all(outlines[rows]) for rows in groups.indices.values()],
        dtype=object,
    )
    return level


def _welsh_names(small_areas: gpd.GeoDataFrame, kind: AreaKind, codes: pd.Index) -> object:
    if kind is not AreaKind.NEIGHBOURHOOD or "neighbourhood_welsh" not in small_areas:
        return pd.Series([None] * len(codes), dtype="string").array
    names = small_areas.groupby("neighbourhood_code")["neighbourhood_welsh"].first()
    return names.reindex(codes).array
