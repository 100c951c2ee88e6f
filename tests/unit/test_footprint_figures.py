"""Figures of footprints that were once wrong: cells of nobody, support of a few, odd counts."""

import numpy as np
import pytest

from exclusion_map.areas.rollup_estimate import Range, RolledEstimate, SmallEstimates
from exclusion_map.settings import UploadSettings
from exclusion_map.targeting.footprint.chance import of_list
from exclusion_map.targeting.footprint.comparing import Reading, Sides, tenths_of
from exclusion_map.targeting.footprint.intervals import (
    ANY,
    design_effect,
    exact_interval,
    listed_interval,
)
from exclusion_map.targeting.footprint.listing import read_listing
from exclusion_map.targeting.footprint.row_cells import BAD_COUNT, HUGE_COUNT, read_row_cells
from exclusion_map.targeting.footprint.support import in_reach
from exclusion_map.targeting.footprint.withholding import DisclosureRule
from exclusion_map.terms import SupportKind

RULE = DisclosureRule()
PHARMACY = SupportKind.PHARMACY


def test_nobody_among_clumped_people_says_no_more_than_their_areas() -> None:
    served, nobody = np.full(10, 10.0), np.zeros(10)
    # 100 people, ten to an area: each area counts once, so 100 say as much as ten.
    assert design_effect(served, nobody) == 10
    # Ten draws with none, degrees of freedom 99 and 9: n = 10 (1.98422 / 2.26216)^2 = 7.69372,
    # 1 - 0.025^(1 / 7.69372) = 0.38087.
    found = exact_interval(0.0, 100, 10.0, 10)
    assert found.low == 0
    assert found.high == pytest.approx(0.38087, abs=1e-4)
    assert listed_interval(served, nobody) == found
    every = listed_interval(served, np.ones(10))
    assert every.low == pytest.approx(1 - 0.38087, abs=1e-4)
    assert every.high == 1


def test_intervals_hold_the_true_share_where_nobody_was_met() -> None:
    """Ten areas of ten people, a tenth of areas in question: 95 % of intervals hold 0.1."""
    random = np.random.default_rng(1)
    held = []
    for _ in range(400):
        inside = (random.random(10) < 0.1).astype(np.float64)
        served = (random.poisson(9, 10) + 1).astype(np.float64)
        share = float(served @ inside / served.sum())
        effect = design_effect(served, inside)
        found = exact_interval(share, float(served.sum()), effect, 10)
        held.append(found.low <= 0.1 <= found.high)
    assert np.mean(held) > 0.95  # 0.66 when a share of 0 was taken as that of people drawn singly


def test_people_of_one_area_are_no_difference() -> None:
    sides = Sides(
        served=np.array([60.0, 0.0]),
        whole=np.array([100.0, 900.0]),
        households=np.full(2, 0.5),
        tenth=np.array([1, 10], dtype=np.uint8),
        rule=RULE,
    )
    tenths, fifth, _ = tenths_of(sides)
    assert tenths[0].ratio == 10
    assert (tenths[0].chance.low, tenths[0].chance.high) == (0, 10)
    assert {one.reading for one in (*tenths, fifth)} == {Reading.UNCLEAR, Reading.NONE}
    assert exact_interval(1.0, 60, 1.0, 1) == ANY


def test_a_fifth_is_never_more_than_all() -> None:
    # 8 and 8: each rounds to 10, their sum of 16 to 15.
    sides = Sides(
        served=np.array([8.0, 8.0]),
        whole=np.array([100.0, 100.0]),
        households=np.full(2, 0.5),
        tenth=np.array([1, 2], dtype=np.uint8),
        rule=RULE,
    )
    _, fifth, cells = tenths_of(sides)
    assert (cells.total, fifth.people, fifth.share) == (15, 15, 1)


def test_support_tells_no_small_count() -> None:
    away = np.array([400.0, 1_800.0, 632.7])
    whole = np.full(3, 100.0)
    [few] = in_reach({PHARMACY: away}, np.array([40.0, 2.0, 15.0]), whole, RULE)
    # 55 of 57: 0.9649 would say that 2 have none.
    assert np.isnan(few.served)
    assert few.withheld
    assert few.typical == 400
    [many] = in_reach({PHARMACY: away}, np.array([21.0, 24.0, 33.0]), whole, RULE)
    assert many.served == 55 / 80  # 54 and 24, as shown
    assert many.typical == 600  # of 632.7
    [every] = in_reach({PHARMACY: away}, np.array([40.0, 2.0, 15.0]), whole)
    assert (every.served, every.withheld) == (55 / 57, False)
    assert few.whole == every.whole == 2 / 3


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        *((one, BAD_COUNT) for one in ("-5", "45%", "NaN", "1e400", "inf")),
        *((one, HUGE_COUNT) for one in ("1000000000000", "100000001", "9" * 60)),
    ],
)
def test_absurd_counts_are_faults_and_never_one_person_each(told: str, fault: str) -> None:
    listing = read_listing(f"postcode,count\nCH41 2AB,{told}\n", "list", UploadSettings())
    assert listing.columns.count == 1
    assert read_row_cells(listing, None).wrong == {0: fault}


def test_a_column_of_words_is_no_column_of_counts() -> None:
    listing = read_listing("postcode,no\nCH41 2AB,12A\n", "list", UploadSettings())
    assert listing.columns.count is None


def test_the_estimate_of_a_list_has_chance_in_its_range() -> None:
    small = SmallEstimates(
        share=np.array([10.0, np.nan]),
        low=np.array([9.0, np.nan]),
        high=np.array([11.0, np.nan]),
        households=np.array([50.0, np.nan]),
        people=np.array([110.0, np.nan]),
        correlations={},
    )
    found = RolledEstimate(
        areas=1,
        of_households=100.4,
        share=Range(low=9.0, middle=10.0, high=11.0),
        households=Range(low=9.0, middle=10.04, high=11.0),
        people=Range(low=18.0, middle=20.0, high=22.0),
    )
    told = of_list(found, small, np.array([200.0, 30.0]))
    # 200 people at 0.1: sd sqrt(18) = 4.243, 1.2816 of them 5.437; sqrt(2^2 + 5.437^2) = 5.793.
    assert told.people == Range(low=14.0, middle=20.0, high=26.0)
    # 100 x 4.243 / 200 = 2.121; sqrt(1 + (1.2816 x 2.121)^2) = 2.897.
    assert told.share == Range(low=7.1, middle=10.0, high=12.9)
    assert told.of_households == 100
