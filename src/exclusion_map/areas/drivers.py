"""Drivers of an area's score: the contributions of the indicators."""

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

    With very many areas, rows are computed on demand: see `areas.on_demand`.
    """

    indicators: Text
    points: Floats

    def of(self, atlas: Atlas, level: Level, row: int) -> Floats:
        """Return the points of one area, shape (k,), NaN where missing.

        For a larger area: the population-weighted mean over its small areas.
        """
        people = np.nan_to_num(atlas.level(AreaKind.SMALL_AREA).population)
        return self.over(atlas.members(level, row), people)

    def over(self, rows: Rows, people: Floats) -> Floats:
        """Return the mean points (k,) of small areas, weighted by population (n,).

        Areas without points or people are left out; NaN if none is left.
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
    """Return the contribution of each indicator to each small area's score.

    Raises:
        DefinitionError: the definition uses indicators that the edition does not have.
    """
    return contributions_of(compose(definition, value_table(atlas, directions)))


def contributions_of(composite: Composite) -> Contributions:
    """Return the contribution of each indicator to each small area's score, for a composite."""
    return Contributions(composite.indicators, on_demand(composite).contributions)
