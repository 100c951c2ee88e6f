"""Assemble the small areas of England and Wales, with names and parent areas, from raw files."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from exclusion_map.errors import GeographyError
from exclusion_map.geography import lookups
from exclusion_map.geography.coverage import mend
from exclusion_map.geography.wards import settle_wards
from exclusion_map.sources.files import find
from exclusion_map.sources.readers.layers import read_layer
from exclusion_map.terms import Nation

BOUNDARIES = ("ons-lsoa21-boundaries", "LSOA_2021_EW_BGC.geojson")
_UK = (-15.0, 48.0, 5.0, 62.0)
"""Bounding box of the United Kingdom: west, south, east, north, in degrees."""
NATIONS = {"E": (Nation.ENGLAND, "E92000001"), "W": (Nation.WALES, "W92000004")}

COLUMNS = [
    "code",
    "name",
    "label",
    "nation_code",
    "nation",
    "neighbourhood_code",
    "neighbourhood",
    "neighbourhood_welsh",
    "ward_code",
    "ward",
    "local_authority_code",
    "local_authority",
    "region_code",
    "region",
    "icb_code",
    "icb",
    "sub_icb_code",
    "sub_icb",
    "rural_urban",
    "geometry",
]


@dataclass(frozen=True)
class Geography:
    """Small areas with their parent areas, and a record of conflicts that were resolved.

    Attributes:
        small_areas: one row per small area, EPSG:4326, sorted by code; the row number is the
            feature id. Columns: see ``COLUMNS``. The only nulls are region, ICB and sub-ICB
            location in Wales, and Welsh names in England.
        output_areas: output_area, area_code; one row per output area.
        notes: conflicts between the publishers' files and how each was resolved.
    """

    small_areas: gpd.GeoDataFrame
    output_areas: pd.DataFrame
    notes: tuple[str, ...]


def load(raw_dir: Path) -> Geography:
    """Return the geography of England and Wales from a raw folder.

    Raises:
        SourceMissingError: a lookup or the boundary file is missing.
        GeographyError: the areas of the boundaries and of a lookup do not match.
    """
    areas = _boundaries(raw_dir)
    nations = frozenset(Nation(nation) for nation in areas["nation"].unique())
    output_areas = _of(nations, lookups.output_areas(raw_dir), "area_code")
    for frame in (
        lookups.neighbourhoods(raw_dir, output_areas),
        lookups.wards(raw_dir),
        lookups.icbs(raw_dir, nations),
        lookups.rural_urban(raw_dir),
    ):
        areas = _join(areas, _of(nations, frame, "code"))
    areas, ward_notes = settle_wards(areas, lookups.deprivation_councils(raw_dir, nations))
    regions = lookups.regions(raw_dir, nations)
    areas = areas.merge(regions, on="local_authority_code", how="left", validate="many_to_one")
    _require(areas, raw_dir)
    areas["label"] = areas["neighbourhood"] + " (" + areas["name"] + ")"
    outlines, faulty = mend(areas.geometry.to_numpy())
    frame = gpd.GeoDataFrame(areas.assign(geometry=outlines)[COLUMNS], crs=4326)
    notes = list(ward_notes)
    if faulty.size:
        districts = ", ".join(sorted(set(areas["local_authority"].iloc[faulty])))
        notes.append(
            f"Borders of {faulty.size} small areas did not match their neighbours' and were "
            f"cleaned ({districts})."
        )
    return Geography(frame, output_areas, tuple(notes))


def _boundaries(raw_dir: Path) -> gpd.GeoDataFrame:
    layer = read_layer(find(raw_dir, *BOUNDARIES), columns=("LSOA21CD", "LSOA21NM"))
    areas = layer.rename(columns={"LSOA21CD": "code", "LSOA21NM": "name"})
    areas = areas[["code", "name", "geometry"]].sort_values("code", ignore_index=True)
    _check_outlines(areas)
    if not areas["code"].is_unique:
        raise GeographyError(
            BOUNDARIES[1],
            found=f"{int(areas['code'].duplicated().sum())} codes more than once",
            expected="each small area once",
            mend="Fetch the file again.",
        )
    first = areas["code"].str[0]
    strange = sorted(set(first) - set(NATIONS))
    if strange:
        raise GeographyError(
            BOUNDARIES[1],
            found=f"codes that begin with {', '.join(strange)}",
            expected="codes of England (E01) and Wales (W01)",
        )
    areas["nation"] = first.map({letter: nation.value for letter, (nation, _) in NATIONS.items()})
    areas["nation_code"] = first.map({letter: code for letter, (_, code) in NATIONS.items()})
    return areas


def _check_outlines(areas: gpd.GeoDataFrame) -> None:
    """Refuse shapes other than polygons, and coordinates with latitude first."""
    strange = sorted(set(areas.geom_type) - {"Polygon", "MultiPolygon"})
    if strange:
        raise GeographyError(
            BOUNDARIES[1],
            found=f"shapes of type {', '.join(strange)}",
            expected="polygons",
            mend="Fetch the boundaries of small areas, not their centroids.",
        )
    west, south, east, north = (float(bound) for bound in areas.total_bounds)
    if west < _UK[0] or south < _UK[1] or east > _UK[2] or north > _UK[3]:
        raise GeographyError(
            BOUNDARIES[1],
            found=f"longitudes from {west:.2f} to {east:.2f}, latitudes from {south:.2f} to "
            f"{north:.2f}",
            expected=f"longitudes from {_UK[0]:g} to {_UK[2]:g}, latitudes from {_UK[1]:g} to "
            f"{_UK[3]:g}",
            mend="If latitude and longitude are swapped, save the layer with longitude first.",
        )


def _of(nations: Collection[Nation], lookup: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return the rows of these nations: the boundaries may be cut to one, and lookups not."""
    letters = [letter for letter, (nation, _) in NATIONS.items() if nation in nations]
    others = [letter for letter in NATIONS if letter not in letters]
    return lookup[~lookup[column].str[0].isin(others)].reset_index(drop=True)


