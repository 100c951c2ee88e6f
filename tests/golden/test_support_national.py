"""Support places of England and Wales from the national files: counts and places we know.

The counts were measured on the files of the catalogue's vintages (libraries 2023, GP practices
September 2025, pharmacies February 2020 against the later lists, jobcentres December 2016) and are
given some room, so that a correction of a few rows passes and a lost column does not.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from exclusion_map import support
from exclusion_map.geography.placing import Placement, locate
from exclusion_map.geography.postcodes import PostcodeIndex, index_table, read_postcodes
from exclusion_map.support import SupportReport
from exclusion_map.support.opening_hours import from_json
from exclusion_map.terms import SupportKind

pytestmark = pytest.mark.national


@pytest.fixture(scope="module")
def areas(national_raw: Path) -> gpd.GeoDataFrame:
    frame = gpd.read_parquet(national_raw / "ons-lsoa21-boundaries" / "LSOA_2021_EW_BGC.parquet")
    frame = frame.rename(columns={"LSOA21CD": "code", "LSOA21NM": "name"})
    return frame.sort_values("code", ignore_index=True)


@pytest.fixture(scope="module")
def postcodes(national_raw: Path) -> pd.DataFrame:
    return read_postcodes(national_raw)


@pytest.fixture(scope="module")
def placement(postcodes: pd.DataFrame, areas: gpd.GeoDataFrame) -> Placement:
    return locate(
        postcodes["longitude"].to_numpy(),
        postcodes["latitude"].to_numpy(),
        np.asarray(areas.geometry.array),
    )


@pytest.fixture(scope="module")
def index(postcodes: pd.DataFrame, placement: Placement) -> PostcodeIndex:
    return PostcodeIndex(index_table(postcodes, placement.area))


@pytest.fixture(scope="module")
def built(
    national_raw: Path, index: PostcodeIndex, areas: gpd.GeoDataFrame
) -> tuple[pd.DataFrame, SupportReport]:
    return support.build(national_raw, index, areas)


@pytest.fixture(scope="module")
def named(built: tuple[pd.DataFrame, SupportReport], areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """The table with the local authority, which is the small area's name without its number."""
    table = built[0].merge(
        areas[["code", "name"]].rename(columns={"code": "area_code", "name": "area"}),
        on="area_code",
        validate="many_to_one",
    )
    return table.assign(authority=table["area"].str.rsplit(n=1).str[0]).set_index("id")


def test_two_million_postcodes_are_placed(
    postcodes: pd.DataFrame, placement: Placement, areas: gpd.GeoDataFrame
) -> None:
    assert len(postcodes) == 2_714_964
    assert int((placement.area >= 0).sum()) == pytest.approx(2_401_077, abs=500)
    assert int(placement.nearest.sum()) == pytest.approx(449, abs=100)
    assert len(np.unique(placement.area[placement.area >= 0])) == len(areas)


@pytest.mark.parametrize(
    ("letters", "inside"), [("AB", False), ("G", False), ("BT", False), ("JE", False), ("CF", True)]
)
def test_nations_are_kept_apart(
    postcodes: pd.DataFrame, placement: Placement, letters: str, inside: bool
) -> None:
    rows = postcodes["postcode"].str.match(rf"{letters}\d").to_numpy()
    share = (placement.area[rows] >= 0).mean()
    assert share > 0.99 if inside else share == 0


def test_postcodes_near_the_scottish_border_stay_in_scotland(index: PostcodeIndex) -> None:
    for text in ("DG16 5JT", "TD12 4AD"):
        found = index.find(text)
        assert found is not None
        assert found.area == -1


@pytest.mark.parametrize(
    ("text", "area"),
    [("CH41 2XB", "Wirral"), ("E1 1BU", "Tower Hamlets"), ("LL77 7RT", "Isle of Anglesey")],
)
def test_known_postcodes_lie_where_they_should(
    index: PostcodeIndex, areas: gpd.GeoDataFrame, text: str, area: str
) -> None:
    found = index.find(text)
    assert found is not None
    assert str(areas["name"].iloc[found.area]).startswith(area)


