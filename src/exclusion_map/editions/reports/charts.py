"""The charts of a report as SVG: each with a title, a description, and a table beside it.

Attributes stand in the elements and no style does, so that a strict policy of a site lets them be.
"""

import textwrap
from collections.abc import Sequence
from html import escape
from typing import Final

from exclusion_map.editions.reports.model import DriverPart, PlaceReport, TenthPart
from exclusion_map.maps.palette import DECILE_COLOURS

WIDTH: Final = 440
INK, QUIET, RULE = "#1d1a24", "#4c4656", "#75727f"
RAISES, LOWERS = "#972b6a", "#2f6f73"
_FONT: Final = 'font-family="system-ui, sans-serif" font-size="13"'
_LABEL, _ROW = 200, 26
_PLACE, _LETTERS = 38, 25
"""Height of a place in the chart of scores; letters that fit a line of its name."""


def tenths_svg(key: str, name: str, tenths: Sequence[TenthPart]) -> str:
    """Return how many people live in each tenth of risk, against a tenth in each."""
    shares = [100 * (one.share or 0.0) for one in tenths]
    most = max(20.0, *shares)
    height, floor, step = 210, 150, (WIDTH - 50) / 10
    scale = (floor - 24) / most
    even = floor - 10 * scale
    # Below bars and words, so that it crosses out no number.
    parts = [
        f'<line x1="36" y1="{even:.1f}" x2="{WIDTH - 8}" y2="{even:.1f}" stroke="{INK}" '
        'stroke-dasharray="4 3"/>'
    ]
    for at, (share, one) in enumerate(zip(shares, tenths, strict=True)):
        x, tall = 40 + at * step, share * scale
        colour = DECILE_COLOURS[one.tenth - 1]
        parts.append(
            f'<rect x="{x + 4:.1f}" y="{floor - tall:.1f}" width="{step - 8:.1f}" '
            f'height="{tall:.1f}" fill="{colour}" stroke="{RULE}" stroke-width="1"/>'
        )
        said = f"{share:.0f}%"
        parts.append(
            f'<rect x="{x + step / 2 - 4 * len(said) - 1:.1f}" y="{floor - tall - 18:.1f}" '
            f'width="{8 * len(said) + 2}" height="16" fill="#ffffff"/>'
        )
        parts.append(_text(x + step / 2, floor - tall - 6, said, anchor="middle"))
        parts.append(_text(x + step / 2, floor + 18, str(one.tenth), anchor="middle"))
    parts.append(_text(40, floor + 38, "Most risk", colour=QUIET))
    parts.append(_text(WIDTH - 12, floor + 38, "Least risk", anchor="end", colour=QUIET))
    parts.append(_text(40, floor + 56, "Dashed line: 10%, as everywhere", colour=QUIET))
    told = "; ".join(
        f"{one.tenth}: {share:.0f}%" for one, share in zip(tenths, shares, strict=True)
    )
    desc = f"Share of people in each tenth of risk, 1 being the most risk. {told}."
    return _svg(key, f"People by tenth of risk in {name}", desc, WIDTH, height, parts)


