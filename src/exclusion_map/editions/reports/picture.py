"""The map of a place: its areas by tenth of risk, as SVG."""

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import OUTSIDE, Level, Rows
from exclusion_map.editions.downloads import outlines_of
from exclusion_map.editions.reader import Edition
from exclusion_map.editions.reports.subjects import Subject
from exclusion_map.maps.area_map import Dot, dotted
from exclusion_map.maps.palette import DECILE_COLOURS, MISSING_HATCH
from exclusion_map.maps.raster_colour import Scheme
from exclusion_map.maps.static_map import Frame, lay_out
from exclusion_map.terms import AreaKind

if TYPE_CHECKING:
    from exclusion_map.maps.static_map_svg import Drawn

WIDTH, HEIGHT = 640, 520
_MOST: Final = 700
"""Areas that can still be told apart in a picture of that size."""
_FINEST: Final = 0.7
"""CSS pixels by which outlines are simplified: 0.15 mm on paper. Finer ones take a third of the
time of a PDF, and nobody sees them."""
_AROUND: Final = 0.05
_SPECK: Final = 5
"""CSS pixels below which an area cannot be told from its border."""
_Boxes = npt.NDArray[np.floating]
_KINDS: Final = (AreaKind.SMALL_AREA, AreaKind.NEIGHBOURHOOD, AreaKind.LOCAL_AUTHORITY)


def map_of(edition: Edition, index: str, subject: Subject) -> str:
    """Return the map of a place by tenth of risk."""
    from shapely import from_wkb  # Not needed to start.
    from shapely.geometry import shape  # Not needed to start.

    from exclusion_map.maps.static_map_svg import map_svg  # Not needed to start.

    kind, rows = drawn_kind(edition, subject)
    level = edition.atlas.level(kind)
    credit = "Contains OS data and National Statistics data, Crown copyright and database right."
    boxes = level.bbox[rows]
    frame = lay_out(_bounds(boxes), WIDTH, HEIGHT, title="", legend=None, credit=credit)
    outlines = from_wkb(np.concatenate(list(outlines_of(edition, kind, rows).batches())))
    decile = edition.atlas.score_set(index, kind).decile
    scheme = Scheme(DECILE_COLOURS)
    classes = np.zeros(len(level) + 1, dtype=np.uint8)
    classes[rows + 1] = np.where(decile[rows] > 0, decile[rows], scheme.missing)
    outline = None
    if subject.level is not None and kind is not subject.kind:
        outline = shape(edition.outline(subject.level, subject.row))
    dots = _dots(level, rows[_specks(frame, boxes)], decile)
    return map_svg(
        dotted(frame, dots),
        rows.astype(np.int64),
        outlines,
        classes,
        scheme,
        title=f"Map of {subject.name}",
        alt=words_of(edition, index, subject),
        lines=len(rows) <= _MOST // 2,
        outline=outline,
        finest=_FINEST,
        ground=_ground(edition, frame) if dots else None,
    )


def _dots(level: Level, rows: Rows, decile: npt.NDArray[np.integer]) -> list[Dot]:
    """Return areas as dots of the colour of their tenth."""
    places = (level.longitude[rows].tolist(), level.latitude[rows].tolist(), decile[rows].tolist())
    return [
        Dot(east, north, DECILE_COLOURS[tenth - 1] if tenth else MISSING_HATCH, radius=6)
        for east, north, tenth in zip(*places, strict=True)
    ]


def _specks(frame: Frame, boxes: _Boxes) -> npt.NDArray[np.bool_]:
    """Return (n,) which areas are too small to be seen in a frame: those of places far apart."""
    west, south, east, north = frame.bounds
    wide = (boxes[:, 2] - boxes[:, 0]) / (east - west) * frame.window.width
    tall = (boxes[:, 3] - boxes[:, 1]) / (north - south) * frame.window.height
    seen = np.maximum(wide, tall) >= _SPECK
    # Where most can be seen the others lie among them, and dots would cover their neighbours.
    return ~seen if seen.mean() < 0.5 else np.zeros(len(boxes), dtype=np.bool_)


def _ground(edition: Edition, frame: Frame) -> "Drawn | None":
    """Return the land to draw below areas far apart, by nation, or by council where there is none.

    Without it dots would lie on an empty sheet.
    """
    from exclusion_map.maps.static_map_svg import drawn_in  # Not needed to start.

    for kind in (AreaKind.NATION, AreaKind.LOCAL_AUTHORITY):
        if kind in edition.atlas.levels:
            return drawn_in(edition.folder, kind, frame, _FINEST)
    return None


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


def _bounds(boxes: _Boxes) -> tuple[float, float, float, float]:
    west, south = (float(edge) for edge in boxes[:, :2].min(axis=0))
    east, north = (float(edge) for edge in boxes[:, 2:].max(axis=0))
    aside, above = (east - west) * _AROUND, (north - south) * _AROUND
    return west - aside, south - above, east + aside, north + above
