"""Draw the map of a frame as SVG: real outlines as paths, for print at any size."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely

from exclusion_map.errors import InvalidRequestError
from exclusion_map.maps.legend_image_sheet import INK, to_svg
from exclusion_map.maps.palette import LAND_COLOUR
from exclusion_map.maps.raster_colour import BORDER_COLOUR, Bytes, Scheme
from exclusion_map.maps.raster_tiles import units
from exclusion_map.maps.static_map import Frame
from exclusion_map.terms import AreaKind

MOST_AREAS = 4_000
"""More outlines make a file that programs for print cannot open."""
FINEST = 0.2
"""CSS pixels by which outlines are simplified; neighbours keep one border."""

Geometries = npt.NDArray[np.object_]


def areas_in(
    folder: Path, kind: AreaKind, frame: Frame
) -> tuple[npt.NDArray[np.int64], Geometries]:
    """Return rows and outlines, in degrees, of the areas of a kind that a frame may show.

    Raises:
        InvalidRequestError: there are more than ``MOST_AREAS``.
    """
    west, south, east, north = frame.bounds
    small = kind is AreaKind.SMALL_AREA
    path = folder / ("areas.parquet" if small else "larger_areas.parquet")
    seen = (
        (pc.field("xmax") >= west)
        & (pc.field("xmin") <= east)
        & (pc.field("ymax") >= south)
        & (pc.field("ymin") <= north)
    )
    if not small:
        seen &= pc.field("kind") == kind.value
    count = pq.read_table(path, columns=["feature_id"], filters=seen).num_rows
    if count > MOST_AREAS:
        raise InvalidRequestError(
            "areas of the map",
            found=f"{count:,} {kind.label_plural}",
            expected=f"at most {MOST_AREAS:,} in an SVG file",
            mend="Ask for a smaller part, a larger level, or the same map as PNG.",
        )
    table = pq.read_table(path, columns=["feature_id", "geometry"], filters=seen)
    # By way of a list: pyarrow's own way to an array of bytes loads pandas.
    packed = np.array(table.column("geometry").to_pylist(), dtype=object)
    outlines = np.asarray(shapely.from_wkb(packed))
    return table.column("feature_id").to_numpy().astype(np.int64), outlines


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
    """
    window = frame.window
    placed = _placed(outlines, frame)
    if len(placed):
        placed = np.asarray(shapely.coverage_simplify(placed, FINEST))
    parts = []
    held = classes[rows + 1]
    for number in sorted(set(held.tolist())):
        fill = _fill(number, scheme)
        edge = BORDER_COLOUR if lines else fill
        drawn = "".join(_path(one, window.width, window.height) for one in placed[held == number])
        width = 0.5 if lines else 0.3
        parts.append(f'<path fill="{fill}" stroke="{edge}" stroke-width="{width}" d="{drawn}"/>')
    if outline is not None:
        shape = shapely.simplify(_placed(np.array([outline]), frame)[0], FINEST)
        drawn = _path(shape, window.width, window.height)
        parts.append(f'<path fill="none" stroke="{INK}" stroke-width="1.5" d="{drawn}"/>')
    under = (
        f'<svg x="{frame.left}" y="{frame.top}" width="{window.width}" height="{window.height}" '
        f'fill-rule="evenodd" stroke-linejoin="round">{"".join(parts)}</svg>'
    )
    return to_svg(frame.marks, frame.width, frame.height, title=title, alt=alt, under=under)


def _fill(number: int, scheme: Scheme) -> str:
    if number == 0:
        return LAND_COLOUR
    return "url(#missing)" if number == scheme.missing else scheme.classes[number - 1]


def _placed(outlines: Geometries, frame: Frame) -> Geometries:
    """Return outlines in CSS pixels of the map."""
    window = frame.window

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
    return "".join(
        "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ring.coords[:-1]) + "Z" for ring in rings
    )
