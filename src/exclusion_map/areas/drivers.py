"""What drives an area's score: the contributions of the index's indicators."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from exclusion_map.areas.atlas import Atlas, Floats, Level, Rows, Text
from exclusion_map.index import Definition, ValueTable, compose
from exclusion_map.terms import AreaKind, Direction


@dataclass(frozen=True, slots=True)
class Contributions:
    """Points of the score by indicator; ``points`` has shape (small areas, indicators)."""

    indicators: Text
    points: Floats

    def of(self, atlas: Atlas, level: Level, row: int) -> Floats:
        """Return the points of one area, shape (k,), NaN where it has none.

        For a larger area: the mean over its small areas, weighted by the people who live in them.
        """
        people = np.nan_to_num(atlas.level(AreaKind.SMALL_AREA).population)
        return self.over(atlas.members(level, row), people)

    def over(self, rows: Rows, people: Floats) -> Floats:
        """Return the points (k,) of small areas together, weighted by their people (n,).

        Areas without points, or without people, are left out; NaN where none is left.
        """
        points, weights = self.points[rows], people[rows]
        known = ~np.isnan(points).any(axis=1) & (weights > 0)
        if not known.any():
            return np.full(len(self.indicators), np.nan)
        mean: Floats = np.average(points[known], axis=0, weights=weights[known])
        return mean


def value_table(atlas: Atlas, directions: Mapping[str, Direction]) -> ValueTable:
    """Return the indicators of the small areas, ready for any definition."""
    small = atlas.level(AreaKind.SMALL_AREA)
    held = atlas.indicators[AreaKind.SMALL_AREA]
    return ValueTable(
        codes=np.array(small.codes),
        indicators=held.ids,
        values=held.value,
        population=np.nan_to_num(small.population),
        directions=tuple(directions[identity] for identity in held.ids),
    )


def contributions(
    atlas: Atlas, definition: Definition, directions: Mapping[str, Direction]
) -> Contributions:
    """Return what each indicator of a definition adds to each small area's score.

    Raises:
        DefinitionError: the definition asks for indicators the edition does not hold.
    """
    composite = compose(definition, value_table(atlas, directions))
    return Contributions(composite.indicators, composite.contributions)
