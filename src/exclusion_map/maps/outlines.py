"""Outlines made light enough for one page: simplified together, so that neighbours still touch."""

from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

Shapes = npt.NDArray[np.object_]

MOST_POINTS: Final = 90_000
"""Corners of all outlines of a page: about 2 MB of text."""
DECIMALS: Final = 5
"""Of a degree: about a metre."""
_FIRST_M: Final = 10.0
_GROW: Final = 1.6


def light(shapes: Shapes, most_points: int = MOST_POINTS) -> Shapes:
    """Return outlines with no more corners than ``most_points``, or close to it.

    Borders are simplified as a coverage (Visvalingam-Whyatt by area): two neighbours keep the same
    border, without gaps or overlaps. Longitudes are shortened for the while, so that a metre is as
    long in either direction.
    """
    if not len(shapes):
        return shapes
    _, south, _, north = shapely.total_bounds(shapes)
    squeeze = np.array([np.cos(np.radians((south + north) / 2)), 1.0])
    flat: Shapes = shapely.transform(shapes, lambda at: at * squeeze)
    tolerance = _FIRST_M
    made = flat
    while shapely.get_num_coordinates(made).sum() > most_points and tolerance < 5_000:
        made = shapely.coverage_simplify(flat, tolerance / 111_320)
        tolerance *= _GROW
    rounded: Shapes = shapely.transform(made, lambda at: np.round(at / squeeze, DECIMALS))
    return rounded
