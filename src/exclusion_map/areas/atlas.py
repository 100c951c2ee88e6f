"""The read model of all areas of an edition: plain arrays, one level per kind, one row per area.

The row number is the area's feature id in the tiles and its position in every array of values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from exclusion_map.errors import NotFoundError
from exclusion_map.index import Composite
from exclusion_map.terms import LARGER_KINDS, AreaKind

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int32]
Text = tuple[str, ...]

OUTSIDE = -1
"""Row number that means "in none of them"."""

# Neighbourhoods and wards are defined independently: neither is a parent of the other.
_NOT_NESTED = {(AreaKind.NEIGHBOURHOOD, AreaKind.WARD)}
# A larger area is the parent of another if it contains at least this share of its small areas.
_HOLDS = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """All areas of one kind. Arrays have one entry per area, in feature order."""

    kind: AreaKind
    codes: Text
    names: Text
    labels: Text
    """Display names: for a small area, its neighbourhood with the official name."""
    nations: Text
    population: Floats
    households: Floats
    longitude: Floats
    latitude: Floats
    bbox: Floats
    """Shape (n, 4): west, south, east, north."""
    parents: Mapping[AreaKind, Rows]
    """For each larger kind, the row of the area that contains each area; ``OUTSIDE`` for none."""
    small_areas: Rows
    """Number of small areas in each area."""
    rural_urban: Text = ()
    welsh_names: Text = ()
    position: Mapping[str, int] = field(repr=False)

    def __len__(self) -> int:
        return len(self.codes)

    def index_of(self, code: str) -> int:
        """Return the row of an area.

        Raises:
            NotFoundError: this level has no area with that code.
        """
        try:
            return self.position[code]
        except KeyError:
            raise NotFoundError(
                f"{self.kind.label} {code!r}",
                found="no such code",
                expected=f"a code such as {self.codes[0]}",
            ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreSet:
    """Scores of one index for one kind of area; arrays of shape (n,) in feature order."""

    score: Floats
    rank: Rows
    """1 = highest risk; 0 = no score."""
    decile: npt.NDArray[np.uint8]
    """1 = highest-risk tenth; 0 = no score."""
    ranked: int
    data_share: Floats
    worst_tenth_share: Floats
    """Share of people who live in small areas of decile 1; NaN for small areas themselves."""

    @classmethod
    def of_small_areas(cls, composite: Composite) -> "ScoreSet":
        """Return the scores of a composite index of small areas."""
        return cls(
            score=composite.score,
            rank=composite.rank,
            decile=composite.decile,
            ranked=int((composite.rank > 0).sum()),
            data_share=composite.data_share,
            worst_tenth_share=np.full(len(composite.score), np.nan),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorValues:
    """Indicators of one kind of area; arrays of shape (n, k), NaN = missing."""

    ids: Text
    value: Floats
    numerator: Floats
    denominator: Floats
    quality: npt.NDArray[np.uint8]
    """Index into ``qualities``."""
    qualities: Text

    def column(self, indicator: str) -> int:
        """Return the column of an indicator; raise ValueError if there is none."""
        return self.ids.index(indicator)


@dataclass(frozen=True, kw_only=True)
class Atlas:
    """All levels of an edition with their scores and indicators."""

    levels: Mapping[AreaKind, Level]
    scores: Mapping[tuple[str, AreaKind], ScoreSet]
    indicators: Mapping[AreaKind, IndicatorValues]

    def _place(self, code: str) -> tuple[Level, int] | None:
        # Looked up level by level: one table of all codes would take the most memory of all.
        wanted = code.strip().upper()
        for level in reversed(list(self.levels.values())):
            row = level.position.get(wanted)
            if row is not None:
                return level, row
        return None

    def has(self, code: str) -> bool:
        """Return whether there is an area with that code, ignoring case and spaces."""
        return self._place(code) is not None

    def find(self, code: str) -> tuple[Level, int]:
        """Return the level and row of an area of any kind, ignoring case and spaces.

        Raises:
            NotFoundError: there is no area with that code.
        """
        place = self._place(code)
        if place is None:
            raise NotFoundError(
                f"area {code!r}",
                found="no area of that code in this edition",
                expected=f"a code such as {self.levels[AreaKind.SMALL_AREA].codes[0]}",
                mend="Look the place up by name or postcode: /search",
            )
        return place

    def level(self, kind: AreaKind) -> Level:
        """Return a level.

        Raises:
            NotFoundError: the edition has no such level.
        """
        try:
            return self.levels[kind]
        except KeyError:
            raise NotFoundError(
                f"kind {kind.value!r}",
                found="no areas of that kind in this edition",
                expected=f"one of: {', '.join(self.levels)}",
            ) from None

    def score_set(self, index: str, kind: AreaKind) -> ScoreSet:
        """Return the scores of an index for one kind.

        Raises:
            NotFoundError: the edition has no such index or level.
        """
        try:
            return self.scores[index, kind]
        except KeyError:
            held = sorted({identity for identity, _ in self.scores})
            raise NotFoundError(
                f"index {index!r} for kind {kind.value!r}",
                found="no such scores in this edition",
                expected=f"index one of: {', '.join(held)}; kind one of: {', '.join(self.levels)}",
            ) from None

    @cached_property
    def _members(self) -> dict[AreaKind, tuple[Rows, Rows]]:
        """For each larger kind: small-area rows grouped by area, and the start of each group."""
        grouped = {}
        for kind, parent in self.levels[AreaKind.SMALL_AREA].parents.items():
            if kind not in self.levels:
                continue
            order = np.argsort(parent, kind="stable").astype(np.int32)
            bounds = np.arange(len(self.levels[kind]) + 1)
            starts = np.searchsorted(parent[order], bounds).astype(np.int32)
            grouped[kind] = (order, starts)
        return grouped

    def members(self, level: Level, row: int) -> Rows:
        """Return the rows of the small areas in an area."""
        if level.kind is AreaKind.SMALL_AREA:
            return np.array([row], dtype=np.int32)
        order, starts = self._members[level.kind]
        rows: Rows = order[starts[row] : starts[row + 1]]
        return rows

    def within(self, kind: AreaKind, level: Level, row: int) -> Rows:
        """Return the sorted rows of the areas of ``kind`` that share a small area with an area.

        Areas that cross its border are included: wards and health areas do not always nest.
        """
        members = self.members(level, row)
        if kind is AreaKind.SMALL_AREA:
            return np.sort(members)
        rows = np.unique(self.level(AreaKind.SMALL_AREA).parents[kind][members])
        inside: Rows = rows[rows != OUTSIDE]
        return inside


def parents_of_larger(
    kind: AreaKind, count: int, small: Mapping[AreaKind, Rows]
) -> dict[AreaKind, Rows]:
    """Return, for each larger kind, the area that contains (nearly) all of each area of ``kind``.

    Args:
        kind: kind of area.
        count: number of areas of ``kind``.
        small: for each kind, the row of the area that contains each small area, (small areas,).
    """
    parents: dict[AreaKind, Rows] = {}
    order: list[AreaKind] = list(LARGER_KINDS)
    own = small[kind]
    sizes = np.bincount(own[own != OUTSIDE], minlength=count)
    for other in order[order.index(kind) + 1 :]:
        if other not in small or (kind, other) in _NOT_NESTED:
            continue
        both = (own != OUTSIDE) & (small[other] != OUTSIDE)
        # Pairs of rows as one integer, because sorting integers is much faster than sorting pairs.
        many = int(small[other].max(initial=0)) + 1
        pairs, shared = np.unique(
            own[both].astype(np.int64) * many + small[other][both], return_counts=True
        )
        inner, outer = np.divmod(pairs, many)
        held = shared >= _HOLDS * sizes[inner]
        rows = np.full(count, OUTSIDE, dtype=np.int32)
        rows[inner[held]] = outer[held]
        parents[other] = rows
    return parents
