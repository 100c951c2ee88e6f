"""A sheet of boxes, lines and words that becomes SVG or pixels: legends and the frame of a map.

Lengths are CSS pixels from the top left. Words are set in DejaVu Sans, which is built
into the package, so that a picture looks the same everywhere and Welsh names keep their accents.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

from PIL import Image, ImageDraw, ImageFont

from exclusion_map.errors import InvalidRequestError
from exclusion_map.maps.palette import MISSING_COLOUR, MISSING_HATCH

INK = "#212b32"
"""Text: contrast of 14 to 1 on white."""
EDGE = "#4c6272"
"""Edges of swatches: 6 to 1 on white, so that the lightest class stands out."""
PAPER = "#ffffff"
_FONTS = Path(__file__).parent / "assets" / "fonts"
"""Built by ``make assets``; never committed."""
_STRIPE = 5.0
_IN_DISC = 11
_FAMILY = "Arial, 'DejaVu Sans', sans-serif"
NARROW = (
    "@media (max-width:480px){.em-map-credit,.em-map-title{display:none}"
    ".em-map-scale{font-size:26px;paint-order:stroke;stroke:#fff;stroke-width:6px}}"
)
"""A picture shrunk to the width of a phone has a scale that can be read; its title and its credits
stand beside it as text of the page. Pages have the same rules in their style for pictures set
inside them."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    edge: str = ""
    striped: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text; ``y`` is where its letters stand."""

    x: float
    y: float
    text: str
    size: float = 14
    bold: bool = False
    anchor: Literal["start", "middle", "end"] = "start"
    part: Literal["", "title", "scale", "credit"] = ""
    """What it is of a map that a page shrinks for a phone: see :data:`NARROW`."""


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line."""

    x0: float
    y0: float
    x1: float
    y1: float
    width: float = 1
    colour: str = INK


@dataclass(frozen=True, slots=True)
class Disc:
    """A round mark with a white edge, and a short text in it, if any."""

    x: float
    y: float
    radius: float
    fill: str
    text: str = ""


Mark = Box | Words | Line | Disc


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return how wide a line of text is, in the font of the pictures.

    Letters of small pictures stand on whole pixels, which makes them widest: that is what counts.
    """
    return float(font(size, bold=bold).getlength(text))


def wrap(text: str, size: float, width: float, *, bold: bool = False) -> list[str]:
    """Return text as lines of at most a width; a longer word gets a line of its own."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold=bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def moved(marks: Iterable[Mark], x: float, y: float) -> list[Mark]:
    """Return marks in another place."""
    return [_moved(mark, x, y) for mark in marks]


def _moved(mark: Mark, x: float, y: float) -> Mark:
    if isinstance(mark, Line):
        return Line(mark.x0 + x, mark.y0 + y, mark.x1 + x, mark.y1 + y, mark.width, mark.colour)
    return replace(mark, x=mark.x + x, y=mark.y + y)


def draw_marks(picture: Image.Image, marks: Sequence[Mark], scale: float) -> None:
    """Draw marks on a picture; in place.

    Args:
        picture: in mode RGB.
        marks: what to draw.
        scale: pixels of the picture a CSS pixel.
    """
    pen = ImageDraw.Draw(picture)
    for mark in marks:
        if isinstance(mark, Words):
            anchor = {"start": "ls", "middle": "ms", "end": "rs"}[mark.anchor]
            place = (mark.x * scale, mark.y * scale)
            pen.text(place, mark.text, INK, font(mark.size * scale, bold=mark.bold), anchor)
        elif isinstance(mark, Line):
            ends = [v * scale for v in (mark.x0, mark.y0, mark.x1, mark.y1)]
            pen.line(ends, mark.colour, max(1, round(mark.width * scale)))
        elif isinstance(mark, Disc):
            _draw_disc(pen, mark, scale)
        else:
            _draw_box(picture, pen, mark, scale)


def _draw_disc(pen: ImageDraw.ImageDraw, disc: Disc, scale: float) -> None:
    x, y, radius = disc.x * scale, disc.y * scale, disc.radius * scale
    pen.ellipse(
        (x - radius, y - radius, x + radius, y + radius), disc.fill, PAPER, max(1, round(scale))
    )
    if disc.text:
        pen.text((x, y), disc.text, PAPER, font(_IN_DISC * scale, bold=True), "mm")


def _draw_box(picture: Image.Image, pen: ImageDraw.ImageDraw, box: Box, scale: float) -> None:
    left, top = round(box.x * scale), round(box.y * scale)
    right, bottom = round((box.x + box.width) * scale), round((box.y + box.height) * scale)
    if right <= left or bottom <= top:
        return
    if box.striped:
        picture.paste(_stripes(right - left, bottom - top, scale), (left, top))
    else:
        pen.rectangle((left, top, right - 1, bottom - 1), box.fill or None)
    if box.edge:
        pen.rectangle((left, top, right - 1, bottom - 1), None, box.edge, max(1, round(scale)))


