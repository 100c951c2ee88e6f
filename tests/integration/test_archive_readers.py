"""Programs that are not ours read the archives by ranges over HTTP, and find every layer."""

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyogrio
import pytest
from pmtiles.reader import MmapSource, Reader, all_tiles

from exclusion_map.terms import AreaKind
from exclusion_map.tiles.tilesets import (
    AREA_TILESETS,
    CLUSTER_LAYER,
    CLUSTER_MIN_ZOOM,
    MAX_ZOOM,
    POINT_LAYER,
    POINT_MIN_ZOOM,
    TILESETS,
)
from tests.benchmarks.service import serving

GDAL_OPTIONS = {"CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".pmtiles", "GDAL_HTTP_TIMEOUT": "20"}


@dataclass(frozen=True)
class Served:
    """An edition, and the address of a service that has it open."""

    folder: Path
    base: str

    def source(self, tileset: str) -> "HttpSource":
        return HttpSource(f"{self.base}/tiles/{self.folder.name}/{tileset}.pmtiles")

    def count(self, kind: AreaKind) -> int:
        if kind is AreaKind.SMALL_AREA:
            return len(pd.read_parquet(self.folder / "areas.parquet", columns=["code"]))
        larger = pd.read_parquet(self.folder / "larger_areas.parquet", columns=["kind"])
        return int((larger["kind"] == kind.value).sum())


class HttpSource:
    """A source for the reader of the pmtiles package: each read is a request for a range."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.bytes = 0

    def __call__(self, offset: int, length: int) -> bytes:
        headers = {"Range": f"bytes={offset}-{offset + length - 1}"}
        with urllib.request.urlopen(
            urllib.request.Request(self.address, headers=headers)
        ) as answer:
            assert answer.status == 206
            data: bytes = answer.read()
        self.bytes += len(data)
        return data


@pytest.fixture(scope="module")
def served(sample_edition: Path) -> Iterator[Served]:
    with serving(sample_edition.parents[1]) as service:
        yield Served(sample_edition, service.base)


@pytest.fixture
def gdal_over_http() -> Iterator[None]:
    pyogrio.set_gdal_config_options(GDAL_OPTIONS)
    yield
    pyogrio.set_gdal_config_options(dict.fromkeys(GDAL_OPTIONS))


@pytest.mark.parametrize("name", TILESETS)
def test_the_pmtiles_client_reads_tiles_over_http(served: Served, name: str) -> None:
    over_http = served.source(name)
    reader = Reader(over_http)
    with (served.folder / f"{name}.pmtiles").open("rb") as file:
        local = dict(all_tiles(MmapSource(file)))
    lowest = reader.header()["min_zoom"]
    for place in (min(local), max(local)):
        assert reader.get(*place) == local[place]
    assert min(local)[0] == lowest
    assert over_http.bytes < sum(map(len, local.values())) + 40_000


@pytest.mark.usefixtures("gdal_over_http")
@pytest.mark.parametrize(
    ("name", "kind"), [(one.name, kind) for one in AREA_TILESETS for kind, _ in one.layers]
)
def test_gdal_finds_every_area_over_http(served: Served, name: str, kind: AreaKind) -> None:
    path = f"/vsicurl/{served.base}/tiles/{served.folder.name}/{name}.pmtiles"
    for zoom in (dict(TILESETS[name].layers)[kind], TILESETS[name].max_zoom):
        found = pyogrio.read_dataframe(path, layer=kind.value, ZOOM_LEVEL=str(zoom), CLIP="NO")
        assert set(found["mvt_id"]) == set(range(served.count(kind)))
        assert found.crs.to_epsg() == 3857
        assert found.geometry.is_valid.all()


@pytest.mark.usefixtures("gdal_over_http")
def test_gdal_reads_places_and_clusters_over_http(served: Served) -> None:
    path = f"/vsicurl/{served.base}/tiles/support.pmtiles"
    ours = pd.read_parquet(served.folder / "support.parquet", columns=["id", "kind", "name"])
    places = pyogrio.read_dataframe(path, layer="support", ZOOM_LEVEL="12", CLIP="NO")
    assert sorted(places["sid"]) == sorted(ours["id"])
    for zoom in range(4, 8):
        found = pyogrio.read_dataframe(path, layer="support_clusters", ZOOM_LEVEL=str(zoom))
        assert found["count"].sum() == len(ours)
        for kind, count in ours["kind"].value_counts().items():
            assert found[kind].sum() == count
        named = found.loc[found["count"] == 1, "sid"]
        assert named.isin(ours["id"]).all()


@pytest.mark.parametrize("name", TILESETS)
def test_tilejson_tells_all_of_a_tileset(served: Served, name: str) -> None:
    with urllib.request.urlopen(f"{served.base}/tiles/{name}.json") as answer:
        told = json.load(answer)
    highest = TILESETS[name].max_zoom
    expected = {kind.value: (low, highest) for kind, low in TILESETS[name].layers} or {
        CLUSTER_LAYER: (CLUSTER_MIN_ZOOM, POINT_MIN_ZOOM - 1),
        POINT_LAYER: (POINT_MIN_ZOOM, MAX_ZOOM),
    }
    layers = {one["id"]: (one["minzoom"], one["maxzoom"]) for one in told["vector_layers"]}
    assert layers == expected
    assert (told["minzoom"], told["maxzoom"]) == (min(low for low, _ in layers.values()), highest)
    assert all(isinstance(one["fields"], dict) for one in told["vector_layers"])
    assert bool(told["vector_layers"][0]["fields"]) == (name == "support")
    assert "licence" in told["attribution"].lower()
    assert HttpSource(told["archive"])(0, 7) == b"PMTiles"
