"""Programs that are not ours open what an edition holds and what the service sends.

Which program reads what: Debian's GDAL (``gdal-bin``; 3.6 in Debian 12) reads vector tiles and
GeoJSON. It has neither the PMTiles driver (GDAL 3.8) nor the Parquet driver, which Debian leaves
out; for those the GDAL inside pyogrio opens the archive itself, and GeoParquet by way of ADBC and
DuckDB, which share no code with the library that wrote the files.
"""

import csv
import gzip
import io
import json
import os
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from tests.benchmarks.grid import EXTENT, Place, tile_at
from tests.benchmarks.service import serving

KNOWN = {"Liverpool": "E08000012", "Isle of Anglesey": "W06000001", "Tower Hamlets": "E09000030"}
DETAIL = {"local_authority": 9, "small_area": 12}
"""A zoom at which an area of a kind is drawn large enough to be looked at."""


@dataclass(frozen=True)
class World:
    """An edition and the address of a service that has it open."""

    folder: Path
    base: str
    codes: tuple[str, ...]
    """Local authorities to look at closely."""

    def areas(self) -> gpd.GeoDataFrame:
        return gpd.read_parquet(self.folder / "areas.parquet")

    def larger(self, kind: str) -> gpd.GeoDataFrame:
        path = self.folder / "larger_areas.parquet"
        return gpd.read_parquet(path, filters=[("kind", "==", kind)])

    def tile(self, place: Place) -> bytes:
        address = f"{self.base}/tiles/areas/{'/'.join(map(str, place))}.mvt"
        with urllib.request.urlopen(address) as answer:
            return bytes(answer.read())

    def looked_at(self, kind: str) -> gpd.GeoDataFrame:
        """The known authorities, or a small area in the middle of the list of each."""
        if kind == "local_authority":
            frame = self.larger(kind)
            return frame[frame["code"].isin(self.codes)]
        small = self.areas()
        groups = small[small["local_authority_code"].isin(self.codes)]
        firsts = [rows.index[len(rows) // 2] for _, rows in groups.groupby("local_authority_code")]
        return small.loc[firsts]


@pytest.fixture(
    scope="module", params=["sample", pytest.param("national", marks=pytest.mark.national)]
)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    folder: Path = request.getfixturevalue(f"{request.param}_edition")
    if request.param == "national":
        codes = tuple(KNOWN.values())
    else:
        frame = gpd.read_parquet(folder / "larger_areas.parquet")
        codes = tuple(frame.loc[frame["kind"] == "local_authority", "code"][:2])
    with serving(folder.parents[1]) as service:
        yield World(folder, service.base, codes)


def gdal(program: str, *arguments: str) -> str:
    """What a program of Debian's GDAL prints; without it, a failure in CI and else a skip."""
    path = shutil.which(program)
    if path is None:
        reason = f"{program} is not installed: apt-get install gdal-bin"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    done = subprocess.run([path, *arguments], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stderr, done.stderr
    return done.stdout


WHOLE = ("-oo", "CLIP=NO")
"""Outlines as they are: GDAL would cut them at the tile's edge and leave out those beyond it."""


def as_geojson(source: str, layer: str, *options: str) -> gpd.GeoDataFrame:
    """A layer as GDAL's vector tile driver sees it, in degrees."""
    arguments = ["-f", "GeoJSON", "/vsistdout/", "-t_srs", "EPSG:4326", source, layer]
    text = gdal("ogr2ogr", *arguments, *WHOLE, *options)
    return gpd.GeoDataFrame.from_features(json.loads(text), crs=4326)


def layer_names(source: str, *options: str) -> list[str]:
    text = gdal("ogrinfo", "-ro", source, *WHOLE, *options)
    listed = [line.split(": ", 1)[1] for line in text.splitlines() if line[:1].isdigit()]
    return [name.split(" (")[0] for name in listed]


def ids_of(tile: bytes) -> dict[str, list[int]]:
    decoded = mapbox_vector_tile.decode(tile)
    return {name: [one["id"] for one in layer["features"]] for name, layer in decoded.items()}


@pytest.mark.gdal
@pytest.mark.parametrize("kind", DETAIL)
def test_gdal_opens_tiles_from_the_service(world: World, kind: str, tmp_path: Path) -> None:
    for area in world.looked_at(kind).itertuples():
        place, _ = tile_at(area.longitude, area.latitude, DETAIL[kind])
        data = world.tile(place)
        path = tmp_path / "{}-{}-{}.mvt".format(*place)
        path.write_bytes(data)
        zoom, x, y = (f"{name}={at}" for name, at in zip("ZXY", place, strict=True))
        position = ("-oo", zoom, "-oo", x, "-oo", y)
        expected = ids_of(data)
        assert layer_names(str(path), *position) == list(expected)
        found = as_geojson(str(path), kind, *position)
        assert found["mvt_id"].tolist() == expected[kind]
        check_holds_its_point(found, area, DETAIL[kind])


def check_holds_its_point(found: gpd.GeoDataFrame, area: Any, zoom: int) -> None:
    """The id is the row of the area, and the outline lies around the area's own point."""
    outline = found.loc[found["mvt_id"] == area.feature_id, "geometry"]
    assert len(outline) == 1
    point = shapely.Point(area.longitude, area.latitude)
    pixel = 360 / 2**zoom / 512  # the outline was simplified: the point may lie that near it
    assert shapely.dwithin(shapely.make_valid(outline.iloc[0]), point, pixel), area.name


@pytest.mark.gdal
def test_gdal_reads_a_zoom_straight_off_the_service(world: World) -> None:
    """GDAL takes the bounds from our TileJSON and asks for every tile of a zoom itself."""
    options = ["-oo", "TILE_EXTENSION=mvt", "-oo", f"METADATA_FILE={world.base}/tiles/areas.json"]
    source = f"MVT:{world.base}/tiles/areas/4"
    arguments = ["-f", "CSV", "/vsistdout/", source, "local_authority", *options, *WHOLE]
    text = gdal("ogr2ogr", *arguments)
    found = {int(row["mvt_id"]) for row in csv.DictReader(io.StringIO(text))}
    assert found == set(range(len(world.larger("local_authority"))))


@pytest.mark.gdal
def test_gdal_opens_tiles_laid_out_on_disk(world: World, tmp_path: Path) -> None:
    with urllib.request.urlopen(f"{world.base}/tiles/areas.json") as answer:
        tilejson = json.load(answer)
    layers = [{"geometry": "Polygon", **layer} for layer in tilejson["vector_layers"]]
    about = {"json": json.dumps({"vector_layers": layers}), "format": "pbf", "maxzoom": "9"}
    (tmp_path / "metadata.json").write_text(json.dumps(about))
    area = next(world.looked_at("local_authority").itertuples())
    zoom = DETAIL["local_authority"]
    home, _ = tile_at(area.longitude, area.latitude, zoom)
    expected: set[int] = set()
    for x in (home[1], home[1] + 1):
        data = world.tile((zoom, x, home[2]))
        if data:
            path = tmp_path / str(zoom) / str(x) / f"{home[2]}.pbf"
            path.parent.mkdir(parents=True)
            path.write_bytes(data)
            expected.update(ids_within(data, "small_area"))
    source = f"MVT:{tmp_path}/{zoom}"
    assert set(layer_names(source)) == {layer["id"] for layer in layers}
    assert set(as_geojson(source, "small_area")["mvt_id"]) == expected
    check_holds_its_point(dissolved(as_geojson(source, "local_authority")), area, zoom)


def ids_within(tile: bytes, layer: str) -> set[int]:
    """Areas of a tile itself: across tiles, GDAL leaves out what lies in the margin alone."""
    whole = shapely.box(0, 0, EXTENT, EXTENT)
    return {
        feature["id"]
        for feature in mapbox_vector_tile.decode(tile)[layer]["features"]
        if shapely.intersects(
            shapely.make_valid(shapely.geometry.shape(feature["geometry"])), whole
        )
    }


def dissolved(parts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Features of neighbouring tiles put together by id."""
    valid = parts.set_geometry(parts.geometry.make_valid())
    return valid.dissolve("mvt_id").reset_index()


@pytest.mark.gdal
def test_gdal_opens_an_outline(world: World) -> None:
    for area in world.looked_at("local_authority").itertuples():
        source = f"{world.base}/api/v1/areas/{area.code}/outline"
        text = gdal("ogr2ogr", "-f", "GeoJSON", "/vsistdout/", source)
        (feature,) = json.loads(text)["features"]
        outline = shapely.geometry.shape(feature["geometry"])
        assert feature["properties"]["code"] == area.code
        assert outline.bounds == pytest.approx((area.xmin, area.ymin, area.xmax, area.ymax))
        assert outline.contains(shapely.Point(area.longitude, area.latitude))


@pytest.mark.parametrize("name", ["areas", "larger_areas"])
def test_gdal_with_duckdb_opens_geoparquet(world: World, name: str) -> None:
    path = world.folder / f"{name}.parquet"
    source, options = f"ADBC:{path}", {"ADBC_DRIVER": duckdb_library()}
    info = pyogrio.read_info(source, **options)
    ours = gpd.read_parquet(path)
    assert info["crs"] == "EPSG:4326"
    assert info["features"] == len(ours)
    assert info["total_bounds"] == pytest.approx(tuple(ours.total_bounds))
    assert set(info["fields"]) == set(ours.columns) - {"geometry"}
    columns = ["feature_id", "code", "longitude", "latitude"]
    theirs = pyogrio.read_dataframe(source, columns=columns, use_arrow=False, **options)
    assert theirs["code"].tolist() == ours["code"].tolist()
    assert theirs["feature_id"].tolist() == ours["feature_id"].tolist()
    points = shapely.points(theirs["longitude"], theirs["latitude"])
    assert shapely.contains(np.asarray(theirs.geometry), points).all()


def duckdb_library() -> str:
    """DuckDB's compiled module, which offers itself as an ADBC driver too."""
    (library,) = Path(duckdb.__file__).parent.parent.glob("_duckdb*.so")
    return str(library)


def test_gdal_opens_the_archive(world: World) -> None:
    path = world.folder / "areas.pmtiles"
    assert pyogrio.list_layers(path)[:, 0].tolist() == [
        "local_authority",
        "neighbourhood",
        "small_area",
    ]
    for kind, count in (
        ("local_authority", len(world.larger("local_authority"))),
        ("neighbourhood", len(world.larger("neighbourhood"))),
    ):
        found = pyogrio.read_dataframe(path, layer=kind, ZOOM_LEVEL="7", CLIP="NO")
        assert set(found["mvt_id"]) == set(range(count))
        assert found.crs.to_epsg() == 3857


def test_gdal_opens_the_archive_of_support(world: World) -> None:
    path = world.folder / "support.pmtiles"
    found = pyogrio.read_dataframe(path, layer="support", ZOOM_LEVEL="8").drop_duplicates("mvt_id")
    ours = pd.read_parquet(world.folder / "support.parquet", columns=["id", "kind", "name"])
    assert sorted(found["sid"]) == sorted(ours["id"])


def test_a_tile_leaves_gzipped_for_those_who_take_it(world: World) -> None:
    area = next(world.looked_at("small_area").itertuples())
    place, _ = tile_at(area.longitude, area.latitude, 12)
    address = f"{world.base}/tiles/areas/{'/'.join(map(str, place))}.mvt"
    asked = urllib.request.Request(address, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(asked) as answer:
        assert gzip.decompress(answer.read()) == world.tile(place)
