"""Draw the map of a frame as SVG: real outlines as paths, for print at any size."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
import shapely

from exclusion_map.errors import InvalidRequestError
from exclusion_map.maps.legend_image_sheet import INK, to_svg
from exclusion_map.maps.palette import LAND_COLOUR
from exclusion_map.maps.raster_colour import BORDER_COLOUR, Bytes, Scheme
from exclusion_map.maps.raster_tiles import Window, units
from exclusion_map.maps.static_map import Bounds, Frame
from exclusion_map.terms import AreaKind

MOST_AREAS = 4_000
"""More outlines make a file that programs for print cannot open."""
FINEST = 0.2
"""CSS pixels by which outlines are simplified; neighbours keep one border."""

_COAST = "#8c8897"
"""Of land below: 3.4 to 1 on white."""
_TOGETHER = 20
"""Outlines unpacked together."""

Geometries = npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False, slots=True)
class Drawn:
    """Areas as paths of a picture: numbers of their rows, and the ``d`` of each."""

    rows: npt.NDArray[np.int64]
    paths: tuple[str, ...]


def areas_in(
    folder: Path, kind: AreaKind, frame: Frame
) -> tuple[npt.NDArray[np.int64], Geometries]:
    """Return rows and outlines, in degrees, of the areas of a kind that a frame may show.

    Raises:
        InvalidRequestError: there are more than ``MOST_AREAS``.
    """
    return _areas_in(folder, kind, frame.bounds)


def _areas_in(
    folder: Path, kind: AreaKind, bounds: Bounds, window: Window | None = None
) -> tuple[npt.NDArray[np.int64], Geometries]:
    """Return rows and outlines: in degrees, or in pixels of a window where there is one."""
    west, south, east, north = bounds
    small = kind is AreaKind.SMALL_AREA
    # Row by row group, and compared in numpy: filters of pyarrow load pandas and the whole file.
    path = folder / ("areas.parquet" if small else "larger_areas.parquet")
    with pq.ParquetFile(path, memory_map=True, pre_buffer=False) as file:
        names = ["feature_id", "xmin", "xmax", "ymin", "ymax", *([] if small else ["kind"])]
        told = {name: _numbers(file, name) for name in names}
        seen = (told["xmax"] >= west) & (told["xmin"] <= east)
        seen &= (told["ymax"] >= south) & (told["ymin"] <= north)
        if not small:
            seen &= told["kind"] == kind.value
        wanted = np.flatnonzero(seen)
        if len(wanted) > MOST_AREAS:
            raise InvalidRequestError(
                "areas of the map",
                found=f"{len(wanted):,} {kind.label_plural}",
                expected=f"at most {MOST_AREAS:,} in an SVG file",
                mend="Choose a smaller part, a larger kind of area, or the same map as PNG.",
            )
        parts = _outlines(file, wanted)
        drawn = parts if window is None else (_placed(part, window) for part in parts)
        held = np.concatenate([np.empty(0, dtype=object), *drawn])
    return told["feature_id"][wanted].astype(np.int64), held


def _numbers(file: pq.ParquetFile, name: str) -> npt.NDArray[Any]:
    """Return a column of a file; by way of a list, as pyarrow's own way loads pandas."""
    # In one thread: with more, each keeps memory for itself that is never given back.
    return np.array(file.read(columns=[name], use_threads=False).column(name).to_pylist())


def _outlines(file: pq.ParquetFile, wanted: npt.NDArray[np.int64]) -> Iterator[Geometries]:
    """Yield the outlines of some rows, in their order, some at a time.

    Those of all councils together would take 60 MB, and as much again before they are unpacked.
    """
    start = 0
    for group in range(file.num_row_groups):
        end = start + file.metadata.row_group(group).num_rows
        first, last = np.searchsorted(wanted, [start, end])
        if first < last:
            for batch in file.iter_batches(
                _TOGETHER, row_groups=[group], columns=["geometry"], use_threads=False
            ):
                there = np.searchsorted(wanted, [start, start + batch.num_rows])
                inside = (wanted[slice(*there)] - start).tolist()
                column = batch.column(0)
                packed = np.array([column[at].as_py() for at in inside], dtype=object)
                if inside:
                    yield np.asarray(shapely.from_wkb(packed))
                start += batch.num_rows
        start = end


def map_svg(
    frame: Frame,
    rows: npt.NDArray[np.int64],
    outlines: Geometries,
    classes: Bytes,
    scheme: Scheme,
    *,
    title: str,
    alt: str,
    lines: bool = True,
    outline: shapely.Geometry | None = None,
    finest: float = FINEST,
    ground: Drawn | None = None,
    inside: bool = False,
) -> str:
    """Return a picture as SVG.

    Args:
        frame: of the picture.
        rows: of the areas, from :func:`areas_in`.
        outlines: of those areas.
        classes: of each area number, which is the row plus 1; 0 = land without a colour.
        scheme: the colours.
        title: name of the picture.
        alt: what it shows.
        lines: whether borders are drawn.
        outline: in degrees, to draw in ink.
        finest: CSS pixels by which outlines are simplified.
        ground: land to draw faintly below, for areas that would lie on an empty sheet.
        inside: whether it stands in a page, see :func:`legend_image_sheet.to_svg`.
    """
    drawn = Drawn(rows, _paths(_placed(outlines, frame.window), frame.window, finest))
    return drawn_svg(
        frame,
        drawn,
        classes,
        scheme,
        title=title,
        alt=alt,
        lines=lines,
        outline=outline,
        finest=finest,
        ground=ground,
        inside=inside,
    )


