"""Summaries of local patterns: by council, and as clusters of adjoining areas."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import Atlas, Floats, Rows
from exclusion_map.areas.hotspots import Pattern
from exclusion_map.geography.contiguity import Contiguity
from exclusion_map.terms import AreaKind

Patterns = npt.NDArray[np.uint8]

TELLING = (Pattern.HIGH_HIGH, Pattern.HIGH_LOW, Pattern.LOW_HIGH, Pattern.LOW_LOW)
"""The significant patterns, those of higher risk first."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Numbers of small areas and people."""

    areas: int
    people: float


@dataclass(frozen=True, slots=True)
class GroupTally:
    """The patterns inside one larger area.

    Attributes:
        row: row of the larger area.
        counts: counts by pattern, in the order of ``TELLING``.
    """

    row: int
    counts: Mapping[Pattern, Tally]


@dataclass(frozen=True, eq=False)
class Cluster:
    """A connected group of small areas with the same pattern.

    Attributes:
        rows: sorted rows of the small areas.
        people: number of residents.
        score: population-weighted mean score.
        share: share of its people by row of the local authority, largest first.
    """

    rows: Rows
    people: float
    score: float
    share: Mapping[int, float]


def tally(pattern: Patterns, people: Floats, rows: Rows | None = None) -> dict[Pattern, Tally]:
    """Return the numbers of areas and people by pattern, among some rows or all."""
    held = pattern if rows is None else pattern[rows]
    lived = np.nan_to_num(people if rows is None else people[rows])
    areas = np.bincount(held, minlength=len(Pattern))
    living = np.bincount(held, weights=lived, minlength=len(Pattern))
    return {one: Tally(int(areas[one]), float(living[one])) for one in Pattern}


def by_larger(
    atlas: Atlas, pattern: Patterns, kind: AreaKind = AreaKind.LOCAL_AUTHORITY
) -> list[GroupTally]:
    """Return the patterns inside each area of a larger kind that has any.

    Sorted by the people in areas of higher risk among higher risk, most first.
    """
    small, level = atlas.level(AreaKind.SMALL_AREA), atlas.level(kind)
    found = []
    for row in range(len(level)):
        counts = tally(pattern, small.population, atlas.members(level, row))
        told = {one: counts[one] for one in TELLING}
        if any(each.areas for each in told.values()):
            found.append(GroupTally(row, told))
    return sorted(found, key=lambda one: [-one.counts[each].people for each in TELLING])


def clusters(
    atlas: Atlas, pattern: Patterns, score: Floats, borders: Contiguity, wanted: Pattern
) -> list[Cluster]:
    """Return the clusters of a pattern, the most populous first; single areas are clusters too.

    Args:
        atlas: the areas.
        pattern: (n,) a `Pattern` number for each small area.
        score: (n,)
        borders: which small areas touch.
        wanted: the pattern.
    """
    mask = pattern == wanted
    rows = np.flatnonzero(mask).astype(np.int32)
    groups = _touching(borders.among(mask))
    small = atlas.level(AreaKind.SMALL_AREA)
    people = np.nan_to_num(small.population)
    council = small.parents.get(AreaKind.LOCAL_AUTHORITY)
    found = []
    for group in groups:
        at = rows[group]
        living = float(people[at].sum())
        shares: dict[int, float] = {}
        if council is not None and living > 0:
            homes = np.bincount(council[at], weights=people[at])
            order = np.argsort(-homes, kind="stable")
            shares = {int(one): float(homes[one] / living) for one in order if homes[one] > 0}
        mean = float(score[at] @ people[at] / living) if living > 0 else float("nan")
        found.append(Cluster(np.sort(at), living, mean, shares))
    return sorted(found, key=lambda one: (-one.people, int(one.rows[0])))


def _touching(borders: Contiguity) -> list[Rows]:
    """Return the connected parts of a contiguity, each as rows."""
    seen = np.zeros(len(borders), dtype=np.bool_)
    parts = []
    for start in range(len(borders)):
        if seen[start]:
            continue
        seen[start] = True
        part, waiting = [start], [start]
        while waiting:
            near = borders.neighbours(waiting.pop())
            fresh = near[~seen[near]].tolist()
            seen[fresh] = True
            part.extend(fresh)
            waiting.extend(fresh)
        parts.append(np.array(part, dtype=np.int32))
    return parts
