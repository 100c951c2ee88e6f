"""Boundaries in every form that is taken, and the wrong things files say of themselves."""

import json
from pathlib import Path

import pytest
import shapely
from pyogrio import read_dataframe

from exclusion_map.errors import InvalidRequestError
from exclusion_map.uploads import is_boundary, read_boundary
from exclusion_map.uploads.outlines import MOST_CORNERS
from exclusion_map.uploads.reading import Found, read_layers

from .uploaded_files import LEEDS, LIMITS, changed, frame, geojson, geopackage, kml, packed
from .uploaded_files import shapefile as shapefile_of


def read(data: bytes, name: str = "sent", *, crs: str = "", layer: str = "") -> Found:
    return read_layers(data, name, LIMITS, crs=crs, layer=layer)


def is_leeds(found: Found) -> bool:
    """Whether an outline is the square, to within five metres of datum shift."""
    return shapely.hausdorff_distance(found.outline, LEEDS) < 5e-5


def test_every_form_is_told_by_its_content_and_gives_the_same(tmp_path: Path) -> None:
    shapes = shapefile_of(tmp_path)
    forms = {
        "GeoJSON": geojson(),
        "feature": json.dumps(
            {"type": "Feature", "geometry": json.loads(geojson()), "properties": None}
        ).encode("utf-8-sig"),
        "GeoPackage": geopackage(tmp_path),
        "Shapefile": packed({f"a folder/{name}": data for name, data in shapes.items()}),
        "without index": packed({k: v for k, v in shapes.items() if not k.endswith(".shx")}),
        "KML": kml(),
        "KMZ": packed({"doc.kml": kml()}),
        "WKT": LEEDS.wkt.encode(),
        "EWKT": f"SRID=4326;{LEEDS.wkt}".encode(),
        "zipped GeoPackage": packed({"x.gpkg": geopackage(tmp_path)}),
    }
    for form, data in forms.items():
        assert is_boundary(data), form
        found = read(data, "no-ending")
        assert is_leeds(found), form
        assert found.crs in ("EPSG:4326", "EPSG:27700")


def test_a_geopackage_reads_as_gdal_reads_it(tmp_path: Path) -> None:
    ring = shapely.Point(-1.5, 53.8).buffer(0.1).difference(shapely.Point(-1.5, 53.8).buffer(0.03))
    data = geopackage(tmp_path, shapely.MultiPolygon([ring, shapely.box(-3, 54, -2.9, 54.1)]))
    theirs = read_dataframe(tmp_path / "made.gpkg").to_crs(4326).geometry.iloc[0]
    ours = read(data).outline
    assert shapely.symmetric_difference(ours, theirs).area < 1e-9
    assert len(shapely.get_parts(ours)) == 2


def test_a_whole_reading_goes_through_its_own_process(tmp_path: Path) -> None:
    path = tmp_path / "leeds.gpkg"
    path.write_bytes(geopackage(tmp_path))
    found = read_boundary(path, "../../leeds.gpkg\x00")
    assert found.geometry.geom_type == "Polygon"
    assert found.crs_said == "EPSG:27700"
    assert found.geojson["type"] == "Polygon"
    assert found.notes == ()


@pytest.mark.parametrize(
    ("crs", "told"),
    [(27700, "British National Grid"), (3857, "Web Mercator")],
)
def test_metres_said_to_be_degrees_are_guessed_and_told(crs: int, told: str) -> None:
    found = read(geojson(frame(crs=crs).geometry.iloc[0]))
    assert is_leeds(found)
    assert found.crs == f"EPSG:{crs}"
    assert any("says degrees" in note and told in note for note in found.notes)


def test_irish_grids_are_told_from_the_british_one() -> None:
    antrim = shapely.box(-6.6, 54.9, -6.5, 55.0)
    shape = frame(antrim, 2157).geometry.iloc[0]
    assert read(shape.wkt.encode()).crs == "EPSG:2157"
    derry = frame(shapely.box(-7.4, 54.95, -7.3, 55.02), 29902).geometry.iloc[0]
    found = read(derry.wkt.encode())
    assert found.crs == "EPSG:29902"
    assert found.outline.centroid.x == pytest.approx(-7.35, abs=0.01)


