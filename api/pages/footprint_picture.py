"""Pictures of a footprint: tenths beside those of the comparator, and a map of who is missed."""

import numpy as np

from exclusion_map.editions.footprint import Footprinted
from exclusion_map.editions.papers.footprint_map import footprint_alt, footprint_map
from exclusion_map.editions.reader import Edition
from exclusion_map.targeting.footprint.footprint import Footprint

_SERVED, _WHOLE = "#5b2a86", "#8d8a96"


def map_svg(edition: Edition, told: Footprinted, *, inside: bool = False) -> str:
    """Return the map of who is missed as an SVG file."""
    return footprint_map(edition, told.found).svg(footprint_alt(told.found), inside=inside)


def ticks_upto(most: float) -> list[int]:
    """Return whole, round per cents from 0 to at least ``most`` per cent, at most six."""
    step = next((one for one in (5, 10, 20) if most <= 5 * one), 20)
    return list(range(0, step * (int(np.ceil(most / step - 1e-9)) + 1), step))


def tenths_svg(found: Footprint) -> str:
    """Return paired bars: share of people served, and of the comparator's, by tenth of risk."""
    shares = [(one.share, one.whole_share) for one in found.tenths]
    top = max([0.15, *(share for pair in shares for share in pair if share == share)])
    ticks = ticks_upto(100 * top)
    top = ticks[-1] / 100
    left, width, height, foot = 44, 716, 220, 250
    step = width / 10
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 770 290" width="770" height="290" '
        'role="img" aria-label="Bars: share of people served and of all people in each tenth of '
        'risk. The table below has the figures." class="em-picture">'
    ]
    for tick in ticks:
        y = foot - height * tick / ticks[-1]
        parts.append(
            f'<line x1="{left}" x2="{left + width}" y1="{y:.1f}" y2="{y:.1f}" stroke="#d8d5de"/>'
            f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end" font-size="12" '
            f'fill="#1d1a24">{tick}%</text>'
        )
    for at, (share, whole) in enumerate(shares):
        x = left + at * step
        if share == share:
            tall = height * share / top
            parts.append(
                f'<rect x="{x + 8:.1f}" y="{foot - tall:.1f}" width="26" height="{tall:.1f}" '
                f'fill="{_SERVED}"/>'
            )
        else:
            parts.append(
                f'<text x="{x + 21:.1f}" y="{foot - 6}" text-anchor="middle" font-size="11" '
                'fill="#1d1a24">few</text>'
            )
        tall = height * whole / top if whole == whole else 0.0
        parts.append(
            f'<rect x="{x + 37:.1f}" y="{foot - tall:.1f}" width="26" height="{tall:.1f}" '
            f'fill="#fff" stroke="{_WHOLE}" stroke-width="2"/>'
            f'<text x="{x + 35:.1f}" y="{foot + 18}" text-anchor="middle" font-size="13" '
            f'fill="#1d1a24">{at + 1}</text>'
        )
    parts.append(
        f'<text x="{left}" y="{foot + 36}" font-size="12" fill="#1d1a24">1 = highest-risk tenth'
        "</text></svg>"
    )
    return "".join(parts)