def _join(areas: gpd.GeoDataFrame, lookup: pd.DataFrame) -> gpd.GeoDataFrame:
    """Join a lookup by code, one to one; refuse a lookup made for other boundaries."""
    unknown = lookup.loc[~lookup["code"].isin(areas["code"]), "code"]
    if len(unknown):
        raise GeographyError(
            f"lookup of {', '.join(lookup.columns[1:3])}",
            found=f"{len(unknown)} small areas without a boundary, such as {unknown.iloc[0]}",
            expected="the same small areas as in the boundary file",
            mend="Fetch the lookup and the boundaries of the same vintage, or cut both to the same "
            "areas.",
        )
    return areas.merge(lookup, on="code", how="left", validate="one_to_one")


def _require(areas: gpd.GeoDataFrame, raw_dir: Path) -> None:
    """Refuse areas that lack a name which every area of their nation must have."""
    everywhere = ["neighbourhood_code", "neighbourhood", "ward_code", "local_authority_code"]
    needs = {
        Nation.ENGLAND: [*everywhere, "rural_urban", "region_code", "icb_code", "sub_icb_code"],
        Nation.WALES: [*everywhere, "rural_urban"],
    }
    for nation, columns in needs.items():
        rows = areas[areas["nation"] == nation.value]
        without = f", or leave {nation} out of the boundaries"
        for column in columns:
            empty = rows.loc[rows[column].isna(), "code"]
            if len(empty):
                raise GeographyError(
                    f"{column} of small areas in {nation}",
                    found=f"none for {len(empty)} areas, such as {empty.iloc[0]}",
                    expected="one for every area",
                    mend=f"Check the lookups in {raw_dir}"
                    f"{without if len(empty) == len(rows) else ''}.",
                )
