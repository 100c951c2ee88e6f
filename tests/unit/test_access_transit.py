"""Public transport: a timetable made here, journeys by hand and against a search of everything."""

import zipfile
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exclusion_map.access import Points, StraightLine
from exclusion_map.access.timetable import Timetable, read_timetable
from exclusion_map.access.transit import CHANGE_MIN, LONGEST_MIN, PublicTransport
from exclusion_map.errors import InvalidRequestError

TUESDAY = date(2026, 11, 24)
NINE = 9 * 60.0
WALK = StraightLine(detour=1.0, metres_per_minute=80.0)
# Three stops on a meridian, 5 km apart: too far to walk within the 20 minutes to a stop.
DEGREES = 5_000 / 111_195
LATITUDES = 51.0 + DEGREES * np.arange(3)
STOPS = Points(np.zeros(3), LATITUDES)

FEED = {
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\n"
    + "".join(f"{name},Stop {name},{lat},0\n" for name, lat in zip("ABC", LATITUDES, strict=True)),
    "trips.txt": "route_id,service_id,trip_id\n"
    "r,week,one\nr,week,two\nr,sunday,three\nr,extra,four\nr,often,five\n",
    "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,"
    "start_date,end_date\n"
    "week,1,1,1,1,1,0,0,20260101,20261231\nsunday,0,0,0,0,0,0,1,20260101,20261231\n"
    "often,1,1,1,1,1,1,1,20270101,20271231\n",
    "calendar_dates.txt": "service_id,date,exception_type\nextra,20261124,1\nweek,20261125,2\n",
    "stop_times.txt": "\ufefftrip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type,"
    "drop_off_type\n"
    "one,09:00:00,09:00:00,A,1,0,0\none,,,B,2,0,0\none,09:20:00,09:20:00,C,3,0,0\n"
    "two,9:30:00,9:30:00,A,1,0,0\ntwo,09:40:00,09:41:00,B,2,1,1\ntwo,09:50:00,09:50:00,C,3,0,0\n"
    "three,09:05:00,09:05:00,A,1,0,0\nthree,09:06:00,09:06:00,C,2,0,0\n"
    "four,09:45:00,09:45:00,A,1,0,0\nfour,09:50:00,09:50:00,B,2,0,0\n"
    "five,00:00:00,00:00:00,A,1,0,0\nfive,00:08:00,00:08:00,B,2,0,0\n",
    "frequencies.txt": "trip_id,start_time,end_time,headway_secs\nfive,09:00:00,09:30:00,600\n",
}


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    return write(tmp_path, FEED)


def write(folder: Path, tables: dict[str, str]) -> Path:
    path = folder / "town.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in tables.items():
            archive.writestr(name, text)
    return path


def test_the_rides_of_a_day(feed: Path) -> None:
    found = read_timetable(feed, TUESDAY, NINE, NINE + 60)
    rides = zip(found.start, found.end, found.leaves - NINE, found.arrives - NINE, strict=True)
    # The call without a time lies half-way; the Sunday run and the one of next year do not run.
    assert [tuple(float(one) for one in ride) for ride in rides] == [
        (0, 1, 0, 10),
        (1, 2, 10, 20),
        (0, 1, 30, 40),
        (1, 2, 41, 50),
        (0, 1, 45, 50),
    ]
    assert found.board.tolist() == [True, True, True, False, True]
    assert found.alight.tolist() == [True, True, False, True, True]
    # On the day when "week" does not run, nothing does; next year only what runs every ten minutes.
    with pytest.raises(InvalidRequestError, match="20260101 to 20271231"):
        read_timetable(feed, date(2026, 11, 25), NINE, NINE + 60)
    often = read_timetable(feed, date(2027, 6, 1), NINE, NINE + 60)
    assert (often.leaves - NINE).tolist() == [0, 10, 20]
    assert len(set(often.trip.tolist())) == 3


def test_the_median_journey_by_hand(feed: Path) -> None:
    journeys = PublicTransport.open(feed, TUESDAY, NINE, NINE + 31, WALK)
    start, library = Points(STOPS.longitude[:1], LATITUDES[:1]), Points(np.zeros(1), LATITUDES[2:])
    minutes, place = journeys._journeys(start, library)
    # At 9:00 the bus takes 20 minutes. Later one waits for that of 9:30, which arrives at 9:50.
    assert minutes[0].tolist() == [20.0, *(50.0 - minute for minute in range(1, 31))]
    assert set(place[0].tolist()) == {0}
    cost, row = journeys.nearest(start, library)
    # In order 20, 20, 21, ... 49: the sixteenth of 31.
    assert (cost[0], row[0]) == (34.0, 0)
    assert journeys.unit == "minutes"
    assert "from 09:00 to 09:31 on Tuesday 24 November 2026" in journeys.label
    pairs = journeys.within(start, Points(np.zeros(2), LATITUDES[1:]), 40.0)
    assert pairs.destination.tolist() == [0, 1]
    # To B, where the second bus lets nobody off: the first one, or the extra one at 9:45.
    assert pairs.cost.tolist() == [34.0, 34.0]


