"""Parts into the output: one file, or a folder of parts; it appears under its name when whole."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, Final

import pyarrow as pa
import pyarrow.parquet as pq

from exclusion_map.editions.workshop import sync_folder
from exclusion_map.placing.ledger import Ledger
from exclusion_map.placing.work import open_writer, write_batch

_PIECE: Final = 8 << 20


def finish(ledger: Ledger, output: Path, schema: pa.Schema, form: str, batch_rows: int) -> None:
    """Make the parts into the output and remove the work folder.

    Args:
        ledger: with every part done.
        output: a file with an ending, or a folder without.
        schema: of the output; what it says of itself goes into Parquet files.
        form: ``parquet`` or ``csv``.
        batch_rows: rows in hand at a time.
    """
    parts = [path for path in sorted(ledger.parts.iterdir()) if path.name.startswith("part-")]
    if not output.suffix:
        ledger.parts.replace(output)
    else:
        draft = ledger.folder / f".whole{output.suffix}"
        with draft.open("wb") as stream:
            if form == "csv":
                writer = open_writer(stream, schema, form, header=True)
                writer.close()
                _copy(parts, stream)
            else:
                _join(parts, stream, schema, batch_rows)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(output)
    sync_folder(output.parent)
    shutil.rmtree(ledger.folder, ignore_errors=True)


def _copy(parts: Iterable[Path], stream: BinaryIO) -> None:
    for path in parts:
        with path.open("rb") as source:
            shutil.copyfileobj(source, stream, _PIECE)


def _join(parts: Iterable[Path], stream: BinaryIO, schema: pa.Schema, batch_rows: int) -> None:
    words = [one.name for one in schema if pa.types.is_dictionary(one.type)]
    with open_writer(stream, schema, "parquet", header=False) as writer:
        for path in parts:
            with pq.ParquetFile(path, pre_buffer=False, read_dictionary=words) as file:
                for batch in file.iter_batches(batch_rows, use_threads=False):
                    whole = pa.RecordBatch.from_arrays(batch.columns, schema=schema)
                    write_batch(writer, whole)
