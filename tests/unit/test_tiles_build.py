import gzip
from pathlib import Path

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from pmtiles.reader import MmapSource, Reader, all_tiles

from exclusion_map.errors import EditionError
from exclusion_map.tiles.build import WORLD_M, TileLayer, build_tiles, snap

SIDE = 6


def grid() -> gpd.GeoDataFrame:
    """36 areas that share borders, about 1 km wide, near 53 north 2 west."""
    step = 0.015
    boxes = [
        shapely.segmentize(
            shapely.box(-2 + i * step, 53 + j * step, -2 + (i + 1) * step, 53 + (j + 1) * step),
            step / 10,
        )
        for j in range(SIDE)
        for i in range(SIDE)
    ]
    return gpd.GeoDataFrame(geometry=boxes, crs=4326)


def decode(path: Path) -> dict[tuple[int, int, int], dict[str, dict[str, object]]]:
    with path.open("rb") as file:
        return {
            place: mapbox_vector_tile.decode(
                gzip.decompress(data), default_options={"y_coord_down": True}
            )
            for place, data in all_tiles(MmapSource(file))
        }


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tiles") / "areas.pmtiles"
    whole = gpd.GeoDataFrame(geometry=[grid().union_all()], crs=4326)
    build_tiles([TileLayer("council", whole, 6, 12), TileLayer("small", grid(), 9, 12)], path)
    return path


def test_layers_are_present_at_their_zooms_only(archive: Path) -> None:
    seen: dict[str, set[int]] = {}
    for (zoom, _, _), tile in decode(archive).items():
        for layer in tile:
            seen.setdefault(layer, set()).add(zoom)
    assert seen == {"council": set(range(6, 13)), "small": set(range(9, 13))}


def test_ids_are_row_numbers_and_there_are_no_attributes(archive: Path) -> None:
    ids: set[int] = set()
    points = shapely.get_coordinates(shapely.centroid(grid().to_crs(3857).geometry.to_numpy()))
    world = 2 * np.pi * 6378137
    for (zoom, column, row), tile in decode(archive).items():
        if zoom != 12:
            continue
        for feature in tile["small"]["features"]:
            assert feature["properties"] == {}
            ids.add(feature["id"])
            x, y = points[feature["id"]]
            at = shapely.Point(
                ((x / world + 0.5) * 2**zoom - column) * 4096,
                ((0.5 - y / world) * 2**zoom - row) * 4096,
            )
            outline = shapely.geometry.shape(feature["geometry"])
            inside_tile = 0 < at.x < 4096 and 0 < at.y < 4096
            assert not inside_tile or outline.contains(at)
    assert ids == set(range(SIDE * SIDE))


def test_the_polygons_of_a_tile_cover_it_once(archive: Path) -> None:
    tile_box = shapely.box(0, 0, 4096, 4096)
    for (zoom, _, _), tile in decode(archive).items():
        if zoom < 9:
            continue
        outlines = np.array(
            [shapely.geometry.shape(one["geometry"]) for one in tile["small"]["features"]]
        )
        inside = shapely.intersection(outlines, tile_box)
        together = shapely.union_all(inside)
        assert shapely.area(inside).sum() == pytest.approx(together.area, abs=1e-6)
        assert all(len(part.interiors) == 0 for part in shapely.get_parts(together))


def test_the_header_tells_the_zooms_and_where(archive: Path) -> None:
    with archive.open("rb") as file:
        header = Reader(MmapSource(file)).header()
        layers = Reader(MmapSource(file)).metadata()["vector_layers"]
    assert (header["min_zoom"], header["max_zoom"]) == (6, 12)
    assert header["min_lon_e7"] == pytest.approx(-2e7, abs=10)
    assert [layer["id"] for layer in layers] == ["council", "small"]


def test_the_same_areas_give_the_same_bytes(archive: Path, tmp_path: Path) -> None:
    whole = gpd.GeoDataFrame(geometry=[grid().union_all()], crs=4326)
    again = tmp_path / "again.pmtiles"
    build_tiles([TileLayer("council", whole, 6, 12), TileLayer("small", grid(), 9, 12)], again)
    assert again.read_bytes() == archive.read_bytes()


def test_an_area_that_cannot_be_drawn_is_an_error(tmp_path: Path) -> None:
    areas = grid()
    areas.loc[0, "geometry"] = shapely.Polygon()
    with pytest.raises(EditionError, match="1 features without a tile at zoom 9"):
        build_tiles([TileLayer("small", areas, 9, 9)], tmp_path / "x.pmtiles")


def test_points_keep_their_attributes(tmp_path: Path) -> None:
    places = gpd.GeoDataFrame(
        {"sid": ["a:1", "b:2"], "name": ["One", "Two"]},
        geometry=gpd.points_from_xy([-2.0, -1.9], [53.0, 53.1]),
        crs=4326,
    )
    path = tmp_path / "support.pmtiles"
    build_tiles([TileLayer("support", places, 10, 10, keep=("sid", "name"))], path)
    found = {
        feature["id"]: feature["properties"]
        for tile in decode(path).values()
        for feature in tile["support"]["features"]
    }
    assert found == {0: {"sid": "a:1", "name": "One"}, 1: {"sid": "b:2", "name": "Two"}}


def test_a_neck_narrower_than_the_grid_does_not_make_an_outline_cross_itself() -> None:
    cell = WORLD_M / 2**4 / 4096
    west, east = (
        shapely.box(0, 0, 9 * cell, 9 * cell),
        shapely.box(20 * cell, 0, 29 * cell, 9 * cell),
    )
    neck = shapely.box(8 * cell, 4.1 * cell, 21 * cell, 4.3 * cell)
    islet = shapely.box(100 * cell, 0, 100.2 * cell, 0.2 * cell)
    dumbbell = shapely.union_all([west, neck, east])
    parted, kept = snap(np.array([dumbbell, islet]), 4)
    assert shapely.is_valid(parted)
    assert len(shapely.get_parts(parted)) == 2
    assert parted.area == pytest.approx(west.area + east.area)
    assert kept.equals(islet)  # it would have vanished
