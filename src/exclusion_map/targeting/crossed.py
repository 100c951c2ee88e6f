"""Risk beside access, or beside capacity, in three classes each: nine classes, never one number."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]

RISK_WORDS = ("Highest-risk fifth", "Next three tenths", "Lower-risk half")
_RISK_ENDS = (2, 5, 10)
"""Last tenth of each class of risk."""


def risk_class(decile: Bytes) -> Bytes:
    """Return (n,) 1 for the highest-risk fifth of people, 2 the next three tenths, 3 the rest."""
    found = 1 + np.searchsorted(np.array(_RISK_ENDS), decile, side="left")
    return np.where(decile > 0, found, 0).astype(np.uint8)


def way_class(way: Floats, threshold: float) -> Bytes:
    """Return (n,) 1 beyond twice the threshold, 2 beyond it, 3 within it; 0 unknown."""
    found = np.select([way > 2 * threshold, way > threshold, way >= 0], [1, 2, 3], default=0)
    return found.astype(np.uint8)


def capacity_class(per_10000: Floats, population: Floats) -> tuple[Bytes, tuple[float, float]]:
    """Return (n,) 1 for the third of people with least in reach, 3 for that with most; the edges.

    Thirds hold a third of the people each, ties together in the lower one; 0 = unknown.
    """
    known = ~np.isnan(per_10000)
    order = np.argsort(per_10000[known], kind="stable")
    values, people = per_10000[known][order], np.nan_to_num(population[known])[order]
    if not len(values) or not people.sum():
        return np.zeros(len(per_10000), dtype=np.uint8), (np.nan, np.nan)
    reached = np.cumsum(people) / people.sum()
    low, high = (float(values[np.searchsorted(reached, part - 1e-12)]) for part in (1 / 3, 2 / 3))
    found = np.select([per_10000 <= low, per_10000 <= high, known], [1, 2, 3], default=0)
    return found.astype(np.uint8), (low, high)


def crossed(risk: Bytes, other: Bytes) -> Bytes:
    """Return (n,) one of nine classes from 1, row by row of risk; 0 where either is unknown."""
    both = (risk > 0) & (other > 0)
    return np.where(both, 3 * (risk.astype(int) - 1) + other, 0).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Cell:
    """One of nine classes: areas and people in it."""

    areas: int
    people: float


def cells(classes: Bytes, population: Floats) -> tuple[Cell, ...]:
    """Return the nine cells in order."""
    areas = np.bincount(classes, minlength=10)
    people = np.bincount(classes, weights=np.nan_to_num(population), minlength=10)
    return tuple(Cell(int(areas[one]), float(people[one])) for one in range(1, 10))