def _stripes(width: int, height: int, scale: float) -> Image.Image:
    striped = Image.new("RGB", (width, height), MISSING_COLOUR)
    pen = ImageDraw.Draw(striped)
    step = round(_STRIPE * scale)
    for at in range(0, width + height, step):
        pen.line((at, 0, at - height, height), MISSING_HATCH, max(1, round(1.5 * scale)))
    return striped


def to_svg(
    marks: Sequence[Mark],
    width: float,
    height: float,
    *,
    title: str,
    alt: str,
    under: str = "",
    inside: bool = False,
) -> str:
    """Return marks as an SVG file of its own, with words for those who do not see it.

    Args:
        marks: what to draw.
        width: of the picture.
        height: of the picture.
        title: its name.
        alt: what it shows.
        under: SVG to draw before the marks.
        inside: whether it stands in a page or a PDF, where others may stand beside it: then its
            one name is what it shows, without ids to refer to.
    """
    body = "".join(_svg(mark) for mark in marks)
    shrunk = any(isinstance(mark, Words) and mark.part for mark in marks)
    style = f"<style>{NARROW}</style>" if shrunk and not inside else ""
    refers, said = (
        ("", f"<title>{escape(alt)}</title>")
        if inside
        else (
            'aria-labelledby="t d" ',
            f'<title id="t">{escape(title)}</title><desc id="d">{escape(alt)}</desc>',
        )
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}" role="img" {refers}'
        f"font-family={quoteattr(_FAMILY)}>{said}{style}"
        f'<defs><pattern id="missing" width="{_STRIPE:g}" height="{_STRIPE:g}" '
        'patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<rect width="{_STRIPE:g}" height="{_STRIPE:g}" fill="{MISSING_COLOUR}"/>'
        f'<rect width="1.5" height="{_STRIPE:g}" fill="{MISSING_HATCH}"/></pattern></defs>'
        f'<rect width="100%" height="100%" fill="{PAPER}"/>{under}{body}</svg>'
    )


def _svg(mark: Mark) -> str:
    if isinstance(mark, Words):
        weight = ' font-weight="bold"' if mark.bold else ""
        anchor = "" if mark.anchor == "start" else f' text-anchor="{mark.anchor}"'
        part = f' class="em-map-{mark.part}"' if mark.part else ""
        return (
            f'<text x="{mark.x:g}" y="{mark.y:g}" font-size="{mark.size:g}" fill="{INK}"'
            f"{weight}{anchor}{part}>{escape(mark.text)}</text>"
        )
    if isinstance(mark, Line):
        return (
            f'<path d="M{mark.x0:g} {mark.y0:g}L{mark.x1:g} {mark.y1:g}" '
            f'stroke="{mark.colour}" stroke-width="{mark.width:g}"/>'
        )
    if isinstance(mark, Disc):
        return _svg_disc(mark)
    fill = "url(#missing)" if mark.striped else mark.fill or "none"
    # The edge lies inside the box, as in pixels.
    inset = 0.5 if mark.edge else 0.0
    edge = f' stroke="{mark.edge}"' if mark.edge else ""
    return (
        f'<rect x="{mark.x + inset:g}" y="{mark.y + inset:g}" width="{mark.width - 2 * inset:g}" '
        f'height="{mark.height - 2 * inset:g}" fill="{fill}"{edge}/>'
    )


def _svg_disc(disc: Disc) -> str:
    drawn = (
        f'<circle cx="{disc.x:.1f}" cy="{disc.y:.1f}" r="{disc.radius:g}" fill="{disc.fill}" '
        f'stroke="{PAPER}" stroke-width="1"/>'
    )
    if not disc.text:
        return drawn
    return drawn + (
        f'<text x="{disc.x:.1f}" y="{disc.y + 4:.1f}" text-anchor="middle" font-size="{_IN_DISC}" '
        f'font-weight="bold" fill="{PAPER}">{escape(disc.text)}</text>'
    )


@lru_cache(maxsize=64)
def font(size: float, *, bold: bool) -> ImageFont.FreeTypeFont:
    """Return the font of pictures in a size of pixels."""
    file = _FONTS / ("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf")
    if not file.is_file():
        raise InvalidRequestError(
            "pictures",
            found=f"no font {file.name} in the installed package",
            expected="the assets that are built with it",
            mend="Run: make assets",
        )
    # The basic layout engine is in every build of Pillow: the same widths everywhere.
    return ImageFont.truetype(str(file), size, layout_engine=ImageFont.Layout.BASIC)
