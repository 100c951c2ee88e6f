"""A map of areas by class with places on it and a key below: as SVG, and as PNG for Word."""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from exclusion_map.maps.legend_image_sheet import (
    EDGE,
    PAPER,
    Box,
    Disc,
    Mark,
    Words,
    draw_marks,
    moved,
    wrap,
)
from exclusion_map.maps.palette import LAND_COLOUR, MISSING_COLOUR, MISSING_HATCH
from exclusion_map.maps.raster_colour import BORDER_COLOUR, Bytes, Scheme
from exclusion_map.maps.raster_tiles import unit
from exclusion_map.maps.static_map import MARGIN, Frame
from exclusion_map.terms import AreaKind

_TEXT, _LINE, _SWATCH, _GAP = 12, 16, 22, 10
_STRIPE: Final = 5
_NO_DATA: Final = "#fe01fe"
"""Marks areas without data until they get their stripes."""
FINEST: Final = 0.5
"""CSS pixels by which outlines are simplified: a map of a report is read at its own size."""
_FINER: Final = 2
_PIXELS: Final = 2
"""Pixels of a PNG a CSS pixel: sharp enough for print on A4."""


@dataclass(frozen=True, slots=True)
class Dot:
    """A place on the picture."""

    longitude: float
    latitude: float
    colour: str
    radius: float = 3.0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """What a colour of the map means; of an area, or of a dot. No colour means no data."""

    colour: str
    words: str
    dot: bool = False
    radius: float = 6.0
    """Of a dot: dots told apart by their size have the same sizes in the key."""


@dataclass(frozen=True, eq=False, kw_only=True)
class AreaMap:
    """A map that is ready to be drawn.

    Attributes:
        folder: of the edition, which holds the outlines.
        kind: of the areas drawn.
        frame: where title, map and credits stand.
        classes: (areas of the kind + 1,) by area number, which is the row plus 1; 0 = land without
            a colour.
        scheme: colours of the classes.
        title: name of it.
        dots: places on top.
        key: what colours mean, drawn below the map; empty for none.
        columns: of the key.
    """

    folder: Path
    kind: AreaKind
    frame: Frame
    classes: Bytes
    scheme: Scheme
    title: str
    dots: Sequence[Dot] = field(default=())
    key: Sequence[Key] = field(default=())
    columns: int = 2

    @property
    def width(self) -> int:
        """Of the picture, in CSS pixels."""
        return self.frame.width

    @property
    def whole(self) -> Frame:
        """The frame with dots on it, and the key below it."""
        return keyed(dotted(self.frame, self.dots), self.key, self.columns)

    def without_key(self) -> "AreaMap":
        """Return the map alone, for a page that sets the key as text."""
        return replace(self, key=())

    def svg(self, alt: str, *, inside: bool = True) -> str:
        """Return it as SVG; ``inside`` a page its one name is what it shows."""
        from exclusion_map.maps.static_map_svg import drawn_in, drawn_svg  # Not needed to start.

        areas = drawn_in(self.folder, self.kind, self.frame, FINEST)
        return drawn_svg(
            self.whole, areas, self.classes, self.scheme, title=self.title, alt=alt, inside=inside
        )

    def png(self) -> bytes:
        """Return it as PNG, for documents that take no SVG."""
        from PIL import Image  # Neither is needed to start.

        from exclusion_map.maps.static_map_svg import shapes_in

        whole, window = self.whole, self.frame.window
        rows, shapes = shapes_in(self.folder, self.kind, self.frame, FINEST)
        land = _areas(shapes, self.classes[rows + 1], self.scheme, window.width, window.height)
        picture = Image.new("RGB", (whole.width * _PIXELS, whole.height * _PIXELS), PAPER)
        picture.paste(land, (whole.left * _PIXELS, whole.top * _PIXELS))
        draw_marks(picture, whole.marks, _PIXELS)
        made = io.BytesIO()
        # A map has few colours: a palette makes a file a third as large.
        picture.quantize(128, dither=Image.Dither.NONE).save(made, "PNG", compress_level=6)
        return made.getvalue()


