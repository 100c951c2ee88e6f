"""Lists as people have them, and ranges of sums: worked by hand."""

from pathlib import Path

import numpy as np
import pytest

from exclusion_map.areas.atlas import OUTSIDE, Atlas, Level
from exclusion_map.areas.hotspot_groups import by_larger, clusters, tally
from exclusion_map.areas.hotspots import Pattern
from exclusion_map.areas.rollup_estimate import (
    NORMAL_80,
    SmallEstimates,
    roll_estimate,
    widened,
)
from exclusion_map.areas.rollup_places import (
    Gazetteer,
    MatchedBy,
    Practice,
    Unmatched,
    around,
    find_places,
)
from exclusion_map.areas.rollup_reading import entries_of, read_geojson, read_lists
from exclusion_map.areas.selection import read_codes
from exclusion_map.errors import InvalidRequestError
from exclusion_map.geography.contiguity import Contiguity
from exclusion_map.terms import AreaKind

PEOPLE = [1000.0, 2000.0, 3000.0, 4000.0, 500.0]
COUNCIL = np.array([0, 0, 0, 1, 1], dtype=np.int32)
WARD = np.array([0, 0, 1, 2, OUTSIDE], dtype=np.int32)


def level(kind: AreaKind, codes: list[str], names: list[str], **more: object) -> Level:
    n = len(codes)
    given: dict[str, object] = {
        "population": np.ones(n),
        "longitude": np.arange(n) / 100,
        "latitude": np.full(n, 51.0),
        "parents": {},
        "small_areas": np.ones(n, dtype=np.int32),
    } | more
    return Level(
        kind=kind,
        codes=tuple(codes),
        names=tuple(names),
        labels=tuple(names),
        nations=("England",) * n,
        households=np.full(n, 5.0),
        bbox=np.zeros((n, 4)),
        position={code: row for row, code in enumerate(codes)},
        **given,  # type: ignore[arg-type]
    )


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    """Five areas in a row; two councils; wards of which two share a name with a council."""
    small = level(
        AreaKind.SMALL_AREA,
        [f"E0100000{row}" for row in range(5)],
        [f"Place {row}" for row in range(5)],
        population=np.array(PEOPLE),
        parents={AreaKind.LOCAL_AUTHORITY: COUNCIL, AreaKind.WARD: WARD},
    )
    wards = level(
        AreaKind.WARD, ["E05000000", "E05000001", "E05000002"], ["Central", "Central", "Newport"]
    )
    councils = level(AreaKind.LOCAL_AUTHORITY, ["E06000000", "E06000001"], ["Newport", "Bath"])
    levels = {one.kind: one for one in (small, wards, councils)}
    return Atlas(levels=levels, scores={}, indicators={})


def practice(code: str) -> Practice | None:
    known = {"A81001": Practice("A81001", "The Surgery", 0.011, 51.0, "E01000001")}
    return known.get(code)


def test_every_kind_of_entry(atlas: Atlas) -> None:
    gazetteer = Gazetteer(atlas, practice=practice)
    found = find_places(gazetteer, ["e01000004 ", "E05000001", "bath", "A81001", ""])
    assert found.rows.tolist() == [1, 2, 3, 4]  # without a usual list: where the practice stands
    assert found.matched == {MatchedBy.AREA: 2, MatchedBy.PRACTICE: 1, MatchedBy.NAME: 1}
    assert found.repeated == 1
    assert any("each counts once" in note for note in found.notes)


def test_a_name_means_the_widest_area_of_it_and_two_of_a_kind_are_asked_back(atlas: Atlas) -> None:
    found = find_places(Gazetteer(atlas), ["Newport", "CENTRAL"])
    assert found.rows.tolist() == [0, 1, 2]  # the council, not the ward
    (asked,) = found.unmatched
    assert asked == Unmatched(
        "CENTRAL", "2 areas have this name: give a code, such as E05000000, E05000001"
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("S01006506", "Scotland"),
        ("N00000001", "Northern Ireland"),
        ("W06000001", "Wales"),
        ("E01009999", "2011"),
        ("E99000001", "no area of that code in this edition"),
        ("E07000004", "perhaps an old one: give today's code"),
        ("E10000002", "a county, which is no kind of area of this edition"),
        ("B12345", "GP practice"),
        ("CH41", "part of a postcode"),
        ("CH41 2", "part of a postcode"),
        ("CH41 2AB", "no postcodes"),
        ("somewhere", "exact name"),
    ],
)
def test_reasons(atlas: Atlas, text: str, reason: str) -> None:
    (one,) = find_places(Gazetteer(atlas), [text, text]).unmatched
    assert reason in one.reason


def test_a_practice_stands_for_the_nearest_areas_with_as_many_people(atlas: Atlas) -> None:
    at = Practice("A81001", "The Surgery", 0.011, 51.0, "E01000001")
    for usual, rows in ((1500.0, [1]), (2500.0, [1, 2]), (5500.0, [1, 2, 0]), (1e9, 5)):
        found = around(Gazetteer(atlas, usual_list={"England": usual}), at)
        assert found.tolist() == rows if isinstance(rows, list) else len(found) == rows


@pytest.mark.parametrize("entries", [[], ["", " "], ["x"] * 100_001])
def test_lists_of_no_or_too_many_entries_are_refused(atlas: Atlas, entries: list[str]) -> None:
    with pytest.raises(InvalidRequestError, match="list of places"):
        find_places(Gazetteer(atlas), entries)


