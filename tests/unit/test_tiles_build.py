import gzip
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from pmtiles.reader import MmapSource, Reader, all_tiles

from exclusion_map.errors import EditionError
from exclusion_map.tiles.build import build_tiles
from exclusion_map.tiles.grid import BUFFER, EXTENT
from exclusion_map.tiles.layers import AreaLayer, PointLayer, Points

SIDE = 6
Place = tuple[int, int, int]


def grid() -> gpd.GeoDataFrame:
    """36 areas that share wriggling borders, about 1 km wide, near 53 north 2 west."""
    step = 0.015
    boxes = [
        shapely.segmentize(
            shapely.box(-2 + i * step, 53 + j * step, -2 + (i + 1) * step, 53 + (j + 1) * step),
            step / 40,
        )
        for j in range(SIDE)
        for i in range(SIDE)
    ]
    # Every corner moves by its own amount, the same for all areas that meet in it.
    moved = shapely.transform(np.array(boxes), lambda xy: xy + np.sin(xy[:, ::-1] * 5e3) * 1e-4)
    return gpd.GeoDataFrame(geometry=moved, crs=4326)


def decode(path: Path) -> dict[Place, dict[str, dict[str, object]]]:
    with path.open("rb") as file:
        return {
            place: mapbox_vector_tile.decode(
                gzip.decompress(data), default_options={"y_coord_down": True}
            )
            for place, data in all_tiles(MmapSource(file))
        }


def shapes(layer: dict[str, object]) -> dict[int, shapely.Geometry]:
    features: list[dict[str, object]] = layer["features"]  # type: ignore[assignment]
    return {one["id"]: shapely.geometry.shape(one["geometry"]) for one in features}  # type: ignore[misc]


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    whole = gpd.GeoDataFrame(geometry=[grid().union_all()], crs=4326)

    def made() -> Path:
        path = tmp_path_factory.mktemp("tiles") / "areas.pmtiles"
        build_tiles([AreaLayer("council", whole, 6, 12), AreaLayer("small", grid(), 9, 12)], path)
        return path

    return made


@pytest.fixture(scope="module")
def archive(build: Callable[[], Path]) -> Path:
    return build()


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
        assert not any(one["properties"] for one in tile["small"]["features"])  # type: ignore[attr-defined]
        for identity, outline in shapes(tile["small"]).items():
            ids.add(identity)
            x, y = points[identity]
            at = shapely.Point(
                ((x / world + 0.5) * 2**zoom - column) * EXTENT,
                ((0.5 - y / world) * 2**zoom - row) * EXTENT,
            )
            inside_tile = 0 < at.x < EXTENT and 0 < at.y < EXTENT
            assert not inside_tile or outline.contains(at)
    assert ids == set(range(SIDE * SIDE))


def test_the_polygons_of_a_tile_cover_it_once(archive: Path) -> None:
    for (zoom, _, _), tile in decode(archive).items():
        if zoom < 9:
            continue
        outlines = np.array([*shapes(tile["small"]).values()])
        assert shapely.is_valid(outlines).all()
        together = shapely.union_all(outlines)
        assert shapely.area(outlines).sum() == together.area  # to the last square unit
        assert all(len(part.interiors) == 0 for part in shapely.get_parts(together))


def test_tiles_show_the_same_to_either_side_of_their_border(archive: Path) -> None:
    tiles, compared = decode(archive), 0
    for (zoom, column, row), tile in tiles.items():
        for right, down in ((1, 0), (0, 1)):
            other = tiles.get((zoom, column + right, row + down))
            if other is None or zoom < 9:
                continue
            strip = shapely.box(
                -BUFFER, -BUFFER, *((BUFFER, EXTENT) if right else (EXTENT, BUFFER))
            )
            ours = {
                identity: shapely.transform(one, lambda xy: xy - np.array([right, down]) * EXTENT)  # noqa: B023
                for identity, one in shapes(tile["small"]).items()
            }
            theirs = shapes(other["small"])
            for identity in ours.keys() | theirs.keys():
                one, two = (side.get(identity, shapely.Polygon()) for side in (ours, theirs))
                assert shapely.intersection(one ^ two, strip).area == 0
                compared += 1
    assert compared > 20


def test_the_header_tells_the_zooms_and_where(archive: Path) -> None:
    with archive.open("rb") as file:
        header = Reader(MmapSource(file)).header()
        layers = Reader(MmapSource(file)).metadata()["vector_layers"]
    assert (header["min_zoom"], header["max_zoom"]) == (6, 12)
    assert header["min_lon_e7"] == pytest.approx(-2e7, abs=4e3)
    assert [layer["id"] for layer in layers] == ["council", "small"]


def test_the_same_areas_give_the_same_bytes(archive: Path, build: Callable[[], Path]) -> None:
    assert build().read_bytes() == archive.read_bytes()


def test_an_area_that_cannot_be_drawn_is_an_error(tmp_path: Path) -> None:
    areas = grid()
    areas.loc[0, "geometry"] = shapely.Polygon()
    with pytest.raises(EditionError, match="1 features without a tile at zoom 9"):
        build_tiles([AreaLayer("small", areas, 9, 9)], tmp_path / "x.pmtiles")


def test_an_area_too_small_for_a_zoom_is_counted(tmp_path: Path) -> None:
    west, gap = shapely.box(-2, 53, -1, 54), 1e-7
    speck = shapely.box(-1, 53.5, -1 + gap, 53.5 + gap)
    areas = gpd.GeoDataFrame(geometry=[west, speck], crs=4326)
    with pytest.raises(EditionError, match="1 features without a tile at zoom 6"):
        build_tiles([AreaLayer("council", areas, 5, 6)], tmp_path / "x.pmtiles")


def test_points_keep_their_attributes(tmp_path: Path) -> None:
    told = ({"sid": "a:1", "name": "Môr", "count": 300}, {"sid": "b:2", "count": 1})
    points = Points(np.array([-2.0, -1.9]), np.array([53.0, 53.1]), told)
    fields = {"sid": "String", "name": "String", "count": "Number"}
    path = tmp_path / "support.pmtiles"
    layer = PointLayer("support", {10: points}, fields, (-2, 53, -1, 54))
    assert build_tiles([layer], path).absent == {}
    found = {
        feature["id"]: feature["properties"]  # type: ignore[index]
        for tile in decode(path).values()
        for feature in tile["support"]["features"]  # type: ignore[attr-defined]
    }
    assert found == dict(enumerate(told))


def test_tiles_of_a_zoom_come_by_tile_id(archive: Path) -> None:
    with archive.open("rb") as file:
        offsets = [place for place, _ in all_tiles(MmapSource(file))]
    assert all(one[0] <= other[0] for one, other in pairwise(offsets))
