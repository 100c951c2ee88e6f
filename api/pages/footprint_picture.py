"""Pictures of a footprint: tenths beside those of the comparator, and a map of who is missed."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from api.pages import words
from api.pages.target_picture import picture
from api.targets import Base
from exclusion_map.areas.atlas import Atlas
from exclusion_map.editions.footprint import Footprinted
from exclusion_map.targeting.footprint.footprint import Footprint
from exclusion_map.targeting.footprint.neighbourhoods import worst_served
from exclusion_map.terms import AreaKind

COLOURS: Final = ("#eeecf1", "#1f6f8b", "#f2c14e", "#b3261e", "#8d8a96")
"""Told apart in greyscale, too."""
LABELS: Final = (
    "nobody at high risk lives here",
    "people at high risk served as much as others, or more",
    "served less: half of that to all of it",
    "served least: less than half of that",
    "withheld: a small count",
)
_WIDE: Final = 1_500
"""Above so many neighbourhoods a map shows councils."""
_SERVED, _WHOLE = "#5b2a86", "#8d8a96"


@dataclass(frozen=True, slots=True)
class LegendLine:
    """A class of the map in words, and how many areas are in it."""

    colour: str
    words: str
    areas: int


def classes_of(atlas: Atlas, found: Footprint) -> tuple[npt.NDArray[np.uint8], list[LegendLine]]:
    """Return the class (n,) of each small area, by what it lies in, and the legend."""
    held = found.neighbourhoods
    if len(held) > _WIDE and AreaKind.LOCAL_AUTHORITY in atlas.levels:
        held = worst_served(atlas, found.sides, AreaKind.LOCAL_AUTHORITY)
    even = np.divide(held.served, held.expected, out=np.ones(len(held)), where=held.expected > 0)
    of_rows = np.select(
        [np.isnan(held.served), even >= 1, even >= 0.5], [5, 2, 3], default=4
    ).astype(np.uint8)
    small = atlas.level(AreaKind.SMALL_AREA)
    whole = np.ones(len(atlas.level(held.kind)) + 1, dtype=np.uint8)
    whole[held.rows] = of_rows
    nested = held.kind is not AreaKind.SMALL_AREA
    parent = small.parents[held.kind] if nested else np.arange(len(small))
    classes = np.where(found.comparator.inside, whole[parent], 0).astype(np.uint8)
    kind, plural = held.kind, held.kind.label_plural
    return classes, [
        LegendLine(
            colour,
            label if number == 1 else f"{label} ({words.plural(count, kind.label, plural)})",
            count,
        )
        for number, (colour, label) in enumerate(zip(COLOURS, LABELS, strict=True), 1)
        if (count := int((of_rows == number).sum())) or number == 1
    ]


def map_svg(base: Base, told: Footprinted) -> str:
    """Return the map of who is missed as SVG."""
    found = told.found
    classes, _ = classes_of(base.service.edition.atlas, found)
    place = found.comparator
    return picture(
        base,
        place.code,
        classes,
        COLOURS,
        (),
        title=f"Are people at high risk served? {place.name}",
        alt=f"Map of {place.name}: where people at high risk are served. The table names the "
        "neighbourhoods served worst.",
    )


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
