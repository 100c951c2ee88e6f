"""The picture of change: a line for each factor, where it stood and where it stands."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from markupsafe import Markup

from exclusion_map.readiness.canvas import HIGHEST, LOWEST, canvas
from exclusion_map.readiness.comparing import Compared

WIDTH: Final = 640
_LEFT, _RIGHT, _TOP, _LINE = 245.0, 20.0, 44.0, 40.0
_RADIUS: Final = 8.0
_INK, _QUIET, _PAPER = "#1d1a24", "#75727f", "#fff"


def change_svg(compared: Sequence[Compared], before: str, after: str) -> Markup:
    """Return the picture: an empty dot for the earlier round, a filled one for the later.

    It needs no colour, so that it prints in black and white.

    Args:
        compared: each factor.
        before: name of the earlier round.
        after: name of the later one; the same as ``before`` where there is only one round.
    """
    height = _TOP + _LINE * len(compared) + 8
    parts = [
        f'<svg class="em-readiness-picture" viewBox="0 0 {WIDTH} {height:g}" role="img" '
        f'aria-label="{escape(_told(compared, before, after), quote=True)}" '
        'font-family="system-ui, sans-serif" font-size="15">',
        *_scale(height),
    ]
    for number, one in enumerate(compared):
        parts += _line(one, _TOP + _LINE * (number + 0.5))
    return Markup("".join((*parts, "</svg>")))  # noqa: S704 - made here, texts escaped


def _x(rating: int) -> float:
    share = (rating - LOWEST) / (HIGHEST - LOWEST)
    return _LEFT + 30 + share * (WIDTH - _LEFT - _RIGHT - 60)


def _scale(height: float) -> Iterator[str]:
    for step in canvas().step:
        x = _x(step.rating)
        yield (
            f'<path d="M{x:.1f} {_TOP - 6:g}V{height - 8:g}" stroke="{_QUIET}" '
            'stroke-width="1" stroke-dasharray="2 4"/>'
            f'<text x="{x:.1f}" y="16" text-anchor="middle" fill="{_INK}">{step.rating}</text>'
            f'<text x="{x:.1f}" y="32" text-anchor="middle" font-size="13" fill="{_INK}">'
            f"{escape(step.name)}</text>"
        )


def _line(one: Compared, y: float) -> Iterator[str]:
    for row, text in enumerate(lines := _wrapped(one.factor.title)):
        at = y + 5 + (row - (len(lines) - 1) / 2) * 17
        yield f'<text x="0" y="{at:.1f}" fill="{_INK}">{escape(text)}</text>'
    first, last = one.before.rating, one.after.rating
    if first is None and last is None:
        yield f'<text x="{_x(LOWEST) - 8:.1f}" y="{y + 5:.1f}" fill="{_QUIET}">not rated</text>'
        return
    if first is not None and last is not None and first != last:
        yield _arrow(_x(first), _x(last), y)
    if first is not None and first != last:
        yield _dot(_x(first), y, _PAPER)
    if last is not None:
        yield _dot(_x(last), y, _INK)
    if first is not None and first == last:
        # Both at the same step: a ring around the dot says that it was there before.
        yield (
            f'<circle cx="{_x(last):.1f}" cy="{y:.1f}" r="{_RADIUS + 4:g}" fill="none" '
            f'stroke="{_INK}" stroke-width="1.5"/>'
        )


def _dot(x: float, y: float, fill: str) -> str:
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_RADIUS:g}" fill="{fill}" stroke="{_INK}" '
        'stroke-width="2"/>'
    )


def _arrow(start: float, end: float, y: float) -> str:
    way = 1 if end > start else -1
    tip = end - way * (_RADIUS + 2)
    return (
        f'<path d="M{start:.1f} {y:.1f}H{tip:.1f}M{tip - way * 8:.1f} {y - 5:.1f}'
        f'L{tip:.1f} {y:.1f}L{tip - way * 8:.1f} {y + 5:.1f}" fill="none" stroke="{_INK}" '
        'stroke-width="2"/>'
    )


def _wrapped(title: str, longest: int = 32) -> list[str]:
    lines = [""]
    for word in title.split():
        if lines[-1] and len(lines[-1]) + len(word) >= longest:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _told(compared: Sequence[Compared], before: str, after: str) -> str:
    name = canvas().name
    words = "; ".join(
        f"{one.factor.title}: {name(one.before.rating)} to {name(one.after.rating)}"
        for one in compared
    )
    return f"Ratings in {before} and in {after}. {words}. The table says the same."
