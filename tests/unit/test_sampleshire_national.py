"""The invented county against the real ones: no code, name or place of it is anybody's."""

import zipfile
from pathlib import Path

import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import shapely

from exclusion_map.sampleshire import write_raw
from exclusion_map.sources.readers.layers import read_layer
from exclusion_map.sources.readers.text import read_csv

pytestmark = pytest.mark.national

OUTPUT_AREAS = "ons-oa21-lsoa21-msoa21-lookup/OA_LSOA_MSOA_EW_DEC_2021_LU.csv"
OLD = "ons-lsoa11-lsoa21-lookup/LSOA11_LSOA21_LAD22_EW_LU.csv"
WARDS = "ons-lsoa21-ward24-lookup/LSOA21_WD24_LAD24_EW_LU.csv"
ICBS = "ons-lsoa21-icb24-lookup/LSOA21_SICBL24_ICB24_EN_LU.csv"
REGIONS = "ons-lad24-region24-lookup/LAD24_RGN24_EN_LU.csv"
NAMES = "hoc-msoa-names/MSOA-Names-Latest2.csv"
PHARMACIES = "nhs-pharmacies/Pharmacy.csv"
JOBCENTRES = "dwp-jobcentres/jobcentres_gb_2017_01.csv"


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sampleshire-national") / "raw"
    write_raw(folder)
    return folder


@pytest.mark.parametrize(
    ("path", "columns"),
    [
        (OUTPUT_AREAS, ("OA21CD", "LSOA21CD", "MSOA21CD", "LSOA21NM", "MSOA21NM")),
        (OLD, ("LSOA11CD", "LSOA11NM", "LSOA21CD", "LAD22CD", "LAD22NM")),
        (WARDS, ("WD24CD", "WD24NM", "LAD24CD", "LAD24NM")),
        (ICBS, ("SICBL24CD", "SICBL24CDH", "SICBL24NM", "ICB24CD", "ICB24CDH", "ICB24NM")),
        (REGIONS, ("RGN24CD", "RGN24NM")),
        (NAMES, ("msoa21cd", "msoa21nm", "msoa21hclnm")),
        (PHARMACIES, ("OrganisationCode", "Postcode")),
        (JOBCENTRES, ("MNEMONIC", "NAME", "Postcode")),
    ],
)
def test_no_code_or_name_is_a_real_one(
    raw: Path, national_raw: Path, path: str, columns: tuple[str, ...]
) -> None:
    invented, real = (read_csv(folder / path, columns) for folder in (raw, national_raw))
    for column in columns:
        shared = set(invented[column].dropna()) & set(real[column].dropna())
        assert not shared, (column, sorted(shared)[:5])


def test_codes_have_the_pattern_of_real_ones(raw: Path, national_raw: Path) -> None:
    for path, columns in ((OUTPUT_AREAS, ("OA21CD", "LSOA21CD", "MSOA21CD")), (WARDS, ("WD24CD",))):
        invented, real = (read_csv(folder / path, columns) for folder in (raw, national_raw))
        for column in columns:
            assert set(invented[column].str[:3]) <= set(real[column].str[:3]), column
            assert invented[column].str.len().eq(9).all()


def test_no_practice_code_is_a_real_one(raw: Path, national_raw: Path) -> None:
    register = pd.read_csv(
        national_raw / "nhs-ods-gp-practices" / "epraccur.csv", usecols=["org_code", "postcode"]
    )
    with (
        zipfile.ZipFile(raw / "nhs-ods-gp-practices" / "epraccur.zip") as archive,
        archive.open("epraccur.csv") as member,
    ):
        invented = pd.read_csv(member, header=None)
    assert not set(invented[0]) & set(register["org_code"])
    assert not set(invented[9]) & set(register["postcode"])


def test_the_postcode_area_is_nobodys(national_raw: Path) -> None:
    path = national_raw / "ons-nspl-postcodes" / "NSPL_postcodes_lat_long.parquet"
    codes = pq.read_table(path, columns=["pcds"])["pcds"]
    assert not pc.any(pc.starts_with(codes, "ZS")).as_py()


def test_the_county_lies_in_the_open_sea(raw: Path, national_raw: Path) -> None:
    invented = read_layer(raw / "ons-country-boundaries" / "CTRY_2020_UK_BUC.parquet")
    real = read_layer(national_raw / "ons-country-boundaries" / "CTRY_2020_UK_BUC.parquet")
    there, here = invented.to_crs(27700).union_all(), real.to_crs(27700).union_all()
    assert shapely.distance(there, here) > 70_000
