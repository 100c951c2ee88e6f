"""``exclusion-map journeys`` on Sampleshire: a bus line made here shortens the way to a library."""

import csv
import zipfile
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from exclusion_map.access import Points, StraightLine
from exclusion_map.cli import app
from exclusion_map.editions import current_path
from exclusion_map.editions.reaching import homes_of, sites_of
from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.errors import InvalidRequestError, NotFoundError
from exclusion_map.targeting.homes import points_of
from exclusion_map.targeting.sites import CHOICE, choose_sites
from exclusion_map.terms import AreaKind

runner = CliRunner()
EVERY_DAY = "s,1,1,1,1,1,1,1,20260101,20261231"


@pytest.fixture(scope="module")
def edition(sample_processed: Path) -> Edition:
    return open_edition(current_path(sample_processed))


@pytest.fixture(scope="module")
def walks(edition: Edition) -> tuple[Points, Points, np.ndarray]:
    """Where people live, where libraries are, and minutes on foot to the nearest."""
    atlas = edition.atlas
    rows = np.sort(atlas.members(*atlas.find(atlas.level(AreaKind.NATION).codes[0])))
    centres = points_of(homes_of(edition).of(rows).centres())
    sites = sites_of(edition)
    libraries = sites.at(choose_sites(sites, CHOICE).rows)
    minutes, _ = StraightLine(metres_per_minute=80.0).nearest(centres, libraries)
    return centres, libraries, minutes


@pytest.fixture
def timetable(tmp_path: Path, walks: tuple[Points, Points, np.ndarray]) -> Path:
    """A bus every five minutes from the middle of the area farthest out to a library, in ten."""
    centres, libraries, minutes = walks
    out = int(np.argmax(minutes))
    stops = [
        f"far,{centres.latitude[out]},{centres.longitude[out]}",
        f"library,{libraries.latitude[0]},{libraries.longitude[0]}",
    ]
    path = tmp_path / "bus.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("stops.txt", "\n".join(["stop_id,stop_lat,stop_lon", *stops]))
        archive.writestr("trips.txt", "trip_id,service_id\nbus,s\n")
        week = "monday,tuesday,wednesday,thursday,friday,saturday,sunday"
        archive.writestr("calendar.txt", f"service_id,{week},start_date,end_date\n{EVERY_DAY}\n")
        archive.writestr(
            "stop_times.txt",
            "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
            "bus,08:00:00,08:00:00,far,1\nbus,08:10:00,08:10:00,library,2\n",
        )
        archive.writestr(
            "frequencies.txt",
            "trip_id,start_time,end_time,headway_secs\nbus,08:00:00,13:30:00,300\n",
        )
    return path


def run(edition: Edition, processed: Path, timetable: Path, *options: str) -> str:
    area = edition.atlas.level(AreaKind.NATION).codes[0]
    command = ["journeys", "--within", area, "--timetable", str(timetable), "--day", "2026-11-24"]
    done = runner.invoke(
        app, [*command, "--processed-dir", str(processed), *options], catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    return done.output


def test_a_bus_shortens_the_way_where_it_runs_and_nowhere_lengthens_it(
    edition: Edition,
    sample_processed: Path,
    timetable: Path,
    walks: tuple[Points, Points, np.ndarray],
    tmp_path: Path,
) -> None:
    out = tmp_path / "journeys.csv"
    told = run(edition, sample_processed, timetable, "--out", str(out))
    assert "is within 30 minutes" in told
    assert "Tuesday 24 November 2026" in told.replace("\n", " ")
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    minutes = np.array([float(row["minutes"] or "inf") for row in rows])
    _, _, walked = walks
    assert len(rows) == len(walked)
    far = int(np.argmax(walked))
    # Ten minutes aboard and at most five at the stop.
    assert 10.0 <= minutes[far] <= 15.0 < walked[far]
    assert rows[far]["nearest_name"]
    near = walked <= 120.0
    assert (minutes[near] <= np.round(walked[near], 1) + 0.1).all()
    assert np.isclose(minutes[near], walked[near], atol=0.06).any()


@pytest.mark.parametrize(
    ("options", "error", "told"),
    [
        (("--depart", "nine"), InvalidRequestError, "09:00-11:00"),
        (("--depart", "11:00-09:00"), InvalidRequestError, "before the last"),
        (("--day", "2025-01-01"), InvalidRequestError, "2025-01-01"),
        (("--within", "E99"), NotFoundError, "E99"),
        (("--out", "far.doc"), InvalidRequestError, "doc"),
    ],
)
def test_orders_that_cannot_be(
    edition: Edition,
    sample_processed: Path,
    timetable: Path,
    options: tuple[str, ...],
    error: type[Exception],
    told: str,
) -> None:
    with pytest.raises(error, match=told):
        run(edition, sample_processed, timetable, *options)
