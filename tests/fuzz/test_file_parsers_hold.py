"""Whatever file it is given, each reader returns what it should or refuses in plain words."""

import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.questions import given_definition
from exclusion_map.access.timetable import read_timetable
from exclusion_map.directory.feeds.pages import is_whole, page_of
from exclusion_map.directory.importing import Geocoder, guess, read_services, read_table
from exclusion_map.directory.importing.services import build_services
from exclusion_map.errors import ExclusionMapError
from exclusion_map.index import load_definition
from exclusion_map.uploads import read_rows

from .mutations import near, near_bytes, near_json
from .trying import trying

DAY = date(2026, 11, 24)
TABLES = {
    "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\na,A,http://a,Europe/London\n",
    "stops.txt": "stop_id,stop_lat,stop_lon\ns1,53.40,-3.00\ns2,53.41,-3.01\ns3,53.42,-3.02\n",
    "trips.txt": "route_id,service_id,trip_id\nr,w,t1\n",
    "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    "t1,08:00:00,08:00:00,s1,1\nt1,,,s2,2\nt1,08:20:00,08:20:00,s3,3\n",
    "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,"
    "start_date,end_date\nw,1,1,1,1,1,1,1,20260101,20271231\n",
    "frequencies.txt": "trip_id,start_time,end_time,headway_secs\nt1,08:00:00,09:00:00,600\n",
}
SERVICE: dict[str, Any] = {
    "id": "11111111-1111-4111-8111-111111111111",
    "name": "Digital café",
    "status": "active",
    "organization": {"id": "o", "name": "O", "email": "a@example.org", "website": "http://a"},
    "schedules": [{"byday": "MO,TU", "opens_at": "09:00", "closes_at": "17:00", "freq": "WEEKLY"}],
    "cost_options": [{"id": "c", "option": "free", "amount": 0}],
    "languages": [{"id": "l", "code": "en"}],
    "phones": [{"id": "p", "number": "0151 496 0000"}],
    "service_at_locations": [
        {
            "id": "s",
            "location": {
                "id": "22222222-2222-4222-8222-222222222222",
                "name": "Hall",
                "latitude": 53.4,
                "longitude": -3.0,
                "addresses": [{"id": "a", "address_1": "1 Street", "postal_code": "CH41 2AB"}],
                "accessibility": [{"id": "x", "description": "Step-free", "details": "ramp"}],
            },
        }
    ],
}
PAGE = {"total_pages": 1, "total_items": 1, "contents": [SERVICE], "last_page": True}
DEFINITION = {
    "id": "risk",
    "title": "Risk",
    "version": "1.0.0",
    "summary": "Test.",
    "evidence": "None.",
    "cautions": ["It shows risk."],
    "sources": ["Nobody (2026)"],
    "normalise": {"method": "percentile_rank"},
    "aggregate": {"method": "arithmetic"},
    "missing": {"minimum_share": 0.5},
    "scale": {"method": "min_max"},
    "children": [{"indicator": "aged_75_plus", "weight": 2}],
}
NOWHERE = Geocoder(None, ("W01",), lambda longitude, _: np.zeros(len(longitude), dtype=np.int32))
LISTS = ["name,postcode,hours\nHub,CH41 2AB,Mon-Fri 9-5\n", "a;b\n1;2\n", '"x\ny"\tz\n']


def holds(read: Callable[[], Any]) -> None:
    """Call a reader; an error of the project is an answer too."""
    try:
        read()
    except ExclusionMapError as error:
        said = error.message
    else:
        said = ""
    assert len(said) < 5_000


@trying(40)
@given(st.sampled_from(sorted(TABLES)).flatmap(lambda n: st.tuples(st.just(n), near([TABLES[n]]))))
def test_timetables(tmp_path: Path, changed: tuple[str, str]) -> None:
    path = tmp_path / "feed.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in {**TABLES, changed[0]: changed[1]}.items():
            archive.writestr(name, text.encode("utf-8", "replace"))
    holds(lambda: read_timetable(path, DAY, 420, 600))


@trying(20)
@given(near_bytes(["PK\x03\x04 no archive at all"]))
def test_what_is_no_timetable(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "feed.zip"
    path.write_bytes(data)
    holds(lambda: read_timetable(path, DAY, 420, 600))


@trying(150)
@given(near_json([PAGE, [SERVICE], SERVICE]))
def test_feeds(document: Any) -> None:
    def read() -> None:
        page = page_of(document, "feed")
        for one in page.services:
            is_whole(one)
        built = build_services(page.services, NOWHERE)
        for listing in built.listings.values():
            assert listing.latitude is None or -90 <= listing.latitude <= 90

    holds(read)


@trying(60)
@given(near_bytes(['{"contents": [{"id": "a", "name": "b"}]}', "[[]]", '{"services": {}}']))
def test_files_of_services(data: bytes) -> None:
    holds(lambda: build_services(read_services(data, "x.json"), NOWHERE))


@trying(100)
@given(near_json([DEFINITION]))
def test_definitions(document: Any) -> None:
    if isinstance(document, dict):
        holds(lambda: given_definition(document))


@pytest.mark.parametrize("ending", ["toml", "json"])
def test_files_of_definitions(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"index.{ending}"

    @trying(40)
    @given(near_bytes(['{"id": "x", "children": []}', 'id = "x"\n[normalise]\nmethod = "z"\n']))
    def tried(data: bytes) -> None:
        path.write_bytes(data)
        holds(lambda: load_definition(path))

    tried()


@trying(80)
@given(near_bytes([*LISTS, '{"type": "FeatureCollection", "features": [{"geometry": null}]}']))
def test_lists_to_import(data: bytes) -> None:
    if not data.startswith((b"PK", b"\xd0\xcf")):
        holds(lambda: guess(read_table(data, "a.csv")))


@pytest.fixture(scope="module")
def workbook() -> bytes:
    import xlsxwriter

    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        book.add_worksheet("list").write_row(0, 0, ["Name", "Postcode"])
    return made.getvalue()


def test_damaged_workbooks(workbook: bytes) -> None:
    @trying(6, shrink=False)
    @given(st.floats(0, 1), st.binary(min_size=1, max_size=6))
    def tried(where: float, piece: bytes) -> None:
        at = int(where * len(workbook))
        data = workbook[:at] + piece + workbook[at + len(piece) :]
        holds(lambda: read_rows(data, "a.xlsx"))
        holds(lambda: read_table(data, "a.xlsx"))

    tried()


@pytest.mark.parametrize("headway", ["x", "", "-5", "0", "1e999", "1e-9", "600"])
def test_runs_that_repeat_at_no_time_or_for_ever(tmp_path: Path, headway: str) -> None:
    path, head = tmp_path / "feed.zip", "trip_id,start_time,end_time,headway_secs\n"
    told = {**TABLES, "frequencies.txt": f"{head}t1,08:00:00,09:00:00,{headway}\n"}
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in told.items():
            archive.writestr(name, text)
    if headway == "600":
        assert read_timetable(path, DAY, 420, 600)
        return
    with pytest.raises(ExclusionMapError, match=r"frequencies\.txt"):
        read_timetable(path, DAY, 420, 600)
