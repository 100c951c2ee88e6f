"""Who shares: areas of a kind inside a place, or partners with lists of areas that may overlap."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import OUTSIDE, Atlas
from exclusion_map.areas.rollup_answer import listed
from exclusion_map.areas.rollup_places import Gazetteer, Unmatched
from exclusion_map.errors import InvalidRequestError
from exclusion_map.stopping import as_wanted
from exclusion_map.targeting.sharing_reading import Terms, UnitRow
from exclusion_map.terms import AreaKind

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

MOST_LISTED = 500
"""Partners with lists of areas of their own."""


class Overlap(StrEnum):
    """Treatment of people served by several units."""

    SPLIT = "split"
    TWICE = "twice"

    @property
    def label(self) -> str:
        """The words people see."""
        return _OVERLAP[self]


_OVERLAP = {
    Overlap.SPLIT: "split evenly among them",
    Overlap.TWICE: "counted in full for each of them",
}


@dataclass(frozen=True, eq=False, kw_only=True)
class Units:
    """Those among whom something is shared: n units, and the small areas of each.

    Attributes:
        names: of the units.
        codes: area codes; empty text for a partner.
        unit: (m,) of each pair of a unit and a small area, which unit.
        row: (m,) which small area.
        part: (m,) the share of the small area's people that counts for the unit, 0 to 1.
        terms: minimum, maximum, received and own number of each unit, (n,) each.
        shared: people who live in a small area of several units.
        unmatched: of each list, entries that stand for no area.
        notes: what has to be said of how the units were made.
    """

    names: tuple[str, ...]
    codes: tuple[str, ...]
    unit: Rows
    row: Rows
    part: Floats
    terms: Terms
    shared: float = 0.0
    unmatched: Mapping[str, tuple[Unmatched, ...]]
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.names)

    @property
    def keys(self) -> tuple[str, ...]:
        """What tells units apart: code, else name."""
        return tuple(code or name for code, name in zip(self.codes, self.names, strict=True))

    def summed(self, values: Floats) -> Floats:
        """Return (n,) the sum of (small areas,) values over each unit; NaN counts as nothing."""
        weights = self.part * np.nan_to_num(values[self.row])
        return np.bincount(self.unit, weights=weights, minlength=len(self)).astype(np.float64)


def units_inside(atlas: Atlas, kind: AreaKind, codes: Sequence[str]) -> Units:
    """Return the areas of a kind inside a place, or several; everywhere where none is named.

    Of an area that crosses the border only the small areas inside count.

    Raises:
        NotFoundError: there is no such place or kind.
        InvalidRequestError: no area of the kind lies there.
    """
    level, small = atlas.level(kind), atlas.level(AreaKind.SMALL_AREA)
    if codes:
        members = [atlas.members(*atlas.find(code)) for code in codes]
        rows = np.unique(np.concatenate(members)).astype(np.int64)
    else:
        rows = np.arange(len(small), dtype=np.int64)
    own = np.arange(len(small)) if kind is AreaKind.SMALL_AREA else small.parents[kind]
    parent = own[rows].astype(np.int64)
    inside = parent != OUTSIDE
    held, unit = np.unique(parent[inside], return_inverse=True)
    if not len(held):
        raise InvalidRequestError(
            "units", found=f"no {kind.label} there", expected=f"a place with {kind.label_plural}"
        )
    whole = np.ones(len(small)) if kind is AreaKind.SMALL_AREA else level.small_areas
    cut = int((np.bincount(unit) < whole[held]).sum()) if kind is not AreaKind.SMALL_AREA else 0
    notes = []
    if cut:
        kinds = kind.label if cut == 1 else kind.label_plural
        notes.append(f"{cut:,} {kinds} cross the border: only their people inside count.")
    if not inside.all():
        people = float(np.nansum(small.population[rows[~inside]]))
        notes.append(f"{people:,.0f} people live in no {kind.label} and count for none.")
    names = _told_apart([level.labels[row] for row in held.tolist()], held, level.codes)
    return Units(
        names=names,
        codes=tuple(level.codes[row] for row in held.tolist()),
        unit=unit.astype(np.int64),
        row=rows[inside],
        part=np.ones(int(inside.sum())),
        terms=Terms.none(len(held)),
        unmatched={},
        notes=tuple(notes),
    )


def _told_apart(labels: list[str], held: Rows, codes: tuple[str, ...]) -> tuple[str, ...]:
    """Return names, with the code behind where several areas have the same."""
    seen: dict[str, int] = {}
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
    return tuple(
        label if seen[label] == 1 else f"{label} ({codes[row]})"
        for label, row in zip(labels, held.tolist(), strict=True)
    )


def with_terms(units: Units, rows: Sequence[UnitRow]) -> Units:
    """Return units with the numbers of a list, found by code or name.

    Raises:
        InvalidRequestError: a line of the list is about none of them.
    """
    place = {name.casefold(): at for at, name in enumerate(units.names)}
    place |= {code.casefold(): at for at, code in enumerate(units.codes) if code}
    found = []
    for one in as_wanted(rows):
        at = place.get(one.name.casefold())
        if at is None and one.entries:
            at = place.get(one.entries[0].casefold())
        if at is None:
            raise InvalidRequestError(
                f"unit {one.name!r}",
                found="no area or unit with that code or name among those that share",
                expected=f"one such as {units.keys[0]} or {units.names[0]}",
            )
        found.append((at, one))
    return replace(units, terms=Terms.of(len(units), found))


def units_listed(
    gazetteer: Gazetteer, rows: Sequence[UnitRow], overlap: Overlap = Overlap.SPLIT
) -> Units:
    """Return partners with the areas they name: codes of any kind, postcodes, names.

    Args:
        gazetteer: what can be named.
        rows: the partners.
        overlap: what happens with a small area that several name.

    Raises:
        InvalidRequestError: there is no partner, or too many.
        NotFoundError: nothing that a partner names can be understood.
    """
    if not 0 < len(rows) <= MOST_LISTED:
        raise InvalidRequestError(
            "units", found=f"{len(rows):,} of them", expected=f"from 1 to {MOST_LISTED:,}"
        )
    small = gazetteer.atlas.level(AreaKind.SMALL_AREA)
    members = {one.name: listed(gazetteer, one.entries or (one.name,)) for one in rows}
    row = np.concatenate([found.rows for found in members.values()]).astype(np.int64)
    counts = [len(found.rows) for found in members.values()]
    unit = np.repeat(np.arange(len(rows)), counts).astype(np.int64)
    times = np.bincount(row, minlength=len(small))
    part = 1.0 / times[row] if overlap is Overlap.SPLIT else np.ones(len(row))
    several = times > 1
    shared = float(np.nansum(small.population[several]))
    notes = list(dict.fromkeys(note for found in members.values() for note in found.notes))
    if several.any():
        notes.append(
            f"{int(several.sum()):,} small areas with {shared:,.0f} people are named by several: "
            f"their people are {overlap.label}."
        )
    single = [one.entries[0].upper() if len(one.entries) == 1 else "" for one in rows]
    codes = [code if gazetteer.atlas.has(code) else "" for code in single]
    return Units(
        names=tuple(one.name for one in rows),
        codes=tuple(code if codes.count(code) == 1 else "" for code in codes),
        unit=unit,
        row=row,
        part=part,
        terms=Terms.of(len(rows), list(enumerate(rows))),
        shared=shared,
        unmatched={name: found.unmatched for name, found in members.items() if found.unmatched},
        notes=tuple(notes),
    )
