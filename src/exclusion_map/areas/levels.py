"""Tables of areas in an edition: names, parents, people, point, bounding box and outline."""

import geopandas as gpd
import numpy as np
import pandas as pd

from exclusion_map.geography.larger import PARENT_COLUMNS
from exclusion_map.terms import AreaKind

BOX = ("xmin", "ymin", "xmax", "ymax")


def small_area_table(areas: gpd.GeoDataFrame, people: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the table of small areas in feature order.

    Args:
        areas: small areas from ``exclusion_map.geography``.
        people: area_code, population, households; one row per area.

    Returns:
        feature_id, the columns of ``areas``, population, households, longitude, latitude (a point
        inside the outline), xmin, ymin, xmax, ymax, geometry.
    """
    counted = areas.merge(
        people.rename(columns={"area_code": "code"}), on="code", how="left", validate="one_to_one"
    )
    counted.insert(0, "feature_id", np.arange(len(counted), dtype=np.int32))
    return _place(counted)


def larger_area_table(larger: gpd.GeoDataFrame, small: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the table of larger areas: those of ``dissolve`` with the people who live in them.

    Population and households are summed over small areas; a missing count makes the sum missing.
    """
    parts = []
    for kind, level in larger.groupby("kind", sort=False):
        code, _ = PARENT_COLUMNS[AreaKind(str(kind))]
        people = small.groupby(code)[["population", "households"]].sum(min_count=1, skipna=False)
        parts.append(
            level.merge(people, left_on="code", right_index=True, how="left", validate="one_to_one")
        )
    return _place(gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=larger.crs))


def _place(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    points = areas.geometry.representative_point()
    placed = areas.drop(columns="geometry").assign(
        longitude=points.x,
        latitude=points.y,
        **dict(zip(BOX, areas.geometry.bounds.to_numpy().T, strict=True)),
    )
    return gpd.GeoDataFrame(placed, geometry=areas.geometry.to_numpy(), crs=areas.crs)