def test_the_system_can_be_said_by_who_sends() -> None:
    belfast = frame(shapely.box(-6.0, 54.55, -5.9, 54.65), 29902).geometry.iloc[0]
    assert read(belfast.wkt.encode()).outline.centroid.x > -4  # Guessed: British, so in England.
    found = read(belfast.wkt.encode(), crs="EPSG:29902")
    assert found.outline.centroid.x == pytest.approx(-5.95, abs=0.01)
    for nonsense in ("EPSG:1", "+proj=longlat +nadgrids=/etc/passwd", "http://10.0.0.1/crs"):
        with pytest.raises(InvalidRequestError, match="the system"):
            read(belfast.wkt.encode(), crs=nonsense)


def test_latitude_first_is_turned_round_and_told() -> None:
    found = read(geojson(shapely.transform(LEEDS, lambda points: points[:, ::-1])))
    assert is_leeds(found)
    assert any("turned round" in note for note in found.notes)


def test_degrees_said_to_be_metres_are_degrees(tmp_path: Path) -> None:
    wrong = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    found = read(geojson(crs=wrong))
    assert is_leeds(found)
    assert any("says EPSG:27700" in note for note in found.notes)


def test_a_shapefile_without_prj_is_guessed_and_told(tmp_path: Path) -> None:
    found = read(packed(shapefile_of(tmp_path, without=(".prj",))))
    assert is_leeds(found)
    assert any(".prj" in note for note in found.notes)
    lone = shapefile_of(tmp_path)["leeds.shp"]
    assert is_leeds(read(lone, "leeds.shp"))


def test_what_crosses_itself_is_mended_and_told() -> None:
    bow = "POLYGON((-1.6 53.7, -1.4 53.9, -1.4 53.7, -1.6 53.9, -1.6 53.7))"
    found = read(bow.encode())
    assert found.outline.is_valid
    assert found.outline.area == pytest.approx(LEEDS.area / 2)
    assert any("mended" in note for note in found.notes)


@pytest.mark.parametrize(
    "shape",
    [
        "POLYGON((-1.6 53.7, -1.4 53.9, -1.6 53.7, -1.6 53.7))",
        "POLYGON((-1.6 53.7, -1.6 53.7, -1.6 53.7, -1.6 53.7))",
    ],
)
def test_what_encloses_nothing_is_refused(shape: str) -> None:
    with pytest.raises(InvalidRequestError, match="encloses nothing"):
        read(shape.encode())


def test_overlapping_shapes_count_once() -> None:
    both = shapely.MultiPolygon([LEEDS, shapely.box(-1.5, 53.7, -1.3, 53.9)])
    assert read(geojson(both)).outline.area == pytest.approx(1.5 * LEEDS.area)


def test_too_fine_an_outline_is_simplified_and_told() -> None:
    fine = shapely.segmentize(LEEDS, 1.5e-5)
    assert shapely.get_num_coordinates(fine) > MOST_CORNERS
    found = read(geojson(fine))
    assert shapely.get_num_coordinates(found.outline) <= MOST_CORNERS
    assert is_leeds(found)
    assert any("simplified" in note for note in found.notes)


def test_of_several_layers_the_first_with_areas_is_read_and_told(tmp_path: Path) -> None:
    first = geopackage(tmp_path, shapely.Point(-1.5, 53.8), layer="doors")
    path = tmp_path / "made.gpkg"
    assert path.read_bytes() == first
    frame(LEEDS, 27700).to_file(path, layer="wards", mode="a")
    frame(shapely.box(-3, 54, -2.9, 54.1), 27700).to_file(path, layer="yards", mode="a")
    found = read(path.read_bytes())
    assert is_leeds(found)
    assert any("Layer wards was read; there are also doors, yards" in one for one in found.notes)
    assert read(path.read_bytes(), layer="Yards").outline.centroid.y > 54
    with pytest.raises(InvalidRequestError, match="one of: doors, wards, yards"):
        read(path.read_bytes(), layer="streets")


def test_a_database_left_open_elsewhere_is_read(tmp_path: Path) -> None:
    data = changed(geopackage(tmp_path), tmp_path, "PRAGMA journal_mode=WAL")
    assert data[18] == 2
    assert is_leeds(read(data))
