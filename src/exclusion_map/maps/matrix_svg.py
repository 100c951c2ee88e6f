"""The picture of a risk matrix, and its two ways to be drawn: in colours, or in greys with lines.

In greys the shade is the likelihood and the lines are the impact, so that both can be read from a
print in black and white.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from typing import Final, Literal

from exclusion_map.maps.crossed_colours import cell_colours, cell_greys
from exclusion_map.maps.palette import text_on

INK: Final = "#1d1a24"
_LEFT, _TOP, DOWN, _WIDE, _FOOT = 132, 12, 74, 628, 74
_FONT: Final = "system-ui, sans-serif"
_PATH: Final = re.compile(r'<path fill="#0101([0-9a-f]{2})" ([^>]*)/>')


class Style(StrEnum):
    """How a matrix and its map are drawn."""

    COLOUR = "colour"
    PRINT = "print"

    @property
    def label(self) -> str:
        """The words people see."""
        return "colours" if self is Style.COLOUR else "greys and lines, for black and white"


@dataclass(frozen=True, slots=True)
class GridCell:
    """What stands in a cell: two short lines."""

    first: str
    second: str


def _pattern(size: int, number: int) -> str:
    """Return the lines of a cell as an SVG pattern; empty for the lowest impact."""
    impact = (number - 1) % size + 1
    # Few and thin to many and crossed: from the second class of impact to the last.
    step, crossed = {
        (3, 2): (11, False),
        (3, 3): (7, True),
        (5, 2): (16, False),
        (5, 3): (10, False),
        (5, 4): (6, False),
        (5, 5): (6, True),
    }.get((size, impact), (0, False))
    if not step:
        return ""
    ink = text_on(cell_greys(size)[number - 1])
    drawn = f"M0 0V{step}" + (f"M0 0H{step}" if crossed else "")
    return (
        f'<pattern id="lines{number}" width="{step}" height="{step}" '
        f'patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<path d="{drawn}" stroke="{ink}" stroke-width="1.6" fill="none"/></pattern>'
    )


def patterns(size: int) -> str:
    """Return the lines of every cell, to stand in an SVG."""
    return f"<defs>{''.join(_pattern(size, one) for one in range(1, size**2 + 1))}</defs>"


def map_colours(size: int, style: Style) -> tuple[str, ...]:
    """Return the colours to draw a map with: in print, marks that `lined` replaces."""
    if style is Style.COLOUR:
        return cell_colours(size)
    return tuple(f"#0101{number:02x}" for number in range(1, size**2 + 1))


def lined(svg: str, size: int, style: Style) -> str:
    """Return a map drawn with `map_colours` with its greys and lines; unchanged in colour."""
    if style is Style.COLOUR:
        return svg
    greys = cell_greys(size)

    def redrawn(match: re.Match[str]) -> str:
        number = int(match[1], 16)
        impact = (number - 1) % size
        drawn = f'<g fill="{greys[number - 1]}"><path id="cell{number}" {match[2]}/></g>'
        return drawn + (f'<use href="#cell{number}" fill="url(#lines{number})"/>' if impact else "")

    start, end, rest = svg.partition(">")
    return f"{start}{end}{patterns(size)}{_PATH.sub(redrawn, rest)}"


def swatch_svg(size: int, number: int, style: Style, side: int = 22) -> str:
    """Return the colour of a cell as a small square, or its grey with lines."""
    box = f'x=".5" y=".5" width="{side - 1}" height="{side - 1}" rx="3"'
    if style is Style.COLOUR:
        fill, more = cell_colours(size)[number - 1], ""
    else:
        fill, pattern = cell_greys(size)[number - 1], _pattern(size, number)
        more = pattern and f"<defs>{pattern}</defs><rect {box} fill='url(#lines{number})'/>"
    return (
        f'<svg width="{side}" height="{side}" viewBox="0 0 {side} {side}" aria-hidden="true" '
        f'focusable="false"><rect {box} fill="{fill}" stroke="#75727f"/>{more}</svg>'
    )


@dataclass(frozen=True, slots=True)
class Label:
    """One line of text of a matrix."""

    x: float
    y: float
    words: str
    size: float
    anchor: Literal["middle", "end"] = "middle"
    bold: bool = False
    fill: str = INK


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A matrix to be drawn: likelihood rises upwards, impact to the right.

    Attributes:
        cells: size x size, by number: lowest of both first, impact rising first.
        size: 3 or 5.
        style: in colours, or greys with lines.
        axes: names of likelihood and impact.
        rows: names of the classes of likelihood, lowest first.
        columns: of impact.
        spans: what lies in each class, of likelihood and of impact.
        chosen: numbers of cells with a frame.
    """

    cells: Sequence[GridCell]
    size: int
    style: Style = Style.COLOUR
    axes: tuple[str, str] = ("Likelihood", "Impact")
    rows: Sequence[str]
    columns: Sequence[str]
    spans: tuple[Sequence[str], Sequence[str]]
    chosen: frozenset[int] = frozenset()

    @property
    def across(self) -> int:
        """Width of a cell."""
        return _WIDE // self.size

    @property
    def width(self) -> int:
        """Of the picture."""
        return _LEFT + self.size * self.across + 4

    @property
    def height(self) -> int:
        """Of the picture."""
        return _TOP + self.size * DOWN + _FOOT

    def corner(self, number: int) -> tuple[int, int]:
        """Return the left top corner of a cell."""
        up, right = divmod(number - 1, self.size)
        return _LEFT + right * self.across, _TOP + (self.size - 1 - up) * DOWN

    def labels(self) -> Iterator[Label]:
        """Yield what stands beside and below the cells; the name of likelihood stands upright."""
        foot = _TOP + self.size * DOWN
        for at in range(self.size):
            level = _TOP + (self.size - 1 - at) * DOWN + DOWN / 2
            yield Label(_LEFT - 8, level - 2, self.rows[at], 14, anchor="end", bold=True)
            yield from _lines(_LEFT - 8, level + 14, self.spans[0][at], "end")
            middle = _LEFT + (at + 0.5) * self.across
            yield Label(middle, foot + 18, self.columns[at], 14, bold=True)
            yield from _lines(middle, foot + 34, self.spans[1][at], "middle")
        yield Label(_LEFT + _WIDE / 2, self.height - 6, f"{self.axes[1]} →", 14)


