"""Queen contiguity: hand-made squares, the obvious way on a patchy map, libpysal, and the file."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from exclusion_map.errors import EditionError, GeographyError
from exclusion_map.geography.contiguity import (
    Contiguity,
    queen,
    read_contiguity,
    write_contiguity,
)


def grid(width: int, height: int) -> np.ndarray:
    """Squares row by row from the south-west."""
    at = [(x, y) for y in range(height) for x in range(width)]
    return shapely.box(*np.array([(x, y, x + 1, y + 1) for x, y in at], dtype=float).T)


def pairs(contiguity: Contiguity) -> set[tuple[int, int]]:
    return set(zip(contiguity.owners.tolist(), contiguity.indices.tolist(), strict=True))


def patchwork(count: int, seed: int) -> np.ndarray:
    """A coverage of uneven cells with some taken out, so that there are gaps, holes and islands."""
    points = np.random.default_rng(seed).random((count, 2))
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points)))
    keep = np.random.default_rng(seed + 1).random(len(cells)) < 0.6
    return cells[keep]


def test_the_middle_of_nine_squares_touches_all_others_and_a_corner_three() -> None:
    found = queen(grid(3, 3))
    assert found.neighbours(4).tolist() == [0, 1, 2, 3, 5, 6, 7, 8]
    assert found.neighbours(0).tolist() == [1, 3, 4]
    assert found.counts.tolist() == [3, 5, 3, 5, 8, 5, 3, 5, 3]
    assert (found.indptr.dtype, found.indices.dtype) == (np.int32, np.int32)


def test_islands_are_listed_and_stay() -> None:
    found = queen(np.append(grid(2, 1), shapely.box(10, 10, 11, 11)))
    assert len(found) == 3
    assert found.islands.tolist() == [2]
    assert found.sums(np.array([1.0, 10.0, 100.0])).tolist() == [10, 1, 0]


def test_a_ring_around_an_area_touches_it() -> None:
    hole = shapely.box(1, 1, 2, 2)
    ring = shapely.difference(shapely.box(0, 0, 3, 3), hole)
    assert pairs(queen(np.array([ring, hole]))) == {(0, 1), (1, 0)}


def test_parts_of_one_area_count_for_it() -> None:
    two = shapely.multipolygons([grid(3, 1)[0], grid(3, 1)[2]])
    assert pairs(queen(np.array([two, grid(3, 1)[1]]))) == {(0, 1), (1, 0)}


@pytest.mark.parametrize("seed", range(3))
def test_it_equals_touching_polygons(seed: int) -> None:
    cells = patchwork(400, seed)
    one, other = shapely.STRtree(cells).query(cells, predicate="intersects")
    apart = one != other
    assert pairs(queen(cells)) == set(zip(one[apart].tolist(), other[apart].tolist(), strict=True))


def test_it_equals_libpysal() -> None:
    from libpysal.graph import Graph  # It takes seconds, and each process of the tests reads this.

    cells = patchwork(300, 5)
    theirs = Graph.build_contiguity(gpd.GeoSeries(cells), rook=False).adjacency
    expected = {pair for pair, weight in theirs.items() if weight}
    assert pairs(queen(cells)) == expected


def test_a_selection_is_numbered_anew_and_loses_the_others() -> None:
    keep = np.array([True, False, True, True, True, True, True, True, True])
    found = queen(grid(3, 3)).among(keep)
    assert pairs(found) == pairs(queen(grid(3, 3)[keep]))


def test_an_area_without_a_shape_is_refused() -> None:
    with pytest.raises(GeographyError, match="row 1"):
        queen(np.array([shapely.box(0, 0, 1, 1), shapely.Polygon()]))


def test_the_file_gives_back_what_was_written(tmp_path: Path) -> None:
    found = queen(np.append(grid(3, 3), shapely.box(10, 10, 11, 11)))
    codes = tuple(f"X{number}" for number in range(10))
    path = tmp_path / "contiguity.arrow"
    write_contiguity(found, codes, path)
    again = read_contiguity(path, codes)
    assert again.indptr.tolist() == found.indptr.tolist()
    assert again.indices.tolist() == found.indices.tolist()
    assert again.islands.tolist() == [9]


def test_a_file_of_other_areas_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "contiguity.arrow"
    write_contiguity(queen(grid(2, 1)), ("A", "B"), path)
    with pytest.raises(EditionError, match="differ or are in another order"):
        read_contiguity(path, ("B", "A"))


def test_a_damaged_or_absent_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "contiguity.arrow"
    with pytest.raises(EditionError, match=r"contiguity\.arrow"):
        read_contiguity(path)
    path.write_bytes(b"not arrow")
    with pytest.raises(EditionError, match=r"contiguity\.arrow"):
        read_contiguity(path)
