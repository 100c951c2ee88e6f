"""Correct small areas that the ward lookup assigns to a different council from other sources.

One such area is known. E01027305 (West Northamptonshire 048E) is in West Northamptonshire according
to its name, its neighbourhood, its ICB and the Indices of Deprivation, but in Cherwell according to
the best-fit ward lookup.
See docs/decisions/0003-ward-lookup-conflict.md.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely


def settle_wards(
    areas: gpd.GeoDataFrame, councils: pd.DataFrame
) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """Return the areas with one council each, and a note for each area that was reassigned.

    The council is the one given by the Indices of Deprivation. The ward is that of the neighbour in
    that council with the longest shared border, so that every ward lies in one council.

    Args:
        areas: code, name, ward_code, ward, local_authority_code, local_authority, geometry.
        councils: code, local_authority_code, local_authority; areas may be missing.
    """
    known = areas[["code"]].merge(councils, on="code", how="left", validate="one_to_one")
    told = known["local_authority_code"]
    moved = np.flatnonzero(told.notna() & (told != areas["local_authority_code"]).to_numpy())
    notes = []
    settled = areas.copy()
    for row in moved.tolist():
        council, name = known.loc[row, ["local_authority_code", "local_authority"]]
        neighbour = _closest_neighbour(areas, row, council)
        was = areas.loc[row, "local_authority"]
        settled.loc[row, ["local_authority_code", "local_authority"]] = [council, name]
        settled.loc[row, ["ward_code", "ward"]] = areas.loc[neighbour, ["ward_code", "ward"]].array
        notes.append(
            f"{areas.loc[row, 'code']} ({areas.loc[row, 'name']}) is in {was} by the ward lookup "
            f"and in {name} by the Indices of Deprivation; it is shown in {name}, ward "
            f"{settled.loc[row, 'ward']}."
        )
    return settled, tuple(notes)


def _closest_neighbour(areas: gpd.GeoDataFrame, row: int, council: str) -> int:
    """Return the row in ``council`` with the longest border shared with ``row``."""
    candidates = np.flatnonzero((areas["local_authority_code"] == council).to_numpy())
    candidates = candidates[candidates != row]
    outlines = areas.geometry.to_numpy()
    here = outlines[row]
    near = candidates[shapely.dwithin(outlines[candidates], here, 1e-4)]
    if not near.size:
        distance = shapely.distance(outlines[candidates], here)
        return int(candidates[np.argmin(distance)])
    border = shapely.length(shapely.intersection(shapely.boundary(outlines[near]), here))
    return int(near[np.argmax(border)])
