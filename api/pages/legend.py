"""The legend as a histogram in words: how many areas and people fall in each class."""

from dataclasses import dataclass

import numpy as np

from api.pages import words
from api.pages.areas import Bounds, rows_in_bounds
from exclusion_map.areas.atlas import Level, ScoreSet

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

    decile: int
    label: str
    areas: int
    words: str
    width: float
    """Length of the bar, 0 to 100; the longest bar is 100."""


@dataclass(frozen=True, slots=True)
class Legend:
    """The legend of one level."""

    scope: str
    rows: tuple[LegendRow, ...]


def histogram(level: Level, scores: ScoreSet, bounds: Bounds | None = None) -> Histogram:
    """Return how many areas and people are in each class, all of them or those inside bounds."""
    inside = np.ones(len(level), bool) if bounds is None else rows_in_bounds(level, bounds)
    decile = scores.decile[inside]
    areas = np.bincount(decile, minlength=CLASSES)
    people = np.bincount(decile, weights=np.nan_to_num(level.population[inside]), minlength=CLASSES)
    return Histogram(
        tuple(int(each) for each in areas),
        tuple(round(each) for each in people),
        tuple(_words(int(a), float(p)) for a, p in zip(areas, people, strict=True)),
    )


def legend(level: Level, scores: ScoreSet) -> Legend:
    """Return the legend of a whole level, no data last."""
    counts = histogram(level, scores)
    most = max(1, *counts.areas[1:])
    order = [*range(1, CLASSES), 0]
    rows = tuple(
        LegendRow(
            d, label(d), counts.areas[d], counts.words[d], round(100 * counts.areas[d] / most, 2)
        )
        for d in order
    )
    return Legend(level.kind.label_plural, rows)


def label(decile: int) -> str:
    """Return the name of a class."""
    ends = {0: "No data", 1: "1 highest risk", 10: "10 lowest risk"}
    return ends.get(decile, str(decile))


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
