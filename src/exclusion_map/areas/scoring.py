"""Score any definition with any weights and base; shared by API, command line and map."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import Atlas, Floats, Level, Rows, ScoreSet
from exclusion_map.areas.bases import BaseName, base_of, outside_note
from exclusion_map.areas.on_demand import on_demand
from exclusion_map.areas.rolling import composite_at, roll_level, weighted_mean
from exclusion_map.areas.selection import Selection
from exclusion_map.areas.uploads import Upload, bring
from exclusion_map.errors import InvalidRequestError
from exclusion_map.index import (
    Base,
    Composite,
    Definition,
    Prepared,
    ValueTable,
    check_indicators,
    prepare,
)
from exclusion_map.terms import AreaKind

MOST_SHOWN = 50
"""Maximum number of unknown codes listed in an answer."""

Prepare = Callable[[Definition, ValueTable, Base], Prepared]


@dataclass(frozen=True, eq=False, kw_only=True)
class Question:
    """What to score.

    Attributes:
        definition: definition of the index.
        weights: weights by id of group or indicator that replace those of the definition.
        base: the areas among which to normalise and rank.
        selection: areas to return; with the base ``selection``, also the base.
        uploads: indicators supplied by the user.
    """

    definition: Definition
    weights: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    base: BaseName = BaseName.ALL
    selection: Selection | None = None
    uploads: tuple[Upload, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Answer:
    """The answer for small areas, from which other levels are aggregated.

    Attributes:
        question: the question.
        table: the values used, including uploads.
        composite: the index of all small areas.
        notes: remarks on gaps, substitutes, areas outside, and how a boundary was applied.
        unknown: codes in the selection and in uploads that the edition does not have.
    """

    question: Question
    table: ValueTable
    composite: Composite
    notes: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class LevelScores:
    """The scores of one level.

    Attributes:
        level: the areas.
        scores: scores of all areas of the level, (n,) each.
        base: groups of the areas.
        ranked: (n,) number of areas with a rank in each area's group.
        rows: sorted rows of the areas to return.
        atlas: the areas of all levels.
        composite: the index of small areas.
    """

    level: Level
    scores: ScoreSet
    base: Base
    ranked: Rows
    rows: Rows
    atlas: Atlas
    composite: Composite

    @cached_property
    def components(self) -> Mapping[str, Floats]:
        """Mean score of each group of the definition, (n,) each."""
        return _components(self.atlas, self.composite, self.level.kind)

    def group(self, row: int) -> str:
        """Return the name of the group of the base that an area is ranked in."""
        if self.base.groups is None:
            return "all areas"
        number = int(self.base.groups[row])
        return self.base.names[number] if number >= 0 else ""


def answer(
    atlas: Atlas, table: ValueTable, question: Question, prepare: Prepare = prepare
) -> Answer:
    """Return an index computed for every small area.

    Args:
        atlas: the areas.
        table: values of every small area, from :func:`value_table`.
        question: what to score.
        prepare: computes normalised columns; the service passes a caching version.

    Raises:
        DefinitionError: an indicator or the id of a weight is unknown, no weight is left, or
            there is no data.
        InvalidRequestError: the base has no areas, or uploads cannot be used.
        NotFoundError: the edition has no areas of the base's kind.
    """
    definition, selection = question.definition, question.selection
    notes: list[str] = []
    unknown = selection.unknown if selection else ()
    if question.uploads:
        brought = bring(atlas, table, definition, question.uploads, question.weights)
        table, definition = brought.table, brought.definition
        notes.extend(brought.notes)
        unknown = (*unknown, *brought.unknown)
    else:
        check_indicators(definition, table.indicators)
    base = base_of(atlas, question.base, selection)
    composite = prepare(definition, table, base).compose(question.weights)
    if question.base is not BaseName.SELECTION:
        notes.append(outside_note(atlas, base))
    if selection:
        notes.append(selection.how)
        if selection.repeated:
            notes.append(f"{selection.repeated:,} small areas were named twice; each counts once.")
    return Answer(
        question=question,
        table=table,
        composite=composite,
        notes=(*composite.notes, *(note for note in notes if note)),
        unknown=tuple(unknown),
    )


def at_level(atlas: Atlas, answer: Answer, kind: AreaKind) -> LevelScores:
    """Return an answer at a level: itself, or its population-weighted means.

    Raises:
        NotFoundError: the edition has no such level.
    """
    level = atlas.level(kind)
    scores, base = roll_level(answer.composite, atlas, kind)
    return LevelScores(
        level=level,
        scores=scores,
        base=base,
        ranked=_ranked(scores, base),
        rows=_rows(atlas, level, answer.question.selection),
        atlas=atlas,
        composite=answer.composite,
    )


def explained_at(atlas: Atlas, answer: Answer, kind: AreaKind) -> Composite:
    """Return an answer as an index of the areas of a level, to explain their scores."""
    made = answer.composite
    seen = on_demand(made)
    if kind is AreaKind.SMALL_AREA or seen is made:
        return composite_at(seen, atlas, kind)
    held: dict[AreaKind, Composite] = made.__dict__.setdefault("_of_larger", {})
    if kind not in held:
        # Temporary data of all small areas are freed together with this copy.
        held[kind] = composite_at(replace(made), atlas, kind)
    return held[kind]


def _ranked(scores: ScoreSet, base: Base) -> Rows:
    n = len(scores.rank)
    if base.groups is None:
        return np.full(n, scores.ranked, dtype=np.int32)
    have = (scores.rank > 0) & (base.groups >= 0)
    counts = np.bincount(base.groups[have], minlength=int(base.groups.max(initial=0)) + 1)
    return np.where(base.groups >= 0, counts[base.groups], 0).astype(np.int32)


def _components(
    atlas: Atlas, composite: Composite, kind: AreaKind
) -> Mapping[str, npt.NDArray[np.float64]]:
    if kind is AreaKind.SMALL_AREA:
        return composite.components
    small = atlas.level(AreaKind.SMALL_AREA)
    people = np.where(np.isnan(composite.score), 0.0, np.nan_to_num(small.population))
    count = len(atlas.level(kind))
    return {
        name: weighted_mean(values, people, small.parents[kind], count)
        for name, values in composite.components.items()
    }


def _rows(atlas: Atlas, level: Level, selection: Selection | None) -> Rows:
    if selection is None:
        return np.arange(len(level), dtype=np.int32)
    if level.kind is AreaKind.SMALL_AREA:
        return selection.rows
    parents = atlas.level(AreaKind.SMALL_AREA).parents[level.kind][selection.rows]
    rows: Rows = np.unique(parents[parents >= 0]).astype(np.int32)
    return rows


def parse_weights(text: str) -> dict[str, float]:
    """Return weights by id from ``age:2,disability:1`` or ``{"age": 2, "disability": 1}``.

    Raises:
        InvalidRequestError: a part is not an id with a number from 0, or an id is repeated.
    """
    if not text.strip():
        return {}
    pairs = _pairs_of_json(text) if text.lstrip().startswith("{") else _pairs(text)
    weights: dict[str, float] = {}
    for identity, number in pairs:
        try:
            value = math.nan if isinstance(number, bool) else float(number)
        except (TypeError, ValueError):
            value = math.nan
        if not identity or not math.isfinite(value) or value < 0:
            raise _weight_error(f"{identity}:{number}")
        if identity in weights:
            raise _weight_error(f"{identity} twice")
        weights[identity] = value
    return weights


def _pairs(text: str) -> list[tuple[str, str]]:
    parts = [part.partition(":") for part in text.split(",") if part.strip()]
    return [(name.strip(), value.strip()) for name, _, value in parts]


def _pairs_of_json(text: str) -> list[tuple[str, float]]:
    try:
        data = json.loads(text, object_pairs_hook=lambda pairs: pairs)
    except (ValueError, RecursionError) as error:
        raise _weight_error(str(error)) from None
    if not all(isinstance(pair, tuple) for pair in data):
        raise _weight_error(text[:40])
    return list(data)


def _weight_error(found: str) -> InvalidRequestError:
    return InvalidRequestError(
        "weights",
        found=found,
        expected="ids with numbers from 0, such as age:2,disability:1",
        mend="Ids of groups and indicators are in /api/v1/indices.",
    )
