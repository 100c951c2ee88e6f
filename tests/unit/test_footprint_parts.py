"""Footprint by hand: what cells may show, intervals, columns of lists, slips, a worked case."""

import math
from dataclasses import replace

import numpy as np
import pytest

from api.pages.footprint_picture import ticks_upto
from exclusion_map.errors import InvalidRequestError
from exclusion_map.settings import UploadSettings
from exclusion_map.targeting.footprint.columns import columns_of, read_number
from exclusion_map.targeting.footprint.comparing import (
    GroupFigure,
    Reading,
    Sides,
    groups_of,
    tenths_of,
)
from exclusion_map.targeting.footprint.intervals import (
    ANY,
    clustered_variance,
    design_effect,
    exact_interval,
)
from exclusion_map.targeting.footprint.listing import Lines, _as_lines, read_listing
from exclusion_map.targeting.footprint.places import outside
from exclusion_map.targeting.footprint.row_cells import CUT_COUNT, read_row_cells
from exclusion_map.targeting.footprint.slips import slips_of
from exclusion_map.targeting.footprint.weighing import Shares
from exclusion_map.targeting.footprint.withholding import DisclosureRule, safe_cells
from exclusion_map.terms import NhsGroup

RULE = DisclosureRule()
LIMITS = UploadSettings()


def test_small_cells_are_withheld_and_the_total_does_not_tell_them() -> None:
    cells = safe_cells(np.array([3.0, 0.0, 41.0, 12.0, 88.0]), RULE)
    # 3 is small; 12, the smallest other, goes with it; 0 is told; 41 and 88 are rounded.
    assert cells.withheld.tolist() == [True, False, False, True, False]
    assert cells.shown[[1, 2, 4]].tolist() == [0.0, 40.0, 90.0]
    assert cells.total == 145.0
    # What a reader can work out for the two together spans many values of the small one.
    assert cells.total - 40 - 90 == 15


def test_two_small_cells_hide_each_other_and_nothing_else_is_taken() -> None:
    cells = safe_cells(np.array([2.0, 5.0, 50.0]), RULE)
    assert cells.withheld.tolist() == [True, True, False]
    assert cells.shown[2] == 50


def test_so_few_people_that_nothing_is_told() -> None:
    with pytest.raises(InvalidRequestError, match="7 or fewer"):
        safe_cells(np.array([4.0, 3.0]), RULE)
    assert safe_cells(np.array([4.0, 3.0]), None).shown.tolist() == [4.0, 3.0]


@pytest.mark.parametrize("seed", range(20))
def test_no_single_cell_follows_from_the_others(seed: int) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, 30, 11).astype(float)
    counts[rng.integers(0, 11)] = rng.integers(1, 8)
    cells = safe_cells(counts, RULE)
    assert cells.withheld.sum() != 1
    shown = cells.shown[~cells.withheld]
    assert (shown % RULE.base == 0).all()
    assert not ((counts > 0) & (counts <= RULE.threshold) & ~cells.withheld).any()


def test_variance_of_clumps_by_hand() -> None:
    served, share = np.array([10.0, 30.0, 60.0]), np.array([1.0, 0.0, 0.5])
    mean, variance, clusters = clustered_variance(served, share)
    assert mean == pytest.approx(0.4)  # (10 + 30) / 100
    # 3/2 * ((10 * 0.6)^2 + (30 * -0.4)^2 + (60 * 0.1)^2) / 100^2 = 1.5 * 216 / 10000
    assert variance == pytest.approx(0.0324)
    assert clusters == 3
    # of 100 people drawn singly: 0.4 * 0.6 / 100 = 0.0024
    assert design_effect(served, share) == 13.5


def test_the_exact_interval_is_that_of_clopper_and_pearson_without_clumps() -> None:
    # 10 of 20: (0.2720, 0.7280), tables of the binomial; degrees of freedom alike on both sides.
    found = exact_interval(0.5, 20, 1.0, 20)
    assert found.low == pytest.approx(0.2720, abs=1e-4)
    assert found.high == pytest.approx(0.7280, abs=1e-4)
    none = exact_interval(0.0, 20, 1.0, 20)
    assert none.low == 0
    assert none.high == pytest.approx(0.1684, abs=1e-4)
    assert exact_interval(0.5, 20, 1.0, 1) == ANY  # one area tells of no other
    wider = exact_interval(0.5, 20, 2.0, 20)
    assert wider.low < found.low < found.high < wider.high


