"""Which area every pixel of a tile or a picture lies in: area numbers, made once from outlines.

Numbers come from the vector tiles of the edition, filled at the size of the picture, so that
borders are crisp at any scale. Kinds of area that have no layer of their own (wards, health areas)
are looked up from the small areas under each pixel.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from exclusion_map.maps.raster_cache import ByteCache
from exclusion_map.maps.raster_fill import Numbers, fill, number_type
from exclusion_map.maps.raster_outlines import layer_edges
from exclusion_map.terms import AreaKind

GEOMETRY_PIXELS = 512
"""Width of a tile on a screen for which the outlines of a zoom are simplified."""

Entry = TypeVar("Entry", bound=np.generic)

Read = Callable[[int, int, int], bytes | None]
"""Returns the vector tile at zoom, column and row, not compressed; None where there is none."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the Web Mercator square (0 to 1, from the north-west) and its size in pixels."""

    left: float
    top: float
    pixels_a_unit: float
    width: int
    height: int

    @classmethod
    def of_tile(cls, z: int, x: int, y: int, size: int) -> "Window":
        """Return the window of a tile, with one column and row more, to see the next border."""
        return cls(x / 2**z, y / 2**z, size * 2**z, size + 1, size + 1)

    @property
    def right(self) -> float:
        """Its eastern edge."""
        return self.left + self.width / self.pixels_a_unit

    @property
    def bottom(self) -> float:
        """Its southern edge."""
        return self.top + self.height / self.pixels_a_unit


@dataclass(frozen=True, slots=True)
class Runs:
    """Area numbers as runs of equal pixels, row after row: a tenth of the memory of pixels."""

    numbers: Numbers
    lengths: npt.NDArray[np.int32]
    shape: tuple[int, int]

    @classmethod
    def of(cls, pixels: Numbers) -> "Runs":
        """Return an array of pixels as runs."""
        flat = pixels.reshape(-1)
        starts = np.append(0, np.flatnonzero(flat[1:] != flat[:-1]) + 1)
        lengths = np.diff(starts, append=len(flat)).astype(np.int32)
        return cls(flat[starts], lengths, (pixels.shape[0], pixels.shape[1]))

    def through(self, table: npt.NDArray[Entry]) -> npt.NDArray[Entry]:
        """Return pixels of what a table holds for each area number, of this shape."""
        return np.repeat(table.take(self.numbers), self.lengths).reshape(self.shape)

    @property
    def pixels(self) -> Numbers:
        """The area numbers as pixels, of this shape."""
        pixels: Numbers = np.repeat(self.numbers, self.lengths).reshape(self.shape)
        return pixels

    @property
    def nbytes(self) -> int:
        """Bytes in memory."""
        return self.numbers.nbytes + self.lengths.nbytes


class NumberTiles:
    """Area numbers from the outlines of one edition."""

    def __init__(
        self,
        read: Read,
        zooms: Mapping[AreaKind, tuple[int, int]],
        areas: int,
        bounds: tuple[float, float, float, float],
        most_bytes: int,
    ) -> None:
        """Make an empty set.

        Args:
            read: gives the vector tiles.
            zooms: lowest and highest zoom of each kind that has a layer there, of its own name.
            areas: how many areas the largest layer has.
            bounds: west, south, east, north of all areas, in degrees.
            most_bytes: of area numbers to keep.
        """
        self._read = read
        self._zooms = zooms
        self._type = number_type(areas)
        self._bounds = (*unit(bounds[0], bounds[3]), *unit(bounds[2], bounds[1]))
        self.kept: ByteCache[Runs] = ByteCache(most_bytes)

    def layer_of(self, kind: AreaKind) -> AreaKind:
        """Return the layer that shows a kind: its own, or the small areas it is made of."""
        return kind if kind in self._zooms else AreaKind.SMALL_AREA

    def tile(self, layer: AreaKind, z: int, x: int, y: int, size: int) -> Runs:
        """Return the area numbers of a tile, shape (size + 1, size + 1); kept for the next time."""
        key = (layer, z, x, y, size)
        window = Window.of_tile(z, x, y, size)
        return self.kept.get(key, lambda: Runs.of(self._numbers(layer, window, z)))

    def window(self, layer: AreaKind, window: Window) -> Numbers:
        """Return the area numbers of any window, shape (height, width); not kept."""
        finest = math.ceil(math.log2(window.pixels_a_unit / GEOMETRY_PIXELS))
        return self._numbers(layer, window, finest)

    def _numbers(self, layer: AreaKind, window: Window, zoom: int) -> Numbers:
        lowest, highest = self._zooms[layer]
        zoom = min(max(zoom, lowest), highest)
        pixels: Numbers = np.zeros((window.height, window.width), dtype=self._type)
        scale = window.pixels_a_unit
        for x, y in self._sources(window, zoom):
            data = self._read(zoom, x, y)
            if data is not None:
                edges = layer_edges(data, layer.value).placed(
                    scale / 2**zoom,
                    (x / 2**zoom - window.left) * scale,
                    (y / 2**zoom - window.top) * scale,
                )
                fill(edges, pixels)
        return pixels

    def _sources(self, window: Window, zoom: int) -> Iterator[tuple[int, int]]:
        """Yield column and row of the tiles of a zoom that show a part of a window with areas."""
        left, top, right, bottom = self._bounds
        # The pixel more on the right and below needs no tile of its own: tiles have a margin.
        less = 1.5 / window.pixels_a_unit
        columns = _tiles(max(window.left, left), min(window.right - less, right), zoom)
        rows = _tiles(max(window.top, top), min(window.bottom - less, bottom), zoom)
        return ((x, y) for y in rows for x in columns)


def unit(longitude: float, latitude: float) -> tuple[float, float]:
    """Return a point of Web Mercator as shares of its square, from the north-west."""
    y = math.asinh(math.tan(math.radians(latitude))) / math.pi
    return longitude / 360 + 0.5, (1 - y) / 2


def units(degrees: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return points as ``unit`` does, many at once: shape (2, n), longitudes then latitudes."""
    y = 0.5 - np.arcsinh(np.tan(np.radians(degrees[1]))) / (2 * np.pi)
    return np.stack([degrees[0] / 360 + 0.5, y])


def degrees(x: float, y: float) -> tuple[float, float]:
    """Return longitude and latitude of a point given as shares of the square: undoes ``unit``."""
    return (x - 0.5) * 360, math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y))))


def _tiles(low: float, high: float, zoom: int) -> range:
    return (
        range(math.floor(low * 2**zoom), math.floor(high * 2**zoom) + 1)
        if low <= high
        else range(0)
    )
