"""Repair polygons into a coverage without gaps or overlaps, ready to simplify and dissolve."""

import numpy as np
import numpy.typing as npt
import shapely
from shapely import coverage_clean  # type: ignore[attr-defined]  # newer than its type stubs

from exclusion_map.errors import GeographyError

Polygons = npt.NDArray[np.object_]


def mend(polygons: Polygons) -> tuple[Polygons, npt.NDArray[np.intp]]:
    """Return polygons whose shared borders match exactly, and the positions of those repaired.

    Only areas with a faulty border and their neighbours are cleaned: cleaning all of England and
    Wales takes ten times as long and gives the same result.

    Args:
        polygons: shape (n,), polygons or multipolygons in one coordinate system.

    Raises:
        GeographyError: the borders still do not match after cleaning.
    """
    faulty = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(polygons)))
    if not faulty.size:
        return polygons, faulty
    tree = shapely.STRtree(polygons)
    around = np.unique(np.append(tree.query(polygons[faulty], predicate="intersects")[1], faulty))
    mended = polygons.copy()
    mended[around] = coverage_clean(polygons[around])
    if not shapely.coverage_is_valid(mended):
        mended = np.asarray(coverage_clean(polygons))
    if not shapely.coverage_is_valid(mended) or shapely.is_empty(mended).any():
        raise GeographyError(
            "boundaries of small areas",
            found=f"{faulty.size} areas that overlap their neighbours or leave gaps",
            expected="polygons that share their borders",
            mend="Use one boundary file of one vintage, as published.",
        )
    return mended, faulty
