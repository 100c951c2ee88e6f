"""Layers of a tileset: how each is cut into the tiles of a zoom."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import geopandas as gpd
import numpy as np
import shapely

from exclusion_map.tiles.cutting import cut
from exclusion_map.tiles.encoding import Attributes, Ints, encode_areas, encode_points
from exclusion_map.tiles.grid import EXTENT, WEB_MERCATOR, Floats, Geometries, to_units
from exclusion_map.tiles.outlines import cut_at_tile_edges, on_grid, simplify
from exclusion_map.tiles.pack import Place

Cut = tuple[Place, bytes, Ints]
"""A tile, its encoded layer, and the ids of the features shown."""
Bounds = tuple[float, float, float, float]


class Layer(Protocol):
    """A layer of a tileset.

    Attributes:
        name: of the layer in the tiles.
        min_zoom, max_zoom: zooms at which the layer is present, both included.
        fields: attributes of its features, with the type of each as TileJSON names it.
        bounds: west, south, east, north in degrees.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def min_zoom(self) -> int: ...  # noqa: D102
    @property
    def max_zoom(self) -> int: ...  # noqa: D102
    @property
    def fields(self) -> Mapping[str, str]: ...  # noqa: D102
    @property
    def bounds(self) -> Bounds: ...  # noqa: D102

    def zooms(self) -> Iterator[tuple[int, Iterator[Cut]]]:
        """Yield each zoom with its tiles, from the highest zoom down."""
        ...

    def count(self, zoom: int) -> int:
        """Return the number of features at a zoom."""
        ...


@dataclass(frozen=True)
class AreaLayer:
    """Outlines that form a coverage; a feature's id is its row number. No attributes.

    Attributes:
        features: outlines, EPSG:4326.
    """

    name: str
    features: gpd.GeoDataFrame
    min_zoom: int
    max_zoom: int
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def bounds(self) -> Bounds:
        """West, south, east, north in degrees."""
        return _bounds(self.features.total_bounds)

    def count(self, zoom: int) -> int:  # noqa: ARG002 - as every layer
        """Return the number of areas, which is the same at every zoom."""
        return len(self.features)

    def zooms(self) -> Iterator[tuple[int, Iterator[Cut]]]:
        """Yield each zoom with its tiles; each zoom simplifies the outlines of the one above."""
        outlines = np.asarray(self.features.geometry.to_crs(WEB_MERCATOR).to_numpy())
        for zoom in range(self.max_zoom, self.min_zoom - 1, -1):
            outlines = simplify(outlines, zoom)
            shown = on_grid(cut_at_tile_edges(to_units(outlines, zoom)))
            yield zoom, self._tiles(shown, zoom)

    def _tiles(self, outlines: Geometries, zoom: int) -> Iterator[Cut]:
        for place, ids, shown in cut(outlines, zoom):
            yield place, encode_areas(self.name, ids, shown, place[1:]), ids


@dataclass(frozen=True)
class Points:
    """Points of a zoom.

    Attributes:
        longitude, latitude: in degrees, shape (n,).
        attributes: attributes of each point; missing ones are left out.
    """

    longitude: Floats
    latitude: Floats
    attributes: tuple[Attributes, ...]


@dataclass(frozen=True)
class PointLayer:
    """Points with attributes, zoom by zoom; a feature's id is its row number.

    Attributes:
        points: points by zoom, for zooms at which the layer is present; empty if it has no
            features.
    """

    name: str
    points: Mapping[int, Points]
    fields: Mapping[str, str]
    bounds: Bounds

    @property
    def min_zoom(self) -> int:
        """The lowest zoom at which the layer is present."""
        return min(self.points)

    @property
    def max_zoom(self) -> int:
        """The highest zoom at which the layer is present."""
        return max(self.points)

    def count(self, zoom: int) -> int:
        """Return the number of points at a zoom."""
        return len(self.points[zoom].attributes)

    def zooms(self) -> Iterator[tuple[int, Iterator[Cut]]]:
        """Yield each zoom with its tiles."""
        for zoom in sorted(self.points, reverse=True):
            yield zoom, self._tiles(zoom, self.points[zoom])

    def _tiles(self, zoom: int, points: Points) -> Iterator[Cut]:
        if not points.attributes:
            return
        whole = on_point_grid(points.longitude, points.latitude, zoom)
        tiles, members = np.unique(whole // EXTENT, axis=0, return_inverse=True)
        order = np.argsort(members, kind="stable")
        groups = np.split(order, np.cumsum(np.bincount(members))[:-1])
        for (column, row), rows in zip(tiles.tolist(), groups, strict=True):
            inside = whole[rows] - np.array([column, row]) * EXTENT
            told = [points.attributes[one] for one in rows]
            yield (zoom, column, row), encode_points(self.name, rows, inside, told), rows


def on_point_grid(longitude: Floats, latitude: Floats, zoom: int) -> Ints:
    """Return points as whole units of a zoom's grid, shape (n, 2)."""
    points = gpd.GeoSeries(gpd.points_from_xy(longitude, latitude), crs=4326)
    metres = np.asarray(points.to_crs(WEB_MERCATOR).to_numpy())
    return np.floor(shapely.get_coordinates(to_units(metres, zoom))).astype(np.int64)


def _bounds(total: Floats) -> Bounds:
    west, south, east, north = (float(one) for one in total)
    return west, south, east, north