def test_tenths_and_groups_by_hand() -> None:
    # Four areas, 100 people each; 30 and 10 of the riskiest tenth served, 20 each of the others.
    served = np.array([30.0, 10.0, 20.0, 20.0])
    sides = Sides(
        served=served,
        whole=np.full(4, 100.0),
        households=np.full(4, 0.5),
        tenth=np.array([1, 1, 2, 10], dtype=np.uint8),
        rule=RULE,
    )
    tenths, fifth, cells = tenths_of(sides)
    assert cells.total == 80
    first = tenths[0]
    assert (first.people, first.share, first.whole_share) == (40, 0.5, 0.5)
    assert first.ratio == 1
    assert first.reading is Reading.UNCLEAR
    assert (first.households_low, first.households) == (20, 40)
    assert fifth.people == 60
    assert fifth.ratio == pytest.approx(0.75 / 0.75)
    assert tenths[4].people == 0
    assert tenths[4].reading is Reading.NONE
    older = GroupFigure(
        key="old",
        words="Old",
        group=NhsGroup.AGE,
        shares=Shares(share=np.array([0.4, 0.2, 0.1, np.nan]), whole=np.full(4, np.nan)),
    )
    (group,) = groups_of(sides, [older])
    # (30 * 0.4 + 10 * 0.2 + 20 * 0.1) / 60 beside (0.4 + 0.2 + 0.1) / 3
    assert group.share == pytest.approx(16 / 60)
    assert group.whole_share == pytest.approx(0.7 / 3)
    assert group.ratio == pytest.approx((16 / 60) / (0.7 / 3))
    assert group.people == 15  # 16, to the next 5


def test_a_figure_of_households_is_weighed_by_households() -> None:
    """All residents of two areas: 10 of 20 and 20 of 80 households, so 30 of 100."""
    homes = Shares(share=np.array([0.5, 0.25]), whole=np.array([20.0, 80.0]))
    people = np.array([100.0, 100.0])
    assert homes.among(homes.weights(people, people)) == pytest.approx(0.3)
    # Half the people of the first area stand for half of its households: 5 of 10 beside 20 of 80.
    half = homes.weights(np.array([50.0, 100.0]), people)
    assert homes.among(half) == pytest.approx(25 / 90)
    assert homes.standing_for(half) == pytest.approx(25)


def test_residents_are_not_rounded_and_have_no_chance() -> None:
    sides = Sides(
        served=np.array([3.0, 100.0]),
        whole=np.array([3.0, 200.0]),
        households=np.array([1 / 3, 0.5]),
        tenth=np.array([1, 2], dtype=np.uint8),
        rule=None,
    )
    tenths, _, cells = tenths_of(sides)
    assert cells.total == 103
    assert tenths[0].people == 3
    assert math.isnan(tenths[0].chance.low)
    assert tenths[0].households == pytest.approx(1)
    assert tenths[0].reading is Reading.MORE


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        ("12", False, 12),
        (" 1,200 ", False, 1200),
        ("1 200", False, 1200),
        ("3,5", True, 3.5),
        ("3,5", False, 3.5),
        ("1.200,5", True, 1200.5),
        ("+4", False, 4),
        ("-4", False, None),
        ("<5", False, None),
        ("", False, None),
        ("nan", False, None),
    ],
)
def test_numbers_as_people_write_them(text: str, decimal: bool, number: float | None) -> None:
    assert read_number(text, decimal_comma=decimal) == number


def test_columns_are_found_by_heading_and_by_what_is_in_them() -> None:
    rows = [["ID", "Full name", "Home Post Code", "No. of people"], ["1", "A", "CH41 2AB", "3"]]
    found = columns_of(rows)
    assert (found.place, found.count, found.headed) == (2, 3, True)
    bare = columns_of([["x1", "CH41 2AB", "9"], ["x2", "CH41 2AC", "8"]])
    assert (bare.place, bare.headed, bare.count) == (1, False, None)
    pair = columns_of([["CH41 2AB", "9"], ["CH41 2AC", ""]])
    assert (pair.place, pair.count) == (0, 1)
    sites = columns_of([["name", "lat", "lon", "radius km"], ["Hub", "53.4", "-3", "2"]])
    assert (sites.latitude, sites.longitude, sites.radius, sites.metres) == (1, 2, 3, 1000)


