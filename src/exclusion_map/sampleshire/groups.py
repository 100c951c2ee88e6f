"""Put neighbouring small areas together into groups of a size: neighbourhoods and wards."""

import numpy as np
import shapely
from numpy.typing import NDArray

from exclusion_map.sampleshire.shape import Points


def neighbours(polygons: NDArray[np.object_]) -> list[set[int]]:
    """Return, for each polygon of a coverage, which others share a border line with it."""
    tree = shapely.STRtree(polygons)
    one, other = tree.query(polygons, predicate="intersects")
    shared = shapely.length(shapely.intersection(polygons[one], polygons[other]))
    found: list[set[int]] = [set() for _ in polygons]
    for left, right, length in zip(one.tolist(), other.tolist(), shared.tolist(), strict=True):
        if left != right and length > 0:
            found[left].add(right)
    return found


def grow(
    members: NDArray[np.int64], points: Points, near: list[set[int]], *, size: int, start: float
) -> list[list[int]]:
    """Return the members in groups of about ``size``, each in one piece where the land is.

    A group begins at the free member that lies furthest out in the direction ``start`` (an angle in
    radians) and takes in the free neighbour nearest to its middle until it is full. A group that
    stays under half the size joins its smallest neighbour, or the nearest group across water.
    """
    free = set(members.tolist())
    outward = points @ np.array([np.cos(start), np.sin(start)])
    groups: list[list[int]] = []
    while free:
        group = [min(free, key=lambda area: (outward[area], area))]
        free.discard(group[0])
        while len(group) < size:
            edge = {other for area in group for other in near[area]} & free
            if not edge:
                break
            middle = points[group].mean(axis=0)
            group.append(min(edge, key=lambda area: (np.hypot(*(points[area] - middle)), area)))
            free.discard(group[-1])
        groups.append(group)
    return _join_small(groups, points, near, size)


def _join_small(
    groups: list[list[int]], points: Points, near: list[set[int]], size: int
) -> list[list[int]]:
    small = [group for group in groups if len(group) <= size / 2]
    kept = [group for group in groups if len(group) > size / 2]
    if not kept:
        return [sorted(area for group in groups for area in group)]
    for group in small:
        touching = {other for area in group for other in near[area]}
        beside = [other for other in kept if touching & set(other)]
        middle = points[group].mean(axis=0)
        home = (
            min(beside, key=len)
            if beside
            else min(kept, key=lambda other: np.hypot(*(points[other].mean(axis=0) - middle)))
        )
        home += group
    return [sorted(group) for group in kept]
