"""The map of a footprint: where people at high risk are served, and where they are missed."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from exclusion_map.areas import words
from exclusion_map.areas.atlas import Atlas
from exclusion_map.editions.papers.picture import area_map
from exclusion_map.editions.reader import Edition
from exclusion_map.maps.area_map import AreaMap, Key
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


def footprint_map(edition: Edition, found: Footprint, *, keyed: bool = False) -> AreaMap:
    """Return the map of who is missed."""
    classes, legend = classes_of(edition.atlas, found)
    place = found.comparator
    key = [Key(line.colour, words.upper_first(line.words)) for line in legend]
    return area_map(
        edition,
        place.code,
        classes,
        COLOURS,
        title="" if keyed else f"Are people at high risk served? {place.name}",
        key=key if keyed else (),
    )


def footprint_alt(found: Footprint) -> str:
    """Return what the map shows, in words."""
    return (
        f"Map of {found.comparator.name}: where people at high risk are served. The table names "
        "the neighbourhoods served worst."
    )
