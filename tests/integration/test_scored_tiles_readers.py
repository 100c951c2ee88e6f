"""Programs that are not ours read scored tiles: GDAL, old and new, and MapLibre in a browser."""

import csv
import io
import json
import math
import os
import shutil
import subprocess
import threading
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pandas as pd
import pyogrio
import pytest
from playwright.sync_api import sync_playwright

from tests.benchmarks.grid import Place, tile_at
from tests.benchmarks.service import serving

REPOSITORY = Path(__file__).resolve().parents[2]
MAPLIBRE = REPOSITORY / "web" / "node_modules" / "maplibre-gl" / "dist"
QUERY = "weights=age:3,disability:0&base=local_authority"
FIELDS = {"code", "name", "score", "rank", "decile"}


@dataclass(frozen=True)
class World:
    """A running service, and the small areas of its edition."""

    base: str
    areas: pd.DataFrame

    def scores(self, level: str, query: str = QUERY) -> dict[str, dict[str, Any]]:
        """What the API tells of every area of a kind, by code."""
        address = f"{self.base}/api/v1/scores?{query}&level={level}&size=5000"
        with urllib.request.urlopen(address) as answer:
            return {one["code"]: one for one in json.load(answer)["areas"]}

    def place(self, zoom: int) -> Place:
        """The tile of the small area in the middle of the list."""
        area = self.areas.iloc[len(self.areas) // 2]
        return tile_at(area.longitude, area.latitude, zoom)[0]


@pytest.fixture(scope="module")
def world(sample_edition: Path) -> Iterator[World]:
    columns = ["feature_id", "code", "longitude", "latitude", "local_authority_code"]
    areas = pd.read_parquet(sample_edition / "areas.parquet", columns=columns)
    with serving(sample_edition.parents[1]) as service:
        yield World(service.base, areas)


def gdal(*command: str) -> str:
    """What a program of Debian's GDAL prints; without it, a failure in CI and else a skip."""
    path = shutil.which(command[0])
    if path is None:
        reason = f"{command[0]} is not installed: apt-get install gdal-bin"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    done = subprocess.run([path, *command[1:]], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stderr, done.stderr
    return done.stdout


def assert_same(rows: list[dict[str, Any]], expected: dict[str, dict[str, Any]]) -> None:
    """Every row tells what the API tells of its area; nothing where the API has nothing."""
    assert rows
    for row in rows:
        area = expected[row["code"]]
        assert row["name"] == area["name"]
        for name in ("score", "rank", "decile"):
            if area[name] is None:
                assert row[name] in ("", None) or math.isnan(row[name])
            else:
                assert float(row[name]) == pytest.approx(area[name], rel=1e-6)


@pytest.mark.gdal
def test_gdal_reads_attributes_of_a_tile_off_the_service(world: World) -> None:
    z, x, y = world.place(12)
    source = f"MVT:{world.base}/tiles/exclusion/{z}/{x}/{y}.mvt?{QUERY}"
    position = ("-oo", f"Z={z}", "-oo", f"X={x}", "-oo", f"Y={y}", "-oo", "CLIP=NO")
    told = gdal("ogrinfo", "-ro", "-so", source, "small_area", *position)
    for field in (
        "code: String",
        "name: String",
        "score: Real",
        "rank: Integer",
        "decile: Integer",
    ):
        assert field in told
    text = gdal("ogr2ogr", "-f", "CSV", "/vsistdout/", source, "small_area", *position)
    assert_same(list(csv.DictReader(io.StringIO(text))), world.scores("small_area"))


@pytest.mark.gdal
def test_gdal_reads_a_zoom_by_the_tilejson(world: World) -> None:
    """GDAL takes layers and fields from the TileJSON, and asks for every tile of a zoom itself."""
    options = {
        "TILE_EXTENSION": f"mvt?{QUERY}",
        "METADATA_FILE": f"{world.base}/tiles/exclusion.json?{QUERY}",
        "CLIP": "NO",
    }
    given = [part for name, value in options.items() for part in ("-oo", f"{name}={value}")]
    source = f"MVT:{world.base}/tiles/exclusion/4"
    text = gdal("ogr2ogr", "-f", "CSV", "/vsistdout/", source, "local_authority", *given)
    expected = world.scores("local_authority")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["code"] for row in rows} == set(expected)
    assert_same(rows, expected)


def test_a_newer_gdal_reads_a_tile_with_and_without_scores(world: World, tmp_path: Path) -> None:
    one = world.areas.iloc[len(world.areas) // 2].code
    for query in (QUERY, f"where={one}"):
        z, x, y = world.place(11)
        path = tmp_path / f"{y}.mvt"
        address = f"{world.base}/tiles/exclusion/{z}/{x}/{y}.mvt?{query}"
        path.write_bytes(urllib.request.urlopen(address).read())
        found = pyogrio.read_dataframe(path, layer="small_area", X=x, Y=y, Z=z, CLIP="NO")
        assert set(found) >= FIELDS
        rows = found.drop(columns="geometry").to_dict("records")
        if query == QUERY:
            assert_same(rows, world.scores("small_area"))
        else:
            assert [row["code"] for row in rows if row["decile"] == row["decile"]] == [one]


PAGE = """<!doctype html><title>Scored tiles</title>
<style>html, body, #map { margin: 0; height: 100%; }</style><div id=map></div>
<script type=module>
import * as maplibregl from "./maplibre-gl.mjs";
maplibregl.setWorkerUrl(new URL("./maplibre-gl-worker.mjs", location.href).href);
const asked = JSON.parse(decodeURIComponent(location.hash.slice(1)));
const colour = ["case", ["has", "decile"],
  ["match", ["get", "decile"], ...asked.colours.flatMap((c, i) => [i + 1, c]), "#ff00ff"],
  asked.none];
const map = window.map = new maplibregl.Map({
  container: "map", center: asked.center, zoom: asked.zoom, fadeDuration: 0,
  style: { version: 8,
    sources: { scored: { type: "vector", url: asked.tilejson } },
    layers: [{ id: "risk", type: "fill", source: "scored", "source-layer": "small_area",
      paint: { "fill-color": colour, "fill-antialias": false } }] },
});
window.faults = [];
map.on("error", (event) => window.faults.push(String(event.error)));
window.at_rest = new Promise((done) => map.once("idle", done));
</script>"""
COLOURS = [f"#{25 * n:02x}{255 - 25 * n:02x}{(90 * n) % 256:02x}" for n in range(10)]
NONE = "#808080"


class _Files(SimpleHTTPRequestHandler):
    """Another site: a page of its own, and MapLibre as it is published."""

    extensions_map = {".mjs": "text/javascript", "": "application/octet-stream"}  # noqa: RUF012

    def do_GET(self) -> None:
        if self.path != "/":
            super().do_GET()
            return
        body = PAGE.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def other_site() -> Iterator[str]:
    if not MAPLIBRE.is_dir():
        pytest.skip("MapLibre is not installed: run npm ci in web/")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=MAPLIBRE)) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def _seen(program: str, address: str, points: object, picture: Path) -> list[dict[str, Any]]:
    """Return what MapLibre holds and paints at points, on a page of another site."""
    flags = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader"]
    flags.append("--enable-unsafe-swiftshader")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        page = browser.new_page(viewport={"width": 500, "height": 400})
        page.goto(address)
        page.wait_for_function("window.at_rest !== undefined")
        page.evaluate("window.at_rest")
        assert page.evaluate("window.faults") == []
        seen: list[dict[str, Any]] = page.evaluate(SEEN, points)
        page.screenshot(path=picture)
        browser.close()
    return seen


