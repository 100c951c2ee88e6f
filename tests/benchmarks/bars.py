"""Stacked bars as a small SVG, drawn by hand: text stays text, and a diff can be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

COLOURS = ("#8a8a94", "#44185a", "#2f6fb0", "#8fc1c9", "#e68a56", "#c9b458")
WIDTH, LEFT, RIGHT, ROW, TOP = 820, 250, 70, 26, 64
FONT = 'font-family="system-ui, sans-serif"'


@dataclass(frozen=True)
class Bar:
    """One bar.

    Attributes:
        group: what several bars have in common; written above the first of them.
        label: what it is.
        parts: its parts in order.
    """

    group: str
    label: str
    parts: Mapping[str, float]


def bars(title: str, rows: Sequence[Bar], parts: Sequence[str]) -> str:
    """Return stacked bars with a legend and the sum at the end of each bar."""
    most = max(sum(row.parts.values()) for row in rows) or 1.0
    scale = (WIDTH - LEFT - RIGHT) / most
    colours = dict(zip(parts, COLOURS, strict=False))
    drawn, y = [], TOP
    for row in rows:
        if row.group:
            y += 8
            drawn.append(_text(8, y + 14, row.group, weight="bold"))
            y += 20
        drawn.append(_text(LEFT - 8, y + 14, row.label, anchor="end"))
        drawn.extend(_bar(row, y, scale, colours))
        y += ROW
    height = y + 12
    legend, x = [], 8
    for part, colour in colours.items():
        legend.append(f'<rect x="{x}" y="34" width="12" height="12" fill="{colour}"/>')
        legend.append(_text(x + 17, 45, part))
        x += 34 + round(6.7 * len(part))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'width="{WIDTH}" height="{height}" role="img" {FONT} font-size="13">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
            _text(8, 22, title, weight="bold"),
            *legend,
            *drawn,
            "</svg>\n",
        ]
    )


def _bar(row: Bar, y: int, scale: float, colours: Mapping[str, str]) -> list[str]:
    drawn, x = [], float(LEFT)
    for part, value in row.parts.items():
        width = max(0.0, value) * scale
        drawn.append(
            f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="18" fill="{colours[part]}">'
            f"<title>{escape(part)}: {value:.1f}</title></rect>"
        )
        x += width
    drawn.append(_text(round(x) + 6, y + 14, f"{sum(row.parts.values()):.0f}"))
    return drawn


def _text(x: int, y: int, text: str, anchor: str = "start", weight: str = "normal") -> str:
    return (
        f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-weight="{weight}" '
        f'fill="#1d1a24">{escape(text)}</text>'
    )
