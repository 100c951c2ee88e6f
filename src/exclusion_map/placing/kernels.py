"""Which area a point lies in, compiled: a grid answers most points, exact tests of edges the rest.

Areas are numbered by row. A point on a border belongs to the area of the lowest row, a point on an
outline is inside, as ``shapely.intersects_xy`` says; answers are the same to the last bit, since a
sign that rounding could turn is worked out without rounding.

The grid has two levels. A cell of either holds one number: ``NONE``, the row of the one area that
covers all of it, or ``-2 - i``, where ``i`` is a finer grid (upper level) or a list of areas to
test (lower level). The last of a list may be ``-2 - row``: an area that covers the whole cell.

numba keeps what it compiled beside this file, and looks at the time of this file only to tell
whether it is still good: whatever these functions call stands here too.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

Function = TypeVar("Function", bound=Callable[..., Any])
Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int32]
Places = npt.NDArray[np.int64]

NONE: Final = -1
_SPLIT: Final = 134217729.0  # 2**27 + 1, halves a double (Dekker 1971)
_BOUND: Final = 3.3306690738754716e-16  # (3 + 16 u) u for u = 2**-53 (Shewchuk 1997, ccwerrboundA)


def compiled(function: Function) -> Function:
    """Compile a function on its first call; other threads run while it does."""
    return cast("Function", numba.njit(nogil=True, cache=True)(function))


class Outlines(NamedTuple):
    """Edges of areas, those of each area in slabs of equal height from its bottom to its top."""

    corners: Floats
    """(m, 2): edge ``i`` goes from corner ``i`` to the next."""
    bottom: Floats
    """(n,) lowest y of each area."""
    per_degree: Floats
    """(n,) slabs in a unit of y."""
    first_slab: Places
    """(n + 1,) where the slabs of an area begin in ``slab``."""
    slab: Places
    """Where the edges of a slab begin in ``edge``."""
    edge: Rows


class Grid(NamedTuple):
    """Two levels of cells over all areas."""

    frame: Floats
    """(4,): west, south, upper cells in a unit of x, and of y."""
    upper: Rows
    """(rows, columns)."""
    fine: Places
    """Where the cells of a finer grid begin in ``lower``, one more at the end."""
    side: Rows
    """How many cells a finer grid is wide and high."""
    lower: Rows
    list_start: Places
    listed: Rows


@compiled
def turn(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> float:
    """Return a number whose sign says on which side of a to b the point p lies; 0 on the line.

    The sign is right for all doubles whose products do not underflow.
    """
    left, right = (ax - px) * (by - py), (ay - py) * (bx - px)
    sign = left - right
    if abs(sign) > _BOUND * (abs(left) + abs(right)):
        return sign
    return _turn_exactly(ax, ay, bx, by, px, py)


@compiled
def _turn_exactly(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> float:
    """Return the same without rounding: a sum of products, kept as an expansion (Shewchuk 1997)."""
    one = (ax, -ax, -px, -ay, ay, py)
    other = (by, py, by, bx, px, bx)
    total = np.zeros(12)
    size = 0
    for k in range(6):
        a, b = one[k], other[k]
        product = a * b
        c = _SPLIT * a
        a_high = c - (c - a)
        c = _SPLIT * b
        b_high = c - (c - b)
        a_low, b_low = a - a_high, b - b_high
        rest = a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low)
        for part in (rest, product):
            carry = part
            for i in range(size):
                whole = carry + total[i]
                virtual = whole - carry
                total[i] = (carry - (whole - virtual)) + (total[i] - virtual)
                carry = whole
            total[size] = carry
            size += 1
    for i in range(size - 1, -1, -1):
        if total[i] != 0.0:
            return float(total[i])
    return 0.0


@compiled
def _at(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> bool:
    """Return whether a point is on an edge that lies level with it, or at the upper end of one."""
    if ay == py and by == py:
        return min(ax, bx) <= px <= max(ax, bx)
    return (ay == py and ax == px) or (by == py and bx == px)


@compiled
def covers(outlines: Outlines, area: int, px: float, py: float) -> bool:
    """Return whether a point lies in an area or on its outline."""
    first, end = outlines.first_slab[area], outlines.first_slab[area + 1]
    up = (py - outlines.bottom[area]) * outlines.per_degree[area]
    if up < 0.0 or up >= end - first:
        return False
    at = first + int(up)
    inside = False
    for k in range(outlines.slab[at], outlines.slab[at + 1]):
        i = outlines.edge[k]
        ax, ay = outlines.corners[i, 0], outlines.corners[i, 1]
        bx, by = outlines.corners[i + 1, 0], outlines.corners[i + 1, 1]
        if (ay > py) != (by > py):
            if ax > px and bx > px:
                inside = not inside
            elif ax >= px or bx >= px:
                side = turn(ax, ay, bx, by, px, py)
                if side == 0.0:
                    return True
                if (side > 0.0) == (by > ay):
                    inside = not inside
        elif _at(ax, ay, bx, by, px, py):
            return True
    return inside


@compiled
def by_cell(grid: Grid, x: Floats, y: Floats) -> Rows:
    """Return the order of points (n,) by upper cell: what neighbours need is at hand already."""
    rows, columns = grid.upper.shape
    cells = rows * columns
    cell = np.empty(len(x), dtype=np.int32)
    start = np.zeros(cells + 2, dtype=np.int32)
    for n in range(len(x)):
        u, v = (x[n] - grid.frame[0]) * grid.frame[2], (y[n] - grid.frame[1]) * grid.frame[3]
        cell[n] = cells
        if u >= 0.0 and u < columns and v >= 0.0 and v < rows:
            cell[n] = int(v) * columns + int(u)
        start[cell[n] + 1] += 1
    start = np.cumsum(start).astype(np.int32)
    order = np.empty(len(x), dtype=np.int32)
    for n in range(len(x)):
        order[start[cell[n]]] = n
        start[cell[n]] += 1
    return order


@compiled
def find(grid: Grid, outlines: Outlines, x: Floats, y: Floats, order: Rows, area: Rows) -> None:
    """Write the row of the area of each point (n,) into ``area``; ``NONE`` outside and for NaN.

    Points are looked at in the order given, which changes nothing but the time it takes.
    """
    west, south = grid.frame[0], grid.frame[1]
    across, upward = grid.frame[2], grid.frame[3]
    rows, columns = grid.upper.shape
    for n in order:
        px, py = x[n], y[n]
        u, v = (px - west) * across, (py - south) * upward
        area[n] = NONE
        if not (u >= 0.0 and u < columns and v >= 0.0 and v < rows):
            continue
        i, j = int(u), int(v)
        held = grid.upper[j, i]
        if held < NONE:
            finer = -2 - held
            side = grid.side[finer]
            # A product with a fraction below 1 may round up to the side itself.
            a = min(int((u - i) * side), side - 1)
            b = min(int((v - j) * side), side - 1)
            held = grid.lower[grid.fine[finer] + b * side + a]
        if held >= NONE:
            area[n] = held
            continue
        listed = -2 - held
        for k in range(grid.list_start[listed], grid.list_start[listed + 1]):
            row = grid.listed[k]
            if row < 0:
                area[n] = -2 - row
                break
            if covers(outlines, row, px, py):
                area[n] = row
                break