@pytest.mark.browser
@pytest.mark.parametrize("query", [QUERY, "within={council}"])
def test_maplibre_on_another_site_paints_tenths(
    world: World, other_site: str, query: str, tmp_path: Path
) -> None:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    middle = world.areas.iloc[len(world.areas) // 2]
    query = query.format(council=middle.local_authority_code)
    asked = {
        "tilejson": f"{world.base}/tiles/exclusion.json?{query}&level=small_area",
        "center": [middle.longitude, middle.latitude],
        "zoom": 9.5,
        "colours": COLOURS,
        "none": NONE,
    }
    address = f"{other_site}#{urllib.parse.quote(json.dumps(asked))}"
    # In a thread of its own: a browser of other tests may hold this one's event loop.
    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(_seen, program, address, points_of(world), tmp_path / "map.png")
    seen = work.result()
    assert len(seen) > 5
    known = world.scores("small_area", query)
    for one in seen:
        area = known.get(one["code"])
        decile = area["decile"] if area else None
        expected = NONE if decile is None else COLOURS[decile - 1]
        assert one["decile"] == decile
        assert one["colour"] == expected, one
    assert len({one["colour"] for one in seen}) > 1


SEEN = """async (points) => {
  const canvas = map.getCanvas(), ratio = canvas.width / canvas.clientWidth;
  const drawn = new Promise((done) => map.once("render", () => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
    copy.drawImage(canvas, 0, 0);
    done(copy);
  }));
  map.triggerRepaint();
  const copy = await drawn;
  const seen = [];
  for (const point of points) {
    const at = map.project([point.longitude, point.latitude]);
    if (at.x < 2 || at.y < 2 || at.x > canvas.clientWidth - 2 || at.y > canvas.clientHeight - 2)
      continue;
    const under = map.queryRenderedFeatures(at, { layers: ["risk"] });
    const found = under.find((one) => one.id === point.feature_id);
    if (!found) continue;
    const pixel = copy.getImageData(Math.round(at.x * ratio), Math.round(at.y * ratio), 1, 1).data;
    const hex = [...pixel.slice(0, 3)].map((n) => n.toString(16).padStart(2, "0")).join("");
    const { code, decile } = found.properties;
    seen.push({ code, decile: decile ?? null, colour: "#" + hex });
  }
  return seen;
}"""


def points_of(world: World) -> list[dict[str, Any]]:
    columns = ["feature_id", "longitude", "latitude"]
    return [
        {name: value if name != "feature_id" else int(value) for name, value in row.items()}
        for row in world.areas[columns].to_dict("records")
    ]
