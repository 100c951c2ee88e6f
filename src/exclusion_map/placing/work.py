"""Place one part: the same function here and in the workers of a cluster.

A part appears under its name only when it is whole, and says the same whoever writes it: two
workers that were given the same part do no harm.
"""

import os
import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from exclusion_map.editions.reader import open_edition
from exclusion_map.errors import InvalidRequestError
from exclusion_map.placing.inputs import batches
from exclusion_map.placing.joined import AreaColumns, result_fields
from exclusion_map.placing.locator import Locator
from exclusion_map.placing.order import CODE, HOW, Part, PartDone, Reason, Task
from exclusion_map.placing.points import degrees, swapped
from exclusion_map.placing.postcodes import PostcodeRows
from exclusion_map.terms import AreaKind

_opening = threading.Lock()


class _Placer:
    """An edition opened to place rows by a task; threads of a process share one."""

    def __init__(self, task: Task) -> None:
        edition = open_edition(task.edition)
        small = edition.atlas.level(AreaKind.SMALL_AREA)
        self._task = task
        self._columns = AreaColumns(edition, task.index, task.kinds)
        self._locator = Locator(task.edition, small, task.grid, task.coast_m)
        spot = task.spot
        self._postcodes = PostcodeRows(task.edition / "postcodes.arrow") if spot.postcode else None

    def place(self, batch: pa.RecordBatch) -> tuple[pa.RecordBatch, np.ndarray[Any, Any]]:
        """Return a batch with the columns of areas, and the outcome of each row."""
        task = self._task
        if self._postcodes is not None:
            area, outcome = self._postcodes.place(batch.column(task.spot.postcode))
        else:
            x, y, wrong = degrees(batch, task.spot)
            area, outcome = self._locator.place(x, y)
            outcome = np.where(wrong < len(HOW), wrong, outcome)
            outside = np.flatnonzero(outcome == CODE[Reason.OUTSIDE])
            outcome[outside[swapped(x[outside], y[outside])]] = CODE[Reason.SWAPPED]
        joined = self._columns.columns(area, outcome)
        columns = {name: batch.column(name) for name in task.keep}
        columns |= {task.prefix + name: column for name, column in joined.items()}
        return pa.RecordBatch.from_pydict(columns), outcome


@lru_cache(maxsize=2)
def _opened(task: Task) -> _Placer:
    return _Placer(task)


def placer(task: Task) -> _Placer:
    """Return what places rows by a task, opened once in a process."""
    with _opening:
        return _opened(task)


def part_path(task: Task, number: int) -> Path:
    """Return where a part stands when it is done."""
    return task.parts / f"part-{number:06d}.{task.form}"


def output_schema(given: pa.Schema, keep: tuple[str, ...], prefix: str, kinds: Any) -> pa.Schema:
    """Return the columns of the output: what is kept of the input, then what areas bring."""
    fields = [given.field(name) for name in keep]
    fields += [pa.field(prefix + name, kind) for name, kind in result_fields(kinds).items()]
    return pa.schema(fields)


def place_part(task: Task, part: Part, on_rows: Callable[[int], None] = lambda _: None) -> PartDone:
    """Place the rows of a part and write them to their file.

    Args:
        task: what to do.
        part: which rows.
        on_rows: told how many rows were placed after each batch.

    Raises:
        InvalidRequestError: the input is damaged, or the part cannot be written.
    """
    placing = placer(task)
    path = part_path(task, part.number)
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    counts = np.zeros(len(HOW), dtype=np.int64)
    try:
        with draft.open("wb") as stream:
            writer = None
            for batch in batches(part, _needed(task), task.batch_rows):
                placed, outcome = placing.place(batch)
                writer = writer or open_writer(stream, placed.schema, task.form, header=False)
                write_batch(writer, placed)
                counts += np.bincount(outcome, minlength=len(HOW))
                on_rows(len(outcome))
            if writer is not None:
                writer.close()
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    except OSError as error:
        raise InvalidRequestError(
            f"part {path}",
            found=error.strerror or str(error),
            expected="a writable folder, the same for all workers",
        ) from None
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    outcomes = {how.value: int(count) for how, count in zip(HOW, counts, strict=True) if count}
    return PartDone(number=part.number, rows=int(counts.sum()), outcomes=outcomes)


def open_writer(stream: Any, schema: pa.Schema, form: str, *, header: bool) -> Any:
    """Return a writer of Parquet or CSV; dictionaries of CSV become text."""
    if form == "csv":
        options = pacsv.WriteOptions(include_header=header)
        return pacsv.CSVWriter(stream, _spelt(schema), write_options=options)
    words = [one.name for one in schema if not pa.types.is_floating(one.type)]
    scores = [one.name for one in schema if one.name.endswith("score")]
    return pq.ParquetWriter(
        stream, schema, compression="zstd", compression_level=1, use_dictionary=words + scores
    )


def write_batch(writer: Any, batch: pa.RecordBatch) -> None:
    """Write a batch with either writer."""
    if isinstance(writer, pq.ParquetWriter):
        writer.write_batch(batch)
    else:
        writer.write_batch(batch.cast(_spelt(batch.schema)))


def _spelt(schema: pa.Schema) -> pa.Schema:
    return pa.schema(
        [
            one.with_type(one.type.value_type) if pa.types.is_dictionary(one.type) else one
            for one in schema
        ]
    )


def _needed(task: Task) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*task.keep, *task.spot.columns)))
