import numpy as np
import pytest
import shapely

from exclusion_map.tiles.borders import by_unshared_borders
from exclusion_map.tiles.cutting import clip, cut
from exclusion_map.tiles.encoding import pack_varints, varint, varint_sizes
from exclusion_map.tiles.grid import BUFFER, EXTENT
from exclusion_map.tiles.outlines import crossed, cut_at_tile_edges, on_grid

GRID = ((10, 10), (14, 10), (10, 14), (14, 14))


def areas(*texts: str) -> np.ndarray:
    return shapely.from_wkt([f"POLYGON (({text}))" for text in texts])


def test_a_corner_carried_across_a_border_is_taken_back() -> None:
    # The border runs from (0 0) to (10 1); the notch's corner (5.4 0.56) rounds to (5 1), beyond.
    border = "0 0, 5.4 0.56, 10 1"
    low = f"{border}, 10 -9, 0 -9, 0 0"
    high = "0 0, 0 9, 10 9, 10 1, 5.4 0.56, 0 0"
    exact = areas(low, high)
    found = on_grid(exact)
    assert not crossed(found).size
    assert shapely.area(found).sum() == shapely.union_all(found).area == 180


def test_a_neck_narrower_than_the_grid_parts_an_outline_and_its_neighbours_follow() -> None:
    neck = "0 0, 9 0, 9 4.1, 20 4.1, 20 0, 29 0, 29 9, 20 9, 20 4.3, 9 4.3, 9 9, 0 9, 0 0"
    below, above = "9 0, 20 0, 20 4.1, 9 4.1, 9 0", "9 9, 9 4.3, 20 4.3, 20 9, 9 9"
    found = on_grid(areas(neck, below, above))
    assert shapely.is_valid(found).all()
    assert len(shapely.get_parts(found[0])) == 2
    assert shapely.area(found).tolist() == [162, 44, 55]
    assert shapely.union_all(found).area == 29 * 9


def test_an_area_smaller_than_the_grid_vanishes() -> None:
    found = on_grid(areas("0 0, 9 0, 9 9, 0 9, 0 0", "20 0, 20.2 0, 20.2 0.2, 20 0"))
    assert shapely.is_empty(found).tolist() == [False, True]


@pytest.mark.parametrize("seed", range(20))
def test_any_coverage_stays_one_on_the_grid(seed: int) -> None:
    chance = np.random.default_rng(seed)
    points = shapely.MultiPoint(chance.uniform(0, 40, (300, 2)))
    cells = np.asarray(shapely.get_parts(shapely.voronoi_polygons(points)))
    cells = shapely.intersection(cells, shapely.box(0, 0, 40, 40))
    found = on_grid(cells)  # about two and a half units wide: half the corners collide
    assert shapely.is_valid(found).all()
    assert shapely.area(found).sum() == shapely.union_all(found).area == 1600
    corners = shapely.get_coordinates(found)
    assert (corners == np.rint(corners)).all()


def test_an_edge_that_two_areas_share_is_not_looked_at() -> None:
    # Two by two squares in the middle of a ring: their borders with each other and with it match.
    squares = [f"{x} {y}, {x + 4} {y}, {x + 4} {y + 4}, {x} {y + 4}, {x} {y}" for x, y in GRID]
    inner = areas(*squares)
    hole = "10 10, 14 10, 18 10, 18 14, 18 18, 14 18, 10 18, 10 14, 10 10"
    ring = shapely.from_wkt(f"POLYGON ((0 0, 28 0, 28 28, 0 28, 0 0), ({hole}))")
    whole = np.array([*inner, ring])
    # Alone the squares have an outer edge; with the ring none is left but the ring's own.
    assert by_unshared_borders(inner).tolist() == [0, 1, 2, 3]
    assert not crossed(whole).size


def test_areas_on_either_side_of_an_edge_that_is_not_shared_are_looked_at() -> None:
    one, other, far = areas(
        "0 0, 9 0, 9 9, 0 9, 0 0", "9 0, 20 0, 20 9, 8 9, 9 0", "90 0, 99 0, 99 9, 90 9, 90 0"
    )
    assert by_unshared_borders(np.array([one, other, far])).tolist() == [0, 1, 2]
    assert crossed(np.array([one, other, far])).tolist() == [0, 1]


def test_the_same_area_twice_is_found() -> None:
    (one,) = areas("0 0, 9 0, 9 9, 0 9, 0 0")
    assert crossed(np.array([one, one])).tolist() == [0, 1]


def test_outlines_get_corners_at_tile_edges_and_buffers() -> None:
    (found,) = cut_at_tile_edges(areas(f"100 10, {EXTENT + 200} 10, 100 {EXTENT + 110}, 100 10"))
    added = {tuple(xy) for xy in shapely.get_coordinates(found)[1:-1]}
    expected = {(float(EXTENT + d), 10.0) for d in (-BUFFER, 0, BUFFER)}
    assert expected < added
    assert len(added) == 2 + 3 + 4 + 7  # two of its own; below, to the left, and on the slope
    assert found.area == pytest.approx((EXTENT + 100) ** 2 / 2)


def test_neighbours_get_the_very_same_corners() -> None:
    one, other = cut_at_tile_edges(
        areas("1 1, 9000 5001, 1 5001, 1 1", "1 1, 9000 1, 9000 5001, 1 1")
    )
    along = [{tuple(xy) for xy in shapely.get_coordinates(side)} for side in (one, other)]
    shared = {xy for xy in along[0] & along[1] if xy not in {(1, 1), (9000, 5001)}}
    assert len(shared) == 7 + 4  # lines that run down, and lines that run across


def test_a_tile_holds_what_lies_in_it_and_its_buffer() -> None:
    (square,) = areas("0 0, 10000 0, 10000 10000, 0 10000, 0 0")
    tiles = {place: shown for place, _, shown in cut(np.array([square]), 2)}
    assert len(tiles) == 9
    tile = (EXTENT - BUFFER, EXTENT - BUFFER, 2 * EXTENT + BUFFER, 2 * EXTENT + BUFFER)
    assert tiles[(2, 1, 1)][0].bounds == tile
    assert tiles[(2, 0, 0)][0].bounds == (0, 0, EXTENT + BUFFER, EXTENT + BUFFER)


def test_what_only_touches_the_box_is_left_out() -> None:
    inside, touching = areas("0 0, 4 0, 4 4, 0 4, 0 0", "8 0, 12 0, 12 4, 8 4, 8 0")
    clipped = clip(np.array([inside, touching]), (2.0, 0.0, 8.0, 4.0))
    assert shapely.area(clipped).tolist() == [8, 0]


def test_varints_are_those_of_the_format() -> None:
    numbers = [0, 1, 127, 128, 300, 16_383, 16_384, 2**31, 2**35 - 1]
    assert pack_varints(np.array(numbers)).tobytes() == b"".join(map(varint, numbers))
    assert varint(300) == b"\xac\x02"
    assert varint_sizes(np.array(numbers)).tolist() == [len(varint(number)) for number in numbers]
