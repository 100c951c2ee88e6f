"""Tables of an edition into the read model. Geometry columns are not read: see ``outline``."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa

from exclusion_map.areas.atlas import (
    OUTSIDE,
    Atlas,
    Floats,
    IndicatorValues,
    Level,
    Rows,
    ScoreSet,
    parents_of_larger,
)
from exclusion_map.areas.positions import positions
from exclusion_map.editions.columns import encoded, floats, plain, read_columns, runs, texts
from exclusion_map.editions.mapped import let_go, space
from exclusion_map.editions.ordered import disordered
from exclusion_map.terms import LARGER_KINDS, AreaKind

AREAS = "areas.parquet"
LARGER_AREAS = "larger_areas.parquet"
INDICATORS = "indicators.parquet"
LARGER_INDICATORS = "larger_indicators.parquet"
SCORES = "scores.parquet"

_BOX = ("xmin", "ymin", "xmax", "ymax")
_AREA = ("code", "name", "nation", "population", "households", "longitude", "latitude", *_BOX)
_PARENTS = {kind: f"{kind.value}_code" for kind in LARGER_KINDS if kind is not AreaKind.NATION} | {
    AreaKind.NATION: "nation"
}
_INDICATOR = ("area_code", "indicator", "value", "numerator", "denominator", "quality")
_AT = "code_number"
_SCORE = (
    *("index", "kind", "code", "score", "rank", "decile", "ranked", "data_share"),
    "worst_tenth_share",
)


def read_atlas(folder: Path) -> Atlas:
    """Return the whole read model of an edition.

    Raises:
        EditionError: a table is unreadable, lacks a column, or is not in feature order.
    """
    levels = _levels(folder)
    atlas = Atlas(
        levels=levels,
        scores=_scores(folder / SCORES, levels),
        indicators=_indicators(folder, levels),
    )
    # What the tables took while they were read; it would stay with the process otherwise.
    pa.default_memory_pool().release_unused()
    return atlas


def _levels(folder: Path) -> dict[AreaKind, Level]:
    names = tuple(dict.fromkeys(_PARENTS.values()))
    small = read_columns(folder / AREAS, (*_AREA, "label", *names), ("rural_urban",))
    larger = _by_kind(
        read_columns(folder / LARGER_AREAS, ("kind", *_AREA), ("name_welsh",)),
        folder / LARGER_AREAS,
    )
    parents = {kind: _parent_rows(small, kind, table) for kind, table in larger.items()}
    levels = {AreaKind.SMALL_AREA: _level(AreaKind.SMALL_AREA, small, parents, folder / AREAS)}
    for kind, table in larger.items():
        inner = parents_of_larger(kind, table.num_rows, parents)
        levels[kind] = _level(kind, table, inner, folder / LARGER_AREAS, parents[kind])
    return levels


def _by_kind(table: pa.Table, path: Path) -> dict[AreaKind, pa.Table]:
    """Split a table by its column ``kind``, in the order of ``AreaKind``."""
    try:
        split = runs(table, "kind")
        return {kind: split[kind.value] for kind in AreaKind if kind.value in split}
    except ValueError:
        raise disordered(path) from None


def _parent_rows(small: pa.Table, kind: AreaKind, larger: pa.Table) -> Rows:
    """Return the row of each small area's parent. Many small areas to one larger area, or none."""
    keys = texts(larger, "name" if kind is AreaKind.NATION else "code")
    position = {key: row for row, key in enumerate(keys)}
    values, at = encoded(small, _PARENTS[kind])
    # The last entry is for -1, "in none".
    rows = np.array([*(position.get(value, OUTSIDE) for value in values), OUTSIDE], dtype=np.int32)
    parents: Rows = rows[at]
    return parents


def _level(
    kind: AreaKind,
    table: pa.Table,
    parents: Mapping[AreaKind, Rows],
    path: Path,
    inside: Rows | None = None,
) -> Level:
    codes, names = texts(table, "code"), texts(table, "name")
    if list(codes) != sorted(set(codes)):
        raise disordered(path)
    count = len(codes)
    if inside is None:
        sizes = np.ones(count, dtype=np.int32)
    else:
        sizes = np.bincount(inside[inside != OUTSIDE], minlength=count).astype(np.int32)
    return Level(
        kind=kind,
        codes=codes,
        names=names,
        labels=texts(table, "label") or names,
        nations=texts(table, "nation"),
        population=floats(table, "population"),
        households=floats(table, "households"),
        longitude=floats(table, "longitude"),
        latitude=floats(table, "latitude"),
        bbox=np.column_stack([floats(table, name) for name in _BOX]),
        parents=parents,
        small_areas=sizes,
        rural_urban=texts(table, "rural_urban"),
        welsh_names=texts(table, "name_welsh"),
        position=positions(codes),
    )


