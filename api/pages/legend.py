"""The legend as a histogram in words: how many areas and people fall in each class."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.pages import words
from api.pages.areas import Bounds, rows_in_bounds
from api.pages.layers import Layer
from exclusion_map.areas.atlas import Level
from exclusion_map.maps import palette

CLASSES = 11
"""Ten tenths, and 0 for no data."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """Areas and people by class; position 0 counts areas without data, position d decile d."""

    areas: tuple[int, ...]
    people: tuple[int, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LegendRow:
    """One class of the legend."""

    number: int
    """1 = the first; 0 = no data."""
    colour: str
    label: str
    areas: int
    words: str
    width: float
    """Length of the bar, 0 to 100; the longest bar is 100."""


@dataclass(frozen=True, slots=True)
class Legend:
    """The legend of one layer for one level."""

    id: str
    title: str
    note: str
    scope: str
    rows: tuple[LegendRow, ...]


def histogram(
    level: Level, classes: NDArray[np.uint8], bounds: Bounds | None = None, count: int = CLASSES
) -> Histogram:
    """Return how many areas and people are in each class, all of them or those inside bounds.

    Args:
        level: n areas.
        classes: (n,) the class of each, 0 = no data.
        bounds: west, south, east, north; everywhere for None.
        count: how many classes there are, that of no data included.
    """
    inside = np.ones(len(level), bool) if bounds is None else rows_in_bounds(level, bounds)
    held = classes[inside]
    areas = np.bincount(held, minlength=count)
    people = np.bincount(held, weights=np.nan_to_num(level.population[inside]), minlength=count)
    return Histogram(
        tuple(int(each) for each in areas),
        tuple(round(each) for each in people),
        tuple(_words(int(a), float(p)) for a, p in zip(areas, people, strict=True)),
    )


def legend(layer: Layer, level: Level, classes: NDArray[np.uint8]) -> Legend:
    """Return the legend of a layer for a whole level, no data last."""
    counts = histogram(level, classes, count=len(layer.colours) + 1)
    most = max(1, *counts.areas[1:])
    shown = zip(layer.labels, layer.colours, strict=True)
    named = [*enumerate(shown, start=1), (0, ("No data", palette.MISSING_COLOUR))]
    rows = tuple(
        LegendRow(
            number,
            colour,
            text,
            counts.areas[number],
            counts.words[number],
            round(100 * counts.areas[number] / most, 2),
        )
        for number, (text, colour) in named
    )
    return Legend(layer.id, layer.title, layer.note, level.kind.label_plural, rows)


def _words(areas: int, people: float) -> str:
    if not areas:
        return "none"
    if people >= 1_000_000:
        shown = f"{people / 1_000_000:.1f}m"
    elif people >= 10_000:
        shown = f"{people / 1000:.0f}k"
    else:
        shown = words.about(people).removeprefix("about ")
    return f"{areas:,} {'area' if areas == 1 else 'areas'}, {shown} people"
