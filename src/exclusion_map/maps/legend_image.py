"""The legend as a picture with words, and as words alone."""

import io
from dataclasses import dataclass

from PIL import Image

from exclusion_map.maps.legend_image_sheet import (
    EDGE,
    PAPER,
    Box,
    Mark,
    Words,
    draw_marks,
    to_svg,
    wrap,
)
from exclusion_map.maps.palette import MISSING_COLOUR, decile_words
from exclusion_map.maps.raster_colour import Scheme, Shading

WIDTH = 260
PADDING = 12
_ROW, _SWATCH = 20, 30
_RAMP = 150


@dataclass(frozen=True, slots=True)
class Class:
    """One class of the legend. Number 0 has no data, and is striped."""

    number: int
    colour: str
    words: str


@dataclass(frozen=True, slots=True)
class Legend:
    """What a legend says.

    Attributes:
        title: name of the index.
        note: what the colours stand for and with what areas are compared.
        classes: from the highest risk to the lowest, then no data.
        shading: whether classes are tenths, or a scale.
        foot: place, edition and caution; may be empty.
    """

    title: str
    note: str
    classes: tuple[Class, ...]
    shading: Shading
    foot: str

    @property
    def alt(self) -> str:
        """The whole legend in words, for those who do not see it."""
        if self.shading is Shading.DECILE:
            said = "Ten colours, dark for the highest-risk tenth to light for the lowest-risk tenth"
        else:
            said = "A scale of colours, dark for a score of 100, the highest risk, to light for 0"
        return f"Legend: {self.title}. {self.note} {said}; grey stripes for no data. {self.foot}"


def make_legend(
    title: str, shading: Shading, scheme: Scheme, *, areas: str, compared: str, foot: str
) -> Legend:
    """Return a legend.

    Args:
        title: name of the index.
        shading: what the colours show.
        scheme: the colours.
        areas: the kind of area in plural: "small areas".
        compared: with what areas are compared: "compared with all areas".
        foot: place and edition.
    """
    if shading is Shading.DECILE:
        note = f"Tenths of {areas} by risk, {compared}."
        classes = [
            Class(number, colour, f"{number}  {decile_words(number)}")
            for number, colour in enumerate(scheme.classes, start=1)
        ]
    else:
        note = f"Score of {areas}, 100 = highest risk, {compared}."
        n = len(scheme.classes)
        classes = [
            Class(i + 1, colour, f"{100 - (i + 1) * 100 // n} to {100 - i * 100 // n}")
            for i, colour in enumerate(scheme.classes)
        ]
    missing = Class(0, MISSING_COLOUR, "no data")
    return Legend(title, note, (*classes, missing), shading, f"{foot}. Risk, not reality.")


def legend_marks(legend: Legend, width: float = WIDTH) -> tuple[list[Mark], float]:
    """Return what to draw, and how high it is, without paper under it."""
    inner = width - 2 * PADDING
    marks: list[Mark] = []
    y: float = PADDING
    y = _paragraph(marks, legend.title, y, 15, inner, bold=True)
    y = _paragraph(marks, legend.note, y + 2, 12, inner) + 8
    if legend.shading is Shading.DECILE:
        y = _rows(marks, legend.classes[:-1], y)
    else:
        y = _ramp(marks, legend.classes[:-1], y)
    y = _rows(marks, legend.classes[-1:], y + 6)
    if legend.foot:
        y = _paragraph(marks, legend.foot, y + 8, 11, inner)
    return marks, y + PADDING


def legend_svg(legend: Legend) -> str:
    """Return a legend as an SVG file."""
    marks, height = legend_marks(legend)
    return to_svg(marks, WIDTH, round(height), title=legend.title, alt=legend.alt)


def legend_png(legend: Legend, scale: int = 1) -> bytes:
    """Return a legend as PNG, ``scale`` pixels a CSS pixel."""
    marks, height = legend_marks(legend)
    picture = Image.new("RGB", (WIDTH * scale, round(height) * scale), PAPER)
    draw_marks(picture, marks, scale)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def _paragraph(
    marks: list[Mark], text: str, y: float, size: float, width: float, *, bold: bool = False
) -> float:
    for line in wrap(text, size, width, bold=bold):
        y += round(size * 1.35)
        marks.append(Words(PADDING, y - round(size * 0.3), line, size, bold))
    return y


def _rows(marks: list[Mark], classes: tuple[Class, ...], y: float) -> float:
    for one in classes:
        marks.append(Box(PADDING, y, _SWATCH, _ROW, one.colour, EDGE, striped=one.number == 0))
        marks.append(Words(PADDING + _SWATCH + 8, y + 14.5, one.words, 13))
        y += _ROW - 1  # Edges of neighbours lie on each other.
    return y + 1


def _ramp(marks: list[Mark], classes: tuple[Class, ...], y: float) -> float:
    step = _RAMP / len(classes)
    for place, one in enumerate(classes):
        marks.append(Box(PADDING, y + place * step, _SWATCH, step + 0.5, one.colour))
    ends = (("100  highest risk", 12), ("50", _RAMP / 2 + 5), ("0  lowest risk", _RAMP - 2))
    marks += [Words(PADDING + _SWATCH + 8, y + down, words, 13) for words, down in ends]
    return y + _RAMP + 2
