"""Maps of the tools: small areas of a place by class, or wider ones where there are too many."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import Atlas
from exclusion_map.editions.extras import majority_at
from exclusion_map.editions.reader import Edition
from exclusion_map.errors import InvalidRequestError
from exclusion_map.maps.area_map import FINEST, AreaMap, Dot, Key
from exclusion_map.maps.palette import MISSING_HATCH
from exclusion_map.maps.raster_colour import Scheme
from exclusion_map.maps.static_map import Bounds, Frame, lay_out
from exclusion_map.terms import AreaKind

WIDTH, HEIGHT = 760, 640
WITH_KEY: Final = 500
"""Height where a key stands below: a map of a report shares its page with text."""
_KINDS: Final = (AreaKind.SMALL_AREA, AreaKind.NEIGHBOURHOOD, AreaKind.LOCAL_AUTHORITY)
_WIDER: Final = (
    *(AreaKind.LOCAL_AUTHORITY, AreaKind.SUB_ICB, AreaKind.ICB),
    *(AreaKind.REGION, AreaKind.NATION),
)
_AROUND: Final = 0.15
_MOST_DOTS: Final = 300
"""Small areas far apart that are dots: their outlines are specks, and a whole council coloured for
one of them would say too much."""
Bytes = npt.NDArray[np.uint8]


def area_map(
    edition: Edition,
    code: str,
    classes: Bytes,
    colours: tuple[str, ...],
    dots: Sequence[Dot] = (),
    *,
    title: str,
    key: Sequence[Key] = (),
    columns: int = 2,
    rows: npt.NDArray[Any] | None = None,
) -> AreaMap:
    """Return a map of an area, of some small areas, or of everywhere.

    Args:
        edition: open.
        code: of the area; empty for everywhere.
        classes: (n,) of the small areas, from 1; 0 = no data.
        colours: of the classes.
        dots: places to draw on top.
        title: above the map; empty where a heading or a caption says it.
        key: what colours mean, to be drawn below it.
        columns: of the key.
        rows: of small areas to show instead of the area.

    Raises:
        InvalidRequestError: there are too many areas even of the widest kind.
    """
    from exclusion_map.maps.static_map_svg import drawn_in  # Not needed to start.

    atlas = edition.atlas
    bounds, inside = _extent(edition, code) if rows is None else _extent_of(edition, rows)
    frame = _frame(edition, bounds, title, WITH_KEY if key else HEIGHT)
    scheme = Scheme(colours)
    # 255 stands for "asked about, but no data"; elsewhere the land stays without a colour.
    shown = np.where(inside, np.where(classes > 0, classes, scheme.missing), 0).astype(np.uint8)
    for kind in (one for one in _KINDS if one in atlas.levels):
        try:
            drawn_in(edition.folder, kind, frame, FINEST)
        except InvalidRequestError:
            continue
        held = majority_at(atlas, shown, scheme.missing + 1, kind)
        if rows is not None and kind is not AreaKind.SMALL_AREA and len(rows) <= _MOST_DOTS:
            held = np.zeros_like(held)
            dots = (*dots, *_as_dots(atlas, rows, classes, colours))
        return AreaMap(
            folder=edition.folder,
            kind=kind,
            frame=frame,
            classes=np.concatenate([[0], held]).astype(np.uint8),
            scheme=scheme,
            title=title,
            dots=dots,
            key=key,
            columns=columns,
        )
    raise InvalidRequestError(
        "picture", found="too many areas", expected="a smaller place", mend="Use the map."
    )


def _as_dots(
    atlas: Atlas, rows: npt.NDArray[Any], classes: Bytes, colours: tuple[str, ...]
) -> list[Dot]:
    small = atlas.level(AreaKind.SMALL_AREA)
    fills = [colours[classes[row] - 1] if classes[row] else MISSING_HATCH for row in rows.tolist()]
    return [
        Dot(float(small.longitude[row]), float(small.latitude[row]), fill, radius=6)
        for row, fill in zip(rows.tolist(), fills, strict=True)
    ]


def _frame(edition: Edition, bounds: Bounds, title: str, height: int) -> Frame:
    credit = (
        f"{edition.manifest.title}, edition {edition.id}. Contains OS data and National "
        "Statistics data, Crown copyright and database right, Open Government Licence v3.0."
    )
    return lay_out(bounds, WIDTH, height, title=title, legend=None, credit=credit)


def _extent(edition: Edition, code: str) -> tuple[Bounds, npt.NDArray[np.bool_]]:
    """Return the bounds to show, in degrees, and (n,) which small areas are asked about."""
    atlas = edition.atlas
    count = len(atlas.level(AreaKind.SMALL_AREA))
    if not code:
        return edition.manifest.bounds, np.ones(count, dtype=np.bool_)
    level, row = atlas.find(code)
    west, south, east, north = (float(edge) for edge in level.bbox[row])
    inside = np.zeros(count, dtype=np.bool_)
    inside[atlas.members(level, row)] = True
    return (west, south, east, north), inside


def _extent_of(edition: Edition, rows: npt.NDArray[Any]) -> tuple[Bounds, npt.NDArray[np.bool_]]:
    """Return the same for some small areas, with a little around them."""
    small = edition.atlas.level(AreaKind.SMALL_AREA)
    west, south = (float(edge) for edge in small.bbox[rows, :2].min(axis=0))
    east, north = (float(edge) for edge in small.bbox[rows, 2:].max(axis=0))
    aside, above = (east - west) * _AROUND, (north - south) * _AROUND
    inside = np.zeros(len(small), dtype=np.bool_)
    inside[rows] = True
    return (west - aside, south - above, east + aside, north + above), inside


def around(atlas: Atlas, rows: npt.NDArray[Any]) -> str:
    """Return the code of the smallest wider area that holds all of some small areas."""
    small = atlas.level(AreaKind.SMALL_AREA)
    for kind in _WIDER:
        parent = small.parents.get(kind)
        if parent is None:
            continue
        held = np.unique(parent[rows])
        if len(held) == 1 and held[0] >= 0:
            return atlas.level(kind).codes[int(held[0])]
    return ""


def place_name(edition: Edition, code: str) -> str:
    """Return the name of the area asked about, that of the edition for everywhere."""
    if not code:
        return edition.manifest.title
    level, row = edition.atlas.find(code)
    name = level.labels[row]
    return name.removeprefix("NHS ").removesuffix(" Integrated Care Board")
