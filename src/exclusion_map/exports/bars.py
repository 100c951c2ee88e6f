"""Horizontal bars beside those of a comparator: as SVG for pages and PDFs, as PNG for Word."""

import io
import textwrap
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

WIDTH: Final = 640
_ROW, _BAR, _LEFT, _RIGHT = 30, 16, 190, 70
_LINE, _KEY_TOP, _KEY_LETTERS, _LABEL_LETTERS = 14, 8, 58, 24
"""Height of a line of words; where the key starts; letters that fit a line of key and of label."""
_OURS, _THEIRS, _INK, _PAPER = "#5b2a86", "#1d1a24", "#1d1a24", "#ffffff"


@dataclass(frozen=True, slots=True)
class Bars:
    """Shares in per cent.

    Attributes:
        labels: of the bars, from the top.
        values: per cent; as long as the bars are; NaN for a share withheld because it is small.
        usual: per cent of the comparator, a mark on each bar's line.
        ours: what bars show, in words.
        theirs: what marks show.
    """

    labels: tuple[str, ...]
    values: tuple[float, ...]
    usual: tuple[float, ...]
    ours: str
    theirs: str

    @property
    def keys(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What bars and marks show, each in lines that fit: names of boards are long."""
        return _lines(self.ours, _KEY_LETTERS), _lines(self.theirs, _KEY_LETTERS)

    @property
    def top(self) -> int:
        """Where the first bar lies, below the key."""
        return _KEY_TOP + 20 + _LINE * sum(map(len, self.keys))

    @property
    def height(self) -> int:
        """Of the picture, where it is ``WIDTH`` wide."""
        return self.top + _ROW * len(self.labels) + 6

    @property
    def width(self) -> int:
        """Of the picture."""
        return WIDTH

    def svg(self, alt: str) -> str:
        """Return the picture as SVG, with words for those who do not see it."""
        return bars_svg(self, alt)

    def png(self) -> bytes:
        """Return the picture as PNG, for documents that take no SVG."""
        return bars_png(self)

    def lines(self) -> list[tuple[str, float, float, int]]:
        """Return label, value, comparator and top of each bar."""
        both = zip(self.labels, self.values, self.usual, strict=True)
        return [(*one, self.top + _ROW * at) for at, one in enumerate(both)]

    def texts(self) -> list[tuple[float, float, str, str]]:
        """Return all but the values: x and y of the middle of a line, the line, and its anchor."""
        ours, theirs = self.keys
        held = [(float(_LEFT + 20), _key_y(at), line, "start") for at, line in enumerate(ours)]
        start = len(ours)
        held += [
            (float(_LEFT + 20), _key_y(start + at) + 6, line, "start")
            for at, line in enumerate(theirs)
        ]
        for label, _, _, top in self.lines():
            lines = _lines(label, _LABEL_LETTERS, most=2)
            first = top + _BAR / 2 - _LINE * (len(lines) - 1) / 2
            for at, line in enumerate(lines):
                held.append((_LEFT - 10.0, first + _LINE * at, line, "end"))
        return held

    def said(self, value: float) -> str:
        """Return a value as it stands beside its bar; never 0 by rounding alone."""
        if value != value:
            return "few"
        return "under 1%" if 0 < value < 0.5 else f"{value:.0f}%"

    def across(self, value: float) -> float:
        """Return where a value lies from left to right."""
        if value != value:
            return float(_LEFT)
        most = max(1.0, *(one for one in (*self.values, *self.usual) if one == one))
        return _LEFT + (WIDTH - _LEFT - _RIGHT) * value / most


def bars_svg(bars: Bars, alt: str) -> str:
    """Return the picture as SVG; its ``<title>`` says in words what it shows."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bars.height}" '
        f'width="{WIDTH}" height="{bars.height}" role="img" '
        'font-family="DejaVu Sans, Arial, sans-serif" font-size="13">',
        f"<title>{escape(alt)}</title>",
        f'<rect x="{_LEFT}" y="{_key_y(0) - 6}" width="14" height="12" fill="{_OURS}"/>',
        f'<rect x="{_LEFT + 5}" y="{_second(bars) - 8}" width="4" height="16" fill="{_THEIRS}"/>',
    ]
    parts += [
        f'<text x="{x:g}" y="{y + 5:g}" text-anchor="{anchor}" fill="{_INK}">{escape(line)}</text>'
        for x, y, line, anchor in bars.texts()
    ]
    for _, value, usual, top in bars.lines():
        end, mark, middle = bars.across(value), bars.across(usual), top + _BAR - 3
        parts += [
            f'<rect x="{_LEFT}" y="{top}" width="{end - _LEFT:.1f}" height="{_BAR}" '
            f'fill="{_OURS}"/>',
            # A white edge keeps the mark apart from a bar that it lies on.
            f'<rect x="{mark - 2:.1f}" y="{top - 4}" width="5" height="{_BAR + 8}" '
            f'fill="{_THEIRS}" stroke="{_PAPER}"/>',
            f'<text x="{max(end, mark) + 8:.1f}" y="{middle}" fill="{_INK}">'
            f"{escape(bars.said(value))}</text>",
        ]
    return "".join([*parts, "</svg>"])


def bars_png(bars: Bars, scale: int = 3) -> bytes:
    """Return the picture as PNG, ``scale`` times as large, for documents that take no SVG."""
    from PIL import Image, ImageDraw, ImageFont  # Not needed to start.

    image = Image.new("RGB", (WIDTH * scale, bars.height * scale), _PAPER)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(13 * scale)

    def box(left: float, top: float, right: float, bottom: float, fill: str) -> None:
        corners = [edge * scale for edge in (left, top, max(right, left), bottom)]
        draw.rectangle(corners, fill=fill)

    def text(x: float, y: float, said: str, anchor: str) -> None:
        draw.text((x * scale, y * scale), said, fill=_INK, font=font, anchor=anchor)

    box(_LEFT, _key_y(0) - 6, _LEFT + 14, _key_y(0) + 6, _OURS)
    box(_LEFT + 5, _second(bars) - 8, _LEFT + 9, _second(bars) + 8, _THEIRS)
    for x, y, line, anchor in bars.texts():
        text(x, y, line, "lm" if anchor == "start" else "rm")
    for _, value, usual, top in bars.lines():
        end, mark, middle = bars.across(value), bars.across(usual), top + _BAR / 2
        box(_LEFT, top, end, top + _BAR, _OURS)
        box(mark - 3, top - 5, mark + 4, top + _BAR + 5, _PAPER)
        box(mark - 2, top - 4, mark + 3, top + _BAR + 4, _THEIRS)
        text(max(end, mark) + 8, middle, bars.said(value), "lm")
    made = io.BytesIO()
    image.save(made, "PNG", optimize=True)
    return made.getvalue()


def _lines(text: str, letters: int, most: int = 3) -> tuple[str, ...]:
    return tuple(textwrap.wrap(text, letters, max_lines=most, placeholder="…")) or ("",)


def _key_y(line: int) -> float:
    """Return the middle of a line of the key."""
    return float(_KEY_TOP + 6 + _LINE * line)


def _second(bars: Bars) -> float:
    """Return the middle of the key's entry of the comparator."""
    return _key_y(len(bars.keys[0])) + 6
