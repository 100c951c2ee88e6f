"""Programs that are not ours read the OGC API: GDAL of two ages, OWSLib and QGIS.

Debian 12 has GDAL 3.6; pyogrio brings a recent one of its own, which asks for reference systems.
"""

import json
import os
import shutil
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import pyogrio
import pytest
import shapely
from owslib.ogcapi.features import Features

from tests.benchmarks.service import serving

SYSTEM_PYTHON = "/usr/bin/python3"
READER = Path(__file__).with_name("qgis_reader.py")


@dataclass(frozen=True)
class Site:
    """A service with the invented county, and the tables behind it."""

    base: str
    small: gpd.GeoDataFrame
    larger: gpd.GeoDataFrame

    @property
    def council(self) -> str:
        return str(self.small["local_authority"].iloc[0])

    def items(self, collection: str, **query: str) -> Any:
        asked = urllib.parse.urlencode(query)
        with urllib.request.urlopen(f"{self.url(collection)}/items?{asked}") as answer:
            return json.load(answer)

    def url(self, collection: str) -> str:
        return f"{self.base}/ogc/collections/{collection}"


@pytest.fixture(scope="module")
def site(sample_processed: Path, sample_edition: Path) -> Iterator[Site]:
    small = gpd.read_parquet(sample_edition / "areas.parquet")
    larger = gpd.read_parquet(sample_edition / "larger_areas.parquet")
    with serving(sample_processed) as running:
        yield Site(running.base, small, larger)


@pytest.fixture
def ogr() -> Any:
    if shutil.which("ogr2ogr") is None:
        pytest.skip("gdal-bin is not installed: scripts/install-test-packages")

    def run(*command: str) -> str:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        assert "ERROR" not in done.stderr
        return done.stdout + done.stderr

    return run


@pytest.mark.gdal
def test_gdal_reads_all_of_a_council_page_by_page(site: Site, ogr: Any, tmp_path: Path) -> None:
    path = tmp_path / "council.gpkg"
    source = f"OAPIF:{site.base}/ogc"
    told = ogr(
        *("ogr2ogr", "--debug", "OAPIF,HTTP", "-oo", "PAGE_SIZE=7"),
        *("-where", f"local_authority = '{site.council}'", str(path), source, "small_area"),
    )
    # The filter is not left to the reader: the service is asked for the council alone.
    assert "filter=local_authority" in told
    assert "offset=7" in told
    theirs = gpd.read_file(path).set_index("code").sort_index()
    ours = site.small[site.small["local_authority"] == site.council].set_index("code")
    assert list(theirs.index) == sorted(ours.index)
    assert len(theirs) > 7
    wanted = ours.geometry.loc[theirs.index]
    moved = theirs.geometry.to_crs(27700).hausdorff_distance(wanted.to_crs(27700))
    assert moved.max() < 0.1


@pytest.mark.gdal
def test_gdal_lists_every_collection(site: Site, ogr: Any) -> None:
    told = ogr("ogrinfo", "-ro", f"OAPIF:{site.base}/ogc")
    assert "small_area (title: Small areas) (Multi Polygon)" in told
    assert "support (title: Support locations) (Point)" in told


@pytest.mark.parametrize(
    "where",
    [
        "decile <= 3",
        "decile <= 3 AND local_authority = '{council}'",
        "name LIKE '%1A' OR decile IN (1, 10)",
        "NOT (decile BETWEEN 2 AND 9)",
        "rural_urban IS NULL",
    ],
)
def test_a_recent_gdal_filters_as_a_table_does(site: Site, where: str) -> None:
    where = where.format(council=site.council)
    theirs = pyogrio.read_dataframe(f"OAPIF:{site.base}/ogc", layer="small_area", where=where)
    ours = site.items("small_area", filter=where, limit="10000", skipGeometry="true")
    assert sorted(theirs["code"]) == sorted(feature["id"] for feature in ours["features"])


@pytest.mark.parametrize("system", ["EPSG:27700", "EPSG:3857", "EPSG:4326", "OGC:CRS84"])
def test_a_recent_gdal_reads_every_reference_system(site: Site, system: str) -> None:
    theirs = pyogrio.read_dataframe(
        f"OAPIF:{site.base}/ogc", layer="local_authority", CRS=system
    ).set_index("code")
    ours = site.larger[site.larger["kind"] == "local_authority"].set_index("code")
    wanted = ours.geometry.loc[theirs.index].to_crs(27700)
    away = theirs.geometry.to_crs(27700).hausdorff_distance(wanted)
    assert away.max() < 1  # Metres.
    # To GDAL the two systems in degrees are one.
    degrees = {"EPSG:4326", "OGC:CRS84"}
    assert theirs.crs.to_string() in (degrees if system in degrees else {system})


