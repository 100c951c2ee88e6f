"""A map of areas by class with places on it, as SVG: for pages without scripts, and for print."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from api.targets import Base
from exclusion_map.editions.extras import majority_at
from exclusion_map.errors import InvalidRequestError
from exclusion_map.maps.raster_colour import Scheme
from exclusion_map.maps.raster_tiles import unit
from exclusion_map.maps.static_map import Frame, lay_out
from exclusion_map.terms import AreaKind

WIDTH, HEIGHT = 760, 640
_KINDS = (AreaKind.SMALL_AREA, AreaKind.NEIGHBOURHOOD, AreaKind.LOCAL_AUTHORITY)
Bytes = npt.NDArray[np.uint8]
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Dot:
    """A place on the picture."""

    longitude: float
    latitude: float
    colour: str
    radius: float = 3.0
    text: str = ""


def picture(
    base: Base,
    code: str,
    classes: Bytes,
    colours: tuple[str, ...],
    dots: Sequence[Dot],
    *,
    title: str,
    alt: str,
) -> str:
    """Return a picture of an area, or of everywhere, as SVG.

    Args:
        base: with the edition.
        code: of the area; empty for everywhere.
        classes: (n,) of the small areas, from 1; 0 = no data.
        colours: of the classes.
        dots: places to draw on top.
        title: above the map.
        alt: what it shows, in words.

    Raises:
        InvalidRequestError: there are too many areas even of the widest kind.
    """
    from exclusion_map.maps.static_map_svg import drawn_in, drawn_svg  # Not needed to start.

    edition = base.service.edition
    atlas = edition.atlas
    bounds, inside = _extent(base, code)
    frame = lay_out(
        bounds,
        WIDTH,
        HEIGHT,
        title=title,
        legend=None,
        credit=f"{edition.manifest.title}, edition {edition.id}. Contains OS data and National "
        "Statistics data, Crown copyright and database right, Open Government Licence v3.0.",
    )
    scheme = Scheme(colours)
    # 255 stands for "asked about, but no data"; elsewhere the land stays without a colour.
    shown = np.where(inside, np.where(classes > 0, classes, scheme.missing), 0).astype(np.uint8)
    for kind in (one for one in _KINDS if one in atlas.levels):
        try:
            areas = drawn_in(edition.folder, kind, frame)
        except InvalidRequestError:
            continue
        held = majority_at(atlas, shown, scheme.missing + 1, kind)
        of_rows = np.concatenate([[0], held]).astype(np.uint8)
        drawn = drawn_svg(frame, areas, of_rows, scheme, title=title, alt=alt)
        return with_dots(drawn, frame, dots)
    raise InvalidRequestError(
        "picture", found="too many areas", expected="a smaller place", mend="Use the map."
    )


def _extent(base: Base, code: str) -> tuple[Bounds, npt.NDArray[np.bool_]]:
    """Return the bounds to show, in degrees, and (n,) which small areas are asked about."""
    edition = base.service.edition
    atlas = edition.atlas
    if not code:
        west, south, east, north = edition.manifest.bounds
        return (west, south, east, north), np.ones(
            len(atlas.level(AreaKind.SMALL_AREA)), dtype=np.bool_
        )
    level, row = atlas.find(code)
    west, south, east, north = (float(edge) for edge in level.bbox[row])
    inside = np.zeros(len(atlas.level(AreaKind.SMALL_AREA)), dtype=np.bool_)
    inside[atlas.members(level, row)] = True
    return (west, south, east, north), inside


def with_dots(svg: str, frame: Frame, dots: Sequence[Dot]) -> str:
    """Return a picture with places drawn on its map."""
    window = frame.window
    parts = []
    for dot in dots:
        x, y = unit(dot.longitude, dot.latitude)
        across = (x - window.left) / (window.right - window.left)
        down = (y - window.top) / (window.bottom - window.top)
        if not (0 <= across <= 1 and 0 <= down <= 1):
            continue
        cx, cy = frame.left + across * window.width, frame.top + down * window.height
        parts.append(
            f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="{dot.radius:g}" fill="{dot.colour}" '
            'stroke="#fff" stroke-width="1"/>'
        )
        if dot.text:
            parts.append(
                f'<text x="{cx:.1f}" y="{cy + 4:.1f}" text-anchor="middle" font-size="11" '
                f'font-weight="700" font-family="sans-serif" fill="#fff">{dot.text}</text>'
            )
    before, end, after = svg.rpartition("</svg>")
    return f"{before}{''.join(parts)}{end}{after}"
