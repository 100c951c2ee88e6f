"""Columns that areas bring: code, larger areas, score, tenth and how sure it is."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from exclusion_map.areas.atlas import OUTSIDE
from exclusion_map.editions.extras import extras_of
from exclusion_map.editions.reader import Edition
from exclusion_map.placing.order import HOW, Placed
from exclusion_map.terms import AreaKind

Rows = npt.NDArray[np.int32]
Outcomes = npt.NDArray[np.uint8]
TEXT = pa.dictionary(pa.int32(), pa.string())


class AreaColumns:
    """What every small area brings to the rows placed in it, as arrays to pick from."""

    def __init__(self, edition: Edition, index: str, kinds: tuple[AreaKind, ...]) -> None:
        small = edition.atlas.level(AreaKind.SMALL_AREA)
        self._codes = {
            f"{kind.value}_code": (
                pa.array(edition.atlas.level(kind).codes, pa.string()),
                _nullable(small.parents[kind], small.parents[kind] != OUTSIDE, pa.int32()),
            )
            for kind in kinds
        }
        self._area = pa.array(small.codes, pa.string())
        scores = edition.atlas.score_set(index, AreaKind.SMALL_AREA)
        self._values: dict[str, pa.Array] = {
            "score": _nullable(scores.score, ~np.isnan(scores.score), pa.float64()),
            "decile": _nullable(scores.decile, scores.decile > 0, pa.uint8()),
        }
        sure = extras_of(edition).uncertainty.get(index)
        for name in ("decile_low", "decile_high"):
            held = np.full(len(small), np.nan) if sure is None else getattr(sure, name)
            known = held > 0
            whole = np.where(known, held, 0).astype(np.uint8)
            self._values[name] = _nullable(whole, known, pa.uint8())
        self._how = pa.array([how.value for how in HOW], pa.string())

    def columns(self, area: Rows, outcome: Outcomes) -> dict[str, pa.Array]:
        """Return the columns for rows of areas (n,), -1 for none, and their outcomes."""
        rows = pa.array(area, mask=area < 0)
        own = pa.DictionaryArray.from_arrays(rows, self._area)
        picked: dict[str, pa.Array] = {"area_code": own}
        for name, (codes, parent) in self._codes.items():
            picked[name] = pa.DictionaryArray.from_arrays(parent.take(rows), codes)
        for name, values in self._values.items():
            picked[name] = values.take(rows)
        numbers, placed = outcome.astype(np.int32), outcome < len(Placed)
        for name, without in (("placed", ~placed), ("reason", placed)):
            indices = pa.array(numbers, mask=without)
            picked[name] = pa.DictionaryArray.from_arrays(indices, self._how)
        return picked


def result_fields(kinds: tuple[AreaKind, ...]) -> Mapping[str, pa.DataType]:
    """Return names and types of the columns, in order."""
    codes = {"area_code": TEXT} | {f"{kind.value}_code": TEXT for kind in kinds}
    numbers: dict[str, Any] = {"score": pa.float64()}
    numbers |= dict.fromkeys(("decile", "decile_low", "decile_high"), pa.uint8())
    return codes | numbers | {"placed": TEXT, "reason": TEXT}


def _nullable(
    values: npt.NDArray[Any], known: npt.NDArray[np.bool_], kind: pa.DataType
) -> pa.Array:
    return pa.array(values, mask=~known).cast(kind)