def dotted(frame: Frame, dots: Sequence[Dot]) -> Frame:
    """Return a frame with places on its map; those beyond its edges are left out."""
    window = frame.window
    marks = []
    for dot in dots:
        x, y = unit(dot.longitude, dot.latitude)
        across = (x - window.left) / (window.right - window.left)
        down = (y - window.top) / (window.bottom - window.top)
        if 0 <= across <= 1 and 0 <= down <= 1:
            place = (frame.left + across * window.width, frame.top + down * window.height)
            marks.append(Disc(*place, dot.radius, dot.colour, dot.text))
    return replace(frame, marks=(*frame.marks, *marks))


def keyed(frame: Frame, key: Sequence[Key], columns: int) -> Frame:
    """Return a frame with a key below it, in rows of so many columns."""
    if not key:
        return frame
    wide = (frame.width - 2 * MARGIN) / columns
    marks: list[Mark] = []
    y = 0.0
    for start in range(0, len(key), columns):
        tallest = 0.0
        for place, one in enumerate(key[start : start + columns]):
            lines = wrap(one.words, _TEXT, wide - _SWATCH - 2 * _GAP)
            marks += moved(_entry(one, lines), MARGIN + place * wide, y)
            tallest = max(tallest, _LINE * len(lines))
        y += max(tallest, _LINE) + 6
    below = frame.height
    return replace(
        frame, height=math.ceil(below + y + 4), marks=(*frame.marks, *moved(marks, 0, below))
    )


def _entry(one: Key, lines: Sequence[str]) -> list[Mark]:
    sign: Mark = Box(0, 1, _SWATCH, 14, one.colour, EDGE, striped=not one.colour)
    if one.dot:
        sign = Disc(_SWATCH / 2, 8, one.radius, one.colour)
    texts = [Words(_SWATCH + _GAP, _LINE * at + 12, line, _TEXT) for at, line in enumerate(lines)]
    return [sign, *texts]


def _areas(shapes: Any, classes: Bytes, scheme: Scheme, width: int, height: int) -> Any:
    """Return areas as a picture, drawn finer than it is and then averaged."""
    import shapely  # Neither is needed to start.
    from PIL import Image, ImageDraw

    finer = _PIXELS * _FINER
    land = Image.new("RGB", (width * finer, height * finer), PAPER)
    pen = ImageDraw.Draw(land)
    edges = (-4, -4, width + 4, height + 4)
    # Widest first: what lies in the hole of another is drawn after it.
    for at in np.argsort(-shapely.area(shapes), kind="stable").tolist():
        fill = _fill(int(classes[at]), scheme)
        for part in shapely.get_parts(shapely.clip_by_rect(shapes[at], *edges)):
            if part.geom_type != "Polygon":
                continue
            rings = [(part.exterior, fill), *((hole, PAPER) for hole in part.interiors)]
            for ring, colour in rings:
                corners = (np.asarray(ring.coords) * finer).reshape(-1).tolist()
                pen.polygon(corners, fill=colour)
                pen.line(corners, fill=BORDER_COLOUR, width=_FINER)
    if (classes == scheme.missing).any():
        land = _striped(land, finer)
    return land.resize((width * _PIXELS, height * _PIXELS), Image.Resampling.BOX)


def _fill(number: int, scheme: Scheme) -> str:
    if number == 0:
        return LAND_COLOUR
    return _NO_DATA if number == scheme.missing else scheme.classes[number - 1]


def _striped(land: Any, finer: int) -> Any:
    """Return the picture with the stripes of areas without data."""
    from PIL import Image  # Not needed to start.

    held = np.asarray(land).copy()
    down, across = np.nonzero((held == _rgb(_NO_DATA)).all(axis=2))
    lines = (down + across) % (_STRIPE * finer) < 1.5 * finer
    held[down, across] = np.where(lines[:, None], _rgb(MISSING_HATCH), _rgb(MISSING_COLOUR))
    return Image.fromarray(held)


def _rgb(colour: str) -> Bytes:
    return np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)], dtype=np.uint8)