def drivers_svg(key: str, name: str, drivers: Sequence[DriverPart]) -> str:
    """Return what each figure adds to the score, as bars from the middle."""
    reach = max((abs(one.points) for one in drivers), default=0.0) or 1.0
    middle, half = _LABEL + (WIDTH - _LABEL) / 2, (WIDTH - _LABEL) / 2 - 44
    parts = []
    for at, one in enumerate(drivers):
        y, wide = 8 + at * _ROW, half * abs(one.points) / reach
        raises = one.points > 0
        parts.append(_text(0, y + 14, one.label))
        parts.append(
            f'<rect x="{middle if raises else middle - wide:.1f}" y="{y}" width="{wide:.1f}" '
            f'height="18" fill="{RAISES if raises else LOWERS}"/>'
        )
        x = middle + wide + 5 if raises else middle - wide - 5
        anchor = "start" if raises else "end"
        parts.append(_text(x, y + 14, signed(one.points), anchor=anchor))
    foot = 8 + len(drivers) * _ROW
    parts.append(f'<line x1="{middle:.1f}" y1="0" x2="{middle:.1f}" y2="{foot}" stroke="{INK}"/>')
    parts.append(_text(middle - 8, foot + 16, "lowers the risk", anchor="end", colour=QUIET))
    parts.append(_text(middle + 8, foot + 16, "raises the risk", colour=QUIET))
    told = "; ".join(f"{one.label} {signed(one.points)}" for one in drivers)
    desc = f"Points of the score that each figure adds, from the middle of all areas. {told}."
    return _svg(key, f"What moves the risk in {name}", desc, WIDTH, foot + 26, parts)


def scores_svg(key: str, places: Sequence[PlaceReport]) -> str:
    """Return the scores of places with their ranges, on one line from 0 to 100."""
    left, right = _LABEL + 16, WIDTH - 24

    def x(score: float) -> float:
        return left + (right - left) * score / 100

    foot, parts = 10 + len(places) * _PLACE, []
    for tick in range(0, 101, 25):
        parts.append(
            f'<line x1="{x(tick):.1f}" y1="4" x2="{x(tick):.1f}" y2="{foot}" stroke="#d8d5de"/>'
        )
        parts.append(_text(x(tick), foot + 16, str(tick), anchor="middle", colour=QUIET))
    said = []
    for at, place in enumerate(places):
        y, score = 24 + at * _PLACE, place.score
        name = place.name.removeprefix("NHS ").removesuffix(" Integrated Care Board")
        lines = textwrap.wrap(name, _LETTERS, max_lines=2, placeholder="…")
        first = y + 4 - 8 * (len(lines) - 1)
        parts += [_text(0, first + 16 * down, line) for down, line in enumerate(lines)]
        if score.score is None:
            parts.append(_text(left, y + 4, "no data", colour=QUIET))
            said.append(f"{place.name}: no data")
            continue
        low = score.score if score.score_low is None else score.score_low
        high = score.score if score.score_high is None else score.score_high
        parts.append(
            f'<line x1="{x(low):.1f}" y1="{y}" x2="{x(high):.1f}" y2="{y}" stroke="{RAISES}" '
            'stroke-width="4" stroke-linecap="round"/>'
            f'<circle cx="{x(score.score):.1f}" cy="{y}" r="6" fill="{INK}"/>'
        )
        said.append(f"{place.name}: {score.score:.0f}, from {low:.0f} to {high:.0f}")
    parts.append(_text(right, foot + 34, "more risk to the right", anchor="end", colour=QUIET))
    desc = f"Risk scores from 0 to 100 with their ranges. {'; '.join(said)}."
    return _svg(key, "Risk scores side by side", desc, WIDTH, foot + 44, parts)


def signed(points: float) -> str:
    """Return points of a score with a sign, which is a true minus: it is read out; none for 0."""
    rounded = round(points, 1) + 0.0
    return "0.0" if rounded == 0 else f"{rounded:+.1f}".replace("-", "−")


def _svg(key: str, title: str, desc: str, width: int, height: float, parts: Sequence[str]) -> str:
    return (
        f'<svg class="em-rep-chart" xmlns="http://www.w3.org/2000/svg" role="img" '
        f'aria-labelledby="{key}-t {key}-d" viewBox="0 0 {width} {height:.0f}" width="{width}" '
        f'height="{height:.0f}"><title id="{key}-t">{escape(title)}</title>'
        f'<desc id="{key}-d">{escape(desc)}</desc>{"".join(parts)}</svg>'
    )


def _text(x: float, y: float, words: str, *, anchor: str = "start", colour: str = INK) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" {_FONT}>'
        f"{escape(words)}</text>"
    )
