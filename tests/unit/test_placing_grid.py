"""The grid of areas answers as shapely does, to the last bit, also on corners and borders."""

from fractions import Fraction

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("numba", reason="numba is not installed: the extra 'scale'")

from exclusion_map.geography.placing import locate
from exclusion_map.placing.grid import build_grid
from exclusion_map.placing.kernels import turn

SQUARE = shapely.box(0, 0, 2, 2)
NEXT = shapely.box(2, 0, 4, 2)
RING = shapely.Polygon(
    [(10, 0), (16, 0), (16, 6), (10, 6)], holes=[[(12, 2), (14, 2), (14, 4), (12, 4)]]
)
ISLE = shapely.box(12.5, 2.5, 13.5, 3.5)
APART = shapely.MultiPolygon([shapely.box(20, 0, 21, 1), shapely.box(22, 0, 23, 1)])


@pytest.mark.parametrize(
    ("x", "y", "row"),
    [
        (1, 1, 0),
        (3, 1, 1),
        (2, 1, 0),  # on the shared border: the lowest row
        (2, 2, 0),
        (4, 2, 1),
        (0, 0, 0),
        (11, 1, 2),
        (13, 3, 3),
        (12, 3, 2),  # on the edge of the hole
        (12.2, 3, -1),  # in the hole, beside the isle
        (20.5, 0.5, 4),
        (21.5, 0.5, -1),
        (22, 0.25, 4),
        (-1, 1, -1),
        (1e9, -1e9, -1),
        (np.nan, 1, -1),
    ],
)
def test_points_worked_by_hand(x: float, y: float, row: int) -> None:
    areas = build_grid(np.array([SQUARE, NEXT, RING, ISLE, APART], dtype=object))
    assert areas.find(np.array([x], dtype=float), np.array([y], dtype=float)).tolist() == [row]


def test_no_areas_and_empty_outlines_hold_nothing() -> None:
    none = build_grid(np.array([], dtype=object))
    assert none.find(np.zeros(1), np.zeros(1)).tolist() == [-1]
    some = build_grid(np.array([shapely.Polygon(), SQUARE], dtype=object))
    assert some.find(np.ones(1), np.ones(1)).tolist() == [1]


def test_overlapping_areas_give_the_lowest_row() -> None:
    areas = build_grid(np.array([shapely.box(5, 5, 6, 6), SQUARE.buffer(9), SQUARE], dtype=object))
    assert areas.find(np.array([1.0, 5.5]), np.array([1.0, 5.5])).tolist() == [1, 0]


def _coverage(seed: int, many: int, scale: float, corner: float) -> np.ndarray:
    """Return a coverage of an uneven patch of ground: dense in one place, as people live."""
    random = np.random.default_rng(seed)
    spread = np.vstack([random.normal(0, 0.05, (many, 2)), random.normal(0, 1, (many, 2))])
    cells = shapely.voronoi_polygons(shapely.MultiPoint(spread * scale + corner))
    return np.array(shapely.get_parts(cells), dtype=object)


@pytest.mark.parametrize(
    ("scale", "corner"), [(1.0, 0.0), (1e-3, 51.5), (0.1, -3.7)], ids=["unit", "small", "degrees"]
)
def test_answers_are_those_of_shapely(scale: float, corner: float) -> None:
    outlines = _coverage(7, 400, scale, corner)
    areas = build_grid(outlines)
    corners = shapely.get_coordinates(outlines)
    middles = (corners[1:] + corners[:-1]) / 2
    random = np.random.default_rng(8)
    ground = corners[random.integers(0, len(corners), 20_000)]
    ground = ground + random.normal(0, 0.02 * scale, ground.shape)
    points = np.vstack([corners, middles, np.nextafter(corners, 99), ground])
    x, y = points[:, 0].copy(), points[:, 1].copy()
    np.testing.assert_array_equal(
        areas.find(x, y), locate(x, y, outlines, coast_m=0.0).area, strict=True
    )


_SMALL = st.integers(-40, 40).map(lambda whole: whole / 8)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(_SMALL, _SMALL), min_size=3, max_size=9),
    st.lists(st.tuples(_SMALL, _SMALL), min_size=1, max_size=30),
)
def test_any_polygon_on_a_lattice(
    corners: list[tuple[float, float]], points: list[tuple[float, float]]
) -> None:
    outline = shapely.make_valid(shapely.Polygon(corners), method="structure")
    polygons = [part for part in shapely.get_parts(outline) if part.geom_type == "Polygon"]
    whole = np.array([shapely.MultiPolygon(polygons)], dtype=object)
    x, y = np.array(points).T.copy()
    inside = build_grid(whole).find(x, y) == 0
    np.testing.assert_array_equal(inside, shapely.intersects_xy(whole[0], x, y))


# Products of numbers below 1e-150 cannot be told from 0, in the grid as in GEOS.
_ODD = st.floats(-200, 200, allow_nan=False, width=64).filter(lambda x: x == 0 or abs(x) > 1e-100)


@settings(max_examples=200, deadline=None)
@given(_ODD, _ODD, _ODD, _ODD, st.floats(0, 1), st.integers(-2, 2))
def test_the_side_of_an_edge_is_never_rounded(
    ax: float, ay: float, bx: float, by: float, along: float, ulps: int
) -> None:
    px, py = ax + along * (bx - ax), ay + along * (by - ay)
    for _ in range(abs(ulps)):
        px = float(np.nextafter(px, 999 * ulps)) if px else px
    a_x, a_y, b_x, b_y, p_x, p_y = map(Fraction, (ax, ay, bx, by, px, py))
    true = (a_x - p_x) * (b_y - p_y) - (a_y - p_y) * (b_x - p_x)
    assert np.sign(turn(ax, ay, bx, by, px, py)) == (true > 0) - (true < 0)
