"""Pictures of Sampleshire and of the country: the colour at a place is the colour of its area."""

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from PIL import Image
from starlette.testclient import TestClient

from api.app import create_app
from api.engine import engines_of
from api.painting import painter_of
from exclusion_map.editions import current_path
from exclusion_map.maps.palette import LAND_COLOUR, PALETTES, PaletteName
from exclusion_map.maps.raster_tiles import Window, unit
from exclusion_map.settings import DataSettings, ServiceSettings
from exclusion_map.terms import AreaKind

SEED = 7
LOOKED_AT = 40
CLOSE = 15
"""A zoom at which a pixel is 3 m wide."""
INLAND_M = 15.0
"""Metres from the border beyond which simplification cannot move it: a place is surely inside."""


@dataclass(frozen=True)
class World:
    client: TestClient
    folder: Path

    def picture(self, address: str) -> np.ndarray:
        answer = self.client.get(address)
        assert answer.status_code == 200, answer.text
        return np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGBA"))

    def areas(self) -> gpd.GeoDataFrame:
        return gpd.read_parquet(self.folder / "areas.parquet")

    def deciles(self, kind: str = "small_area", query: str = "") -> np.ndarray:
        edition = self.folder.name
        address = f"/api/v1/editions/{edition}/values/{kind}/exclusion.bin{query}"
        return np.frombuffer(self.client.get(address).content, dtype=np.uint8)


@pytest.fixture(
    scope="module", params=["sample", pytest.param("national", marks=pytest.mark.national)]
)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    processed: Path = request.getfixturevalue(f"{request.param}_processed")
    app = create_app(ServiceSettings(), DataSettings(processed_dir=processed))
    with TestClient(app) as client:
        yield World(client, current_path(processed))


def colours_of(deciles: np.ndarray, palette: PaletteName = PaletteName.RISK) -> np.ndarray:
    table = np.array([tuple(bytes.fromhex(c[1:])) for c in ("#ffffff", *PALETTES[palette])])
    return table[deciles]


def place(longitude: float, latitude: float, zoom: int, size: int) -> tuple[str, int, int]:
    """Tile, and the pixel in it."""
    x, y = (part * 2**zoom for part in unit(longitude, latitude))
    across, down = (min(int((at % 1) * size), size - 1) for at in (x, y))
    return f"{zoom}/{int(x)}/{int(y)}", across, down


