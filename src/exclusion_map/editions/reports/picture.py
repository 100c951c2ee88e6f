"""The map of a place: its areas by tenth of risk, as SVG."""

from typing import Final

import numpy as np

from exclusion_map.areas.atlas import OUTSIDE, Rows
from exclusion_map.editions.downloads import outlines_of
from exclusion_map.editions.reader import Edition
from exclusion_map.editions.reports.subjects import Subject
from exclusion_map.maps.palette import DECILE_COLOURS
from exclusion_map.maps.raster_colour import Scheme
from exclusion_map.maps.static_map import lay_out
from exclusion_map.terms import AreaKind

WIDTH, HEIGHT = 640, 520
_MOST: Final = 700
"""Areas that can still be told apart in a picture of that size."""
_FINEST: Final = 0.7
"""CSS pixels by which outlines are simplified: 0.15 mm on paper. Finer ones take a third of the
time of a PDF, and nobody sees them."""
_AROUND: Final = 0.05
_KINDS: Final = (AreaKind.SMALL_AREA, AreaKind.NEIGHBOURHOOD, AreaKind.LOCAL_AUTHORITY)


def map_of(edition: Edition, index: str, subject: Subject) -> str:
    """Return the map of a place by tenth of risk."""
    from shapely import from_wkb  # Not needed to start.
    from shapely.geometry import shape  # Not needed to start.

    from exclusion_map.maps.static_map_svg import map_svg  # Not needed to start.

    kind, rows = drawn_kind(edition, subject)
    level = edition.atlas.level(kind)
    credit = "Contains OS data and National Statistics data, Crown copyright and database right."
    frame = lay_out(_bounds(level.bbox[rows]), WIDTH, HEIGHT, title="", legend=None, credit=credit)
    outlines = from_wkb(np.concatenate(list(outlines_of(edition, kind, rows).batches())))
    decile = edition.atlas.score_set(index, kind).decile
    scheme = Scheme(DECILE_COLOURS)
    classes = np.zeros(len(level) + 1, dtype=np.uint8)
    classes[rows + 1] = np.where(decile[rows] > 0, decile[rows], scheme.missing)
    outline = None
    if subject.level is not None and kind is not subject.kind:
        outline = shape(edition.outline(subject.level, subject.row))
    return map_svg(
        frame,
        rows.astype(np.int64),
        outlines,
        classes,
        scheme,
        title=f"Map of {subject.name}",
        alt=words_of(edition, index, subject),
        lines=len(rows) <= _MOST // 2,
        outline=outline,
        finest=_FINEST,
    )


def words_of(edition: Edition, index: str, subject: Subject) -> str:
    """Return what the map shows, for those who do not see it."""
    kind, rows = drawn_kind(edition, subject)
    decile = edition.atlas.score_set(index, kind).decile[rows]
    top, low = int((decile == 1).sum()), int((decile == 10).sum())
    none = int((decile == 0).sum())
    missing = f" {none:,} have no data." if none else ""
    return (
        f"Map of {subject.name} by {kind.label}, dark for most risk. Of {len(rows):,} "
        f"{kind.label_plural}, {top:,} are in the highest-risk tenth of all and {low:,} in the "
        f"lowest.{missing} The tables tell the same."
    )


def drawn_kind(edition: Edition, subject: Subject) -> tuple[AreaKind, Rows]:
    """Return the smallest kind of area that can be told apart on the map, and which of them."""
    atlas = edition.atlas
    small = atlas.level(AreaKind.SMALL_AREA)
    found: tuple[AreaKind, Rows] = AreaKind.SMALL_AREA, subject.rows
    for kind in _KINDS:
        if kind is AreaKind.SMALL_AREA:
            rows = subject.rows
        elif kind in small.parents:
            rows = np.unique(small.parents[kind][subject.rows])
            rows = rows[rows != OUTSIDE].astype(np.int32)
        else:
            continue
        found = kind, rows
        if len(rows) <= _MOST:
            break
    return found


def _bounds(
    boxes: "np.ndarray[tuple[int, int], np.dtype[np.float64]]",
) -> tuple[float, float, float, float]:
    west, south = (float(edge) for edge in boxes[:, :2].min(axis=0))
    east, north = (float(edge) for edge in boxes[:, 2:].max(axis=0))
    aside, above = (east - west) * _AROUND, (north - south) * _AROUND
    return west - aside, south - above, east + aside, north + above
