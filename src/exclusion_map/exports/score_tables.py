"""Scores and their uncertainty as tables: CSV, JSON, Arrow and Parquet of the same columns.

Missing values are null, in CSV empty cells; never 0.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from exclusion_map.areas.scoring import LevelScores
from exclusion_map.errors import InvalidRequestError
from exclusion_map.exports.areas_csv import safe_cell
from exclusion_map.index import Composite
from exclusion_map.index.uncertainty import Uncertainty
from exclusion_map.outputs import written_aside
from exclusion_map.terms import AreaKind

Column = npt.NDArray[Any] | Sequence[str]
Columns = Mapping[str, Column]
"""Columns by name, of one length: numbers with NaN (or 0 for ranks) for none, or text."""

_BATCH = 1000
_NONE_IS_0 = frozenset(
    {
        "rank",
        "ranked",
        "decile",
        "rank_low",
        "rank_median",
        "rank_high",
        "decile_low",
        "decile_high",
    }
)


class ScoreMeasure(StrEnum):
    """Figures available for an area's score."""

    SCORE = "score"
    RANK = "rank"
    DECILE = "decile"
    DATA_SHARE = "data_share"
    WORST_TENTH_SHARE = "worst_tenth_share"
    COMPONENTS = "components"


USUAL = tuple(measure for measure in ScoreMeasure if measure is not ScoreMeasure.COMPONENTS)
"""The measures included by default."""


def score_columns(
    scored: LevelScores, measures: Sequence[ScoreMeasure] = USUAL
) -> dict[str, Column]:
    """Return code, name, group of the base and the measures, one entry per area.

    If the definition imputes, ``imputed`` names the indicators that are estimates in each area.
    """
    level, scores = scored.level, scored.scores
    columns: dict[str, Column] = {"code": level.codes, "name": level.labels}
    if scored.base.groups is not None:
        names = (*scored.base.names, "")
        columns["base_group"] = [names[group] for group in scored.base.groups.tolist()]
    for measure in measures:
        if measure is ScoreMeasure.COMPONENTS:
            columns |= {f"component:{name}": each for name, each in scored.components.items()}
            continue
        columns[measure.value] = getattr(scores, measure.value)
        if measure is ScoreMeasure.RANK:
            columns["ranked"] = scored.ranked
    if scored.composite.imputed is not None and level.kind is AreaKind.SMALL_AREA:
        columns["imputed"] = _imputed(scored.composite)
    return columns


def _imputed(composite: Composite) -> list[str]:
    """Return the ids of the indicators imputed in each area, separated by spaces."""
    assert composite.imputed is not None  # noqa: S101 - asked for where gaps are filled
    ids = [leaf.node.id for leaf in composite.definition.leaves()]
    told = [""] * len(composite.codes)
    for row in np.flatnonzero(composite.imputed.any(axis=1)).tolist():
        told[row] = " ".join(ids[at] for at in np.flatnonzero(composite.imputed[row]).tolist())
    return told


def uncertainty_columns(found: Uncertainty) -> dict[str, Column]:
    """Return intervals, probability of the worst tenth and robustness, one per small area."""
    return {
        "rank_low": found.rank_low,
        "rank_median": found.rank_median,
        "rank_high": found.rank_high,
        "decile_low": found.decile_low,
        "decile_high": found.decile_high,
        "worst_tenth_probability": found.worst_tenth.astype(np.float64),
        "robustness": [str(one) for one in found.robustness.tolist()],
    }


def taken(columns: Columns, rows: npt.NDArray[np.integer[Any]]) -> dict[str, Column]:
    """Return the columns at some rows, in their order."""
    at = rows.tolist()
    return {
        name: column[rows] if isinstance(column, np.ndarray) else [column[row] for row in at]
        for name, column in columns.items()
    }


def plain_columns(columns: Columns) -> dict[str, list[Any]]:
    """Return the columns as Python values; missing values are None."""
    return {name: _plain(name, column) for name, column in columns.items()}


