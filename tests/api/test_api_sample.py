"""The service over Sampleshire, as the pipeline builds it."""

import csv
import gzip
import io
import subprocess
import sys
import textwrap
from pathlib import Path

import mapbox_vector_tile
import pytest
import shapely
from starlette.testclient import TestClient

from api.service import Service
from exclusion_map.editions.reader import open_edition
from exclusion_map.terms import AreaKind


@pytest.fixture(scope="module")
def sample(sample_client: TestClient) -> TestClient:
    return sample_client


@pytest.fixture(scope="module")
def service(sample: TestClient) -> Service:
    return sample.app.state.service


def test_the_whole_edition_verifies(sample_edition: Path) -> None:
    edition = open_edition(sample_edition, verify="full")
    assert edition.manifest.synthetic
    assert edition.id == sample_edition.name


def test_levels_fit_together(service: Service) -> None:
    atlas = service.edition.atlas
    small = atlas.level(AreaKind.SMALL_AREA)
    for kind, level in atlas.levels.items():
        assert level.small_areas.sum() <= len(small)
        inside = [len(atlas.members(level, row)) for row in range(len(level))]
        assert inside == level.small_areas.tolist(), kind
        assert (level.bbox[:, 0] <= level.longitude).all()
        assert (level.longitude <= level.bbox[:, 2]).all()


def test_every_area_has_a_profile(sample: TestClient, service: Service) -> None:
    for level in service.edition.atlas.levels.values():
        for code in level.codes[:: max(1, len(level) // 8)]:
            answer = sample.get(f"/api/v1/areas/{code}")
            assert answer.status_code == 200
            profile = answer.json()
            assert profile["synthetic"] is True
            assert "made up" in profile["caveats"][0]
            assert profile["lead"].startswith(profile["label"])
            for parent in profile["parents"]:
                assert (
                    sample.get(parent["url"].replace("/areas", "/api/v1/areas")).status_code == 200
                )


def test_every_larger_area_is_found_by_its_name(service: Service) -> None:
    for kind, level in service.edition.atlas.levels.items():
        if kind is AreaKind.SMALL_AREA:
            continue
        for row in range(0, len(level), max(1, len(level) // 15)):
            results = service.search(level.names[row], 20).results
            assert level.codes[row] in {result.code for result in results}, level.names[row]


def test_scores_and_ranks_agree(service: Service) -> None:
    small = service.edition.atlas.score_set(service.default_index, AreaKind.SMALL_AREA)
    order = small.rank.argsort()
    ranked = order[small.rank[order] > 0]
    scores = small.score[ranked]
    assert (scores[:-1] >= scores[1:]).all()
    assert small.ranked == len(ranked)


def test_contributions_add_up_to_differences_of_scores(service: Service) -> None:
    profiler = service.profilers[service.default_index]
    level = service.edition.atlas.level(AreaKind.SMALL_AREA)
    scores = service.edition.atlas.score_set(service.default_index, AreaKind.SMALL_AREA).score
    sums = [sum(driver.points for driver in profiler.drivers(level, row)) for row in (0, 9, 99)]
    assert sums[1] - sums[0] == pytest.approx(scores[9] - scores[0], abs=0.1)
    assert sums[2] - sums[0] == pytest.approx(scores[99] - scores[0], abs=0.1)


def test_values_match_the_tiles(sample: TestClient, service: Service) -> None:
    described = sample.get("/tiles/areas.json").json()
    zoom = described["maxzoom"]
    level = service.edition.atlas.level(AreaKind.SMALL_AREA)
    x, y = tile_of(float(level.longitude[0]), float(level.latitude[0]), zoom)
    tile = sample.get(described["tiles"][0].format(z=zoom, x=x, y=y))
    assert tile.status_code == 200
    ids = {one["id"] for one in mapbox_vector_tile.decode(tile.content)["small_area"]["features"]}
    assert 0 in ids
    index = service.default_index
    values = sample.get(f"/api/v1/editions/{service.edition.id}/values/small_area/{index}.bin")
    assert len(values.content) == len(level)
    assert max(ids) < len(values.content)


def tile_of(longitude: float, latitude: float, zoom: int) -> tuple[int, int]:
    import math

    n = 1 << zoom
    y = math.asinh(math.tan(math.radians(latitude)))
    return int((longitude + 180) / 360 * n), int((1 - y / math.pi) / 2 * n)


def test_outlines_hold_the_areas_point(sample: TestClient, service: Service) -> None:
    for level in service.edition.atlas.levels.values():
        row = len(level) - 1
        feature = sample.get(f"/api/v1/areas/{level.codes[row]}/outline").json()
        shape = shapely.geometry.shape(feature["geometry"])
        assert shape.covers(shapely.Point(level.longitude[row], level.latitude[row]))


def test_a_postcode_leads_to_the_area_it_lies_in(service: Service) -> None:
    postcodes = service.edition.postcodes
    assert postcodes is not None
    assert len(postcodes) > 0
    code = bytes(postcodes._codes[len(postcodes) // 2]).decode().strip()
    place = postcodes.find(code)
    found = service.search(code)
    assert place is not None
    if place.area >= 0:
        level = service.edition.atlas.level(AreaKind.SMALL_AREA)
        assert found.results[0].code == level.codes[place.area]


def test_the_download_has_every_area(sample: TestClient, service: Service) -> None:
    text = sample.get("/api/v1/areas?format=csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == len(service.edition.atlas.level(AreaKind.SMALL_AREA))
    ranks = [int(row["rank"]) for row in rows if row["rank"]]
    assert ranks == sorted(ranks)


def test_tiles_are_stored_compressed(service: Service) -> None:
    archive = service.edition.tiles["areas"]
    assert archive.info.gzipped
    west, south, east, north = archive.info.bounds
    x, y = tile_of((west + east) / 2, (south + north) / 2, archive.info.min_zoom)
    stored = archive.get(archive.info.min_zoom, x, y)
    assert stored is not None
    assert gzip.decompress(stored)


def test_serving_needs_neither_pandas_nor_geopandas(sample_processed: Path) -> None:
    script = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from starlette.testclient import TestClient
        from api.app import create_app
        from exclusion_map.settings import DataSettings, ServiceSettings
        app = create_app(ServiceSettings(), DataSettings(processed_dir=Path(sys.argv[1])))
        with TestClient(app) as client:
            service = app.state.service
            code = service.edition.atlas.levels["small_area"].codes[0]
            for path in (
                "/patterns", "/spread", f"/rollup?where={code}", "/changes",
                "/", f"/areas/{code}", "/areas", "/support", "/api/v1/areas?format=csv",
                f"/api/v1/areas/{code}", f"/api/v1/areas/{code}/outline", "/api/v1/search?q=bath",
                "/api/v1/search?q=zz1", "/api/v1/search?q=zz1 1", "/tiles/areas.json", "/readyz",
            ):
                assert client.get(path).status_code == 200, path
        heavy = {"pandas", "geopandas", "pyogrio", "pandera", "folium", "scipy"}
        print(sorted(heavy & set(sys.modules)))
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(sample_processed)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
