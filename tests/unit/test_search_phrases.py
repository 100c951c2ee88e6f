"""The words that profiles and search results are made of."""

import math

import numpy as np
import pytest

from exclusion_map.areas import phrases
from exclusion_map.areas.facts import higher_than
from exclusion_map.terms import AreaKind, NhsGroup


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, "fewer than 10"),
        (9.4, "fewer than 10"),
        (83, "about 83"),
        (129, "about 130"),
        (1643, "about 1,600"),
        (99_600, "about 100,000"),
        (56_490_048, "about 56 million"),
    ],
)
def test_people_are_rounded_to_two_figures(number: float, expected: str) -> None:
    assert phrases.about(number) == expected


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (26.4, "percent", "26%"),
        (0.0, "percent", "0%"),
        (0.4, "percent", "under 1%"),
        (99.7, "percent", "over 99%"),
        (100.0, "percent", "100%"),
        (1.239, "standard score", "1.24 (standard score)"),
        (math.nan, "percent", "no data"),
    ],
)
def test_values_have_their_unit(value: float, unit: str, expected: str) -> None:
    assert phrases.value_text(value, unit) == expected


def test_counts_that_are_not_known_are_not_said() -> None:
    assert phrases.share_of_people(420, 1640, "people") == "about 420 of 1,640 people"
    assert phrases.share_of_people(math.nan, 1640, "people") == ""
    assert phrases.share_of_people(1, 2, "none") == ""


@pytest.mark.parametrize(
    ("decile", "words"),
    [
        (0, "not scored"),
        (1, "among the highest-risk tenth of wards in Wales"),
        (2, "in the second highest-risk tenth"),
        (5, "in the fifth highest-risk tenth"),
        (6, "in the fifth lowest-risk tenth"),
        (9, "in the second lowest-risk tenth"),
        (10, "among the lowest-risk tenth"),
    ],
)
def test_tenths_are_said_from_the_nearer_end(decile: int, words: str) -> None:
    assert phrases.tenth_phrase(decile, "wards", "Wales").startswith(words)


def test_few_areas_are_ranked_not_cut_into_tenths() -> None:
    said = phrases.standing_phrase(AreaKind.REGION, 3, 2, 9, "England")
    assert said == "ranked 2 of 9 regions in England, where 1 is the highest risk"
    assert "nothing to compare" in phrases.standing_phrase(AreaKind.ICB, 1, 1, 1, "England")
    assert "tenth" in phrases.standing_phrase(AreaKind.ICB, 1, 1, 42, "England")


@pytest.mark.parametrize(("metres", "words"), [(3, "50 m"), (612, "600 m"), (2449, "2.4 km")])
def test_distances(metres: float, words: str) -> None:
    assert phrases.distance(metres) == words


DRIVERS = [
    ("aged_75_plus", NhsGroup.AGE, 5.0),
    ("aged_65_74", NhsGroup.AGE, 4.0),
    ("disabled", NhsGroup.DISABILITY, 8.0),
    ("living_alone", NhsGroup.DEPRIVATION, 0.2),
    ("no_qualifications", NhsGroup.DEPRIVATION, -6.0),
    ("limited_english", NhsGroup.ENGLISH, -0.1),
]


def test_drivers_are_told_by_theme_one_way_at_a_time() -> None:
    assert phrases.driver_themes(DRIVERS, raising=True) == ["older residents", "disability"]
    assert phrases.driver_themes(DRIVERS, raising=False) == ["less deprivation"]


def test_shares_of_peers_below() -> None:
    values = np.array([1.0, 2.0, 2.0, 3.0, np.nan])
    everyone = np.ones(5, dtype=bool)
    assert higher_than(values, 0, everyone) == 0.0
    assert higher_than(values, 1, everyone) == pytest.approx(33.3)
    assert higher_than(values, 3, everyone) == 100.0
    assert higher_than(values, 4, everyone) is None
    only = np.array([False, False, False, True, True])
    assert higher_than(values, 3, only) is None
