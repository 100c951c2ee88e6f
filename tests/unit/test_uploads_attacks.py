"""Files made to break their reader: each is refused early, with words, and leaves nothing."""

import io
import json
import stat
import struct
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import shapely

from exclusion_map.errors import InvalidRequestError, TooLargeError
from exclusion_map.settings import UploadSettings
from exclusion_map.uploads import read_boundary, read_rows
from exclusion_map.uploads.reading import read_layers
from exclusion_map.uploads.sandbox import always, run

from .uploaded_files import LIMITS, changed, geojson, geopackage, kml, packed
from .uploaded_files import shapefile as shapefile_of


def refused(data: bytes, name: str = "sent", limits: object = LIMITS) -> InvalidRequestError:
    with pytest.raises(InvalidRequestError) as told:
        read_layers(data, name, limits, crs="", layer="")  # type: ignore[arg-type]
    assert name in told.value.thing
    assert len(told.value.message) < 700
    return told.value


def is_too_large(error: InvalidRequestError) -> bool:
    return isinstance(error, TooLargeError)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "an empty file"),
        (b"  \n\t ", "nothing but blanks"),
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"\x89PNG\r\n", "a picture (PNG)"),
        (b"\x1f\x8b\x08abc", "packed with gzip"),
        (b"SQLite format 3\x00" + bytes(100), "no GeoPackage"),
        (b"<html><body>", "a web page"),
        (b"<gpx></gpx>", "GPX"),
        (b"<svg/>", "a picture (SVG)"),
        (b"postcode,people\nLS1 1AA,3\n", "text that starts 'postcode,people'"),
        (b'{"type": "Topology", "objects": {}}', "TopoJSON"),
        (b'{"a": 1}', "an object of type 'None'"),
        (b"[1, 2]", "JSON that is no object"),
        (b"POLYGON((1 2, 3 4", "WKT that cannot be read"),
        (b"\x00\x01\x02\x03", "an unknown form"),
        (b"\x00\x00\x27\x0a" + bytes(20), "ends in its head"),
        (geojson(shapely.Point(-1, 53)), "only points"),
        (geojson(shapely.LineString([(-1, 53), (-1, 54)])), "only lines"),
        (b'{"type": "FeatureCollection", "features": []}', "without any shape"),
        (geojson(shapely.box(2, 41, 3, 42)), "2.00, 41.00 to 3.00, 42.00"),
        (geojson(shapely.box(-180, -90, 180, 90)), "-180.00"),
    ],
)
def test_what_is_not_what_it_claims_is_named(data: bytes, words: str) -> None:
    assert words in refused(data).message


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e308", "1e999", '"7"', "null", "{}"])
def test_coordinates_that_are_none_are_refused(number: str) -> None:
    text = f'{{"type":"Polygon","coordinates":[[[{number},53],[-1,53],[-1,54],[-2,53]]]}}'
    refused(text.encode())


@pytest.mark.parametrize(
    "text", ["POLYGON((NaN 1,2 3,4 5,NaN 1))", "POLYGON((inf 1,2 3,4 5,inf 1))"]
)
def test_coordinates_of_text_are_checked_too(text: str) -> None:
    refused(text.encode())


def test_json_that_is_deep_is_refused() -> None:
    refused(b'{"type":"Polygon","coordinates":' + b"[" * 200_000)
    deep = json.loads(geojson())
    for _ in range(20):
        deep = {"type": "GeometryCollection", "geometries": [deep]}
    assert "nested" in refused(json.dumps(deep).encode()).message
    refused(b"GEOMETRYCOLLECTION(" * 5000)


def test_too_many_corners_and_shapes_are_refused() -> None:
    few = replace(LIMITS, max_corners=100, max_features=3)
    assert is_too_large(refused(geojson(shapely.Point(-1, 53).buffer(1, 100)), limits=few))
    many = shapely.MultiPolygon([shapely.box(-1 - x, 53, -0.9 - x, 54) for x in range(4)])
    assert is_too_large(refused(geojson(many), limits=few))
    assert is_too_large(refused(many.wkt.encode(), limits=few))


