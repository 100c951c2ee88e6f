"""Files as people hand them in: every one is read, or refused with what is wrong and where."""

import io
import json
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter

from exclusion_map.directory.importing import is_services, read_services, read_table
from exclusion_map.errors import InvalidRequestError
from exclusion_map.settings import ImportSettings

HEADS = ("Name", "Postcode", "Notes")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_what_sets_cells_apart_is_found(delimiter: str) -> None:
    lines = [delimiter.join(HEADS), delimiter.join(("Hub", "CH41 2AB", "Mon, Tue")), ""]
    if delimiter == ",":
        lines[1] = 'Hub,CH41 2AB,"Mon, Tue"'
    table = read_table("\r\n".join(lines).encode(), "a.csv")
    assert table.columns == HEADS
    assert table.rows[0].cells == ("Hub", "CH41 2AB", "Mon, Tue")


def test_marks_and_encodings() -> None:
    text = "Name,Postcode\nCafé £1,CH41 2AB\n"
    for data in (text.encode(), text.encode("utf-8-sig"), text.encode("utf-16")):
        assert read_table(data, "a.csv").rows[0].cells[0] == "Café £1"
    windows = read_table(text.encode("cp1252"), "a.csv")
    assert windows.rows[0].cells[0] == "Café £1"
    assert "line 2" in windows.notes[0]
    assert "cp1252" in windows.notes[0]


def test_a_cell_may_hold_lines_and_rows_are_counted_as_a_spreadsheet_counts() -> None:
    text = 'Name,Address\n"Hub","1 High Street\nAshby"\n\nHall,2 Low Street\n'
    table = read_table(text.encode(), "a.csv")
    assert [(row.number, row.cells[0]) for row in table.rows] == [(2, "Hub"), (4, "Hall")]
    assert table.rows[0].cells[1] == "1 High Street\nAshby"


def test_titles_above_the_headings_are_passed_over() -> None:
    text = "Digital help in Ashby,,\nupdated May 2024,,\n,,\nName,Post code,Tel\nHub,CH41 2AB,1\n"
    table = read_table(text.encode(), "a.csv")
    assert (table.header_row, table.columns) == (4, ("Name", "Post code", "Tel"))
    assert table.rows[0].number == 5
    assert "row 4" in table.notes[0]


def test_headings_that_are_lacking_or_stand_there_twice() -> None:
    text = "Name,Phone,Phone,\nHub,1,2,x\nHall,3,4,y\n"
    table = read_table(text.encode(), "a.csv")
    assert table.columns == ("Name", "Phone", "Phone (2)", "column D")
    assert len(table.notes) == 2


def test_a_row_that_is_too_long_keeps_what_is_too_much() -> None:
    table = read_table(b"Name,Postcode\nHub, the big one,CH41 2AB\nHall,CH41 2AB\n", "a.csv")
    assert table.columns == ("Name", "Postcode")
    assert table.rows[0].spare == ("CH41 2AB",)


def test_a_guard_against_formulas_is_taken_off() -> None:
    table = read_table(b"Name,Phone\n'=Hub,'+44 151\n'Tis,1\n", "a.csv")
    assert [row.cells[0] for row in table.rows] == ["=Hub", "'Tis"]
    assert table.rows[0].cells[1] == "+44 151"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "an empty file"),
        (b"  \n ", "an empty file"),
        (b"\x00\x01\x02\xff\xfe", "no text"),
        (b"Name,Postcode\n", "nothing below them"),
        (b'Name,Postcode\nHub,"CH41 2AB\n' + b"x,y\n" * 300, "quotation mark"),
        (b"PK\x03\x04 broken", "expected a workbook"),
        (b'{"type": "FeatureCollection", "features": [', "JSON that is broken"),
        (b'{"type": "Topology"}', "without features"),
        (b'{"type":"FeatureCollection","features":[{"geometry":{"type":"Blob"}}]}', "feature 1"),
    ],
)
def test_what_is_no_table_is_refused(data: bytes, told: str) -> None:
    with pytest.raises(InvalidRequestError, match=r"a\.csv") as caught:
        read_table(data, "a.csv")
    assert told in caught.value.message


def test_files_may_be_too_large_or_too_long(tmp_path: Path) -> None:
    small = ImportSettings(import_max_bytes=1000, import_max_rows=2)
    path = tmp_path / "a.csv"
    path.write_text("Name\n" + "x" * 2000)
    with pytest.raises(InvalidRequestError, match="IMPORT_MAX_BYTES"):
        read_table(path, limits=small)
    with pytest.raises(InvalidRequestError, match="IMPORT_MAX_ROWS"):
        read_table(b"Name,Town\na,b\nc,d\ne,f\n", "a.csv", limits=small)
    with pytest.raises(InvalidRequestError, match="absent"):
        read_table(tmp_path / "absent.csv")


