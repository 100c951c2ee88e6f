"""From importers' places to the table: positions, repeats, counts."""

from collections import Counter

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from exclusion_map.errors import ContractError
from exclusion_map.geography.postcodes import PostcodeIndex, index_table
from exclusion_map.support import SupportReport
from exclusion_map.support.assemble import combine
from exclusion_map.support.opening_hours import Week, parse_week
from exclusion_map.support.record import COLUMNS, Imported, RawPlace
from exclusion_map.terms import SupportKind

AREAS = gpd.GeoDataFrame(
    {"code": ["E1", "E2"]},
    geometry=[shapely.box(-3.0, 53.0, -2.9, 53.1), shapely.box(-2.9, 53.0, -2.8, 53.1)],
    crs=4326,
)


def postcodes() -> PostcodeIndex:
    frame = pd.DataFrame(
        {
            "postcode": ["AA11AA", "AA11AB", "ZZ11AA", "GY11AA", "N14BY"],
            "latitude": [53.05, 53.05, 57.0, np.nan, 53.02],
            "longitude": [-2.95, -2.85, -2.0, np.nan, -2.95],
            "live": [True, False, True, True, True],
        }
    )
    return PostcodeIndex(index_table(frame, np.array([0, 1, -1, -1, 0], dtype=np.int32)))


def place(key: str, postcode: str, name: str = "", **more: object) -> RawPlace:
    known = {"address": "", "source": "test", "as_of": "2025"} | more
    return RawPlace(key=key, name=name or key, postcode=postcode, **known)  # type: ignore[arg-type]


def built(*places: RawPlace, left_out: int = 0) -> tuple[pd.DataFrame, SupportReport]:
    imported = Imported(
        kind=SupportKind.LIBRARY,
        read=len(places) + left_out,
        places=places,
        left_out=Counter({"closed": left_out}),
        closed=frozenset({"closed"}),
        notes=("A note.",),
    )
    return combine([imported], postcodes(), AREAS)


def test_a_place_is_put_at_its_postcode_live_or_terminated() -> None:
    table, report = built(place("a", "aa1 1aa"), place("b", "AA11AB"))
    assert table["area_code"].tolist() == ["E1", "E2"]
    assert table["postcode"].tolist() == ["AA1 1AA", "AA1 1AB"]
    assert table["placed_by"].tolist() == ["postcode", "postcode"]
    assert report.of(SupportKind.LIBRARY).terminated_postcode == 1


def test_coordinates_are_kept_where_the_postcode_agrees() -> None:
    # 0.005 degrees of latitude are 556 m; 0.02 are 2.2 km.
    table, report = built(
        place("near", "AA1 1AA", latitude=53.055, longitude=-2.95),
        place("far", "AA1 1AA", latitude=53.07, longitude=-2.95),
        place("alone", "", latitude=53.01, longitude=-2.81),
    )
    rows = table.set_index("id")
    assert rows.loc["library:near", "latitude"] == 53.055
    assert rows.loc["library:near", "placed_by"] == "coordinates"
    assert rows.loc["library:far", "latitude"] == 53.05
    assert rows.loc["library:far", "placed_by"] == "postcode"
    assert rows.loc["library:alone", "area_code"] == "E2"
    assert rows["postcode"].isna().to_dict()["library:alone"]
    assert report.of(SupportKind.LIBRARY).disagree == ("far: 2.2 km from AA1 1AA",)


def test_a_postcode_typed_with_letters_for_digits_is_mended_and_told() -> None:
    table, report = built(place("a", "NI 4BY"), place("b", "N1 4BI"), place("c", "O" * 40))
    assert table["postcode"].tolist() == ["N1 4BY"]
    assert report.of(SupportKind.LIBRARY).mended_postcodes == ("a: NI 4BY to N1 4BY",)
    assert dict(report.of(SupportKind.LIBRARY).not_placed) == {
        "malformed_postcode": 1,
        "unknown_postcode": 1,
    }


