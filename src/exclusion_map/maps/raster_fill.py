"""Fill outlines with area numbers: a scanline through the middle of every row of pixels.

A pixel belongs to the area its middle lies in. Neighbours share their border's vertices, and an
edge is always measured from its upper end, so both find the same crossing: no pixel between them
is left out or claimed twice, and two tiles that show the same pixel agree about it.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from exclusion_map.maps.raster_outlines import Edges, Floats, Ints

Numbers = npt.NDArray[np.unsignedinteger[Any]]
"""Area numbers of pixels, shape (height, width): row number plus 1; 0 outside all areas."""


def number_type(areas: int) -> type[np.uint16] | type[np.uint32]:
    """Return the smallest type of numbers that can name ``areas`` areas and "outside"."""
    return np.uint16 if areas < np.iinfo(np.uint16).max else np.uint32


def fill(edges: Edges, into: Numbers) -> None:
    """Write area numbers over the pixels whose middle lies inside an area; in place.

    Args:
        edges: closed rings in pixels, x to the right, y down.
        into: shape (height, width); pixels outside all areas keep what they hold.
    """
    height, width = into.shape
    owner, row, column = _crossings(edges, height, width)
    # One sortable number a crossing; sorted, every two are where a span starts and ends.
    key = (owner * height + row) * (width + 1) + column
    key.sort()
    spans, end = np.divmod(key[1::2], width + 1)
    start = key[::2] - spans * (width + 1)
    kept = end > start
    spans, start, sizes = spans[kept], start[kept], (end - start)[kept]
    at = np.repeat(spans % height * width + start, sizes)
    at += np.arange(len(at)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    into.reshape(-1)[at] = np.repeat(spans // height + 1, sizes)


def _crossings(edges: Edges, height: int, width: int) -> tuple[Ints, Ints, Ints]:
    """Return area, pixel row and first column beyond, for each edge and row it crosses."""
    down = edges.y0 <= edges.y1
    top_x, top = np.where(down, edges.x0, edges.x1), np.where(down, edges.y0, edges.y1)
    low_x, low = np.where(down, edges.x1, edges.x0), np.where(down, edges.y1, edges.y0)
    first, beyond = _middles(top, height), _middles(low, height)
    rows = beyond - first
    crossing = np.flatnonzero(rows)
    rows = rows[crossing]
    edge = np.repeat(crossing, rows)
    row = np.arange(len(edge)) - np.repeat(np.cumsum(rows) - rows - first[crossing], rows)
    slope = (low_x[crossing] - top_x[crossing]) / (low[crossing] - top[crossing])
    x = top_x[edge] + (row + 0.5 - top[edge]) * np.repeat(slope, rows)
    return edges.owner[edge], row, _middles(x, width)


def _middles(at: Floats, most: int) -> Ints:
    """Return the first pixel whose middle is at or beyond a place, 0 to ``most``."""
    return np.clip(np.ceil(at - 0.5), 0, most).astype(np.int64)