def _plain(name: str, column: Column) -> list[Any]:
    if not isinstance(column, np.ndarray):
        return [text or None for text in column]
    listed: list[Any] = column.tolist()
    if name in _NONE_IS_0:
        return [number or None for number in listed]
    return [None if number != number else number for number in listed]


def records(columns: Columns) -> list[dict[str, Any]]:
    """Return one dict per area."""
    plain = plain_columns(columns)
    return [dict(zip(plain, row, strict=True)) for row in zip(*plain.values(), strict=True)]


def csv_text(columns: Columns) -> Iterator[str]:
    """Yield CSV (RFC 4180), a heading and then a thousand rows at a time.

    Numbers have full precision; text that begins like a formula gets a leading apostrophe.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(columns)
    count = len(next(iter(columns.values())))
    for start in range(0, count, _BATCH):
        # In parts, because a country as Python numbers takes tens of megabytes.
        part = {name: column[start : start + _BATCH] for name, column in columns.items()}
        for row in zip(*plain_columns(part).values(), strict=True):
            writer.writerow([safe_cell(cell) if isinstance(cell, str) else cell for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def arrow_table(columns: Columns, metadata: Mapping[str, str] | None = None) -> pa.Table:
    """Return an Arrow table; ``metadata`` describes what was computed."""
    arrays = [_arrow(name, column) for name, column in columns.items()]
    table = pa.Table.from_arrays(arrays, names=list(columns))
    return table.replace_schema_metadata(dict(metadata or {}))


def _arrow(name: str, column: Column) -> pa.Array:
    """Return a column straight from its buffers: `pa.array` would import pandas."""
    if isinstance(column, np.ndarray):
        values = np.ascontiguousarray(column)
        missing = values == 0 if name in _NONE_IS_0 else np.isnan(values)
        kind = pa.from_numpy_dtype(values.dtype)
        buffers = [_valid(~missing), pa.py_buffer(values)]
        return pa.Array.from_buffers(kind, len(values), buffers, int(missing.sum()))
    encoded = [text.encode() for text in column]
    lengths = np.array([len(text) for text in encoded], dtype=np.int64)
    ends = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    buffers = [_valid(lengths > 0), pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.string(), len(encoded), buffers, int((lengths == 0).sum()))


def _valid(flags: npt.NDArray[np.bool_]) -> pa.Buffer:
    return pa.py_buffer(np.packbits(flags, bitorder="little"))


def arrow_bytes(table: pa.Table) -> bytes:
    """Return a table as an Arrow IPC stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    body: bytes = sink.getvalue().to_pybytes()
    return body


FORMATS = (".csv", ".parquet", ".json", ".arrow")


def check_format(path: Path) -> None:
    """Raise InvalidRequestError if a file name does not have a supported extension."""
    if path.suffix.lower() not in FORMATS:
        raise InvalidRequestError(
            f"output {path.name}",
            found=f"ending {path.suffix!r}",
            expected=f"one of {', '.join(FORMATS)}",
        )


def write_table(path: Path, columns: Columns, metadata: Mapping[str, str]) -> None:
    """Write columns in the format of the file's extension; it gets its name when complete.

    Raises:
        InvalidRequestError: the format is not supported, or the file cannot be written.
    """
    check_format(path)
    ending = path.suffix.lower()
    with written_aside(path) as draft:
        if ending == ".csv":
            with draft.open("w", encoding="utf-8", newline="") as file:
                file.writelines(csv_text(columns))
        elif ending == ".json":
            whole = {**metadata, "areas": records(columns)}
            draft.write_text(json.dumps(whole, ensure_ascii=False), encoding="utf-8")
        elif ending == ".parquet":
            pq.write_table(arrow_table(columns, metadata), draft)
        else:
            table = arrow_table(columns, metadata)
            with pa.OSFile(str(draft), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
                writer.write_table(table)
