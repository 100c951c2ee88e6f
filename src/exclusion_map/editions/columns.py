"""Columns of Parquet tables as numpy arrays and tuples of text, with pyarrow and numpy alone.

pandas and geopandas stay out of the service: they cost a second of start-up and 100 MB, and serving
needs neither. Some of pyarrow's own ways import pandas too (``pq.read_table``, ``Table.filter``,
``pa.scalar``, ``to_numpy`` where it must copy); none of them is used here.
"""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from exclusion_map.errors import EditionError

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int32]
Text = tuple[str, ...]


def read_columns(path: Path, columns: tuple[str, ...], optional: tuple[str, ...] = ()) -> pa.Table:
    """Return the named columns of a table; optional ones only where it has them.

    Raises:
        EditionError: it is not a Parquet table, or lacks a column.
    """
    try:
        metadata = pq.read_metadata(path)
        types = metadata.schema.to_arrow_schema()
        missing = [name for name in columns if name not in types.names]
        if missing:
            raise EditionError(
                f"edition table {path}",
                found=f"no column {missing[0]!r}",
                expected=f"columns {', '.join(columns)}",
                mend="Build the edition again.",
            )
        wanted = [*columns, *(name for name in optional if name in types.names)]
        words = [name for name in wanted if not _is_number(types.field(name).type)]
        with pq.ParquetFile(
            path, memory_map=True, pre_buffer=False, metadata=metadata, read_dictionary=words
        ) as file:
            # One thread: with more, each keeps memory for itself that is never given back.
            return file.read(columns=wanted, use_threads=False)
    except (OSError, pa.ArrowException) as error:
        raise EditionError(
            f"edition table {path}",
            found=f"unreadable ({str(error).splitlines()[0]})",
            expected="a Parquet table",
            mend="The edition is damaged: build it again.",
        ) from None


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def plain(array: pa.Array | pa.ChunkedArray) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
    """Return the values of a column of numbers and which are not null, straight from its buffers.

    What stands where a value is null is undefined.
    """
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if isinstance(array, pa.ChunkedArray):  # What older versions of pyarrow return.
        array = array.chunk(0) if array.num_chunks else pa.array([], array.type)
    start, stop = array.offset, array.offset + len(array)
    validity, data = array.buffers()
    if not len(array) or data is None:
        return np.empty(0, dtype=array.type.to_pandas_dtype()), np.empty(0, dtype=bool)
    values = np.frombuffer(data, dtype=array.type.to_pandas_dtype())[start:stop]
    if validity is None:
        return values, np.ones(len(array), dtype=bool)
    bits = np.unpackbits(np.frombuffer(validity, dtype=np.uint8), bitorder="little")
    return values, bits[start:stop].astype(bool)


def floats(table: pa.Table, name: str) -> Floats:
    """Return a column as float64; null becomes NaN."""
    values, valid = plain(table.column(name))
    return np.where(valid, values.astype(np.float64), np.nan)


def texts(table: pa.Table, name: str) -> Text:
    """Return a column of text; null becomes the empty text; () where there is no such column.

    Equal texts are one object, so a column of few values takes little memory.
    """
    if name not in table.column_names:
        return ()
    values, at = encoded(table, name)
    known = (*values, "")  # The last one is for -1, null.
    return tuple(map(known.__getitem__, at.tolist()))


def encoded(table: pa.Table, name: str) -> tuple[Text, Rows]:
    """Return a column of text as its distinct texts and, for each row, which; -1 = null."""
    column = table.column(name)
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    chunks = column.unify_dictionaries().chunks
    if not chunks:
        return (), np.empty(0, dtype=np.int32)
    parts = [np.where(valid, at, -1) for at, valid in (plain(chunk.indices) for chunk in chunks)]
    return tuple(chunks[0].dictionary.to_pylist()), np.concatenate(parts).astype(np.int32)


def runs(table: pa.Table, name: str) -> dict[str, pa.Table]:
    """Split a table by a column whose equal values stand together; the parts share its memory.

    Raises:
        ValueError: equal values do not stand together.
    """
    values, at = encoded(table, name)
    if not len(at):
        return {}
    starts = np.flatnonzero(np.diff(at, prepend=-2))
    ends = np.append(starts[1:], len(at))
    found = {
        values[at[start]]: table.slice(int(start), int(end - start))
        for start, end in zip(starts, ends, strict=True)
    }
    if len(found) != len(starts):
        raise ValueError(f"{name} is not in one piece")
    return found
