import numpy as np
import pytest
import shapely

from exclusion_map.geography.coverage import mend


def squares(*corners: tuple[float, float]) -> np.ndarray:
    return np.array([shapely.box(x, y, x + 1, y + 1) for x, y in corners])


def test_borders_that_fit_are_left_alone() -> None:
    areas = squares((0, 0), (1, 0), (0, 1))
    mended, faulty = mend(areas)
    assert mended is areas
    assert faulty.size == 0


def test_an_overlap_is_cleaned_and_named() -> None:
    areas = squares((0, 0), (0.9, 0), (5, 5), (6, 5))
    mended, faulty = mend(areas)
    assert faulty.tolist() == [0, 1]
    assert shapely.coverage_is_valid(mended)
    assert shapely.equals(mended[2:], areas[2:]).all()
    assert shapely.area(mended[:2]).sum() == pytest.approx(1.9)


def test_the_order_and_number_of_areas_stay() -> None:
    areas = squares((0, 0), (0.95, 0), (2, 0))
    mended, _ = mend(areas)
    assert len(mended) == 3
    centres = shapely.get_x(shapely.centroid(mended))
    assert (np.diff(centres) > 0).all()