def test_what_cannot_be_placed_is_counted_by_why_and_nothing_is_lost() -> None:
    table, report = built(
        place("kept", "AA1 1AA"),
        place("outside", "ZZ1 1AA"),
        place("crown", "GY1 1AA"),
        place("none", " "),
        place("unknown", "AA9 9ZZ"),
        place("odd", "NW10 2 X"),
        place("twice", "AA1 1AA", name="KEPT"),
        left_out=3,
    )
    kind = report.of(SupportKind.LIBRARY)
    assert len(table) == kind.kept == report.kept == 1
    assert (kind.duplicates, kind.outside_map, kind.closed) == (1, 1, 3)
    assert dict(kind.not_placed) == {
        "malformed_postcode": 1,
        "no_postcode": 1,
        "postcode_without_location": 1,
        "unknown_postcode": 1,
    }
    assert kind.unplaced_postcodes == ("AA9 9ZZ", "GY1 1AA", "NW10 2 X")
    lost = kind.kept + kind.duplicates + kind.outside_map + sum(kind.not_placed.values())
    assert kind.read == lost + sum(kind.left_out.values())
    assert kind.sentence() == (
        "1 libraries on the map, of 10 rows read: 3 left out (3 closed), 1 listed twice, "
        "1 outside the map, 4 could not be placed."
    )
    assert report.sentences() == [
        kind.sentence(),
        "Libraries that could not be placed: 1 with an invalid postcode, 1 with no "
        "postcode, 1 with a postcode without a location, 1 with an unknown postcode "
        "(AA9 9ZZ, GY1 1AA, NW10 2 X).",
        "Libraries: A note.",
    ]


def test_a_postcode_in_no_list_is_placed_by_coordinates_where_there_are_some() -> None:
    table, report = built(
        place("exact", "AA9 9ZZ", latitude=53.01, longitude=-2.81), place("lost", "AA9 9ZZ")
    )
    assert table["id"].tolist() == ["library:exact"]
    assert table["placed_by"].tolist() == ["coordinates"]
    assert table["area_code"].tolist() == ["E2"]
    assert dict(report.of(SupportKind.LIBRARY).not_placed) == {"unknown_postcode": 1}


def test_the_same_place_under_a_postcode_that_does_not_exist_is_listed_twice() -> None:
    office = {"name": "Jobcentre", "address": "29 Price Street"}
    elsewhere = {"name": "Jobcentre", "address": "30 Price Street"}
    _, report = built(
        place("right", "AA1 1AA", **office),
        place("wrong", "AA9 9ZZ", **office),
        place("other", "AA9 9ZX", **elsewhere),
        place("bare", "AA1 1AB", name="X"),
        place("bare too", "AA9 9ZY", name="X"),
    )
    kind = report.of(SupportKind.LIBRARY)
    assert (kind.kept, kind.duplicates) == (2, 1)
    assert kind.unplaced_postcodes == ("AA9 9ZX", "AA9 9ZY")


def test_a_kind_without_a_list_is_not_said_to_have_no_places() -> None:
    nothing = Imported(
        kind=SupportKind.JOBCENTRE,
        read=0,
        places=(),
        left_out=Counter(),
        closed=frozenset(),
        notes=("The file was not there.",),
        listed=False,
    )
    table, report = combine([nothing], postcodes(), AREAS)
    assert tuple(table.columns) == COLUMNS
    assert table.empty
    assert report.sentences() == [
        "No list of jobcentres: none are on the map, which does not mean that none exist.",
        "Jobcentres: The file was not there.",
    ]
    assert report.of(SupportKind.JOBCENTRE).to_dict()["listed"] is False


def test_lists_of_which_nothing_is_on_the_map_are_refused() -> None:
    with pytest.raises(ContractError, match="none on the map, of 1"):
        built(place("outside", "ZZ1 1AA"))


def test_the_table_has_the_declared_columns_and_missing_stays_missing() -> None:
    week = parse_week({"mon": "09:00-17:00", "tue": "odd"}, blank_is_closed=False)
    table, report = built(place("a", "AA1 1AA", hours=week), place("b", "AA1 1AB", hours=Week()))
    assert tuple(table.columns) == COLUMNS
    assert table["opening_hours"].tolist()[0] == '{"mon":[["09:00","17:00"]]}'
    assert table["opening_hours"].isna().tolist() == [False, True]
    assert table[["phone", "email", "url", "about"]].isna().all(axis=None)
    assert report.of(SupportKind.LIBRARY).bad_hours == ("a: Tuesday odd",)
    assert report.to_dict()["kept"] == 2


def test_an_id_that_comes_twice_is_refused() -> None:
    with pytest.raises(ContractError, match="library:a"):
        built(place("a", "AA1 1AA", name="one"), place("a", "AA1 1AA", name="two"))


def test_a_kind_that_was_not_read_is_no_report() -> None:
    with pytest.raises(KeyError):
        built(place("a", "AA1 1AA"))[1].of(SupportKind.PHARMACY)