def test_what_people_type() -> None:
    typed = 'E01000001, CH41 2AB;\tN85002\n\n"Bristol, City of"\nBath '
    assert entries_of(typed) == ("E01000001", "CH41 2AB", "N85002", "Bristol, City of", "Bath")


@pytest.mark.parametrize(
    ("text", "lists"),
    [
        ("E01000001\nE01000002\n", {"": ("E01000001", "E01000002")}),
        ("area\nE01000001\n", {"": ("E01000001",)}),
        ("PCN,Practice_Code\nN,A81001\nS,A81002\nN,\n", {"N": ("A81001",), "S": ("A81002",)}),
        ("name,postcode\nx,CH41 2AB\n", {"": ("CH41 2AB",)}),
    ],
)
def test_files_people_upload(text: str, lists: dict[str, tuple[str, ...]]) -> None:
    assert read_lists(text, "x.csv") == lists


def test_files_that_hold_nothing_are_refused(tmp_path: Path) -> None:
    for text in ("", "area_code\n\n"):
        with pytest.raises(InvalidRequestError, match="no code"):
            read_lists(text, "x.csv")
    for text in ("{", "[1]"):
        with pytest.raises(InvalidRequestError, match=r"outline x\.json"):
            read_geojson(text, "x.json")
    with pytest.raises(InvalidRequestError):
        read_codes(tmp_path / "none.csv")


def estimates(**more: float) -> SmallEstimates:
    share = np.array([10.0, 20.0, 10.0, 5.0, np.nan])
    return SmallEstimates(
        share=share,
        low=share - NORMAL_80,
        high=share + NORMAL_80,
        households=np.array([100.0, 400.0, 200.0, 50.0, np.nan]),
        people=np.array([200.0, 800.0, 400.0, 100.0, np.nan]),
        correlations={"neighbourhood": 0.0, "district": more.get("district", 0.0)},
    )


def test_errors_of_far_areas_add_up_as_independent_ones(atlas: Atlas) -> None:
    # 1,000, 2,000, 2,000 households; a deviation of 1 point in each: 10, 20 and 20 households
    found = roll_estimate(atlas, estimates(), np.array([1.0, 1, 1, 0, 0]))
    assert found is not None
    assert found.households.middle == 700
    reach = NORMAL_80 * np.sqrt(10**2 + 20**2 + 20**2)
    assert found.households.high - 700 == pytest.approx(reach)
    assert found.share.middle == pytest.approx(100 * 700 / 5000)
    assert found.people.middle == 1400


def test_errors_shared_in_a_district_widen_the_range(atlas: Atlas) -> None:
    found = roll_estimate(atlas, estimates(district=1.0), np.array([1.0, 1, 1, 0, 0]))
    assert found is not None
    assert found.households.high - 700 == pytest.approx(NORMAL_80 * 50)  # as if one area


def test_parts_of_areas_one_area_and_none(atlas: Atlas) -> None:
    half = roll_estimate(atlas, estimates(), np.array([0.5, 0, 0, 0, 0]))
    assert half is not None
    assert (half.areas, half.of_households, half.households.middle) == (1, 500, 50)
    assert half.share.low == pytest.approx(10 - NORMAL_80)
    assert roll_estimate(atlas, estimates(), np.array([0, 0, 0, 0, 1.0])) is None


def test_ranges_are_made_as_wide_as_the_published_ones(atlas: Atlas) -> None:
    small = estimates()
    plain = roll_estimate(atlas, small, np.array([1.0, 1, 1, 0, 0]))
    assert plain is not None
    width = plain.households.high - plain.households.low
    made = widened(atlas, small, AreaKind.LOCAL_AUTHORITY, np.array([2 * width, np.nan]))
    assert made.widen == pytest.approx(2)
    wider = roll_estimate(atlas, made, np.array([1.0, 1, 1, 0, 0]))
    assert wider is not None
    assert wider.households.high - wider.households.low == pytest.approx(2 * width)


def test_clusters_are_areas_that_touch(atlas: Atlas) -> None:
    # a row: 0-1-2-3-4; high are 0, 1, 3 and 4, low among them is 2
    indices = [1, 0, 2, 1, 3, 2, 4, 3]
    borders = Contiguity(
        np.array([0, 1, 3, 5, 7, 8], dtype=np.int32), np.array(indices, dtype=np.int32)
    )
    high, odd = Pattern.HIGH_HIGH, Pattern.LOW_HIGH
    pattern = np.array([high, high, odd, high, high], dtype=np.uint8)
    score = np.array([10.0, 40, 5, 60, 15])
    first, second = clusters(atlas, pattern, score, borders, Pattern.HIGH_HIGH)
    assert (first.rows.tolist(), first.people) == ([3, 4], 4500)
    assert first.score == pytest.approx((60 * 4000 + 15 * 500) / 4500)
    assert second.rows.tolist() == [0, 1]
    assert second.share == {0: 1.0}
    assert tally(pattern, np.array(PEOPLE))[odd].people == 3000
    councils = by_larger(atlas, pattern)
    assert [one.row for one in councils] == [1, 0]  # 4,500 people before 3,000
    assert councils[1].counts[odd].areas == 1