def test_lists_that_run_on_and_lines_are_numbered_as_in_the_file() -> None:
    run_on = read_listing("CH41 2AB, CH41 2AC, E08000015", "list", LIMITS)
    assert [row[0] for row in run_on.rows] == ["CH41 2AB", "CH41 2AC", "E08000015"]
    gaps = read_listing(b"postcode\n\nCH41 2AB\n,,\nCH41 2AC\n", "list", LIMITS)
    assert gaps.head == ("postcode",)
    assert list(gaps.numbers) == [3, 5]
    open_quote = read_listing('postcode\n"CH41 2AB\n' + "CH41 2AC\n" * 300, "list", LIMITS)
    assert len(open_quote) == 301
    with pytest.raises(InvalidRequestError, match="rows"):
        read_listing("x\n" * 12, "list", UploadSettings(upload_max_rows=10))
    with pytest.raises(InvalidRequestError):
        read_listing(" \n,,\n", "list", LIMITS)


def test_slips_are_only_o_and_i() -> None:
    assert slips_of("CH4I2AB") == ["CH412AB"]
    assert slips_of("CHA12AB") == []
    assert slips_of("Y00001") == []  # a practice: no postcode ends in O, I
    assert "W101AA" in slips_of("WI01AA")
    assert "CH412AB" not in slips_of("CH412AB")
    assert slips_of("ß" * 5) == []


@pytest.mark.parametrize(
    "text",
    [
        "postcode,count\nCH41 2AB,3\n ch412ab ,1,200\nCH41-2AB\n,4\nx,*\nx,<5\n😀,2\n",
        "CH41 2AB\nch41 2ab\nE08000015\n\nCH41 2AB \n",
        "name;n;place\nA;2,5;CH41 2AB\nB;1.200,5;\nC;;E01\u00e9\n",
    ],
)
def test_lists_read_by_column_are_those_read_by_cell(text: str) -> None:
    """A plain list is read by column, one with quotation marks by cell: it comes to the same."""
    listing = read_listing(text, "list", UploadSettings())
    assert isinstance(listing.rows, Lines)
    assert listing.rows.plain
    by_column = read_row_cells(listing, None)
    by_cell = read_row_cells(replace(listing, rows=[list(row) for row in listing.rows]), None)
    assert list(by_column.texts) == list(by_cell.texts)
    assert by_column.key.tolist() == by_cell.key.tolist()
    assert by_column.count.tolist() == by_cell.count.tolist()
    assert by_column.wrong == by_cell.wrong


def test_a_count_cut_by_its_comma_is_told_and_not_counted() -> None:
    """``1,200`` without quotation marks is two cells: it would count as one person."""
    text = "postcode,count\nCH41 2AB,1,200\nCH41 2AC,3,\nCH41 2AD,4\n"
    listing = read_listing(text, "list", UploadSettings())
    for rows in (listing.rows, [list(row) for row in listing.rows]):
        read = read_row_cells(replace(listing, rows=rows), None)
        assert read.wrong == {0: CUT_COUNT}
        assert read.count[1:].tolist() == [3, 4]
    decimal = read_listing("postcode;count\nCH41 2AB;1,200\n", "list", UploadSettings())
    assert read_row_cells(decimal, None).wrong == {}


def test_a_file_of_another_kind_is_told_as_what_it_is() -> None:
    with pytest.raises(InvalidRequestError, match="PDF"):
        read_listing(b"%PDF-1.7 and more", "list.csv", UploadSettings())


def test_a_workbook_is_held_as_lines() -> None:
    """Cells keep their blanks, commas and empty ends; with a line end or quote they stay cells."""
    records = [["name", "postcode", "count"], ["a, b", " CH41 2AB", "1,200"], ["", "CH41 2AC", ""]]
    lines = _as_lines(records)
    assert isinstance(lines, Lines)
    assert [[cell.strip() for cell in row] for row in lines] == [
        [cell.strip() for cell in row] for row in records
    ]
    for odd in ('a "b"', "a\nb", "a\x1fb"):
        assert _as_lines([*records, [odd, "", ""]])[-1] == [odd, "", ""]


def test_postcodes_elsewhere_are_told_with_their_nation() -> None:
    assert outside("EH11YZ").endswith("it is in Scotland")
    assert outside("G11AA").endswith("it is in Scotland")
    assert outside("BT15GS").endswith("it is in Northern Ireland")
    assert outside("CH412AB").endswith("of this edition")


def test_ticks_are_round() -> None:
    assert ticks_upto(35.0) == [0, 10, 20, 30, 40]
    assert ticks_upto(15.0) == [0, 5, 10, 15]
    assert ticks_upto(97.2) == [0, 20, 40, 60, 80, 100]