def well_inside(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A seeded draw of areas whose point is well inside them."""
    drawn = areas.sample(min(4 * LOOKED_AT, len(areas)), random_state=SEED)
    shapes = drawn.geometry.to_crs(27700).to_numpy()
    points = gpd.points_from_xy(drawn["longitude"], drawn["latitude"], crs=4326).to_crs(27700)
    inside = shapely.distance(np.asarray(points), shapely.boundary(shapes)) > INLAND_M
    return drawn[inside].head(LOOKED_AT)


@pytest.mark.parametrize("query", ["", "?weights=age:3&base=nation&palette=viridis"])
def test_the_pixel_at_a_place_has_the_colour_of_its_area(world: World, query: str) -> None:
    looked_at = well_inside(world.areas())
    assert len(looked_at) > 20
    palette = PaletteName.VIRIDIS if query else PaletteName.RISK
    live = "?weights=age:3&base=nation" if query else ""
    expected = colours_of(world.deciles(query=live), palette)
    for row, longitude, latitude in zip(
        looked_at["feature_id"], looked_at["longitude"], looked_at["latitude"], strict=True
    ):
        tile, across, down = place(longitude, latitude, CLOSE, 256)
        sign = "&" if query else "?"
        pixels = world.picture(f"/tiles/exclusion/{tile}.png{query}{sign}lines=false")
        assert pixels[down, across].tolist() == [*expected[row].tolist(), 255]


@pytest.mark.parametrize("kind", ["ward", "local_authority", "neighbourhood", "icb"])
def test_larger_areas_have_colours_of_their_own(world: World, kind: str) -> None:
    areas = well_inside(world.areas()).head(8)
    table = gpd.read_parquet(
        world.folder / "larger_areas.parquet", columns=["code", "feature_id", "kind", "geometry"]
    )
    rows = table[table["kind"] == kind].set_index("code")["feature_id"]
    expected = colours_of(world.deciles(kind))
    for area in areas.itertuples():
        code = getattr(area, f"{kind}_code")
        tile, across, down = place(area.longitude, area.latitude, CLOSE, 256)
        pixel = world.picture(f"/tiles/exclusion/{tile}.png?level={kind}&lines=false")[down, across]
        if pd.isna(code):
            assert pixel[3] == 0
        else:
            assert pixel.tolist() == [*expected[rows[code]].tolist(), 255]


@pytest.mark.parametrize("zoom", [10, 12, 14])
def test_tiles_meet_without_a_seam(world: World, zoom: int) -> None:
    """A window across the border of two tiles, drawn as one, shows what the two show."""
    state = world.client.app.state  # type: ignore[attr-defined]
    painter = painter_of(state, engines_of(state).of(state.service))
    areas = world.areas()
    west, east = (np.floor((areas[edge] / 360 + 0.5) * 2**zoom) for edge in ("xmin", "xmax"))
    on_border = areas[west != east].iloc[0]
    x, y = (int(part * 2**zoom) for part in unit(on_border["xmin"], on_border["latitude"]))
    kind, size = painter.level_at(zoom), 64
    left, right = (painter.numbers.tile(kind, zoom, x + i, y, size).pixels for i in (0, 1))
    below = painter.numbers.tile(kind, zoom, x, y + 1, size).pixels
    # The one column and row more that a tile sees belongs to its neighbour.
    assert (left[:, -1] == right[:, 0]).mean() > 0.98
    assert (left[-1] == below[0]).mean() > 0.98
    window = Window((x + 0.5) / 2**zoom, y / 2**zoom, size * 2**zoom, size, size)
    across = painter.numbers.window(kind, window)
    both = np.hstack([left[:-1, size // 2 : -1], right[:-1, : size // 2]])
    assert across.any()
    # The window takes the outlines of the zoom at which its pixels are sharp.
    assert (across == both).mean() > 0.9


@pytest.mark.parametrize("zoom", [0, 3, 5])
def test_the_whole_place_is_seen_from_afar(world: World, zoom: int) -> None:
    areas = world.areas()
    west, south, east, north = areas.total_bounds
    tile, *_ = place((west + east) / 2, (south + north) / 2, zoom, 512)
    pixels = world.picture(f"/tiles/exclusion/{tile}@2x.png?lines=false")
    drawn = int((pixels[..., 3] > 0).sum())
    metres = areas.geometry.to_crs(3857).area.sum()
    world_m = 2 * math.pi * 6_378_137
    at_most = metres / (world_m / 2**zoom / 512) ** 2
    assert drawn <= at_most * 1.2 + 8
    if zoom == 0:
        assert drawn == pytest.approx(at_most, rel=0.15, abs=4)
    seen = {tuple(pixel) for pixel in pixels[pixels[..., 3] > 0][:, :3].tolist()}
    allowed = {tuple(pixel) for pixel in colours_of(np.arange(11)).tolist()}
    assert seen <= allowed | {(111, 111, 120)}


def test_only_what_is_asked_for_is_coloured(world: World) -> None:
    areas = world.areas()
    code = areas["local_authority_code"].iloc[0]
    inside = well_inside(areas[areas["local_authority_code"] == code]).iloc[0]
    tile, across, down = place(inside["longitude"], inside["latitude"], CLOSE, 256)
    shown = world.picture(f"/tiles/exclusion/{tile}.png?within={code}&lines=false")
    assert shown[down, across, 3] == 255
    other = areas[areas["local_authority_code"] != code].iloc[0]["code"]
    hidden = world.picture(f"/tiles/exclusion/{tile}.png?where={other}&lines=false")
    assert not hidden[..., 3].any()


def test_a_static_map_shows_its_area_and_nothing_else(world: World) -> None:
    areas = world.areas()
    counts = areas["local_authority_code"].value_counts()
    code = counts.index[len(counts) // 2]
    query = f"area={code}&width=600&height=500&legend=false&lines=false"
    pixels = world.picture(f"/api/v1/static-map.png?{query}")
    told = world.client.get(f"/api/v1/static-map.json?{query}").json()
    assert told["level"] == "small_area"
    west, south, east, north = told["bounds"]
    left, top = unit(west, north)
    right, bottom = unit(east, south)
    frame = np.argwhere((pixels[..., :3] == (118, 134, 146)).all(axis=2))
    (y0, x0), (y1, x1) = frame.min(axis=0) + 1, frame.max(axis=0)
    expected = colours_of(world.deciles())
    land = list(bytes.fromhex(LAND_COLOUR[1:]))
    near = areas.cx[west:east, south:north].to_crs(27700)
    around = near.assign(metres=near.area).sort_values("metres", ascending=False)
    checked = {True: 0, False: 0}
    for area in around.itertuples():
        at = unit(area.longitude, area.latitude)
        x = x0 + (at[0] - left) / (right - left) * (x1 - x0)
        y = y0 + (at[1] - top) / (bottom - top) * (y1 - y0)
        inside = area.local_authority_code == code
        if checked[inside] == 3 or not (x0 + 2 < x < x1 - 2 and y0 + 2 < y < y1 - 60):
            continue
        wanted = expected[area.feature_id].tolist() if inside else land
        assert pixels[int(y), int(x), :3].tolist() == wanted
        checked[inside] += 1
    assert checked[True] == 3


@pytest.mark.national
def test_known_councils_have_their_published_colours(
    national_processed: Path,
) -> None:
    """From afar a council has the colour of its own tenth, not of its small areas."""
    app = create_app(ServiceSettings(), DataSettings(processed_dir=national_processed))
    with TestClient(app) as client:
        world = World(client, current_path(national_processed))
        atlas = app.state.service.edition.atlas
        level = atlas.level(AreaKind.LOCAL_AUTHORITY)
        for code in ("E06000052", "E08000012", "W06000001", "E06000046"):
            row = level.position[code]
            tile, across, down = place(level.longitude[row], level.latitude[row], 7, 512)
            pixels = world.picture(f"/tiles/exclusion/{tile}@2x.png?lines=false")
            decile = atlas.score_set("exclusion", AreaKind.LOCAL_AUTHORITY).decile[row]
            assert pixels[down, across, :3].tolist() == colours_of(np.array([decile]))[0].tolist()
