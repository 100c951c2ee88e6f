"""A risk matrix: likelihood (the index) against impact (people of a group), in 9 or 25 cells.

Likelihood and impact stay two things: areas are put into classes on each and crossed, never added
or multiplied into one number.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from exclusion_map.errors import InvalidRequestError
from exclusion_map.targeting.matrix_cells import Cell, CellId
from exclusion_map.targeting.matrix_cuts import (
    SIZES,
    CutRule,
    Cuts,
    cut,
    own_lines,
)
from exclusion_map.targeting.matrix_impact import Impact
from exclusion_map.targeting.sharing_units import Units

Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]


class Measure(StrEnum):
    """How impact is counted."""

    COUNT = "count"
    SHARE = "share"

    @property
    def label(self) -> str:
        """The words people see."""
        return "how many they are" if self is Measure.COUNT else "their share of all (per cent)"


class Compared(StrEnum):
    """Areas that class limits are based on."""

    PLACE = "place"
    EVERYWHERE = "everywhere"

    @property
    def label(self) -> str:
        """The words people see."""
        return "areas of the place" if self is Compared.PLACE else "all areas of the edition"


@dataclass(frozen=True, kw_only=True)
class MatrixQuestion:
    """How a matrix is made.

    Attributes:
        size: classes of each axis: 3 or 5.
        cuts: of an axis without lines of its own.
        likelihood_edges: lines of the score, 0 to 100; empty for none.
        impact_edges: lines of the impact; empty for none.
        measure: how impact is counted.
        compared: among which areas classes are cut.
    """

    size: int = 3
    cuts: CutRule = CutRule.AREAS
    likelihood_edges: tuple[float, ...] = ()
    impact_edges: tuple[float, ...] = ()
    measure: Measure = Measure.COUNT
    compared: Compared = Compared.PLACE

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if self.size not in SIZES:
            raise InvalidRequestError("size", found=f"{self.size}", expected="3 or 5")


@dataclass(frozen=True, eq=False, kw_only=True)
class Matrix:
    """Areas crossed by likelihood and impact; arrays of (n,) units.

    Attributes:
        question: how it was made.
        impact: who would be hit.
        units: the areas.
        score: mean score of residents, NaN for none.
        group: people of the group, NaN where it is not known of every small area inside.
        value: what the classes of impact are cut by: the count, or the share in per cent.
        people: residents.
        likelihood: class from 1; 0 = no score.
        impact_class: class from 1; 0 = not known.
        likelihood_cuts: lines of the score.
        impact_cuts: lines of the impact.
    """

    question: MatrixQuestion
    impact: Impact
    units: Units
    score: Floats
    group: Floats
    value: Floats
    people: Floats
    likelihood: Bytes
    impact_class: Bytes
    likelihood_cuts: Cuts
    impact_cuts: Cuts

    @property
    def size(self) -> int:
        """Classes of each axis."""
        return self.question.size

    @cached_property
    def cell(self) -> Bytes:
        """(n,) number of the cell, 1 for the lowest of both, size x size for the highest; 0 none.

        It is size x (likelihood - 1) + impact.
        """
        known = (self.likelihood > 0) & (self.impact_class > 0)
        number = self.size * (self.likelihood.astype(int) - 1) + self.impact_class
        return np.where(known, number, 0).astype(np.uint8)

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """All cells, in the order of their numbers."""
        count = self.size**2 + 1
        areas = np.bincount(self.cell, minlength=count)
        people = np.bincount(self.cell, weights=np.nan_to_num(self.people), minlength=count)
        group = np.bincount(self.cell, weights=np.nan_to_num(self.group), minlength=count)
        return tuple(
            Cell(self.id_of(one), int(areas[one]), float(people[one]), float(group[one]))
            for one in range(1, count)
        )

    @property
    def missing(self) -> Cell:
        """Areas without a score or without a known impact: they are in no cell."""
        out = self.cell == 0
        people, group = np.nansum(self.people[out]), np.nansum(self.group[out])
        return Cell(CellId(0, 0), int(out.sum()), float(people), float(group))

    def id_of(self, number: int) -> CellId:
        """Return a cell by its number from 1."""
        likelihood, impact = divmod(number - 1, self.size)
        return CellId(likelihood + 1, impact + 1)

    def number_of(self, cell: CellId) -> int:
        """Return the number of a cell."""
        return self.size * (cell.likelihood - 1) + cell.impact

    def at(self, cell: CellId) -> Cell:
        """Return what lies in a cell."""
        return self.cells[self.number_of(cell) - 1]

    def chosen(self, cells: Iterable[CellId]) -> npt.NDArray[np.int64]:
        """Return rows of the areas in some cells, highest classes and most people first."""
        rows = np.flatnonzero(np.isin(self.cell, [self.number_of(one) for one in cells]))
        both = self.likelihood[rows].astype(int) + self.impact_class[rows]
        keys = (-np.nan_to_num(self.group[rows]), -self.likelihood[rows].astype(int), -both)
        return rows[np.lexsort(keys)]


def matrix_of(
    units: Units,
    score: Floats,
    population: Floats,
    impact: Impact,
    question: MatrixQuestion,
    everywhere: Units | None = None,
) -> Matrix:
    """Return areas crossed by likelihood and impact.

    Args:
        units: the areas.
        score: (small areas,) risk, 0 to 100, NaN for none.
        population: (small areas,) residents.
        impact: of the small areas.
        question: how to make it.
        everywhere: all areas of the kind, where classes are cut among them.

    Raises:
        InvalidRequestError: no area has a score, or none a known impact; or lines do not fit.
    """
    measured = _measured(units, score, population, impact, question.measure)
    among = measured
    if everywhere is not None and question.compared is Compared.EVERYWHERE:
        among = _measured(everywhere, score, population, impact, question.measure)
    likelihood = _cuts("likelihood", question.likelihood_edges, among.score, among.people, question)
    of_impact = _cuts("impact", question.impact_edges, among.value, among.people, question)
    return Matrix(
        question=question,
        impact=impact,
        units=units,
        score=measured.score,
        group=measured.group,
        value=measured.value,
        people=measured.people,
        likelihood=likelihood.classes(measured.score),
        impact_class=of_impact.classes(measured.value),
        likelihood_cuts=likelihood,
        impact_cuts=of_impact,
    )


def _cuts(
    axis: str, edges: Sequence[float], values: Floats, people: Floats, question: MatrixQuestion
) -> Cuts:
    if edges:
        return own_lines(edges, question.size, axis)
    if question.cuts is CutRule.FIXED:
        raise InvalidRequestError(
            f"lines of {axis}", found="none", expected=f"{question.size - 1} rising numbers"
        )
    if np.isnan(values).all():
        raise InvalidRequestError(
            axis,
            found=f"no known value in any of the {len(values):,} areas",
            expected="some",
            mend="Choose another group or index, or another place.",
        )
    return cut(values, people, question.cuts, question.size)


@dataclass(frozen=True, eq=False)
class _Measured:
    score: Floats
    group: Floats
    value: Floats
    people: Floats


def mean_score(units: Units, score: Floats, population: Floats) -> Floats:
    """Return (n,) mean score of the residents of each unit, over small areas that have one."""
    people = np.where(np.isnan(score), 0.0, np.nan_to_num(population))
    total = units.summed(people)
    summed = units.summed(people * np.nan_to_num(score))
    mean: Floats = np.divide(summed, total, out=np.full(len(units), np.nan), where=total > 0)
    return mean


def _measured(
    units: Units, score: Floats, population: Floats, impact: Impact, measure: Measure
) -> _Measured:
    # A sum over small areas of which some are not known would read as too low: it is missing.
    whole = units.summed(np.isnan(impact.count).astype(np.float64)) == 0
    group = np.where(whole, units.summed(impact.count), np.nan)
    base = units.summed(impact.base)
    share = np.divide(100 * group, base, out=np.full(len(units), np.nan), where=base > 0)
    return _Measured(
        score=mean_score(units, score, population),
        group=group,
        value=group if measure is Measure.COUNT else share,
        people=units.summed(population),
    )
