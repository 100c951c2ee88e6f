"""Small areas as cells around seeded points: dense in towns, wide in the country, edges shared."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from exclusion_map.errors import GeographyError
from exclusion_map.sampleshire.shape import (
    ISLAND_NAME,
    SETTLEMENTS,
    Points,
    Settlement,
    land,
    roughen,
    to_degrees,
)

GRID_DEGREES = 1e-6
"""Coordinates lie on this grid (about 0.1 m), so six decimals write them without loss."""

RURAL, ISLAND = -1, -2
"""Marks of points that belong to no town."""

TOWN_AREA_KM2 = 0.62

Spot = tuple[float, float]
Draw = Callable[[np.random.Generator], Spot]
"""Draws one candidate for a point, in metres."""


@dataclass(frozen=True)
class Cells:
    """Small areas before they have names: n seeds, their towns, and their polygons in degrees."""

    points: Points
    town: NDArray[np.int64]
    polygons: NDArray[np.object_]
    coast: shapely.MultiPolygon


def town_radius_m(settlement: Settlement, areas: int) -> float:
    """Return how far a town reaches from its centre."""
    count = settlement.areas_of_320 * areas / 320
    return float(1000.0 * np.sqrt(max(count, 2.0) * TOWN_AREA_KM2 / np.pi))


def _about(settlement: Settlement, radius: float) -> Draw:
    """Return a drawer of points round a town's centre, a little denser in its middle."""

    def draw(random: np.random.Generator) -> Spot:
        angle = random.uniform(0.0, 2 * np.pi)
        reach = radius * random.uniform(0.0, 1.0) ** 0.58
        east, north = reach * np.cos(angle), reach * np.sin(angle)
        return settlement.x_km * 1000 + east, settlement.y_km * 1000 + north

    return draw


def _anywhere(ground: shapely.Polygon) -> Draw:
    """Return a drawer of points in the box round some ground."""
    west, south, east, north = ground.bounds

    def draw(random: np.random.Generator) -> Spot:
        return random.uniform(west, east), random.uniform(south, north)

    return draw


def _spread(
    random: np.random.Generator,
    draw: Draw,
    count: int,
    *,
    ground: shapely.Polygon,
    spacing: float,
    taken: Sequence[Spot] = (),
) -> list[Spot]:
    """Draw ``count`` points on the ground, none nearer to another than ``spacing``.

    Points already taken need only half that, so that the country comes close to the towns. Where
    no room is left, the spacing shrinks little by little.
    """
    shapely.prepare(ground)
    found: list[Spot] = []
    misses = 0
    while len(found) < count:
        x, y = draw(random)
        near, near_taken = _nearest(found, x, y), 2 * _nearest(taken, x, y)
        if min(near, near_taken) >= spacing and shapely.contains_xy(ground, x, y):
            found.append((x, y))
            misses = 0
        else:
            misses += 1
            if misses > 60:
                spacing, misses = spacing * 0.93, 0
    return found


def _nearest(spots: Sequence[Spot], x: float, y: float) -> float:
    """Return the distance to the nearest of some spots, infinite when there is none."""
    return min((math.hypot(there[0] - x, there[1] - y) for there in spots), default=math.inf)


def _quotas(areas: int) -> list[int]:
    return [max(2, round(town.areas_of_320 * areas / 320)) for town in SETTLEMENTS]