LAUGHS = (
    '<!DOCTYPE kml [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)


@pytest.mark.parametrize(
    "head",
    [
        LAUGHS,
        '<!DOCTYPE kml [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE kml SYSTEM "http://127.0.0.1/evil.dtd">',
        '<!DOCTYPE kml [<!ENTITY % p SYSTEM "http://127.0.0.1/e"> %p;]>',
    ],
)
def test_document_types_and_entities_are_refused(head: str) -> None:
    assert "document type" in refused(kml("&a;", head)).message
    assert "document type" in refused(packed({"doc.kml": kml("&a;", head)})).message


def test_deep_xml_is_refused() -> None:
    refused(b"<kml>" + b"<Folder>" * 100_000)


@pytest.mark.parametrize(
    "name", ["../../etc/cron.d/x.kml", "/etc/x.kml", "..\\..\\x.kml", "C:\\x.kml", "a/../../x.kml"]
)
def test_paths_that_lead_out_are_refused(name: str, tmp_path: Path) -> None:
    assert "leads out" in refused(packed({name: kml()})).message


def test_links_are_refused() -> None:
    link = zipfile.ZipInfo("doc.kml")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert "a link" in refused(packed({link: b"/etc/passwd"})).message


def test_bombs_are_refused() -> None:
    assert is_too_large(refused(packed({"doc.kml": bytes(20_000_000)})))
    many = packed({f"{at}.kml": b"" for at in range(LIMITS.max_entries + 1)})
    assert is_too_large(refused(many))
    small = replace(LIMITS, max_unpacked_bytes=500)
    assert is_too_large(
        refused(packed({"a.kml": kml(), "b.kml": kml(), "c.kml": kml()}), "x", small)
    )


def test_an_archive_that_lies_about_sizes_is_refused() -> None:
    data = bytearray(packed({"doc.kml": kml() + b" " * 3_000_000}))
    for mark, at in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        start = data.index(mark)
        data[start + at : start + at + 4] = struct.pack("<I", 100)
    refused(bytes(data))


def test_archives_in_archives_and_other_archives_are_refused() -> None:
    inner = packed({"doc.kml": kml()})
    assert "an archive in an archive" in refused(packed({"inner.kmz": inner})).message
    assert "an archive in an archive" in refused(packed({"doc.kml": inner})).message
    assert (
        "workbook" in refused(packed({"[Content_Types].xml": b"", "xl/workbook.xml": b""})).message
    )
    assert "without the .shp" in refused(packed({"a.dbf": b"x", "a.prj": b"y"})).message
    assert "empty archive" in refused(packed({})).message
    locked = bytearray(inner)
    locked[inner.index(b"PK\x01\x02") + 8] |= 1
    assert "password" in refused(bytes(locked)).message


def test_a_geopackage_runs_nothing_of_its_own(tmp_path: Path) -> None:
    data = geopackage(tmp_path)
    outside = tmp_path / "outside.db"
    trapped = changed(
        data,
        tmp_path,
        "CREATE TABLE loot(a)",
        "CREATE TRIGGER t AFTER INSERT ON loot BEGIN DELETE FROM leeds; END",
        f"CREATE VIEW v AS SELECT load_extension('{outside}') AS geom",
        "INSERT INTO gpkg_contents(table_name, data_type, identifier, srs_id) "
        "VALUES ('v', 'features', 'v', 27700)",
        "INSERT INTO gpkg_geometry_columns VALUES ('v', 'geom', 'POLYGON', 27700, 0, 0)",
    )
    found = read_layers(trapped, "sent", LIMITS, crs="", layer="")
    assert any("Views were not read: v" in note for note in found.notes)
    assert not outside.exists()
    endless = (
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x AS geom FROM c"
    )
    alone = changed(
        data,
        tmp_path,
        "DROP TABLE leeds",
        f"CREATE VIEW leeds AS {endless}",
    )
    assert "views" in refused(alone).message


def test_names_of_tables_are_names(tmp_path: Path) -> None:
    evil = 'x"; DROP TABLE gpkg_contents; --'
    data = geopackage(tmp_path, layer=evil)
    assert read_layers(data, "sent", LIMITS, crs="", layer="").outline.area > 0


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    refused(geopackage(tmp_path)[:3000])
    shapes = shapefile_of(tmp_path)
    refused(packed({**shapes, "leeds.shp": shapes["leeds.shp"][:120]}))
    endless = bytearray(shapes["leeds.shp"])
    endless[144:152] = struct.pack("<ii", 2**31 - 1, 2**31 - 1)
    refused(packed({**shapes, "leeds.shp": bytes(endless)}))
    refused(packed(shapes)[:-40])


def test_reading_takes_no_more_time_memory_and_bytes_than_it_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    laborious = geojson(shapely.LinearRing([(-1 - i % 2, 53 + i * 1e-6) for i in range(60_000)]))
    polygon = laborious.replace(b'"LineString"', b'"Polygon"')
    wrapped = json.loads(polygon)
    wrapped["coordinates"] = [wrapped["coordinates"]]
    short = UploadSettings(upload_seconds=1)
    with pytest.raises(TooLargeError, match="too long"):
        read_boundary(json.dumps(wrapped).encode(), "scribble", short)
    hungry = b'{"type":"Polygon","coordinates":[' + b"[]," * 2_000_000 + b"[]]}"
    task = {"what": "boundary", "crs": "", "layer": ""}
    with pytest.raises(TooLargeError, match="too much memory"):
        run(task, hungry, "hungry", replace(LIMITS, memory_mb=250), always)
    with pytest.raises(TooLargeError, match="at most 1,000 bytes"):
        read_boundary(geojson() + bytes(2_000), "long", UploadSettings(upload_max_bytes=1_000))
    with pytest.raises(InvalidRequestError, match="nobody who waits"):
        read_boundary(json.dumps(wrapped).encode(), "left", wanted=lambda: False)
    assert not list(tmp_path.iterdir())


def test_lists_are_bounded() -> None:
    def limited(**more: int) -> UploadSettings:
        return UploadSettings.model_validate({f"upload_max_{name}": n for name, n in more.items()})

    with pytest.raises(TooLargeError, match="more than 2 rows"):
        read_rows(b"a\nb\nc\nd\ne\n", "l.csv", limited(rows=2))
    with pytest.raises(TooLargeError, match="more than 2 columns"):
        read_rows(b"a,b,c\n", "l.csv", limited(columns=2))
    with pytest.raises(TooLargeError, match="row 2"):
        read_rows(b"a\n" + b"x" * 20 + b"\n", "l.csv", limited(cell=10))
    for data in (b"", b"\n\n", b"%PDF", b"{}", b"<a>", b"\x00\x01", b",,\n,,\n"):
        with pytest.raises(InvalidRequestError):
            read_rows(data, "l.csv")


def test_a_list_is_read_as_people_save_it() -> None:
    table = read_rows("\ufeffPostcode;People\nLS1 1AA;3\nLS1 1AB\n\n".encode(), "l.csv")
    assert table.columns == ("Postcode", "People")
    assert table.rows == [["LS1 1AA", "3"], ["LS1 1AB", ""]]
    assert (table.first_row, table.headed) == (2, True)
    bare = read_rows("LS1 1AA\nLS1 1AB\n".encode("utf-16"), "l.txt")
    assert (bare.columns, bare.first_row, bare.headed) == (("column 1",), 1, False)
    assert table.csv() == "Postcode,People\nLS1 1AA,3\nLS1 1AB,\n"


def test_workbooks_are_read_in_their_own_process_and_bombs_refused(tmp_path: Path) -> None:
    import xlsxwriter

    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        book.add_worksheet("cover").write(0, 0, "A cover")
        sheet = book.add_worksheet("list")
        sheet.write_row(0, 0, ["Postcode", "People"])
        sheet.write_row(1, 0, ["LS1 1AA", 3])
    table = read_rows(made.getvalue(), "l.xlsx")
    assert table.rows == [["LS1 1AA", "3"]]
    assert "Sheet 'list' was read" in table.notes[0]
    wide = io.BytesIO()
    with xlsxwriter.Workbook(wide, {"in_memory": True}) as book:
        book.add_worksheet("one").write(1_048_575, 16_383, "the last cell")
    with pytest.raises(InvalidRequestError, match="1,048,576 rows"):
        read_rows(wide.getvalue(), "wide.xlsx")
    with pytest.raises(InvalidRequestError, match="workbook"):
        read_rows(made.getvalue()[:900], "half.xlsx")
