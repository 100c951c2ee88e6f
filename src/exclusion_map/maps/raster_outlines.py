"""Outlines of one layer of a vector tile as plain arrays of edges, ready to be filled.

A tile holds a polygon as commands: 9 dx dy (move), 8n+2 dx1 dy1 ... (n lines), 15 (close), one such
ring after the other, each step counted from the point before it, as zigzag integers (Mapbox Vector
Tile 2.1, section 4.3). Only the heads of rings are walked in Python; the rest is array arithmetic.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_MOVE, _CLOSE = 9, 15
_LINE = 2


@dataclass(frozen=True, slots=True)
class Edges:
    """Edges of closed rings; arrays of shape (m,). An area's rings follow the even-odd rule."""

    owner: Ints
    """Row number of the area that an edge belongs to."""
    x0: Floats
    y0: Floats
    x1: Floats
    y1: Floats

    def __len__(self) -> int:
        return len(self.owner)

    def placed(self, scale: float, x: float, y: float) -> Self:
        """Return the edges times ``scale``, then moved by ``x`` and ``y``."""
        return type(self)(
            self.owner,
            self.x0 * scale + x,
            self.y0 * scale + y,
            self.x1 * scale + x,
            self.y1 * scale + y,
        )


NO_EDGES = Edges(np.empty(0, dtype=np.int64), *(np.empty(0) for _ in range(4)))


def layer_edges(data: bytes, layer: str) -> Edges:
    """Return the edges of a layer of a vector tile, with the tile one unit wide, y down.

    Args:
        data: the tile, not compressed. Feature ids are row numbers of areas.
        layer: name of a layer of polygons; a tile without it has no edges.
    """
    # Not needed to start: its package loads shapely.
    from mapbox_vector_tile.Mapbox.vector_tile_pb2 import tile as VectorTile  # noqa: N812

    for held in VectorTile.FromString(data).layers:
        if held.name == layer:
            return _edges(held).placed(1 / held.extent, 0, 0)
    return NO_EDGES


def ring_edges(owner: Ints, starts: Ints, x: Floats, y: Floats) -> Edges:
    """Return the edges of rings, each closed by an edge from its last vertex to its first.

    Args:
        owner: (r,) area of each ring.
        starts: (r,) where each ring's vertices start; they end where the next ring starts.
        x: (v,) of the vertices of all rings.
        y: (v,) of the vertices of all rings.
    """
    following = np.arange(1, len(x) + 1)
    following[np.append(starts[1:], len(x)) - 1] = starts
    sizes = np.diff(np.append(starts, len(x)))
    return Edges(np.repeat(owner, sizes), x, y, x[following], y[following])


def _edges(layer: Any) -> Edges:
    # Bound once and copied whole: to index the repeated field of protobuf is slow.
    parts = [feature.geometry[:] for feature in layer.features]
    ids = np.array([feature.id for feature in layer.features], dtype=np.int64)
    codes = np.array([code for part in parts for code in part], dtype=np.int64)
    ends = np.cumsum([len(part) for part in parts])
    heads, sizes = _rings(parts)
    if not len(heads):
        return NO_EDGES
    feature = np.searchsorted(ends, heads, side="right")
    starts = np.cumsum(sizes) - sizes
    # A ring's first point stands behind its head, the others two further on, behind their own.
    place = np.arange(int(sizes.sum())) - np.repeat(starts, sizes)
    at = np.repeat(heads, sizes) + 1 + 2 * place + (place > 0)
    x, y = (_points(codes[at + axis], starts, feature) for axis in (0, 1))
    return ring_edges(ids[feature], starts, x, y)


def _rings(parts: list[list[int]]) -> tuple[Ints, Ints]:
    """Return where rings start in the commands of all features, and how many points each has."""
    heads, sizes = [], []
    before = 0
    for part in parts:
        at = 0
        while at < len(part):
            lines = part[at + 3] >> 3
            heads.append(before + at)
            sizes.append(lines + 1)
            at += 5 + 2 * lines
        before += len(part)
    return np.array(heads, dtype=np.int64), np.array(sizes, dtype=np.int64)


def _points(zigzag: Ints, starts: Ints, feature: Ints) -> Floats:
    """Return one coordinate of every point; steps run through all rings of a feature."""
    steps = (zigzag >> 1) ^ -(zigzag & 1)
    summed = np.cumsum(steps)
    first = starts[np.searchsorted(feature, feature, side="left")]
    base = summed[first] - steps[first]
    sizes = np.diff(np.append(starts, len(steps)))
    points: Floats = (summed - np.repeat(base, sizes)).astype(np.float64)
    return points
