"""What an edition may hold beyond scores: how sure ranks are, and the modelled estimate.

Both are tables that older editions do not have; each is read when it is first asked for.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from exclusion_map.areas.atlas import OUTSIDE, Atlas, Floats
from exclusion_map.editions.columns import floats, read_columns, texts
from exclusion_map.editions.ordered import check_order, split_by
from exclusion_map.editions.reader import Edition
from exclusion_map.terms import AreaKind

UNCERTAINTY: Final = "uncertainty.parquet"
ESTIMATE: Final = "estimate.parquet"
_KEPT: Final = 2

Bytes = npt.NDArray[np.uint8]


class Sure(StrEnum):
    """How far an area's place depends on judgement, as the table says it."""

    HIGH = "robustly high"
    DEPENDS = "depends on judgement"
    MIDDLE = "robustly middle"
    LOW = "robustly low"


SURE_CLASSES: Final = (Sure.HIGH, Sure.DEPENDS, Sure.MIDDLE, Sure.LOW)
"""In the order of the legend: the byte of a class is its place, from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UncertaintyTable:
    """Intervals of the small areas, (n,) each in feature order; 0 or NaN = no score."""

    rank_low: Floats
    rank_high: Floats
    decile_low: Floats
    decile_high: Floats
    worst_tenth: Floats
    sure: Bytes
    """Place in ``SURE_CLASSES`` from 1; 0 = no score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateTable:
    """The modelled estimate of the areas of one kind, (n,) each in feature order, NaN = none."""

    estimate: Floats
    low: Floats
    high: Floats
    observed: Floats
    households: Floats
    households_low: Floats
    households_high: Floats
    people: Floats
    people_low: Floats
    people_high: Floats


@dataclass(frozen=True, slots=True)
class Extras:
    """The additional tables of an edition; empty where it has none."""

    uncertainty: Mapping[str, UncertaintyTable]
    """By index, of small areas."""
    estimate: Mapping[AreaKind, EstimateTable]


_held: OrderedDict[Path, Extras] = OrderedDict()
_lock = threading.Lock()


def extras_of(edition: Edition) -> Extras:
    """Return the additional tables of an edition, read once.

    Raises:
        EditionError: a table is damaged, or not in feature order.
    """
    with _lock:
        if edition.folder not in _held:
            _held[edition.folder] = Extras(
                _uncertainty(edition.folder / UNCERTAINTY, edition.atlas),
                _estimate(edition.folder / ESTIMATE, edition.atlas),
            )
            while len(_held) > _KEPT:
                _held.popitem(last=False)
            pa.default_memory_pool().release_unused()
        _held.move_to_end(edition.folder)
        return _held[edition.folder]


def sure_at(atlas: Atlas, table: UncertaintyTable, kind: AreaKind) -> Bytes:
    """Return the class of each area of a kind; of a larger one, that of most of its people."""
    return majority_at(atlas, table.sure, len(SURE_CLASSES) + 1, kind)


def majority_at(atlas: Atlas, classes: Bytes, count: int, kind: AreaKind) -> Bytes:
    """Return classes of small areas at any level: a larger area has that of most of its people.

    Args:
        atlas: the areas.
        classes: (n,) of the small areas, 0 for none, which counts for nothing.
        count: how many classes there are, that of none included.
        kind: of the level.
    """
    if kind is AreaKind.SMALL_AREA:
        return classes
    small = atlas.level(AreaKind.SMALL_AREA)
    parent, areas = small.parents[kind], len(atlas.level(kind))
    inside = (parent != OUTSIDE) & (classes > 0)
    people = np.bincount(
        parent[inside] * count + classes[inside],
        weights=np.nan_to_num(small.population[inside]),
        minlength=areas * count,
    ).reshape(areas, count)
    return np.where(people.any(axis=1), people.argmax(axis=1), 0).astype(np.uint8)


def _uncertainty(path: Path, atlas: Atlas) -> dict[str, UncertaintyTable]:
    if not path.exists():
        return {}
    names = ("rank_low", "rank_high", "decile_low", "decile_high", "p_worst_tenth")
    table = read_columns(path, ("index", "kind", "code", *names, "robustness"))
    small = atlas.level(AreaKind.SMALL_AREA)
    found = {}
    for index, of_index in split_by(table, "index", path).items():
        part = split_by(of_index, "kind", path).get(AreaKind.SMALL_AREA.value)
        if part is None:
            continue
        check_order(part, small, path)
        place = {name.value: number for number, name in enumerate(SURE_CLASSES, start=1)}
        sure = [place.get(text, 0) for text in texts(part, "robustness")]
        low, high, first, last, worst = (floats(part, name) for name in names)
        found[index] = UncertaintyTable(
            rank_low=low,
            rank_high=high,
            decile_low=first,
            decile_high=last,
            worst_tenth=worst,
            sure=np.array(sure, dtype=np.uint8),
        )
    return found


def _estimate(path: Path, atlas: Atlas) -> dict[AreaKind, EstimateTable]:
    if not path.exists():
        return {}
    names = tuple(EstimateTable.__dataclass_fields__)
    table = read_columns(path, ("kind", "code", *names))
    found = {}
    for name, part in split_by(table, "kind", path).items():
        kind = AreaKind(name)
        if kind not in atlas.levels:
            continue
        check_order(part, atlas.levels[kind], path)
        found[kind] = EstimateTable(**{name: floats(part, name) for name in names})
    return found
