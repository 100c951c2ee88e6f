"""MapLibre and Leaflet, as other sites use them, draw our tiles and our style.

The pages come from another address than the service, as they would: that the browser lets them
read our answers is part of what is tested.
"""

import functools
import http.server
import io
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser

from exclusion_map.maps.palette import DECILE_COLOURS, PALETTES, PaletteName
from tests.e2e.conftest import REPOSITORY, Site

pytestmark = pytest.mark.browser

MODULES = REPOSITORY / "web" / "node_modules"
MAPLIBRE_PAGE = """<!doctype html><title>map</title><link rel=stylesheet href=maplibre-gl.css>
<link rel=icon href="data:,"><style>body{margin:0}#m{width:100vw;height:100vh}</style>
<div id=m></div><script type=module>
import * as maplibregl from './maplibre-gl.mjs';
maplibregl.setWorkerUrl('./maplibre-gl-worker.mjs');
const asked = new URLSearchParams(location.search);
window.faults = [];
const map = new maplibregl.Map({
  container: 'm', style: asked.get('address'), zoom: +asked.get('z'), fadeDuration: 0,
  center: [+asked.get('x'), +asked.get('y')], attributionControl: false,
});
map.on('error', (event) => faults.push(String(event.error)));
map.on('idle', () => { document.body.dataset.idle = '1'; });
</script>"""
LEAFLET_PAGE = """<!doctype html><title>map</title><link rel=stylesheet href=leaflet.css>
<link rel=icon href="data:,"><style>body{margin:0}#m{width:100vw;height:100vh}</style>
<div id=m></div><script src=leaflet.js></script><script>
const asked = new URLSearchParams(location.search);
window.faults = [];
fetch(asked.get('address')).then((answer) => answer.json()).then((told) => {
  const map = L.map('m', {attributionControl: false, zoomControl: false});
  L.tileLayer(told.tiles[0], {minZoom: told.minzoom, maxZoom: told.maxzoom})
    .on('tileerror', (event) => faults.push(event.tile.src))
    .on('load', () => { document.body.dataset.idle = '1'; }).addTo(map);
  map.setView([+asked.get('y'), +asked.get('x')], +asked.get('z'));
});
</script>"""


class _Quiet(http.server.SimpleHTTPRequestHandler):
    extensions_map = {  # noqa: RUF012 - as its base class has it
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
    }

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Another site, with a page of MapLibre and one of Leaflet."""
    folder = tmp_path_factory.mktemp("elsewhere")
    wanted = [
        *(MODULES / "maplibre-gl" / "dist" / name for name in (
            "maplibre-gl.mjs", "maplibre-gl-shared.mjs", "maplibre-gl-worker.mjs", "maplibre-gl.css"
        )),
        *(MODULES / "leaflet" / "dist" / name for name in ("leaflet.js", "leaflet.css")),
    ]  # fmt: skip
    for path in wanted:
        if not path.is_file():
            pytest.skip(f"{path.name} is not installed: run npm ci in web/")
        shutil.copy(path, folder)
    (folder / "maplibre.html").write_text(MAPLIBRE_PAGE)
    (folder / "leaflet.html").write_text(LEAFLET_PAGE)
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def drawn(browser: Browser, page_address: str) -> tuple[np.ndarray, list[str]]:
    """The pixels of a map once it is at rest, and what it complained of."""
    context = browser.new_context(viewport={"width": 512, "height": 384})
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console", lambda said: faults.append(said.text) if said.type in ("error", "warning") else 0
    )
    page.goto(page_address)
    page.wait_for_selector("body[data-idle]", timeout=30_000)
    page.wait_for_timeout(300)  # Leaflet fades tiles in.
    faults += page.evaluate("window.faults")
    shot = page.screenshot()
    context.close()
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB")), faults


def share_of(pixels: np.ndarray, colours: tuple[str, ...]) -> float:
    held = {bytes.fromhex(colour[1:]) for colour in colours}
    flat = pixels.reshape(-1, 3)
    return sum(bytes(pixel) in held for pixel in flat.tolist()) / len(flat)


def middle(site: Site) -> tuple[float, float]:
    import json
    import urllib.request

    with urllib.request.urlopen(f"{site.base}/tiles/exclusion/raster.json") as answer:
        west, south, east, north = json.load(answer)["bounds"]
    return (west + east) / 2, (south + north) / 2


@pytest.mark.parametrize("query", ["", "?base=nation&palette=viridis&measure=decile"])
def test_maplibre_draws_the_style_from_its_address(
    browser: Browser, sample_site: Site, elsewhere: str, query: str
) -> None:
    longitude, latitude = middle(sample_site)
    style = quote(f"{sample_site.base}/styles/exclusion.json{query}", safe="")
    address = f"{elsewhere}/maplibre.html?address={style}&x={longitude}&y={latitude}&z=10.5"
    pixels, faults = drawn(browser, address)
    assert not faults
    colours = PALETTES[PaletteName.VIRIDIS if query else PaletteName.RISK]
    assert share_of(pixels, colours) > 0.4


def test_leaflet_draws_the_tiles_from_their_tilejson(
    browser: Browser, sample_site: Site, elsewhere: str
) -> None:
    longitude, latitude = middle(sample_site)
    tilejson = quote(f"{sample_site.base}/tiles/exclusion/raster.json", safe="")
    address = f"{elsewhere}/leaflet.html?address={tilejson}&x={longitude}&y={latitude}&z=11"
    pixels, faults = drawn(browser, address)
    assert not faults
    assert share_of(pixels, DECILE_COLOURS) > 0.4


@pytest.mark.national
def test_missing_data_is_striped_in_maplibre(
    browser: Browser, national_site: Site, elsewhere: str
) -> None:
    """Wales has no integrated care boards: compared within them, it has no scores at all."""
    style = quote(f"{national_site.base}/styles/exclusion.json?base=icb", safe="")
    address = f"{elsewhere}/maplibre.html?address={style}&x=-3.6&y=52.3&z=8"
    pixels, faults = drawn(browser, address)
    assert not faults
    # The stripes are scaled with the map, so their grey varies; no colour of ours is grey.
    grey = (np.ptp(pixels, axis=2) < 16) & (pixels[..., 0] > 90) & (pixels[..., 0] < 230)
    assert grey.mean() > 0.1
    assert share_of(pixels, DECILE_COLOURS) < 0.5


def test_a_legend_as_svg_is_drawn(browser: Browser, sample_site: Site, tmp_path: Path) -> None:
    page = browser.new_page(viewport={"width": 300, "height": 360})
    page.goto(f"{sample_site.base}/legends/exclusion.svg")
    shot = page.screenshot()
    page.close()
    pixels = np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"))
    assert all(share_of(pixels, (colour,)) > 0.003 for colour in DECILE_COLOURS)
