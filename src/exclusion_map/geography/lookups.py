"""Publishers' lookups from small areas to larger areas, with columns renamed to ours."""

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from exclusion_map.errors import GeographyError
from exclusion_map.sources.extent import spared
from exclusion_map.sources.files import find
from exclusion_map.sources.readers.text import read_csv
from exclusion_map.terms import Nation

_ALL = frozenset(Nation)


def _read(
    raw_dir: Path,
    source: str,
    path: str,
    columns: dict[str, str],
    nations: Collection[Nation] = _ALL,
) -> pd.DataFrame:
    """Return the renamed columns, with one row for each value of the first.

    The result may be empty: a map of Wales alone has no English regions.
    """
    if spared(raw_dir, source, path, nations):
        return pd.DataFrame(columns=list(columns.values()), dtype="string")
    key = next(iter(columns))
    frame = read_csv(find(raw_dir, source, path), columns=tuple(columns), key=(key,))
    return frame[list(columns)].rename(columns=columns).astype("string")


def output_areas(raw_dir: Path) -> pd.DataFrame:
    """Return output_area, area_code, neighbourhood_code; one row per output area."""
    return _read(
        raw_dir,
        "ons-oa21-lsoa21-msoa21-lookup",
        "OA_LSOA_MSOA_EW_DEC_2021_LU.csv",
        {"OA21CD": "output_area", "LSOA21CD": "area_code", "MSOA21CD": "neighbourhood_code"},
    )


def neighbourhoods(raw_dir: Path, output_areas: pd.DataFrame) -> pd.DataFrame:
    """Return code, neighbourhood_code and the House of Commons Library's names, also in Welsh.

    Raises:
        GeographyError: a small area lies in two neighbourhoods, or a neighbourhood has no name.
    """
    pairs = output_areas[["area_code", "neighbourhood_code"]].drop_duplicates()
    if not pairs["area_code"].is_unique:
        twice = pairs.loc[pairs["area_code"].duplicated(), "area_code"].iloc[0]
        raise GeographyError(
            f"small area {twice}", found="two neighbourhoods (MSOA)", expected="one"
        )
    names = _read(
        raw_dir,
        "hoc-msoa-names",
        "MSOA-Names-Latest2.csv",
        {
            "msoa21cd": "neighbourhood_code",
            "msoa21hclnm": "neighbourhood",
            "msoa21hclnmw": "neighbourhood_welsh",
        },
    )
    joined = pairs.merge(names, on="neighbourhood_code", how="left", validate="many_to_one")
    nameless = joined.loc[joined["neighbourhood"].isna(), "neighbourhood_code"]
    if len(nameless):
        raise GeographyError(
            "names of neighbourhoods",
            found=f"none for {nameless.nunique()} MSOAs, such as {nameless.iloc[0]}",
            expected="a name for each",
            mend="Fetch the latest MSOA names.",
        )
    return joined.rename(columns={"area_code": "code"})


def wards(raw_dir: Path) -> pd.DataFrame:
    """Return code, ward_code, ward, local_authority_code, local_authority (best fit, 2024)."""
    return _read(
        raw_dir,
        "ons-lsoa21-ward24-lookup",
        "LSOA21_WD24_LAD24_EW_LU.csv",
        {
            "LSOA21CD": "code",
            "WD24CD": "ward_code",
            "WD24NM": "ward",
            "LAD24CD": "local_authority_code",
            "LAD24NM": "local_authority",
        },
    )


def icbs(raw_dir: Path, nations: Collection[Nation] = _ALL) -> pd.DataFrame:
    """Return code, icb_code, icb, sub_icb_code, sub_icb; England only."""
    return _read(
        raw_dir,
        "ons-lsoa21-icb24-lookup",
        "LSOA21_SICBL24_ICB24_EN_LU.csv",
        {
            "LSOA21CD": "code",
            "ICB24CD": "icb_code",
            "ICB24NM": "icb",
            "SICBL24CD": "sub_icb_code",
            "SICBL24NM": "sub_icb",
        },
        nations,
    )


def rural_urban(raw_dir: Path) -> pd.DataFrame:
    """Return code, rural_urban: the name of the class in the 2021 Rural Urban Classification."""
    return _read(
        raw_dir,
        "ons-lsoa21-ruc21",
        "LSOA21_RUC21_EW_LU.csv",
        {"LSOA21CD": "code", "RUC21NM": "rural_urban"},
    )


def regions(raw_dir: Path, nations: Collection[Nation] = _ALL) -> pd.DataFrame:
    """Return local_authority_code, region_code, region; England only."""
    return _read(
        raw_dir,
        "ons-lad24-region24-lookup",
        "LAD24_RGN24_EN_LU.csv",
        {"LAD24CD": "local_authority_code", "RGN24CD": "region_code", "RGN24NM": "region"},
        nations,
    )


def deprivation_councils(raw_dir: Path, nations: Collection[Nation] = _ALL) -> pd.DataFrame:
    """Return code, local_authority_code, local_authority as in the Indices of Deprivation."""
    return _read(
        raw_dir,
        "mhclg-iod2025",
        "File_7_IoD2025_All_Ranks_Scores_Deciles_Population_Denominators.csv",
        {
            "LSOA code (2021)": "code",
            "Local Authority District code (2024)": "local_authority_code",
            "Local Authority District name (2024)": "local_authority",
        },
        nations,
    )