def test_a_saved_file_in_national_grid_says_so(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "saved.geojson"
    crs = "http://www.opengis.net/def/crs/EPSG/0/27700"
    path.write_text(json.dumps(site.items("local_authority", crs=crs)))
    saved = gpd.read_file(path)
    assert saved.crs.to_epsg() == 27700
    ours = site.larger[site.larger["kind"] == "local_authority"].to_crs(27700)
    assert np.abs(saved.total_bounds - ours.total_bounds).max() < 1


@pytest.mark.gdal
def test_both_gdals_open_the_tiles(site: Site, ogr: Any, tmp_path: Path) -> None:
    with urllib.request.urlopen(f"{site.url('local_authority')}/tiles/WebMercatorQuad") as answer:
        told = json.load(answer)
    limits = told["tileMatrixSetLimits"][-1]
    template = next(link["href"] for link in told["links"] if link["rel"] == "item")
    rows = range(limits["minTileRow"], limits["maxTileRow"] + 1)
    columns = range(limits["minTileCol"], limits["maxTileCol"] + 1)
    saved = 0
    for row, column in ((row, column) for row in rows for column in columns):
        address = template.format(tileMatrix=limits["tileMatrix"], tileRow=row, tileCol=column)
        with urllib.request.urlopen(address) as answer:
            tile = answer.read()
        if not tile or saved == 3:
            continue
        # GDAL tells where a tile lies by the names of its folders: zoom, column, row.
        path = tmp_path / limits["tileMatrix"] / str(column) / f"{row}.pbf"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(tile)
        decoded = mapbox_vector_tile.decode(tile)["local_authority"]["features"]
        recent = pyogrio.read_dataframe(path)
        assert len(recent) == len(decoded)
        council = site.larger[site.larger["kind"] == "local_authority"].to_crs(3857)
        assert (
            shapely.box(*council.total_bounds)
            .buffer(500)
            .contains(shapely.box(*recent.to_crs(3857).total_bounds))
        )
        assert f"Feature Count: {len(decoded)}" in ogr("ogrinfo", "-ro", "-al", "-so", str(path))
        saved += 1
    assert saved == 3


def test_owslib_walks_from_the_landing_page_to_a_feature(site: Site) -> None:
    service = Features(f"{site.base}/ogc/")
    assert "core" in " ".join(service.conformance()["conformsTo"])
    assert service.api()["openapi"].startswith("3.0")
    assert set(service.feature_collections()) >= {"small_area", "ward", "support"}
    assert service.collection("ward")["itemType"] == "feature"
    assert "decile" in service.collection_queryables("small_area")["properties"]
    asked = {"op": "<=", "args": [{"property": "decile"}, 2]}
    found = service.collection_items("small_area", filter="decile <= 2", limit=5)
    same = site.items("small_area", filter=json.dumps(asked), limit="5")
    assert [one["id"] for one in found["features"]] == [one["id"] for one in same["features"]]
    first = found["features"][0]["id"]
    assert service.collection_item("small_area", first)["properties"]["decile"] <= 2


@pytest.fixture(scope="module")
def seen_by_qgis(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What QGIS of the system tells of the service."""
    folder = tmp_path_factory.mktemp("qgis")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
        "QT_QPA_PLATFORM": "offscreen",
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": str(folder),
    }
    if (
        not Path(SYSTEM_PYTHON).exists()
        or subprocess.run(
            [SYSTEM_PYTHON, "-c", "import qgis.core"], capture_output=True, env=environment
        ).returncode
    ):
        pytest.skip("QGIS is not installed: scripts/install-test-packages")
    done = subprocess.run(
        [SYSTEM_PYTHON, str(READER), site.base, str(folder)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=180,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("SEEN ")]
    assert lines, done.stderr[-3000:]
    return json.loads(lines[0].removeprefix("SEEN "))


def test_qgis_opens_features_and_tiles(site: Site, seen_by_qgis: Any) -> None:
    councils = site.larger[site.larger["kind"] == "local_authority"]
    places = site.items("support", limit="1")["numberMatched"]
    assert seen_by_qgis["valid"] == [True, True, True]
    assert seen_by_qgis["counted"] == [len(councils), places]
    assert seen_by_qgis["read"] == [len(councils), places]
    assert seen_by_qgis["types"] == ["MultiPolygon", "Point"]
    assert {"code", "name", "score", "rank", "decile"} <= set(seen_by_qgis["fields"])
    box = shapely.box(*seen_by_qgis["box"])
    assert seen_by_qgis["touching"] == sorted(councils[councils.intersects(box)]["code"])
    code = seen_by_qgis["first"].pop("code")
    told = site.items("local_authority", code=code)["features"][0]["properties"]
    assert seen_by_qgis["first"] == {name: told[name] for name in ("score", "rank")}


def test_qgis_draws_features_and_tiles_alike(seen_by_qgis: Any) -> None:
    assert 0.2 < seen_by_qgis["drawn"] <= 1
    assert seen_by_qgis["tiled"] == pytest.approx(seen_by_qgis["drawn"], abs=0.1)