def _seeds(
    random: np.random.Generator, coast: shapely.MultiPolygon, areas: int
) -> tuple[Points, NDArray[np.int64]]:
    mainland, island = coast.geoms
    inner, inner_island = mainland.buffer(-180.0), island.buffer(-180.0)
    points: list[Spot] = []
    town: list[int] = []

    def settle(mark: int, spots: list[Spot]) -> None:
        points.extend(spots)
        town.extend([mark] * len(spots))

    for number, (settlement, count) in enumerate(zip(SETTLEMENTS, _quotas(areas), strict=True)):
        radius = town_radius_m(settlement, areas)
        spacing = 0.75 * radius / math.sqrt(count)
        about = _about(settlement, radius)
        settle(number, _spread(random, about, count, ground=inner, spacing=spacing, taken=points))
    on_island = 2 if areas >= 100 else 1
    anywhere = _anywhere(inner_island)
    settle(ISLAND, _spread(random, anywhere, on_island, ground=inner_island, spacing=1500.0))
    rest, anywhere = areas - len(points), _anywhere(inner)
    settle(RURAL, _spread(random, anywhere, rest, ground=inner, spacing=5200.0, taken=points))
    return np.array(points), np.array(town)


def _lines(
    random: np.random.Generator, points: Points, coast: shapely.MultiPolygon
) -> list[Points]:
    """Return the roughened edges between cells and the coastlines, in metres."""
    edges = shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=coast, only_edges=True)
    inside = shapely.get_parts(shapely.intersection(shapely.get_parts(edges), coast.buffer(400.0)))
    straight = sorted(shapely.get_coordinates(line).tolist() for line in inside if line.length > 0)
    seeds = shapely.MultiPoint(points)
    rough = []
    for line in straight:
        # An edge may wander, but never round a point, which would then lose its own cell.
        room = 0.6 * float(shapely.LineString(line).distance(seeds))
        rough.append(roughen(np.array(line), random, step_m=260.0, share=0.10, most_m=room))
    return rough + [shapely.get_coordinates(part.exterior) for part in coast.geoms]


def _faces(lines: list[Points]) -> NDArray[np.object_]:
    """Return every face between the lines, in degrees, corners on one grid and shared exactly."""
    drawn = [shapely.LineString(to_degrees(line)) for line in lines]
    noded = shapely.union_all(drawn, grid_size=GRID_DEGREES)
    return np.array(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))))


def _owners(faces: NDArray[np.object_], seeds: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return the seed of each face: the one inside it, the best neighbour's, or the nearest."""
    owner = np.full(len(faces), -1)
    tree = shapely.STRtree(faces)
    seed, face = tree.query(seeds, predicate="within")
    owner[face] = seed
    if len(seed) != len(seeds) or len(set(face)) != len(seeds):
        raise GeographyError(
            "Sampleshire's cells",
            found=f"{len(set(face))} cells for {len(seeds)} points",
            expected="one cell per point",
            mend="Choose another seed.",
        )
    for _ in range(len(faces)):
        loose = np.nonzero(owner < 0)[0]
        if not len(loose):
            break
        joined = False
        for number in loose:
            near = [other for other in tree.query(faces[number]) if owner[other] >= 0]
            shared = shapely.length(shapely.intersection(faces[number], faces[near]))
            if len(near) and shared.max() > 0:
                owner[number] = owner[near[int(shared.argmax())]]
                joined = True
        if not joined:
            nearest = shapely.STRtree(seeds).nearest(faces[loose])
            owner[loose] = nearest
    return owner


def cells(random: np.random.Generator, areas: int) -> Cells:
    """Return ``areas`` cells that cover the land without gap or overlap.

    Raises:
        GeographyError: the seed gives a point without a cell of its own.
    """
    coast = land(random)
    points, town = _seeds(random, coast, areas)
    faces = _faces(_lines(random, points, coast))
    dry = shapely.MultiPolygon(
        [shapely.Polygon(to_degrees(shapely.get_coordinates(part))) for part in coast.geoms]
    )
    faces = faces[shapely.within(shapely.point_on_surface(faces), dry)]
    owner = _owners(faces, np.array([shapely.Point(xy) for xy in to_degrees(points)]))
    polygons = np.array(
        [shapely.coverage_union_all(faces[owner == number]) for number in range(areas)]
    )
    return Cells(points, town, shapely.normalize(polygons), dry)


__all__ = ["ISLAND", "ISLAND_NAME", "RURAL", "Cells", "cells", "town_radius_m"]
