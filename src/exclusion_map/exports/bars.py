"""Horizontal bars beside those of a comparator: as SVG for pages and PDFs, as PNG for Word."""

import io
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

WIDTH: Final = 640
_ROW, _BAR, _LEFT, _RIGHT, _TOP = 30, 16, 190, 70, 34
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
    def height(self) -> int:
        """Of the picture, where it is ``WIDTH`` wide."""
        return _TOP + _ROW * len(self.labels) + 6

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
        return [(*one, _TOP + _ROW * at) for at, one in enumerate(both)]

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
        f'<rect x="{_LEFT}" y="8" width="14" height="12" fill="{_OURS}"/>',
        f'<text x="{_LEFT + 20}" y="19" fill="{_INK}">{escape(bars.ours)}</text>',
        f'<rect x="{_LEFT + 240}" y="6" width="4" height="16" fill="{_THEIRS}"/>',
        f'<text x="{_LEFT + 252}" y="19" fill="{_INK}">{escape(bars.theirs)}</text>',
    ]
    for label, value, usual, top in bars.lines():
        end, mark, middle = bars.across(value), bars.across(usual), top + _BAR - 3
        parts += [
            f'<text x="{_LEFT - 10}" y="{middle}" text-anchor="end" fill="{_INK}">'
            f"{escape(label)}</text>",
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

    box(_LEFT, 8, _LEFT + 14, 20, _OURS)
    text(_LEFT + 20, 14, bars.ours, "lm")
    box(_LEFT + 240, 6, _LEFT + 244, 22, _THEIRS)
    text(_LEFT + 252, 14, bars.theirs, "lm")
    for label, value, usual, top in bars.lines():
        end, mark, middle = bars.across(value), bars.across(usual), top + _BAR / 2
        text(_LEFT - 10, middle, label, "rm")
        box(_LEFT, top, end, top + _BAR, _OURS)
        box(mark - 3, top - 5, mark + 4, top + _BAR + 5, _PAPER)
        box(mark - 2, top - 4, mark + 3, top + _BAR + 4, _THEIRS)
        text(max(end, mark) + 8, middle, bars.said(value), "lm")
    made = io.BytesIO()
    image.save(made, "PNG", optimize=True)
    return made.getvalue()
