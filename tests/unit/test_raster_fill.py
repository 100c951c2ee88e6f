"""Area numbers of pixels: hand-worked outlines, and whole tiles against shapely."""

import hashlib

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from exclusion_map.maps.raster_cache import ByteCache
from exclusion_map.maps.raster_fill import fill, number_type
from exclusion_map.maps.raster_outlines import Edges, layer_edges, ring_edges
from exclusion_map.maps.raster_tiles import NumberTiles, Runs, Window, degrees, unit, units
from exclusion_map.terms import AreaKind

EXTENT = 64
"""Tiles of the tests are as many units wide as they are drawn pixels."""


def edges_of(shapes: dict[int, shapely.Geometry]) -> Edges:
    """Edges of polygons by row, in pixels."""
    owner, starts, points = [], [], []
    for row, shape in shapes.items():
        for polygon in shapely.get_parts(shape):
            for ring in (polygon.exterior, *polygon.interiors):
                owner.append(row)
                starts.append(len(points))
                points += ring.coords[:-1]
    x, y = np.array(points, dtype=float).T
    return ring_edges(np.array(owner), np.array(starts), x, y)


def filled(shapes: dict[int, shapely.Geometry], size: int = 6) -> np.ndarray:
    pixels = np.zeros((size, size), dtype=np.uint16)
    fill(edges_of(shapes), pixels)
    return pixels


def tile_of(shapes: dict[int, shapely.Geometry]) -> bytes:
    features = [{"geometry": s, "properties": {}, "id": row} for row, s in shapes.items()]
    layer = {"name": "small_area", "features": features}
    return bytes(
        mapbox_vector_tile.encode(
            [layer], default_options={"y_coord_down": True, "extents": EXTENT}
        )
    )


def test_a_pixel_belongs_to_the_area_its_middle_lies_in() -> None:
    pixels = filled({0: shapely.box(1, 1, 3.4, 3.6), 4: shapely.box(3.4, 1, 5, 3.6)})
    assert pixels.tolist() == [
        [0, 0, 0, 0, 0, 0],
        [0, 1, 1, 5, 5, 0],
        [0, 1, 1, 5, 5, 0],
        [0, 1, 1, 5, 5, 0],
        [0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0],
    ]


def test_holes_and_islands() -> None:
    ring = shapely.box(0, 0, 5, 5).difference(shapely.box(1, 1, 4, 4))
    island = shapely.box(2, 2, 3, 3)
    pixels = filled({0: shapely.union(ring, island), 1: shapely.box(5, 0, 6, 2)})
    assert pixels.tolist() == [
        [1, 1, 1, 1, 1, 2],
        [1, 0, 0, 0, 1, 2],
        [1, 0, 1, 0, 1, 0],
        [1, 0, 0, 0, 1, 0],
        [1, 1, 1, 1, 1, 0],
        [0, 0, 0, 0, 0, 0],
    ]


def test_outlines_that_reach_beyond_the_picture_are_cut() -> None:
    pixels = filled({2: shapely.box(-50, -3, 2, 900)})
    assert (pixels[:, :2] == 3).all()
    assert not pixels[:, 2:].any()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_coverage_leaves_no_gap_and_agrees_with_shapely(seed: int) -> None:
    """Cells of a Voronoi diagram share borders at every slope; shapely says who holds a pixel."""
    rng = np.random.default_rng(seed)
    size = 24
    points = shapely.MultiPoint(rng.uniform(0, size, (9, 2)))
    frame = shapely.box(-1, -1, size + 1, size + 1)
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=frame))
    pixels = filled(dict(enumerate(cells)), size)
    assert pixels.all()
    for (y, x), number in np.ndenumerate(pixels):
        assert shapely.dwithin(cells[number - 1], shapely.Point(x + 0.5, y + 0.5), 1e-9)


def test_a_tile_is_read_as_the_reference_decoder_reads_it() -> None:
    hole = shapely.Polygon(
        [(4, 4), (40, 6), (44, 50), (2, 44)], [[(10, 10), (14, 30), (30, 30), (28, 12)]]
    )
    several = shapely.MultiPolygon([shapely.box(50, 2, 60, 12), shapely.box(46, 20, 62, 60)])
    data = tile_of({7: hole, 3: several})
    decoded = mapbox_vector_tile.decode(data, default_options={"y_coord_down": True})
    expected = {
        feature["id"]: shapely.geometry.shape(feature["geometry"])
        for feature in decoded["small_area"]["features"]
    }
    pixels = np.zeros((EXTENT, EXTENT), dtype=np.uint16)
    fill(layer_edges(data, "small_area").placed(EXTENT, 0, 0), pixels)
    y, x = np.mgrid[:EXTENT, :EXTENT] + 0.5
    for row, shape in expected.items():
        inside = shapely.contains_xy(shape, x, y)
        assert inside.sum() > 100
        # Middles that lie on an outline may go either way.
        off = ~shapely.dwithin(shape.boundary, shapely.points(x, y), 1e-9)
        assert ((pixels == row + 1) == inside)[off].all()


def test_a_layer_that_is_not_there_has_no_edges() -> None:
    assert len(layer_edges(tile_of({0: shapely.box(0, 0, 9, 9)}), "ward")) == 0
    assert len(layer_edges(b"", "ward")) == 0