def _indicators(folder: Path, levels: Mapping[AreaKind, Level]) -> dict[AreaKind, IndicatorValues]:
    small, larger = folder / INDICATORS, folder / LARGER_INDICATORS
    of_small = read_columns(small, _INDICATOR)
    values = {AreaKind.SMALL_AREA: _indicator_values(of_small, levels[AreaKind.SMALL_AREA], small)}
    of_larger = read_columns(larger, ("kind", *_INDICATOR))
    for kind, table in _by_kind(of_larger, larger).items():
        if kind in levels:
            values[kind] = _indicator_values(table, levels[kind], larger)
    return values


def _indicator_values(table: pa.Table, level: Level, path: Path) -> IndicatorValues:
    """Return a tidy table as arrays (areas, indicators); every area must be there for each."""
    ids, at = encoded(table, "indicator")
    used = at[np.sort(np.unique(at, return_index=True)[1])]
    shape = (len(used), len(level))
    # Sorted by indicator, then in feature order: a plain reshape, once that is made sure of.
    codes, areas = encoded(table, "area_code")
    if len(at) != shape[0] * shape[1] or not len(used):
        raise disordered(path)
    rows = areas.reshape(shape)
    in_order = tuple(codes[row] for row in rows[0]) == level.codes and (rows == rows[0]).all()
    if not in_order or (at.reshape(shape) != used[:, None]).any():
        raise disordered(path)
    qualities, quality = encoded(table, "quality")
    return IndicatorValues(
        ids=tuple(ids[number] for number in used),
        value=_turned(table, "value", shape),
        numerator=_seldom(table, "numerator", shape),
        denominator=_seldom(table, "denominator", shape),
        quality=quality.astype(np.uint8).reshape(shape).T,
        qualities=qualities,
    )


def _turned(table: pa.Table, name: str, shape: tuple[int, int]) -> Floats:
    """Return a column as (areas, indicators); the values of one indicator lie side by side."""
    return floats(table, name).reshape(shape).T


def _seldom(table: pa.Table, name: str, shape: tuple[int, int]) -> Floats:
    """Return a column as :func:`_turned` does; of very many areas it is mapped from a file.

    Counts and bases are read of a few areas at a time.
    """
    turned: Floats = space(shape, np.float64)
    turned.ravel()[:] = floats(table, name)
    let_go(turned)
    return turned.T


def _scores(path: Path, levels: Mapping[AreaKind, Level]) -> dict[tuple[str, AreaKind], ScoreSet]:
    table = read_columns(path, _SCORE)
    # Numbers are compared many times faster than texts, of which every index has all again.
    codes, at = encoded(table, "code")
    number = {code: one for one, code in enumerate(codes)}
    wanted = {
        kind: np.array([number.get(code, -2) for code in level.codes])
        for kind, level in levels.items()
    }
    # Of its buffer: ``pa.array`` of numpy's array imports pandas.
    numbers = pa.Array.from_buffers(pa.int32(), len(at), [None, pa.py_buffer(at)])
    table = table.append_column(_AT, numbers)
    scores = {}
    try:
        indices = runs(table, "index")
    except ValueError:
        raise disordered(path) from None
    for index, of_index in indices.items():
        kinds = _by_kind(of_index, path)
        for kind, rows in wanted.items():
            if kind not in kinds or not np.array_equal(plain(kinds[kind].column(_AT))[0], rows):
                raise disordered(path)
            scores[index, kind] = _score_set(kinds[kind])
    return scores


def _score_set(part: pa.Table) -> ScoreSet:
    def whole(name: str) -> Floats:
        return np.nan_to_num(floats(part, name))

    return ScoreSet(
        score=floats(part, "score"),
        rank=whole("rank").astype(np.int32),
        decile=whole("decile").astype(np.uint8),
        ranked=int(whole("ranked").max(initial=0)),
        data_share=floats(part, "data_share"),
        worst_tenth_share=floats(part, "worst_tenth_share"),
    )
