"""Choosing places of a snapshot: minutes of a week, dates in words, what is known and what not."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from exclusion_map.directory import Listing, Offer
from exclusion_map.directory.confirming import day_of
from exclusion_map.directory.rows import with_ids
from exclusion_map.directory.selecting import (
    Choice,
    hours_unknown,
    nearest_first,
    open_words,
    parse_open,
    select_places,
)
from exclusion_map.directory.snapshot import Snapshot
from exclusion_map.directory.snapshot_reading import snapshot_of
from exclusion_map.errors import InvalidRequestError


def held(*listings: Listing) -> Snapshot:
    return snapshot_of((str(n), "", with_ids(one, str(n))) for n, one in enumerate(listings))


@pytest.mark.parametrize(
    ("text", "minute"),
    [("mon-00:00", 0), ("mon-9:05", 545), ("sun-23:59", 7 * 24 * 60 - 1), ("", None)],
)
def test_a_day_and_a_time_are_a_minute_of_the_week(text: str, minute: int | None) -> None:
    assert parse_open(text) == minute


@pytest.mark.parametrize("text", ["noon", "mon", "mon-24:00", "mon-9", "day-09:00", "mon-09:60"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequestError, match="mon-10:30"):
        parse_open(text)


def test_now_is_the_time_in_the_united_kingdom() -> None:
    # Monday 29 June 2026, 23:30 UTC: summer time, so Tuesday half past midnight.
    assert parse_open("now", datetime(2026, 6, 29, 23, 30, tzinfo=UTC)) == 24 * 60 + 30
    winter = datetime(2026, 1, 5, 9, 0, tzinfo=ZoneInfo("UTC"))
    assert open_words(parse_open("now", winter) or 0) == "Monday at 09:00"


def test_a_closed_place_is_not_one_of_unknown_hours() -> None:
    places = held(
        Listing(name="A", offers=(Offer(name="o", schedule={"mon": [["09:00", "17:00"]]}),)),
        Listing(name="B", offers=(Offer(name="o"),)),
        Listing(name="C", offers=(Offer(name="o", schedule={"mon": [["12:00", "24:00"]]}),)),
    )
    choice = Choice(open_at=parse_open("mon-10:00"))
    assert select_places(places, choice).tolist() == [0]
    assert hours_unknown(places, choice).tolist() == [1]
    assert select_places(places, Choice(open_at=parse_open("mon-23:59"))).tolist() == [2]
    assert select_places(places, Choice(open_at=parse_open("tue-00:00"))).tolist() == []


def test_cost_and_language_that_nobody_knows_do_not_fit() -> None:
    places = held(
        Listing(name="A", offers=(Offer(name="o", cost="free", languages=("cy",)),)),
        Listing(name="B", offers=(Offer(name="o"),)),
        Listing(name="C"),
    )
    assert select_places(places, Choice(free=True)).tolist() == [0]
    assert select_places(places, Choice(language="cy")).tolist() == [0]
    assert select_places(places, Choice(language="pl")).tolist() == []
    assert select_places(places, Choice()).tolist() == [0, 1, 2]


def test_places_off_the_map_are_never_near() -> None:
    places = held(
        Listing(name="A", latitude=51.0, longitude=0.0),
        Listing(name="B"),
        Listing(name="C", latitude=51.0, longitude=0.001),
    )
    rows, away = nearest_first(places, np.arange(3), 0.001, 51.0, 10_000)
    assert rows.tolist() == [2, 0]
    # A thousandth of a degree of longitude at 51 degrees north: 6,371,009 x pi / 180,000 x cos 51.
    assert away.round().tolist() == [0, 70]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2023", date(2023, 12, 31)),
        ("February 2020", date(2020, 2, 29)),
        ("2023 or later", date(2023, 12, 31)),
        ("2026-11", date(2026, 11, 30)),
        ("2026-11-05", date(2026, 11, 5)),
        ("2026-13", None),
        ("recently", None),
        ("", None),
    ],
)
def test_the_day_a_list_is_of(text: str, day: date | None) -> None:
    assert day_of(text) == day
