"""Lines over two axes as a small SVG, drawn by hand: text stays text, and a diff can be read."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from tests.benchmarks.bars import COLOURS, FONT

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 360, 70, 24, 66, 48
STEPS = 4


@dataclass(frozen=True)
class Curve:
    """A line through points."""

    label: str
    x: Sequence[float]
    y: Sequence[float]


def curves(title: str, lines: Sequence[Curve], across: str, up: str) -> str:
    """Return lines with a legend, both axes from 0."""
    most_x = max(max(line.x) for line in lines) or 1.0
    most_y = max(max(line.y) for line in lines) or 1.0
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    drawn = []
    for step in range(STEPS + 1):
        x, y = LEFT + wide * step / STEPS, TOP + high - high * step / STEPS
        drawn.append(f'<path d="M{LEFT} {y:.0f}H{WIDTH - RIGHT}" stroke="#d5d5da"/>')
        drawn.append(_text(LEFT - 8, y + 4, f"{most_y * step / STEPS:.3g}", "end"))
        drawn.append(_text(x, HEIGHT - BOTTOM + 18, f"{most_x * step / STEPS:.3g}", "middle"))
    for number, line in enumerate(lines):
        colour = COLOURS[number + 1]
        spots = [
            (LEFT + wide * x / most_x, TOP + high - high * y / most_y)
            for x, y in zip(line.x, line.y, strict=True)
        ]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        drawn += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in spots]
        drawn.append(
            f'<rect x="{8 + 300 * number}" y="34" width="12" height="12" fill="{colour}"/>'
        )
        drawn.append(_text(26 + 300 * number, 45, line.label))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'width="{WIDTH}" height="{HEIGHT}" role="img" {FONT} font-size="13">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
            _text(8, 22, title),
            *drawn,
            _text(WIDTH - RIGHT, HEIGHT - 10, across, "end"),
            _text(8, TOP - 6, up),
            "</svg>\n",
        ]
    )


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" fill="#1d1a24">{escape(text)}</text>'
    )