def test_numbers_take_two_bytes_while_they_can() -> None:
    assert number_type(35_672) is np.uint16
    assert number_type(65_534) is np.uint16
    assert number_type(65_535) is np.uint32


def test_runs_give_back_their_pixels() -> None:
    pixels = np.array([[0, 0, 3], [3, 3, 1], [1, 1, 1]], dtype=np.uint16)
    runs = Runs.of(pixels)
    assert runs.numbers.tolist() == [0, 3, 1]
    assert runs.lengths.tolist() == [2, 3, 4]
    assert (runs.pixels == pixels).all()
    table = np.array([0, 10, 20, 30], dtype=np.uint8)
    assert (runs.through(table) == table[pixels]).all()


def world(**more: int) -> NumberTiles:
    """One tile of zoom 2 with two areas; everything else is sea."""
    tile = tile_of({0: shapely.box(8, 8, 32, 56), 1: shapely.box(32, 8, 56, 56)})
    bounds = (*degrees(0.25, 0.5)[:1], degrees(0.25, 0.5)[1], *degrees(0.5, 0.25))
    return NumberTiles(
        lambda z, x, y: tile if (z, x, y) == (2, 1, 1) else None,
        {AreaKind.SMALL_AREA: (2, 2)},
        2,
        (bounds[0], bounds[1], bounds[2], bounds[3]),
        more.get("most", 1_000_000),
    )


def test_tiles_of_lower_and_higher_zooms_show_the_same_areas() -> None:
    numbers = world()
    own = numbers.tile(AreaKind.SMALL_AREA, 2, 1, 1, EXTENT).pixels[:-1, :-1]
    assert (own[8:56, 8:32] == 1).all()
    assert (own[8:56, 32:56] == 2).all()
    assert (own > 0).sum() == 48 * 48
    quarter = numbers.tile(AreaKind.SMALL_AREA, 1, 0, 0, EXTENT).pixels[:-1, :-1]
    assert (quarter[32:, 32:] == own[1::2, 1::2]).all()
    assert not quarter[:32].any()
    closer = numbers.tile(AreaKind.SMALL_AREA, 3, 3, 2, EXTENT).pixels[:-1, :-1]
    assert (closer[1::2, 1::2] == own[:32, 32:]).all()
    assert not numbers.tile(AreaKind.SMALL_AREA, 2, 0, 0, EXTENT).pixels[:-1, :-1].any()


def test_a_window_shows_what_tiles_show() -> None:
    numbers = world()
    window = Window(0.25, 0.25, 4 * EXTENT, EXTENT, EXTENT)
    tile = numbers.tile(AreaKind.SMALL_AREA, 2, 1, 1, EXTENT).pixels[:-1, :-1]
    assert (numbers.window(AreaKind.SMALL_AREA, window) == tile).all()


def test_golden_numbers_of_a_small_tile() -> None:
    """A digest of the numbers, not of a file: encoders may change, the areas may not."""
    shapes = {
        0: shapely.Polygon([(3, 2), (30, 9), (21, 40), (5, 33)]),
        1: shapely.Polygon([(30, 9), (60, 4), (55, 61), (21, 40)]),
        2: shapely.Polygon([(5, 33), (21, 40), (55, 61), (8, 62)]),
    }
    pixels = np.zeros((EXTENT, EXTENT), dtype=np.uint16)
    fill(layer_edges(tile_of(shapes), "small_area").placed(EXTENT, 0, 0), pixels)
    counts = np.bincount(pixels.reshape(-1))
    assert counts[1:] == pytest.approx([shape.area for shape in shapes.values()], rel=0.01)
    assert counts.tolist() == [1210, 690, 1464, 732]
    assert hashlib.sha256(pixels.astype("<u2").tobytes()).hexdigest()[:16] == "be8c97ee9d95e6e7"


def test_what_was_used_longest_ago_goes_first() -> None:
    class Held:
        def __init__(self, nbytes: int) -> None:
            self.nbytes = nbytes

    cache: ByteCache[Held] = ByteCache(100)
    first = cache.get("a", lambda: Held(40))
    cache.get("b", lambda: Held(40))
    assert cache.get("a", lambda: Held(1)) is first
    cache.get("c", lambda: Held(40))
    assert (len(cache), cache.nbytes) == (2, 80)
    assert cache.get("a", lambda: Held(1)) is first
    assert cache.get("b", lambda: Held(7)).nbytes == 7
    too_large = cache.get("d", lambda: Held(101))
    assert cache.get("d", lambda: Held(5)) is not too_large


def test_numbers_are_kept_once_and_within_bounds() -> None:
    numbers = world(most=2_000)
    one = numbers.tile(AreaKind.SMALL_AREA, 2, 1, 1, EXTENT)
    assert numbers.tile(AreaKind.SMALL_AREA, 2, 1, 1, EXTENT) is one
    for zoom in range(2, 6):
        numbers.tile(AreaKind.SMALL_AREA, zoom, 1, 1, EXTENT)
    assert numbers.kept.nbytes <= 2_000


@pytest.mark.parametrize(("longitude", "latitude"), [(-3.2, 51.5), (0, 0), (1.7, 55.8)])
def test_places_on_the_grid_and_back(longitude: float, latitude: float) -> None:
    assert degrees(*unit(longitude, latitude)) == pytest.approx((longitude, latitude))
    many = units(np.array([[longitude], [latitude]]))
    assert many[:, 0] == pytest.approx(unit(longitude, latitude))