def test_nobody_waits_for_a_bus_to_the_next_corner(feed: Path) -> None:
    journeys = PublicTransport.open(feed, TUESDAY, NINE, NINE + 31, WALK)
    corner = Points(np.zeros(1), LATITUDES[:1] + 400 / 111_195)
    cost, _ = journeys.nearest(Points(np.zeros(1), LATITUDES[:1]), corner)
    assert cost[0] == pytest.approx(5.0, rel=1e-3)


def test_unknown_stays_unknown_and_no_way_is_inf(feed: Path) -> None:
    journeys = PublicTransport.open(feed, TUESDAY, NINE, NINE + 31, WALK)
    origins = Points(np.array([np.nan, 3.0]), np.array([51.0, 51.0]))
    cost, row = journeys.nearest(origins, Points(np.zeros(1), LATITUDES[2:]))
    assert np.isnan(cost[0])
    assert np.isinf(cost[1])
    assert row.tolist() == [-1, -1]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"stops.txt": None}, "no stops.txt"),
        ({"trips.txt": "trip_id\none\n"}, "no column service_id"),
        ({"calendar.txt": "x\n"}, "no column service_id"),
    ],
)
def test_what_is_no_gtfs_is_refused(
    tmp_path: Path, changed: dict[str, str | None], told: str
) -> None:
    tables = {name: text for name, text in (FEED | changed).items() if text is not None}
    with pytest.raises(InvalidRequestError, match=told):
        read_timetable(write(tmp_path, tables), TUESDAY, NINE, NINE + 60)
    with pytest.raises(InvalidRequestError, match="GTFS"):
        read_timetable(tmp_path / "none.zip", TUESDAY, NINE, NINE + 60)


def test_walks_must_be_in_minutes(feed: Path) -> None:
    with pytest.raises(InvalidRequestError, match="minutes"):
        PublicTransport.open(feed, TUESDAY, NINE, NINE + 31, StraightLine())


@st.composite
def timetables(draw: st.DrawFn) -> Timetable:
    """Runs of a few vehicles between five stops, some of which are within a walk of each other."""
    rides = []
    for trip in range(draw(st.integers(1, 6))):
        minute = draw(st.integers(0, 40))
        at = draw(st.integers(0, 4))
        for _ in range(draw(st.integers(1, 4))):
            to = draw(st.integers(0, 4))
            arrives = minute + draw(st.integers(1, 15))
            board, alight = draw(st.booleans()), draw(st.booleans())
            rides.append((at, to, NINE + minute, NINE + arrives, trip, board, alight))
            at, minute = to, arrives + draw(st.integers(0, 3))
    rides.sort(key=lambda ride: ride[2])
    columns = [np.array(one) for one in zip(*rides, strict=True)]
    latitude = 51.0 + np.array([0.0, 0.004, 0.05, 0.054, 0.1])
    stops = Points(np.zeros(5), latitude)
    return Timetable(stops, *columns, "made", TUESDAY)


@settings(max_examples=60, deadline=None)
@given(timetables(), st.integers(0, 30))
def test_the_scan_finds_what_a_search_of_everything_finds(table: Timetable, minute: int) -> None:
    journeys = PublicTransport(table, WALK, NINE + minute, NINE + minute + 1)
    origin, place = Points(np.zeros(1), np.array([51.001])), Points(np.zeros(1), np.array([51.101]))
    (cost,), _ = journeys.nearest(origin, place)
    assert cost == pytest.approx(_by_search(table, origin, place, NINE + minute), abs=1e-9)


def _by_search(table: Timetable, origin: Points, place: Points, departs: float) -> float:
    """Return minutes of the earliest arrival, following every ride in order of departure."""
    walk_on = WALK.within(origin, table.stops, 20.0)
    off = WALK.within(table.stops, place, 20.0)
    feet = WALK.within(table.stops, table.stops, 10.0)
    between = list(zip(feet.origin.tolist(), feet.destination.tolist(), feet.cost, strict=True))
    ready = np.full(len(table.stops), np.inf)
    ready[walk_on.destination] = departs + walk_on.cost
    first = ready.copy()
    for one, other, foot in between:
        ready[other] = min(ready[other], first[one] + foot)
    best = departs + WALK.nearest(origin, place)[0][0]
    best = best if best - departs <= LONGEST_MIN else np.inf
    aboard: set[int] = set()
    for at in range(len(table)):
        start, end, trip = int(table.start[at]), int(table.end[at]), int(table.trip[at])
        if table.board[at] and ready[start] <= table.leaves[at]:
            aboard.add(trip)
        if trip not in aboard or not table.alight[at]:
            continue
        there = float(table.arrives[at])
        best = min(best, *(there + foot for foot in off.cost[off.origin == end]), np.inf)
        for one, other, foot in between:
            if one == end:
                ready[other] = min(ready[other], there + CHANGE_MIN + foot)
    return best - departs
