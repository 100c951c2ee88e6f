"""Two editions compared: what changed because the data did, and what because the method did.

With f(data, method) the score of an area, the change between two editions is split as Shapley
would: each part is the mean of what it adds when it changes first and when it changes second.

    by data   = ((f(new, old) - f(old, old)) + (f(new, new) - f(old, new))) / 2
    by method = ((f(old, new) - f(old, old)) + (f(new, new) - f(new, old))) / 2

They add up to the whole. Data are the values, the people and which areas there are; method is the
definition and the direction of each indicator. Where one of the crossed scores cannot be computed,
because an edition lacks an indicator that the other's definition rests on, the one order that can
be is used and said; where neither can, the change stays whole. What this version of the program
does not reproduce of the published scores is kept apart, as ``by_program``.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import Atlas
from exclusion_map.editions.comparison import Change, Comparison, Floats
from exclusion_map.editions.definition_changes import definition_changes
from exclusion_map.editions.manifest import Manifest, read_manifest
from exclusion_map.editions.tables import read_atlas
from exclusion_map.errors import DefinitionError, NotFoundError
from exclusion_map.index import Composite, Definition, ValueTable, compose
from exclusion_map.terms import AreaKind, Direction

_SAME = 1e-6
"""Published scores that differ by less from those computed anew are the same."""


@dataclass(frozen=True, eq=False)
class Side:
    """One edition's part in a comparison: n areas, their data, the method and what was published.

    Attributes:
        edition: its id.
        table: the values of n areas; its directions are those of the method.
        definition: of the index; None where this version of the program cannot read it.
        score: (n,) as published, NaN without one.
        rank: (n,) as published, 0 without one.
        decile: (n,) as published, 0 without one.
        labels: (n,) what people call the areas.
    """

    edition: str
    table: ValueTable
    definition: Definition | None
    score: Floats
    rank: npt.NDArray[np.int32]
    decile: npt.NDArray[np.uint8]
    labels: tuple[str, ...]


def compare(old: Path, new: Path, index: str) -> Comparison:
    """Return what changed in an index between two editions.

    Args:
        old: folder of the earlier edition.
        new: folder of the later one.
        index: id of an index that both have.

    Raises:
        EditionError: a folder is not an edition, or a table of it is damaged.
        NotFoundError: one of them does not have the index, or they share no area.
    """
    return compare_sides(open_side(old, index), open_side(new, index), index)


def open_side(folder: Path, index: str) -> Side:
    """Return what a comparison needs of an edition.

    Raises:
        EditionError: the folder is not an edition, or a table of it is damaged.
        NotFoundError: it does not have the index.
    """
    return side_of(read_manifest(folder), read_atlas(folder), index)


def side_of(manifest: Manifest, atlas: Atlas, index: str) -> Side:
    """Return what a comparison needs of an edition that is open already.

    Raises:
        NotFoundError: it does not have the index.
    """
    level = atlas.level(AreaKind.SMALL_AREA)
    scores = atlas.score_set(index, AreaKind.SMALL_AREA)
    held = atlas.indicators[AreaKind.SMALL_AREA]
    table = ValueTable(
        codes=np.array(level.codes, dtype=np.str_),
        indicators=held.ids,
        values=held.value,
        population=level.population,
        directions=tuple(manifest.indicator(one).direction for one in held.ids),
    )
    published = next((one.definition for one in manifest.indices if one.id == index), {})
    try:
        definition = Definition.parse(published)
    except DefinitionError:
        definition = None
    return Side(
        edition=manifest.edition,
        table=table,
        definition=definition,
        score=scores.score,
        rank=scores.rank,
        decile=scores.decile,
        labels=level.labels,
    )


def compare_sides(old: Side, new: Side, index: str) -> Comparison:
    """Return what changed between two sides.

    Raises:
        NotFoundError: they share no area.
    """
    shared, at_old, at_new = np.intersect1d(
        old.table.codes, new.table.codes, assume_unique=True, return_indices=True
    )
    if not len(shared):
        raise NotFoundError(
            f"areas in both {old.edition} and {new.edition}",
            found="none",
            expected="editions of the same small areas",
        )
    order = np.argsort(at_new)
    at_old, at_new = at_old[order], at_new[order]
    runs = _runs(old, new)
    return Comparison(
        index=index,
        old=old.edition,
        new=new.edition,
        codes=new.table.codes[at_new],
        labels=tuple(new.labels[row] for row in at_new.tolist()),
        score=_change(old.score[at_old], new.score[at_new], runs.of("score", at_old, at_new)),
        rank=_change(
            _ranked(old.rank)[at_old], _ranked(new.rank)[at_new], runs.of("rank", at_old, at_new)
        ),
        decile_old=old.decile[at_old],
        decile_new=new.decile[at_new],
        orders=runs.orders,
        only_old=_only(old.table.codes, new.table.codes),
        only_new=_only(new.table.codes, old.table.codes),
        indicators_only_old=_only(old.table.indicators, new.table.indicators),
        indicators_only_new=_only(new.table.indicators, old.table.indicators),
        method_changes=_method_changes(old, new),
        notes=(*runs.notes, *_reproduced(old, runs.old_old), *_reproduced(new, runs.new_new)),
    )


@dataclass(frozen=True, eq=False)
class _Runs:
    """The index computed from either data by either method (data first), where that can be."""

    old_old: Composite | None
    new_old: Composite | None
    old_new: Composite | None
    new_new: Composite | None
    notes: tuple[str, ...]

    @property
    def orders(self) -> int:
        """How many of the two ways from old to new are known."""
        if self.old_old is None or self.new_new is None:
            return 0
        return (self.new_old is not None) + (self.old_new is not None)

    def of(
        self, quantity: str, at_old: npt.NDArray[np.intp], at_new: npt.NDArray[np.intp]
    ) -> tuple[Floats | None, ...]:
        """Return score or rank of the shared areas in each run, in the order of the fields."""
        runs = (
            (self.old_old, at_old),
            (self.new_old, at_new),
            (self.old_new, at_old),
            (self.new_new, at_new),
        )
        return tuple(
            None if run is None else (run.score if quantity == "score" else _ranked(run.rank))[at]
            for run, at in runs
        )


def _runs(old: Side, new: Side) -> _Runs:
    notes: list[str] = []
    old_old, new_new = _compose(old, old, notes), _compose(new, new, notes)
    if not _method_changes(old, new) and old.definition is not None:
        # One method: there is nothing to cross, and all of the change is the data's.
        return _Runs(old_old, new_new, old_old, new_new, tuple(notes))
    return _Runs(
        old_old, _compose(new, old, notes), _compose(old, new, notes), new_new, tuple(notes)
    )


def _compose(data: Side, method: Side, notes: list[str]) -> Composite | None:
    """Return one side's data by the other's method; None, with a note, where it lacks too much."""
    named = f"{data.edition} by the method of {method.edition}"
    if method.definition is None:
        notes.append(f"{named}: the definition is of a form this version cannot read.")
        return None
    lacking = _lacking(method.definition, data.table)
    lacking -= _lacking(method.definition, method.table)  # what it did without at home
    if lacking:
        notes.append(f"{named}: cannot be computed without {', '.join(sorted(lacking))}.")
        return None
    try:
        return compose(method.definition, _directed(data.table, method.table))
    except DefinitionError as error:
        notes.append(f"{named}: {error.message}")
        return None


def _lacking(definition: Definition, table: ValueTable) -> set[str]:
    """Return the indicators with weight that the table has no value of, nor of a stand-in."""
    filled = {
        name
        for name, gaps in zip(table.indicators, table.gaps.tolist(), strict=True)
        if gaps < len(table)
    }
    return {
        leaf.node.indicator
        for leaf in definition.leaves()
        if leaf.nominal_weight > 0
        and not (filled.intersection(leaf.node.choices) and filled.issuperset(leaf.node.plus))
    }


def _directed(table: ValueTable, method: ValueTable) -> ValueTable:
    """Return the table with the other's directions, where it knows the indicator."""
    known: dict[str, Direction] = dict(zip(method.indicators, method.directions, strict=True))
    directions = tuple(
        known.get(name, own) for name, own in zip(table.indicators, table.directions, strict=True)
    )
    return ValueTable(
        codes=table.codes,
        indicators=table.indicators,
        values=table.values,
        population=table.population,
        directions=directions,
    )


