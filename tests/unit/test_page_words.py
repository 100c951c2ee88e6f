"""Numbers as pages say them: rounded to what they can bear, and never a number for nothing."""

import math
from datetime import date

import pytest

from api.pages import words
from api.pages.areas import Query
from exclusion_map.terms import AreaKind


@pytest.mark.parametrize("nothing", [None, math.nan])
def test_nothing_is_said_to_be_nothing(nothing: float | None) -> None:
    for say in (words.about, words.count, words.decimal, words.percent, words.distance):
        assert say(nothing) == "no data"


def test_numbers_are_rounded_for_people() -> None:
    assert words.about(1643) == "about 1,600"
    assert words.count(35672.0) == "35,672"
    assert words.decimal(59.44) == "59.4"
    assert words.percent(0.4) == "under 1%"
    assert words.percent(99.7) == "over 99%"
    assert words.distance(612) == "600 m"
    assert words.distance(2410) == "2.4 km"


def test_dates_and_plurals() -> None:
    assert words.day(date(2021, 3, 21)) == "21 March 2021"
    assert words.day("2026-11-22T10:00:00+00:00") == "22 November 2026"
    assert words.day("spring") == "spring"
    assert words.plural(1, "library", "libraries") == "1 library"
    assert words.plural(1200, "library", "libraries") == "1,200 libraries"
    assert words.plural(2, "place") == "2 places"


def test_address_of_a_list_leaves_out_what_is_usual() -> None:
    query = Query(kind=AreaKind.WARD, within="E06000001", bbox=(-1.0, 51.0, -0.5, 51.5))
    assert query.address() == "/areas?kind=ward&within=E06000001&bbox=-1,51,-0.5,51.5"
    assert query.address(page=2, bbox="").endswith("within=E06000001&page=2")