def shapes_in(
    folder: Path, kind: AreaKind, frame: Frame, finest: float = FINEST
) -> tuple[npt.NDArray[np.int64], Geometries]:
    """Return rows and outlines of the areas of a kind, simplified, in CSS pixels of the map.

    Raises:
        InvalidRequestError: there are more than ``MOST_AREAS``.
    """
    rows, placed = _areas_in(folder, kind, frame.bounds, frame.window)
    return rows, _simplified(placed, finest)


def drawn_in(folder: Path, kind: AreaKind, frame: Frame, finest: float = FINEST) -> Drawn:
    """Return the areas of a kind that a frame may show as paths; the last pictures' are kept.

    ``finest`` are the CSS pixels by which outlines are simplified. Editions never change, so the
    same place is drawn once however many questions are asked of it.

    Raises:
        InvalidRequestError: there are more than ``MOST_AREAS``.
    """
    return _drawn_in(folder, kind, frame.window, frame.bounds, finest)


@lru_cache(maxsize=4)
def _drawn_in(folder: Path, kind: AreaKind, window: Window, bounds: Bounds, finest: float) -> Drawn:
    rows, placed = _areas_in(folder, kind, bounds, window)
    return Drawn(rows, _paths(placed, window, finest))


def _simplified(placed: Geometries, finest: float) -> Geometries:
    return np.asarray(shapely.coverage_simplify(placed, finest)) if len(placed) else placed


def _paths(placed: Geometries, window: Window, finest: float) -> tuple[str, ...]:
    simple = _simplified(placed, finest)
    return tuple(_path(one, window.width, window.height) for one in simple)


def drawn_svg(
    frame: Frame,
    areas: Drawn,
    classes: Bytes,
    scheme: Scheme,
    *,
    title: str,
    alt: str,
    lines: bool = True,
    outline: shapely.Geometry | None = None,
    inside: bool = False,
    finest: float = FINEST,
    ground: Drawn | None = None,
) -> str:
    """Return a picture of areas drawn before as SVG; arguments as of :func:`map_svg`.

    ``inside`` a page the picture has one name, which says what it shows.
    """
    window, parts = frame.window, []
    if ground is not None:
        land = "".join(ground.paths)
        parts.append(f'<path fill="{LAND_COLOUR}" stroke="{_COAST}" stroke-width=".7" d="{land}"/>')
    held = classes[areas.rows + 1]
    for number in sorted(set(held.tolist())):
        fill = _fill(number, scheme)
        edge = BORDER_COLOUR if lines else fill
        drawn = "".join(areas.paths[at] for at in np.flatnonzero(held == number).tolist())
        width = 0.5 if lines else 0.3
        parts.append(f'<path fill="{fill}" stroke="{edge}" stroke-width="{width}" d="{drawn}"/>')
    if outline is not None:
        shape = shapely.simplify(_placed(np.array([outline]), window)[0], finest)
        drawn = _path(shape, window.width, window.height)
        parts.append(f'<path fill="none" stroke="{INK}" stroke-width="1.5" d="{drawn}"/>')
    under = (
        f'<svg x="{frame.left}" y="{frame.top}" width="{window.width}" height="{window.height}" '
        f'fill-rule="evenodd" stroke-linejoin="round">{"".join(parts)}</svg>'
    )
    return to_svg(
        frame.marks, frame.width, frame.height, title=title, alt=alt, under=under, inside=inside
    )


def _fill(number: int, scheme: Scheme) -> str:
    if number == 0:
        return LAND_COLOUR
    return "url(#missing)" if number == scheme.missing else scheme.classes[number - 1]


def _placed(outlines: Geometries, window: Window) -> Geometries:
    """Return outlines in CSS pixels of the map."""

    def place(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        x, y = units(points.T)
        return np.column_stack([x - window.left, y - window.top]) * window.pixels_a_unit

    return np.asarray(shapely.transform(outlines, place))


def _path(shape: shapely.Geometry, width: float, height: float) -> str:
    """Return an outline, cut to a little more than the map, as the ``d`` of a path."""
    cut = shapely.clip_by_rect(shape, -4, -4, width + 4, height + 4)
    rings = [
        ring
        for polygon in shapely.get_parts(cut)
        if isinstance(polygon, shapely.Polygon)
        for ring in (polygon.exterior, *polygon.interiors)
    ]
    return "".join(_ring(np.asarray(ring.coords)) for ring in rings)


def _ring(points: npt.NDArray[np.float64]) -> str:
    """Return a ring as part of a path: a start, and steps from point to point, which are short."""
    tenths = np.rint(points * 10).astype(np.int64)
    steps = np.diff(tenths[:-1], axis=0)
    steps = steps[steps.any(axis=1)]
    if len(steps) < 2:
        return ""  # a speck
    x, y = (tenths[0] / 10).tolist()
    told = " ".join(f"{across:g} {down:g}" for across, down in (steps / 10).tolist())
    return f"M{x:g} {y:g}l{told}Z"
