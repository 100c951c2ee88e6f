"""Whatever is done to a good file, what comes out is an outline in the UK or a refusal in words."""

import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exclusion_map.errors import ExclusionMapError
from exclusion_map.settings import UploadSettings
from exclusion_map.uploads.limits import Limits
from exclusion_map.uploads.reading import read_layers
from exclusion_map.uploads.rows import read_rows
from exclusion_map.uploads.systems import UK

LEEDS = shapely.box(-1.6, 53.7, -1.4, 53.9)
LIMITS = Limits.of(UploadSettings(upload_max_corners=10_000, upload_max_unpacked_bytes=1_000_000))
KML = (
    "<kml><Placemark><Polygon><outerBoundaryIs><LinearRing><coordinates>-1.6,53.7 -1.4,53.7 "
    "-1.4,53.9 -1.6,53.7</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></kml>"
)


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    import geopandas as gpd

    folder: Path = tmp_path_factory.mktemp("seeds")
    frame = gpd.GeoDataFrame(geometry=[LEEDS], crs=4326).to_crs(27700)
    frame.to_file(folder / "one.gpkg")
    frame.to_file(folder / "one.shp")
    with zipfile.ZipFile(folder / "one.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for ending in ("shp", "shx", "prj"):
            archive.write(folder / f"one.{ending}", f"one.{ending}")
    with zipfile.ZipFile(folder / "stored.zip", "w") as archive:
        for ending in ("shp", "shx", "prj"):
            archive.write(folder / f"one.{ending}", f"one.{ending}")
    return [
        shapely.to_geojson(LEEDS).encode(),
        KML.encode(),
        LEEDS.wkt.encode(),
        *((folder / name).read_bytes() for name in ("one.gpkg", "one.zip", "stored.zip")),
        (folder / "one.shp").read_bytes(),
    ]


Change = Callable[[bytes], bytes]


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """Return something done to bytes: some overwritten, cut out, put in, or said twice."""
    where, other = draw(st.floats(0, 1)), draw(st.floats(0, 1))
    piece = draw(
        st.binary(min_size=1, max_size=8)
        | st.sampled_from(
            [b"1e308", b"NaN", b"-", b"[[[[", b"\xff" * 8, b"\x00" * 8, b"<!DOCTYPE a>"]
        )
    )
    how = draw(st.sampled_from(["write", "put", "cut", "twice"]))

    def change(data: bytes) -> bytes:
        at, to = sorted((int(where * len(data)), int(other * len(data))))
        if how == "write":
            return data[:at] + piece + data[at + len(piece) :]
        if how == "put":
            return data[:at] + piece + data[at:]
        return data[:at] + data[to:] if how == "cut" else data[:to] + data[at:]

    return change


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(which=st.integers(0, 6), done=st.lists(changes(), min_size=1, max_size=4))
def test_a_changed_boundary_is_one_or_refused(
    seeds: list[bytes], which: int, done: list[Change], tmp_path: Path
) -> None:
    data = seeds[which]
    for change in done:
        data = change(data)
    before, tempfile.tempdir = tempfile.tempdir, str(tmp_path)
    try:
        found = read_layers(data, "sent", LIMITS, crs="", layer="")
    except ExclusionMapError:
        pass
    else:
        assert found.outline.is_valid
        assert not found.outline.is_empty
        assert found.outline.geom_type in ("Polygon", "MultiPolygon")
        assert np.isfinite(shapely.get_coordinates(found.outline)).all()
        assert shapely.box(*UK).covers(found.outline)
    finally:
        tempfile.tempdir = before
    assert not list(tmp_path.iterdir())


@settings(max_examples=200, deadline=None)
@given(
    data=st.binary(max_size=200)
    | st.text(alphabet='LS1 2AB,;\t|"\n\r0123é£', max_size=200).map(str.encode)
)
def test_a_list_of_anything_is_a_table_or_refused(data: bytes) -> None:
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return
    try:
        table = read_rows(data, "sent.csv")
    except ExclusionMapError:
        return
    assert table.rows or table.headed
    assert {len(row) for row in table.rows} <= {len(table.columns)}
    assert table.first_row == (2 if table.headed else 1)
