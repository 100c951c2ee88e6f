"""Build the grid of ``kernels``: slabs of edges, then cells, the finer where there are more edges.

A cell counts as touched by an edge also where it only nearly is (``_SLACK``): a cell that is marked
needlessly costs a test, one that is missed would be a wrong answer. No edge of an area runs through
a cell that is not marked by it, so all of that cell lies in the area, or none of it.
"""

from typing import Any, Final

import numpy as np

from exclusion_map.placing.kernels import (
    NONE,
    Floats,
    Grid,
    Outlines,
    Places,
    Rows,
    compiled,
    covers,
)

_SLACK: Final = 1e-6
_FLAT: Final = 1e-3
EDGES_A_SLAB: Final = 4
CELLS_AN_EDGE: Final = 4
MOST_SIDE: Final = 256


@compiled
def slabs(corners: Floats, ends: Rows, owner: Rows, count: int) -> Outlines:
    """Sort the edges of areas into slabs.

    Args:
        corners: (m, 2), ring after ring, each closed, in the order of areas.
        ends: (m,) 1 where a corner is the last of its ring: no edge begins there.
        owner: (m,) row of the area of each corner, ascending.
        count: how many areas there are.
    """
    bottom, top = np.full(count, np.inf), np.full(count, -np.inf)
    edges = np.zeros(count, dtype=np.int64)
    for i in range(len(corners)):
        p = owner[i]
        bottom[p], top[p] = min(bottom[p], corners[i, 1]), max(top[p], corners[i, 1])
        edges[p] += 1 - ends[i]
    first = np.zeros(count + 1, dtype=np.int64)
    per_degree = np.zeros(count)
    for p in range(count):
        many = max(1, edges[p] // EDGES_A_SLAB)
        # The last slab holds the top alone, so that no rounding puts a point above all of them.
        first[p + 1] = first[p] + (many + 1 if edges[p] else 0)
        height = top[p] - bottom[p]
        per_degree[p] = many / height if height > 0 else 0.0
    slab = np.zeros(first[count] + 1, dtype=np.int64)
    edge = np.empty(0, dtype=np.int32)
    for filling in (False, True):
        if filling:
            slab[1:] = np.cumsum(slab[1:])
            edge = np.empty(slab[-1], dtype=np.int32)
        put = slab.copy()
        for i in range(len(corners)):
            if ends[i]:
                continue
            p = owner[i]
            low, high = min(corners[i, 1], corners[i + 1, 1]), max(corners[i, 1], corners[i + 1, 1])
            most = first[p + 1] - first[p] - 1
            start = min(int((low - bottom[p]) * per_degree[p]), most)
            stop = min(int((high - bottom[p]) * per_degree[p]), most)
            for at in range(first[p] + start, first[p] + stop + 1):
                if filling:
                    edge[put[at]] = i
                    put[at] += 1
                else:
                    slab[at + 1] += 1
    return Outlines(corners, bottom, per_degree, first, slab, edge)


@compiled
def _span(ax: float, ay: float, bx: float, by: float, row: int, side: int) -> tuple[int, int]:
    """Return the first and last column of a row of cells that an edge touches; none if reversed."""
    low, high = min(ax, bx), max(ax, bx)
    rise = by - ay
    if abs(rise) > _FLAT:
        from_, to = (row - _SLACK - ay) / rise, (row + 1 + _SLACK - ay) / rise
        one = ax + min(max(from_, 0.0), 1.0) * (bx - ax)
        other = ax + min(max(to, 0.0), 1.0) * (bx - ax)
        low, high = max(low, min(one, other)), min(high, max(one, other))
    low, high = low - _SLACK, high + _SLACK
    if high < 0.0 or low >= side:
        return 0, -1
    return max(int(low), 0), min(int(high), side - 1)


@compiled
def _rows(ay: float, by: float, side: int) -> tuple[int, int]:
    """Return the first and last row of cells that an edge touches; none if reversed."""
    low, high = min(ay, by) - _SLACK, max(ay, by) + _SLACK
    if high < 0.0 or low >= side:
        return 0, -1
    return max(int(low), 0), min(int(high), side - 1)


@compiled
def edges_by_cell(
    corners: Floats, ends: Rows, frame: Floats, rows: int, columns: int
) -> tuple[Places, Rows]:
    """Return the edges that touch each upper cell: where they begin, and the edges."""
    start = np.zeros(rows * columns + 1, dtype=np.int64)
    edge = np.empty(0, dtype=np.int32)
    for filling in (False, True):
        if filling:
            start[1:] = np.cumsum(start[1:])
            edge = np.empty(start[-1], dtype=np.int32)
        put = start.copy()
        for i in range(len(corners)):
            if ends[i]:
                continue
            ax, ay = (corners[i, 0] - frame[0]) * frame[2], (corners[i, 1] - frame[1]) * frame[3]
            bx = (corners[i + 1, 0] - frame[0]) * frame[2]
            by = (corners[i + 1, 1] - frame[1]) * frame[3]
            first, last = _rows(ay, by, rows)
            for row in range(first, last + 1):
                low, high = _span(ax, ay, bx, by, row, columns)
                for cell in range(row * columns + low, row * columns + high + 1):
                    if filling:
                        edge[put[cell]] = i
                        put[cell] += 1
                    else:
                        start[cell + 1] += 1
    return start, edge


@compiled
def upper_covers(
    outlines: Outlines, owner: Rows, frame: Floats, start: Places, edge: Rows, upper: Rows
) -> None:
    """Write into ``upper`` the lowest row of an area that covers a cell; ``NONE`` if none."""
    rows, columns = upper.shape
    upper[:] = NONE
    corners = outlines.corners
    begin = 0
    while begin < len(corners):
        p = owner[begin]
        west, east, south, north = np.inf, -np.inf, np.inf, -np.inf
        stop = begin
        while stop < len(corners) and owner[stop] == p:
            u = (corners[stop, 0] - frame[0]) * frame[2]
            v = (corners[stop, 1] - frame[1]) * frame[3]
            west, east, south, north = min(west, u), max(east, u), min(south, v), max(north, v)
            stop += 1
        begin = stop
        for row in range(int(south) + 1, min(int(north), rows)):
            known = False
            inside = False
            for column in range(int(west) + 1, min(int(east), columns)):
                cell = row * columns + column
                touched = False
                for k in range(start[cell], start[cell + 1]):
                    if owner[edge[k]] == p:
                        touched = True
                        break
                if touched:
                    known = False
                    continue
                if not known:
                    x = frame[0] + (column + 0.5) / frame[2]
                    y = frame[1] + (row + 0.5) / frame[3]
                    inside = covers(outlines, p, x, y)
                    known = True
                if inside and (upper[row, column] == NONE or p < upper[row, column]):
                    upper[row, column] = p


@compiled
def _grown(array: Any, size: int) -> Any:
    if size <= len(array):
        return array
    larger = np.empty(max(size, 2 * len(array)), dtype=array.dtype)
    larger[: len(array)] = array
    return larger


@compiled
def _mark(
    corners: Floats, frame: Floats, i: int, cell: tuple[int, int], side: int, stamp: Rows, p: int
) -> None:
    """Stamp the cells of a finer grid that edge ``i`` touches with the area ``p``."""
    ax = ((corners[i, 0] - frame[0]) * frame[2] - cell[1]) * side
    ay = ((corners[i, 1] - frame[1]) * frame[3] - cell[0]) * side
    bx = ((corners[i + 1, 0] - frame[0]) * frame[2] - cell[1]) * side
    by = ((corners[i + 1, 1] - frame[1]) * frame[3] - cell[0]) * side
    first, last = _rows(ay, by, side)
    for row in range(first, last + 1):
        low, high = _span(ax, ay, bx, by, row, side)
        for column in range(low, high + 1):
            stamp[row * side + column] = p


@compiled
def _areas_of_cells(
    outlines: Outlines,
    owner: Rows,
    frame: Floats,
    edges: Rows,
    cell: tuple[int, int],
    side: int,
    cover: int,
) -> tuple[Rows, Places, Rows]:
    """Return what touches and covers the cells of one finer grid.

    Returns:
        The lowest area that covers each cell wholly; where its list of areas that touch it begins;
        and the lists, ascending.
    """
    many = side * side
    stamp = np.full(many, NONE, dtype=np.int32)
    covered = np.full(many, cover, dtype=np.int32)
    pairs_cell, pairs_area = np.empty(4 * side, np.int32), np.empty(4 * side, np.int32)
    size = 0
    k = 0
    while k < len(edges):
        p = owner[edges[k]]
        while k < len(edges) and owner[edges[k]] == p:
            _mark(outlines.corners, frame, edges[k], cell, side, stamp, p)
            k += 1
        pairs_cell, pairs_area = _grown(pairs_cell, size + many), _grown(pairs_area, size + many)
        for row in range(side):
            known = False
            inside = False
            for column in range(side):
                at = row * side + column
                if stamp[at] == p:
                    pairs_cell[size], pairs_area[size] = at, p
                    size += 1
                    known = False
                    continue
                if not known:
                    x = frame[0] + (cell[1] + (column + 0.5) / side) / frame[2]
                    y = frame[1] + (cell[0] + (row + 0.5) / side) / frame[3]
                    inside = covers(outlines, p, x, y)
                    known = True
                if inside and (covered[at] == NONE or p < covered[at]):
                    covered[at] = p
    start = np.zeros(many + 1, dtype=np.int64)
    for k in range(size):
        start[pairs_cell[k] + 1] += 1
    start = np.cumsum(start)
    put, listed = start.copy(), np.empty(size, dtype=np.int32)
    for k in range(size):
        listed[put[pairs_cell[k]]] = pairs_area[k]
        put[pairs_cell[k]] += 1
    return covered, start, listed


@compiled
def _to_test(touching: Rows, cover: int, listed: Rows, at: int) -> int:
    """Write the areas that points of a cell are tested for from ``at`` on; return how many."""
    size = 0
    for area in touching:
        if cover == NONE or area < cover:
            listed[at + size] = area
            size += 1
    if size > 0 and cover != NONE:
        listed[at + size] = -2 - cover
        size += 1
    return size


@compiled
def _alike(listed: Rows, one: int, other: int, size: int) -> bool:
    """Return whether two lists are the same: that of neighbours mostly is, and is kept once."""
    same = True
    for k in range(size):
        same = same and listed[one + k] == listed[other + k]
    return same


@compiled
def finer_grids(
    outlines: Outlines, owner: Rows, frame: Floats, start: Places, edge: Rows, upper: Rows
) -> Grid:
    """Give every upper cell that edges touch a grid of its own; ``upper`` is written into."""
    columns = upper.shape[1]
    fine, side_of = np.zeros(upper.size + 1, np.int64), np.zeros(upper.size, np.int32)
    lower, listed = np.empty(1 << 16, np.int32), np.empty(1 << 16, np.int32)
    list_start = np.zeros(1 << 16, np.int64)
    grids = cells = lists = entries = 0
    for at in range(upper.size):
        many = start[at + 1] - start[at]
        if many == 0:
            continue
        row, column = at // columns, at % columns
        side = min(max(int(np.ceil(np.sqrt(CELLS_AN_EDGE * many))), 1), MOST_SIDE)
        covered, begin, touching = _areas_of_cells(
            outlines, owner, frame, edge[start[at] : start[at + 1]], (row, column), side,
            upper[row, column],
        )  # fmt: skip
        lower = _grown(lower, cells + side * side)
        list_start = _grown(list_start, lists + side * side + 2)
        for k in range(side * side):
            listed = _grown(listed, entries + begin[k + 1] - begin[k] + 1)
            size = _to_test(touching[begin[k] : begin[k + 1]], covered[k], listed, entries)
            if size == 0:
                lower[cells + k] = covered[k]
                continue
            if k % side > 0 and lower[cells + k - 1] < NONE:
                last = list_start[lists - 1]
                if entries - last == size and _alike(listed, last, entries, size):
                    lower[cells + k] = lower[cells + k - 1]
                    continue
            entries += size
            lower[cells + k] = -2 - lists
            lists += 1
            list_start[lists] = entries
        upper[row, column] = -2 - grids
        side_of[grids] = side
        cells += side * side
        grids += 1
        fine[grids] = cells
    return Grid(
        frame, upper, fine[: grids + 1].copy(), side_of[:grids].copy(), lower[:cells].copy(),
        list_start[: lists + 1].copy(), listed[:entries].copy(),
    )  # fmt: skip
