"""Programs that are not ours read raster tiles and check styles: GDAL and MapLibre's validator."""

import json
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from PIL import Image

from exclusion_map.maps.palette import DECILE_COLOURS
from tests.benchmarks.service import serving

REPOSITORY = Path(__file__).resolve().parents[2]
VALIDATE = REPOSITORY / "web" / "node_modules" / ".bin" / "gl-style-validate"
WORLD_M = 20037508.342789244
TMS = """<GDAL_WMS><Service name="TMS"><ServerUrl>{address}</ServerUrl></Service>
<DataWindow><UpperLeftX>-{edge}</UpperLeftX><UpperLeftY>{edge}</UpperLeftY>
<LowerRightX>{edge}</LowerRightX><LowerRightY>-{edge}</LowerRightY><TileLevel>14</TileLevel>
<TileCountX>1</TileCountX><TileCountY>1</TileCountY><YOrigin>top</YOrigin></DataWindow>
<Projection>EPSG:3857</Projection><BlockSizeX>256</BlockSizeX><BlockSizeY>256</BlockSizeY>
<BandsCount>4</BandsCount></GDAL_WMS>"""


@pytest.fixture(scope="module")
def service(sample_processed: Path) -> Iterator[str]:
    with serving(sample_processed) as running:
        yield running.base


def asked(address: str) -> bytes:
    with urllib.request.urlopen(address) as answer:
        return bytes(answer.read())


@pytest.mark.gdal
def test_gdal_draws_the_place_from_its_tiles(
    service: str, sample_edition: Path, tmp_path: Path
) -> None:
    if shutil.which("gdal_translate") is None:
        pytest.skip("gdal_translate is not installed: apt-get install gdal-bin")
    tiles = json.loads(asked(f"{service}/tiles/exclusion/raster.json?lines=false"))["tiles"][0]
    address = tiles.replace("{", "${").replace("&", "&amp;")
    source = tmp_path / "tiles.xml"
    source.write_text(TMS.format(address=address, edge=WORLD_M))
    areas = gpd.read_parquet(sample_edition / "areas.parquet").to_crs(3857)
    west, south, east, north = areas.total_bounds
    window = [f"{edge:.1f}" for edge in (west, north, east, south)]
    picture = tmp_path / "place.png"
    # Without its cache folder GDAL would leave one beside the tests.
    subprocess.run(
        ["gdal_translate", "-q", "-of", "PNG", "-projwin", *window, "-outsize", "400", "400",
         str(source), str(picture)],
        check=True, cwd=tmp_path, timeout=60,
    )  # fmt: skip
    pixels = np.asarray(Image.open(picture).convert("RGBA"))
    seen = {tuple(pixel) for pixel in pixels[pixels[..., 3] == 255][:, :3].tolist()}
    assert {tuple(bytes.fromhex(colour[1:])) for colour in DECILE_COLOURS} <= seen
    box = (east - west) * (north - south)
    land = float(areas.geometry.area.sum()) / box
    assert (pixels[..., 3] > 0).mean() == pytest.approx(land, abs=0.02)


@pytest.mark.parametrize(
    "query", ["", "?measure=score&palette=cividis", "?level=ward&base=nation", "?within=all"]
)
def test_styles_are_valid(service: str, tmp_path: Path, query: str) -> None:
    if not VALIDATE.exists():
        pytest.skip("gl-style-validate is not installed: run npm ci in web/")
    if query == "?within=all":
        codes = json.loads(asked(f"{service}/api/v1/areas?kind=local_authority"))
        query = f"?within={codes['areas'][0]['code']}"
    path = tmp_path / "style.json"
    path.write_bytes(asked(f"{service}/styles/exclusion.json{query}"))
    ran = subprocess.run([str(VALIDATE), str(path)], capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stdout.strip(), ran.stderr.strip()) == (0, "", "")
    layers = json.loads(path.read_text())["layers"]
    assert any(layer["id"].endswith("-missing") for layer in layers) == ("within" not in query)