@pytest.mark.parametrize(
    ("kind", "kept", "room"),
    [
        (SupportKind.LIBRARY, 3172, 40),
        (SupportKind.GP_PRACTICE, 6615, 40),
        (SupportKind.PHARMACY, 10292, 100),
        (SupportKind.JOBCENTRE, 607, 10),
    ],
)
def test_as_many_places_are_kept_as_were_measured(
    built: tuple[pd.DataFrame, SupportReport], kind: SupportKind, kept: int, room: int
) -> None:
    report = built[1].of(kind)
    assert abs(report.kept - kept) <= room
    lost = report.duplicates + report.outside_map + sum(report.not_placed.values())
    assert report.read == report.kept + lost + sum(report.left_out.values())
    assert sum(report.not_placed.values()) <= 12


def test_every_kind_has_a_list_and_a_jobcentre_listed_twice_is_there_once(
    built: tuple[pd.DataFrame, SupportReport], named: pd.DataFrame
) -> None:
    table, report = built
    assert all(report.of(kind).listed for kind in SupportKind)
    # Brunswick House is listed as CH41 6JN and as CH41 6JW, which does not exist.
    jobcentres = report.of(SupportKind.JOBCENTRE)
    assert jobcentres.duplicates == 1
    assert "CH41 6JW" not in jobcentres.unplaced_postcodes
    assert named.loc["jobcentre:2110", "authority"] == "Wirral"
    assert "jobcentre:7503" not in set(table["id"])
    assert any("HU1 8NF" in sentence for sentence in report.sentences())


@pytest.mark.parametrize(
    ("identity", "name", "authority"),
    [
        ("library:wirral-birkenhead-central", "Birkenhead Central Library", "Wirral"),
        (
            "library:tower-hamlets-idea-store-whitechapel",
            "Idea Store Whitechapel",
            "Tower Hamlets",
        ),
        ("library:tower-hamlets-idea-store-bow", "Idea Store Bow", "Tower Hamlets"),
        (
            "library:isle-anglesey-llangefni-library",
            "Llangefni Library",
            "Isle of Anglesey",
        ),
        ("jobcentre:5208", "Llangefni Jobcentre Plus", "Isle of Anglesey"),
        ("gp_practice:A81001", "The Densham Surgery", "Stockton-on-Tees"),
    ],
)
def test_known_places_lie_in_the_right_authority(
    named: pd.DataFrame, identity: str, name: str, authority: str
) -> None:
    assert named.loc[identity, "name"] == name
    assert named.loc[identity, "authority"] == authority


def test_libraries_lie_in_the_authority_that_runs_them(named: pd.DataFrame) -> None:
    ids = named.index.to_series()
    for authority in ("Wirral", "Sefton", "Liverpool", "Gwynedd", "Newham", "Leeds"):
        mine = ids.str.startswith(f"library:{authority.lower()}-")
        assert mine.sum() > 5
        assert (named.loc[mine, "authority"] == authority).mean() > 0.95


def test_libraries_known_to_be_closed_are_not_there(named: pd.DataFrame) -> None:
    wirral = named[named.index.str.startswith("library:wirral-")]
    assert len(wirral) >= 12
    assert not wirral["name"].str.contains("Hoylake|Irby|Pensby|New Ferry").any()


def test_opening_hours_can_be_read_and_most_libraries_have_them(named: pd.DataFrame) -> None:
    libraries = named[named["kind"] == "library"]
    assert libraries["opening_hours"].notna().mean() > 0.8
    monday = from_json(str(libraries.loc["library:wirral-birkenhead-central", "opening_hours"]))
    assert monday is not None
    assert monday["mon"] == [["09:00", "20:00"]]
    assert monday["wed"] == []


def test_no_name_is_left_in_capitals_and_coordinates_are_in_the_country(
    named: pd.DataFrame,
) -> None:
    words = named["name"].str.count(r"\b[A-Z]{4,}\b").sum()
    assert words < 60
    assert not named["name"].str.contains("  ").any()
    assert named["latitude"].between(49.8, 55.9).all()
    assert named["longitude"].between(-6.5, 1.8).all()
    assert named["area_code"].str.match(r"^[EW]01\d{6}$").all()
