"""Boundaries and lookups, as the Open Geography Portal and the Commons Library have them."""

from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from exclusion_map.sampleshire import codes
from exclusion_map.sampleshire.county import County
from exclusion_map.sampleshire.files import csv_text, frame_text, write, write_geojson
from exclusion_map.sampleshire.files import write_geoparquet as write_layer

_CLASSES = {
    "city": ("UN1", "Urban: Nearer to a major town or city", "Urban"),
    "port": ("UN1", "Urban: Nearer to a major town or city", "Urban"),
    "resort": ("UF1", "Urban: Further from a major town or city", "Urban"),
    "market": ("RLN1", "Larger rural: Nearer to a major town or city", "Rural"),
    "rural": ("RSN1", "Smaller rural: Nearer to a major town or city", "Rural"),
    "remote": ("RSF1", "Smaller rural: Further from a major town or city", "Rural"),
    "island": ("RSF1", "Smaller rural: Further from a major town or city", "Rural"),
}

_RENAMED_WARD = -1
"""One ward has a new code in 2025, as some have every year."""


def write_geography(folder: Path, county: County) -> None:
    """Write boundary layers and lookups into a raw folder."""
    _boundaries(folder, county)
    _larger_boundaries(folder, county)
    _lookups(folder, county)
    _small_lookups(folder, county)
    _old_areas(folder, county)


def _boundaries(folder: Path, county: County) -> None:
    areas = county.areas
    inside = shapely.point_on_surface(county.world.polygons)
    columns = pd.DataFrame(
        {
            "LSOA21CD": areas["code"],
            "LSOA21NM": areas["name"],
            "LSOA21NMW": " ",
            "LAT": np.round(shapely.get_y(inside), 5),
            "LONG": np.round(shapely.get_x(inside), 5),
        }
    )
    path = folder / "ons-lsoa21-boundaries" / "LSOA_2021_EW_BGC.geojson"
    write_geojson(path, columns, county.world.polygons)


def _dissolve(county: County, column: pd.Series) -> tuple[pd.Index, NDArray[np.object_]]:
    """Return the values of a column and the outline of each; areas without a value are left out."""
    groups = column.groupby(column, sort=True)
    outlines = [
        shapely.coverage_union_all(county.world.polygons[rows.index.to_numpy()])
        for _, rows in groups
    ]
    return pd.Index(groups.groups), shapely.normalize(np.array(outlines))


def _larger_boundaries(folder: Path, county: County) -> None:
    areas = county.areas
    wards, outlines = _dissolve(county, areas["ward_code"])
    first = areas.drop_duplicates("ward_code").set_index("ward_code").loc[wards]
    new = wards.to_list()
    new[_RENAMED_WARD] = codes.ward(new[_RENAMED_WARD][0], 901)
    ward_columns = pd.DataFrame(
        {
            "WD25CD": new,
            "WD25NM": first["ward"].to_numpy(),
            "WD25NMW": first["ward_welsh"].replace("", " ").to_numpy(),
            "LAD25CD": first["authority_code"].to_numpy(),
            "LAD25NM": first["authority"].to_numpy(),
            "vintage": "WD25",
        }
    )
    write_layer(folder / "ons-ward25-boundaries" / "WD_2025_UK_BGC.parquet", ward_columns, outlines)
    lads, outlines = _dissolve(county, areas["authority_code"])
    names = {item.code: name for name, item in codes.AUTHORITIES.items()}
    lad_columns = pd.DataFrame({"LAD24CD": lads, "LAD24NM": [names[code] for code in lads]})
    write_layer(folder / "ons-lad24-boundaries" / "LAD_2024_UK_BGC.parquet", lad_columns, outlines)
    icbs, outlines = _dissolve(county, _icb_of(county)["ICB24CD"].dropna())
    icb_columns = pd.DataFrame(
        [row for row in codes.ICBS if row[0] in icbs], columns=["ICB24CD", "ICB24CDH", "ICB24NM"]
    )[["ICB24CD", "ICB24NM", "ICB24CDH"]]
    write_layer(folder / "ons-icb24-boundaries" / "ICB_2024_EN_BGC.parquet", icb_columns, outlines)
    nations, outlines = _dissolve(county, areas["letter"])
    names = {"E": "England", "W": "Wales"}
    nation_columns = pd.DataFrame(
        {
            "CTRY20CD": [codes.NATION_CODES[names[letter]] for letter in nations],
            "CTRY20NM": [names[letter] for letter in nations],
        }
    )
    path = folder / "ons-country-boundaries" / "CTRY_2020_UK_BUC.parquet"
    write_layer(path, nation_columns, outlines)


def _icb_of(county: County) -> pd.DataFrame:
    """Return the ICB and sub-ICB location of each small area; missing where there is none."""
    rows: list[tuple[str | None, ...]] = []
    for name in county.areas["authority"]:
        home = codes.AUTHORITIES[name]
        if home.icb is None or home.sub_icb is None:
            rows.append((None,) * 6)
        else:
            rows.append((*codes.SUB_ICBS[home.sub_icb], *codes.ICBS[home.icb]))
    columns = ["SICBL24CD", "SICBL24CDH", "SICBL24NM", "ICB24CD", "ICB24CDH", "ICB24NM"]
    return pd.DataFrame(rows, columns=columns)