def workbook() -> bytes:
    """Return a workbook with a cover, titles, merged cells, times, and a number that is a phone."""
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as book:
        book.add_worksheet("Cover").write(0, 0, "Help in Ashby")
        sheet = book.add_worksheet("Places")
        clock = book.add_format({"num_format": "hh:mm"})
        sheet.merge_range(0, 0, 0, 4, "Places with digital help")
        for at, head in enumerate(("Organisation", "Venue", "Phone", "Opens", "Checked")):
            sheet.write(1, at, head)
        sheet.merge_range(2, 0, 3, 0, "Ashby Aid")
        for row, venue in ((2, "Hub"), (3, "Hall")):
            sheet.write(row, 1, venue)
            sheet.write(row, 2, 1516520000)
            sheet.write(row, 3, 0.375, clock)
        sheet.write_datetime(2, 4, datetime(2024, 5, 1, tzinfo=None), clock)  # noqa: DTZ001 - cells have none
    return data.getvalue()


def test_a_workbook() -> None:
    table = read_table(workbook(), "a.xlsx")
    assert (table.sheet, table.sheets, table.header_row) == ("Places", ("Cover", "Places"), 2)
    assert [row.cells[:3] for row in table.rows] == [
        ("Ashby Aid", "Hub", "1516520000"),
        ("Ashby Aid", "Hall", "1516520000"),
    ]
    assert table.rows[0].cells[3] == "09:00"
    assert "'Cover'" in table.notes[0]
    with pytest.raises(InvalidRequestError, match="'Cover', 'Places'"):
        read_table(workbook(), "a.xlsx", sheet="Other")
    with pytest.raises(InvalidRequestError, match="Cover"):
        read_table(workbook(), "a.xlsx", sheet="cover")


def test_workbooks_that_would_fill_the_memory() -> None:
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "Name")
        sheet.write(1_048_575, 16_383, "corner")
    with pytest.raises(InvalidRequestError, match="1,048,576 rows and 16,384 columns"):
        read_table(data.getvalue(), "a.xlsx")
    whole = workbook()
    for cut in (100, 2000, len(whole) - 30):
        with pytest.raises(InvalidRequestError, match="expected a workbook"):
            read_table(whole[:cut], "a.xlsx")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("content.xml", "x")
    with pytest.raises(InvalidRequestError, match="another kind"):
        read_table(packed.getvalue(), "a.ods")
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "x" * 30_000)
    with pytest.raises(InvalidRequestError, match="when unpacked"):
        read_table(bomb.getvalue(), "a.xlsx", limits=ImportSettings(import_max_bytes=1000))


def features(*parts: dict[str, object], **top: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": parts, **top}).encode()


def test_geojson() -> None:
    point = {"type": "Point", "coordinates": [-3.02, 53.39]}
    square = [[[0, 50], [2, 50], [2, 52], [0, 52], [0, 50]]]
    table = read_table(
        features(
            {"id": 7, "properties": {"name": "Hub", "wifi": True}, "geometry": point},
            {"properties": {"name": "Hall", "tags": ["a", "b"]}, "geometry": None},
            {"properties": None, "geometry": {"type": "Polygon", "coordinates": square}},
        ),
        "a.geojson",
    )
    assert table.columns == ("id", "name", "wifi", "tags", "longitude", "latitude")
    assert table.rows[0].cells == ("7", "Hub", "yes", "", "-3.02", "53.39")
    assert table.rows[1].cells == ("", "Hall", "", "a; b", "", "")
    assert table.rows[2].cells[-2:] == ("1", "51")
    assert "not points" in table.notes[0]


def test_geojson_on_the_national_grid() -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    one = {
        "properties": {"name": "Hub"},
        "geometry": {"type": "Point", "coordinates": [332500, 388600]},
    }
    cells = read_table(features(one, crs=crs), "a.geojson").rows[0].cells
    # Birkenhead; worked out with the Ordnance Survey's formulas to 3 decimals.
    assert (round(float(cells[1]), 2), round(float(cells[2]), 2)) == (-3.02, 53.39)


SERVICE = {"id": "s", "name": "Help", "status": "active"}


@pytest.mark.parametrize(
    "document",
    [
        SERVICE,
        [SERVICE],
        {"contents": [SERVICE], "page_number": 1},
        {"id": "o", "name": "Aid", "services": [SERVICE]},
        {"id": "x", "location": {"id": "l", "name": "Hub"}, "service": SERVICE},
    ],
)
def test_open_referral_in_a_file(document: object) -> None:
    data = json.dumps(document).encode()
    assert is_services(data)
    assert [one["id"] for one in read_services(data, "a.json")] == ["s"]
    with pytest.raises(InvalidRequestError, match="Open Referral"):
        read_table(data, "a.json")


def test_other_json_holds_no_services() -> None:
    for document in ({"type": "FeatureCollection", "features": []}, {"name": "x"}, []):
        assert not is_services(json.dumps(document).encode())
    assert not is_services(b"Name,Postcode\n")
    with pytest.raises(InvalidRequestError, match="no services"):
        read_services(b"{}", "a.json")