def _method_changes(old: Side, new: Side) -> tuple[str, ...]:
    before = dict(zip(old.table.indicators, old.table.directions, strict=True))
    turned = tuple(
        f"direction of {name}: {before[name]} to {direction}"
        for name, direction in zip(new.table.indicators, new.table.directions, strict=True)
        if before.get(name, direction) != direction
    )
    if old.definition is None or new.definition is None:
        return ("definitions: not comparable by this version of the program", *turned)
    return (*definition_changes(old.definition, new.definition), *turned)


def _change(old: Floats, new: Floats, runs: tuple[Floats | None, ...]) -> Change:
    old_old, new_old, old_new, new_new = runs
    if old_old is None or new_new is None:
        nothing = np.full(len(old), np.nan)
        return Change(old, new, nothing, nothing, nothing)
    whole = new_new - old_old
    firsts = []  # what the data add: when they change first, and when second
    if new_old is not None:
        firsts.append(new_old - old_old)
    if old_new is not None:
        firsts.append(new_new - old_new)
    by_data = np.mean(firsts, axis=0) if firsts else np.full(len(old), np.nan)
    return Change(old, new, by_data, whole - by_data, (new - old) - whole)


def _ranked(rank: npt.NDArray[np.int32]) -> Floats:
    return np.where(rank > 0, rank, np.nan)


def _only(these: npt.ArrayLike, those: npt.ArrayLike) -> tuple[str, ...]:
    return tuple(np.setdiff1d(np.asarray(these), np.asarray(those)).tolist())


def _reproduced(side: Side, again: Composite | None) -> list[str]:
    if again is None:
        return []
    gap = np.abs(np.nan_to_num(again.score, nan=-1) - np.nan_to_num(side.score, nan=-1))
    differ = int((gap > _SAME).sum())
    if not differ:
        return []
    return [
        f"{side.edition}: {differ:,} published scores differ from those this version computes, by "
        f"up to {gap.max():.3g}; that part of the change is kept apart as by program."
    ]
