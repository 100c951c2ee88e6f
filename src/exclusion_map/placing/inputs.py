"""Points from Parquet and CSV files: what columns there are, parts, and batches of a part."""

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from exclusion_map.errors import InvalidRequestError
from exclusion_map.placing.order import Part

PART_ROWS: Final = 1_000_000
PART_BYTES: Final = 32_000_000
"""Of a CSV file: a part is read into memory as a whole."""

Forms = {".parquet": "parquet", ".pq": "parquet", ".csv": "csv"}


def input_files(path: Path) -> tuple[Path, ...]:
    """Return the file, or the files of a folder in the order of their names.

    Raises:
        InvalidRequestError: there is none, or they are not of one form.
    """
    if path.is_dir():
        files = tuple(sorted(one for one in path.iterdir() if one.suffix.lower() in Forms))
    else:
        files = (path,) if path.is_file() else ()
    if not files:
        raise _refused(path, "no such file" if not path.is_dir() else "no .parquet or .csv in it")
    if len({form_of(file) for file in files}) > 1:
        raise _refused(path, "both Parquet and CSV files")
    return files


def form_of(path: Path) -> str:
    """Return ``parquet`` or ``csv`` by the ending of a name.

    Raises:
        InvalidRequestError: it is neither.
    """
    try:
        return Forms[path.suffix.lower()]
    except KeyError:
        raise _refused(path, f"the ending {path.suffix or 'of none'!r}") from None


def input_schema(files: tuple[Path, ...]) -> pa.Schema:
    """Return names and types of the columns, the same in all files; of CSV all are text.

    Raises:
        InvalidRequestError: a file is unreadable, or its columns are not those of the first.
    """
    schemas = [_schema(file) for file in files]
    for file, schema in zip(files, schemas, strict=True):
        if not schema.equals(schemas[0]):
            raise InvalidRequestError(
                f"input {file.name}",
                found=f"columns {', '.join(map(str, schema))}"[:200],
                expected=f"those of {files[0].name}: {', '.join(map(str, schemas[0]))}"[:200],
            )
    names = schemas[0].names
    if len(set(names)) < len(names) or "" in names:
        raise _refused(files[0], "columns without a name of their own", "a name for each column")
    return schemas[0]


def cut(files: tuple[Path, ...], part_rows: int = PART_ROWS) -> tuple[Part, ...]:
    """Cut files into parts of about ``part_rows`` rows, or ``PART_BYTES`` bytes of CSV.

    A row group of Parquet is never cut: it is read in batches in any case.
    """
    parts: list[Part] = []
    for file in files:
        cutter = _cut_parquet if form_of(file) == "parquet" else _cut_csv
        parts.extend(cutter(file, len(parts), part_rows))
    return tuple(parts)


def batches(part: Part, columns: tuple[str, ...], batch_rows: int) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a part, at most ``batch_rows`` at a time.

    Raises:
        InvalidRequestError: the file is damaged.
    """
    try:
        if part.columns:
            yield from _csv_batches(part, columns, batch_rows)
            return
        # Pages are read as they are needed: a row group need not fit into memory.
        with pq.ParquetFile(part.file, pre_buffer=False, buffer_size=1 << 20) as file:
            if not part.rows:
                # Files of partitions without rows have columns all the same, and so has the output.
                given = file.schema_arrow.remove_metadata()
                none = pa.schema([given.field(name) for name in columns]).empty_table()
                yield pa.RecordBatch.from_arrays(
                    [column.combine_chunks() for column in none.columns], schema=none.schema
                )
                return
            yield from file.iter_batches(
                batch_rows, row_groups=part.row_groups, columns=list(columns), use_threads=False
            )
    except (pa.ArrowException, OSError) as error:
        where = f"bytes {part.start:,} to {part.stop:,}" if part.columns else "row groups"
        raise InvalidRequestError(
            f"input {part.file.name}, part {part.number} ({where})",
            found=f"unreadable ({str(error).splitlines()[0]})",
            expected="a table of points",
        ) from None


def _schema(file: Path) -> pa.Schema:
    try:
        if form_of(file) == "parquet":
            return pq.read_schema(file).remove_metadata()
        return pa.schema([(name, pa.string()) for name in _header(file)[0]])
    except (pa.ArrowException, OSError) as error:
        raise _refused(file, f"unreadable ({str(error).splitlines()[0]})") from None


def _header(file: Path) -> tuple[list[str], int]:
    """Return the names of a CSV file's columns, and where the rows begin."""
    with file.open("rb") as stream:
        line = stream.readline(1 << 20)
    if b'"' in line and line.count(b'"') % 2:
        raise _refused(file, "a column's name over two lines")
    bare = line.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n")
    if not bare:
        return [], len(line)
    table = pacsv.read_csv(
        pa.py_buffer(bare + b"\n"),
        pacsv.ReadOptions(autogenerate_column_names=True, use_threads=False),
    )
    return [str(column[0].as_py() or "").strip() for column in table.columns], len(line)


def _cut_parquet(file: Path, first: int, part_rows: int) -> Iterator[Part]:
    metadata = pq.read_metadata(file)
    groups: list[int] = []
    rows = 0
    for group in range(metadata.num_row_groups):
        groups.append(group)
        rows += metadata.row_group(group).num_rows
        if rows >= part_rows or group == metadata.num_row_groups - 1:
            yield Part(number=first, file=file, row_groups=tuple(groups), rows=rows)
            first, groups, rows = first + 1, [], 0


def _cut_csv(file: Path, first: int, part_rows: int) -> Iterator[Part]:
    """Cut at ends of lines that are not inside quotes: their number up to there is even."""
    names, start = _header(file)
    size = file.stat().st_size
    most = min(PART_BYTES, part_rows * 40)
    if start >= size:
        return
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as text:
        while start < size:
            stop = _line_end(text, start, min(start + most, size), size)
            yield Part(number=first, file=file, start=start, stop=stop, columns=tuple(names))
            first, start = first + 1, stop


def _line_end(text: mmap.mmap, start: int, near: int, size: int) -> int:
    """Return the end of the first whole line that ends at or after ``near``."""
    even = text[start:near].count(b'"') % 2 == 0
    while near < size:
        at = text.find(b"\n", near)
        if at < 0:
            return size
        even ^= text[near : at + 1].count(b'"') % 2 == 1
        near = at + 1
        if even:
            return near
    return size


def _csv_batches(part: Part, columns: tuple[str, ...], batch_rows: int) -> Iterator[pa.RecordBatch]:
    with part.file.open("rb") as stream:
        stream.seek(part.start)
        text = stream.read(part.stop - part.start)
    table = pacsv.read_csv(
        pa.py_buffer(text),
        pacsv.ReadOptions(column_names=list(part.columns), use_threads=False),
        pacsv.ParseOptions(newlines_in_values=True),
        # All is text: codes keep their leading zeros, and no part guesses another type.
        pacsv.ConvertOptions(
            column_types=dict.fromkeys(part.columns, pa.string()),
            include_columns=list(columns),
            strings_can_be_null=False,
        ),
    )
    yield from table.to_batches(batch_rows)


_EXPECTED: Final = "a .parquet or .csv file, or a folder of them"


def _refused(path: Path, found: str, expected: str = _EXPECTED) -> InvalidRequestError:
    return InvalidRequestError(f"input {path}", found=found, expected=expected)