UPRIGHT: Final = (14, _TOP)
"""Where the name of the likelihood stands from the left, and where cells begin."""


def grid_svg(grid: Grid, *, title: str, alt: str) -> str:
    """Return a matrix as SVG.

    Args:
        grid: what it shows.
        title: its name.
        alt: what it shows, in words.
    """
    parts = [patterns(grid.size) if grid.style is Style.PRINT else ""]
    for number, cell in enumerate(grid.cells, start=1):
        place = (*grid.corner(number), grid.across)
        parts.append(_cell(cell, number, grid.size, grid.style, place, number in grid.chosen))
    parts += [_text(label) for label in grid.labels()]
    upright = Label(0, 0, f"{grid.axes[0]} →", 14)
    turned = f'transform="translate({UPRIGHT[0]} {_TOP + grid.size * DOWN / 2:g}) rotate(-90)"'
    parts.append(f"<g {turned}>{_text(upright)}</g>")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {grid.width} {grid.height}" '
        f'width="{grid.width}" height="{grid.height}" role="img" '
        f'aria-label="{escape(alt, quote=True)}" '
        f'font-family="{_FONT}"><title>{escape(title)}</title>{"".join(parts)}</svg>'
    )


def _cell(
    cell: GridCell,
    number: int,
    size: int,
    style: Style,
    place: tuple[int, int, int],
    chosen: bool,
) -> str:
    x, y, across = place
    colours = cell_colours(size) if style is Style.COLOUR else cell_greys(size)
    fill = colours[number - 1]
    box = f'x="{x + 1}" y="{y + 1}" width="{across - 2}" height="{DOWN - 2}"'
    middle = x + across / 2
    parts = [f'<rect {box} fill="{fill}" stroke="#75727f"/>']
    ink = text_on(fill)
    if style is Style.PRINT:
        # Words on lines cannot be read: they stand on a plate.
        if (number - 1) % size:
            parts.append(f'<rect {box} fill="url(#lines{number})"/>')
        parts.append(
            f'<rect x="{x + 8}" y="{y + 15}" width="{across - 16}" height="44" fill="#ffffff"/>'
        )
        ink = INK
    if chosen:
        parts.append(
            f'<rect x="{x + 4}" y="{y + 4}" width="{across - 8}" height="{DOWN - 8}" '
            f'fill="none" stroke="{ink}" stroke-width="2.5" stroke-dasharray="7 4"/>'
        )
    parts += [_text(label) for label in cell_labels(cell, middle, y, ink)]
    return "".join(parts)


def cell_labels(cell: GridCell, middle: float, top: float, ink: str) -> tuple[Label, Label]:
    """Return the two lines of a cell."""
    return (
        Label(middle, top + 35, cell.first, 16, bold=True, fill=ink),
        Label(middle, top + 53, cell.second, 12.5, fill=ink),
    )


def _text(label: Label) -> str:
    weight = ' font-weight="700"' if label.bold else ""
    return (
        f'<text x="{label.x:g}" y="{label.y:g}" text-anchor="{label.anchor}" '
        f'font-size="{label.size:g}"{weight} fill="{label.fill}">{escape(label.words)}</text>'
    )


def _lines(x: float, y: float, words: str, anchor: Literal["middle", "end"]) -> list[Label]:
    """Return what lies in a class in one line, or two at a comma."""
    first, comma, rest = words.partition(", up")
    lines = [first + ("," if comma else ""), f"up{rest}"] if comma else [first]
    return [
        Label(x, y + 14 * at, line, 12, anchor=anchor, fill="#4a4654")
        for at, line in enumerate(lines)
    ]