def _lookups(folder: Path, county: County) -> None:
    areas = county.areas
    small = areas[["code", "name"]].rename(columns={"code": "LSOA21CD", "name": "LSOA21NM"})
    ward = small.assign(
        WD24CD=areas["ward_code"],
        WD24NM=areas["ward"],
        LAD24CD=areas["authority_code"],
        LAD24NM=areas["authority"],
    )
    path = folder / "ons-lsoa21-ward24-lookup" / "LSOA21_WD24_LAD24_EW_LU.csv"
    write(path, frame_text(ward.sort_values(["WD24CD", "LSOA21CD"])))
    icb = pd.concat([small, _icb_of(county)], axis=1)[county.english]
    write(folder / "ons-lsoa21-icb24-lookup" / "LSOA21_SICBL24_ICB24_EN_LU.csv", frame_text(icb))
    home = county.output_areas["area"].to_numpy()
    output_areas = pd.DataFrame(
        {
            "OA21CD": county.output_areas["code"],
            "LSOA21CD": areas["code"].to_numpy()[home],
            "LSOA21NM": areas["name"].to_numpy()[home],
            "MSOA21CD": areas["neighbourhood_code"].to_numpy()[home],
            "MSOA21NM": areas["neighbourhood_name"].to_numpy()[home],
        }
    )
    path = folder / "ons-oa21-lsoa21-msoa21-lookup" / "OA_LSOA_MSOA_EW_DEC_2021_LU.csv"
    write(path, frame_text(output_areas))


def _small_lookups(folder: Path, county: County) -> None:
    areas = county.areas
    english = [
        (item.code, name, *codes.REGION)
        for name, item in codes.AUTHORITIES.items()
        if item.icb is not None
    ]
    write(
        folder / "ons-lad24-region24-lookup" / "LAD24_RGN24_EN_LU.csv",
        csv_text(["LAD24CD", "LAD24NM", "RGN24CD", "RGN24NM"], sorted(english)),
    )
    far = (county.factors["remote"] > 1.6) & (areas["sort"] == "rural")
    classes = [_CLASSES[sort] for sort in areas["sort"].mask(far, "remote")]
    ruc = pd.DataFrame(classes, columns=["RUC21CD", "RUC21NM", "Urban_rural_flag"])
    ruc.insert(0, "LSOA21CD", areas["code"])
    write(folder / "ons-lsoa21-ruc21" / "LSOA21_RUC21_EW_LU.csv", frame_text(ruc))
    names = areas.drop_duplicates("neighbourhood_code")[
        ["neighbourhood_code", "neighbourhood_name", "neighbourhood", "neighbourhood_welsh"]
    ].set_axis(["msoa21cd", "msoa21nm", "msoa21hclnm", "msoa21hclnmw"], axis=1)
    write(folder / "hoc-msoa-names" / "MSOA-Names-Latest2.csv", frame_text(names))


def old_areas(county: County) -> pd.DataFrame:
    """Return small areas of 2011 and what became of each: most unchanged, a few split or merged.

    Columns old (code), old_name, area (row of the small area of 2021), change (U, S or M). An area
    of 2011 that was split has one row for each of its parts; two that were merged share an area.
    """
    areas = county.areas
    rows: list[tuple[str, str, int, str]] = []
    made = {"E": 0, "W": 0}
    area = 0
    while area < len(areas):
        here = areas.iloc[area]
        letter = here["letter"]
        twin = area + 1 < len(areas) and (
            areas["neighbourhood_code"].iloc[area + 1] == here["neighbourhood_code"]
        )
        if area % 57 == 20 and twin:
            made[letter] += 1
            old = codes.old_small_area(letter, made[letter])
            rows += [(old, f"{here['name'][:-1]}Y", part, "S") for part in (area, area + 1)]
            area += 2
            continue
        if area % 90 == 45:
            for suffix in "XZ":
                made[letter] += 1
                old = codes.old_small_area(letter, made[letter])
                rows.append((old, f"{here['name'][:-1]}{suffix}", area, "M"))
        else:
            rows.append((here["code"], here["name"], area, "U"))
        area += 1
    return pd.DataFrame(rows, columns=["old", "old_name", "area", "change"])


def _old_areas(folder: Path, county: County) -> None:
    old = old_areas(county)
    home = county.areas.iloc[old["area"]]
    frame = pd.DataFrame(
        {
            "LSOA11CD": old["old"].to_numpy(),
            "LSOA11NM": old["old_name"].to_numpy(),
            "LSOA21CD": home["code"].to_numpy(),
            "LSOA21NM": home["name"].to_numpy(),
            "CHGIND": old["change"].to_numpy(),
            "LAD22CD": home["authority_code"].to_numpy(),
            "LAD22NM": home["authority"].to_numpy(),
        }
    )
    path = folder / "ons-lsoa11-lsoa21-lookup" / "LSOA11_LSOA21_LAD22_EW_LU.csv"
    write(path, frame_text(frame))
