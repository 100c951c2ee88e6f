"""What drives an area's score: the contributions of the index's indicators."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from exclusion_map.areas.atlas import Atlas, Floats, Level, Rows, Text
from exclusion_map.areas.on_demand import on_demand
from exclusion_map.areas.value_table import value_table
from exclusion_map.index import Composite, Definition, compose
from exclusion_map.terms import AreaKind, Direction


@dataclass(frozen=True, slots=True)
class Contributions:
    """Points of the score by indicator; ``points`` has shape (small areas, indicators).

    Of very many areas its rows are worked out when they are asked for; see `areas.on_demand`.
    """

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


def contributions(
    atlas: Atlas, definition: Definition, directions: Mapping[str, Direction]
) -> Contributions:
    """Return what each indicator of a definition adds to each small area's score.

    Raises:
        DefinitionError: the definition asks for indicators the edition does not hold.
    """
    return contributions_of(compose(definition, value_table(atlas, directions)))


def contributions_of(composite: Composite) -> Contributions:
    """Return what each indicator adds to each small area's score in an index worked out."""
    return Contributions(composite.indicators, on_demand(composite).contributions)
