"""What a download holds: an edition, an answer and a choice of columns become one table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from exclusion_map.areas.atlas import Level, Rows
from exclusion_map.areas.bases import BaseName
from exclusion_map.areas.scoring import Answer, LevelScores, at_level
from exclusion_map.editions.columns import floats, read_columns, runs, texts
from exclusion_map.editions.credits import about_of
from exclusion_map.editions.reader import Edition
from exclusion_map.editions.tables import AREAS, LARGER_AREAS
from exclusion_map.errors import InvalidRequestError
from exclusion_map.exports import area_columns as told
from exclusion_map.exports.area_columns import ColumnGroup
from exclusion_map.exports.csv_files import csv_parts
from exclusion_map.exports.dataset import Column, Dataset, Values
from exclusion_map.exports.score_tables import uncertainty_columns
from exclusion_map.exports.shapes import Outlines
from exclusion_map.index import Definition
from exclusion_map.index.uncertainty import Uncertainty
from exclusion_map.terms import LARGER_KINDS, AreaKind

UNCERTAINTY = "uncertainty.parquet"
ESTIMATE = "estimate.parquet"
EVERY = slice(None)
ROWS_AT_ONCE = 5_000
"""Rows of a file that is sent while it is written."""


@dataclass(frozen=True, kw_only=True)
class AreaOrder:
    """Which areas of an answer a file holds, and what it tells of them.

    Attributes:
        kind: of areas.
        groups: of columns.
        decile: only this tenth, 1 = highest risk; None for all.
        within: code of the one area they lie in, for the name of the file; empty for several.
    """

    kind: AreaKind = AreaKind.SMALL_AREA
    groups: tuple[ColumnGroup, ...] = field(default=told.USUAL)
    decile: int | None = None
    within: str = ""


def is_published(edition: Edition, answer: Answer) -> bool:
    """Return whether an answer is an index of the edition just as it was published."""
    asked = answer.question
    if asked.weights or asked.uploads or asked.base is not BaseName.ALL:
        return False
    return any(
        index.id == asked.definition.id
        and Definition.parse(index.definition, index.id) == asked.definition
        for index in edition.manifest.indices
    )


def scores_at(edition: Edition, answer: Answer, kind: AreaKind) -> LevelScores:
    """Return an answer at a level; the figures of the edition where it is the published one.

    Raises:
        NotFoundError: the edition has no such level.
    """
    scored = at_level(edition.atlas, answer, kind)
    held = edition.atlas.scores.get((str(answer.question.definition.id), kind))
    if held is None or not is_published(edition, answer):
        return scored
    ranked = np.full(len(scored.level), held.ranked, dtype=np.int32)
    return LevelScores(
        level=scored.level,
        scores=held,
        base=scored.base,
        ranked=ranked,
        rows=scored.rows,
        atlas=scored.atlas,
        composite=scored.composite,
    )


def rows_of(scored: LevelScores, decile: int | None) -> Rows:
    """Return the rows of a level that an order picks, in order of code.

    Raises:
        InvalidRequestError: there is none.
    """
    rows = scored.rows
    if decile is not None:
        rows = rows[scored.scores.decile[rows] == decile]
    if not len(rows):
        plural = scored.level.kind.label_plural
        raise InvalidRequestError(
            "selection",
            found=f"no {plural}" + (f" of tenth {decile} in it" if decile else " in it"),
            expected="at least one area",
            mend="Choose another decile, a larger place, or another kind of area.",
        )
    return rows


def area_dataset(
    edition: Edition,
    answer: Answer,
    order: AreaOrder,
    drawn: Uncertainty | None = None,
    part: slice = EVERY,
) -> Dataset:
    """Return the table of areas that an order asks for.

    Args:
        edition: that the answer is of.
        answer: the index worked out for small areas, with its selection.
        order: which of them, and what to tell.
        drawn: intervals of the answer, where it is not a published one.
        part: only some of the rows, for those who take them one part after another.

    Raises:
        InvalidRequestError: no area is left, or intervals of what has none were asked for.
        NotFoundError: the edition has no such level.
    """
    scored = scores_at(edition, answer, order.kind)
    every = rows_of(scored, order.decile)
    rows, level = every[part], scored.level
    columns = told.identity_columns(level, rows)
    for group in order.groups:
        columns.extend(_group(edition, answer, scored, rows, group, drawn))
    return Dataset(
        name=f"{level.kind.label_plural.replace(' ', '_').replace('-', '_')}",
        file_name=file_name(edition, answer, order),
        key="code",
        columns=tuple(columns),
        about=about_of(edition, answer, order.kind, len(every), order.decile),
        shapes=outlines_of(edition, level.kind, rows),
    )


def outlines_of(edition: Edition, kind: AreaKind, rows: Rows) -> Outlines:
    """Return the outlines of rows of a level."""
    larger = kind is not AreaKind.SMALL_AREA
    start = _first_row(edition, kind) if larger else 0
    return Outlines(
        edition.folder / (LARGER_AREAS if larger else AREAS), rows.astype(np.int64) + start
    )


def csv_of(
    edition: Edition, answer: Answer, order: AreaOrder, drawn: Uncertainty | None = None
) -> Iterator[str]:
    """Yield the table of areas as CSV, made some thousand rows at a time.

    Raises:
        InvalidRequestError: as for :func:`area_dataset`.
    """
    count = len(rows_of(scores_at(edition, answer, order.kind), order.decile))
    for start in range(0, count, ROWS_AT_ONCE):
        part = slice(start, start + ROWS_AT_ONCE)
        dataset = area_dataset(edition, answer, order, drawn, part)
        yield from csv_parts(dataset, heading=start == 0)


def _group(
    edition: Edition,
    answer: Answer,
    scored: LevelScores,
    rows: Rows,
    group: ColumnGroup,
    drawn: Uncertainty | None,
) -> list[Column]:
    atlas, level = edition.atlas, scored.level
    small = level.kind is AreaKind.SMALL_AREA
    if group is ColumnGroup.SCORES:
        return told.score_columns(scored, rows)
    if group is ColumnGroup.COMPONENTS:
        return told.component_columns(scored, rows)
    if group is ColumnGroup.INDICATORS:
        held = atlas.indicators[level.kind]
        return told.indicator_columns(held, edition.manifest.indicators, rows)
    if group is ColumnGroup.PARENTS:
        return told.parent_columns(atlas, level, rows)
    if group is ColumnGroup.ESTIMATE:
        return told.estimate_columns(_estimate(edition, level), rows)
    if group is ColumnGroup.SUPPORT and small:
        return told.nearest_columns(edition.support, level, rows)
    if group is ColumnGroup.SUPPORT:
        return told.inside_columns(edition.support, atlas, level, rows)
    # Intervals are of small areas; a file of wider ones has none.
    return told.interval_columns(_intervals(edition, answer, drawn), rows) if small else []


def needs_draws(edition: Edition, answer: Answer, order: AreaOrder) -> bool:
    """Return whether an order wants intervals that the edition does not hold."""
    wanted = ColumnGroup.INTERVALS in order.groups and order.kind is AreaKind.SMALL_AREA
    return wanted and not _published_intervals(edition, answer)


def _intervals(edition: Edition, answer: Answer, drawn: Uncertainty | None) -> Mapping[str, Values]:
    published = _published_intervals(edition, answer)
    if published:
        return published
    if drawn is None:
        raise InvalidRequestError(
            "intervals",
            found=f"none in the edition for this {answer.question.definition.id}",
            expected="draws made for it",
            mend="Use /api/v1/uncertainty instead.",
        )
    return {
        name: values if isinstance(values, list) else np.asarray(values, dtype=np.float64)
        for name, values in uncertainty_columns(drawn).items()
    }


def _published_intervals(edition: Edition, answer: Answer) -> Mapping[str, Values]:
    path = edition.folder / UNCERTAINTY
    if not path.exists() or not is_published(edition, answer):
        return {}
    names = ("rank_low", "rank_median", "rank_high", "decile_low", "decile_high", "p_worst_tenth")
    table = read_columns(path, ("index", "kind", "code", *names, "robustness"))
    part = runs(table, "index").get(str(answer.question.definition.id))
    level = edition.atlas.level(AreaKind.SMALL_AREA)
    if part is None or texts(part, "code") != level.codes:
        return {}
    figures = {name: floats(part, name) for name in names}
    chance = figures.pop("p_worst_tenth")
    return {**figures, "worst_tenth_probability": chance, "robustness": texts(part, "robustness")}


def _estimate(edition: Edition, level: Level) -> Mapping[str, Values]:
    path = edition.folder / ESTIMATE
    if not path.exists():
        return {}
    part = runs(read_columns(path, ("kind", "code", *told.ESTIMATE)), "kind").get(level.kind.value)
    if part is None or texts(part, "code") != level.codes:
        return {}
    return {name: floats(part, name) for name in told.ESTIMATE}


def _first_row(edition: Edition, kind: AreaKind) -> int:
    """Return where the areas of a kind begin in the table of larger areas: kinds lie in order."""
    before = LARGER_KINDS[: LARGER_KINDS.index(kind)]
    return sum(len(edition.atlas.levels.get(one, ())) for one in before)


def file_name(edition: Edition, answer: Answer, order: AreaOrder) -> str:
    """Return the name of a file without its ending: edition, index, kind of area and place."""
    asked = answer.question
    parts = ["exclusion-map", edition.id, str(asked.definition.id)]
    if asked.weights:
        parts.append("own-weights")
    if asked.base is not BaseName.ALL:
        parts.append(f"within-{asked.base.value}")
    parts.append(order.kind.label_plural.replace(" ", "-").lower())
    if order.within:
        level, row = edition.atlas.find(order.within)
        parts.append(level.codes[row])
    elif asked.selection is not None:
        parts.append("selection")
    if order.decile is not None:
        parts.append(f"tenth-{order.decile}")
    return "-".join(part.replace("_", "-") for part in parts)
