"""Points from tables: which files there are, their columns, parts, and batches of a part."""

import mmap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from exclusion_map.errors import InvalidRequestError
from exclusion_map.placing.folders import Keys, tables_in
from exclusion_map.placing.order import Part
from exclusion_map.placing.texts import Text, look, plain_copy

PART_ROWS: Final = 1_000_000
PART_BYTES: Final = 32_000_000
"""Of a CSV file: a part is read into memory as a whole."""

Forms = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".csv.gz": "csv",
    ".tsv.gz": "csv",
}


@dataclass(frozen=True, kw_only=True)
class Input:
    """A file of points."""

    file: Path
    keys: Keys = ()
    """Columns that the names of its folders say, with what they hold."""
    text: Text | None = None
    """How to read it if it is a table of text."""


def input_files(path: Path) -> tuple[Input, ...]:
    """Return the file, or the files of a folder in the order of their names.

    Raises:
        InvalidRequestError: there is none, they are not of one form, or one cannot be read.
    """
    if path.is_dir():
        files = tables_in(path, lambda file: _ending(file) in Forms)
    else:
        files = {path: ()} if path.is_file() else {}
    if not files:
        raise _refused(path, "no such file" if not path.is_dir() else "no .parquet or .csv in it")
    if len({form_of(file) for file in files}) > 1:
        raise _refused(path, "both Parquet and CSV files")
    return tuple(_input(file, keys) for file, keys in files.items())


def _input(file: Path, keys: Keys) -> Input:
    try:
        return Input(file=file, keys=keys, text=look(file) if form_of(file) == "csv" else None)
    except OSError as error:
        raise _refused(file, f"unreadable ({error.strerror or error})") from None


def readable(files: tuple[Input, ...], folder: Path) -> tuple[Input, ...]:
    """Return the files with absolute names, those of text as UTF-8: copied if they are not.

    Raises:
        InvalidRequestError: one is damaged, or its copy cannot be written.
    """
    ready = []
    for one in files:
        given = replace(one, file=one.file.resolve())
        try:
            text = one.text and plain_copy(replace(one.text, file=given.file), folder)
        except OSError as error:
            raise InvalidRequestError(
                f"copy of {one.file.name} in {folder}",
                found=error.strerror or str(error),
                expected="a readable file, and room for a copy of it as UTF-8",
            ) from None
        ready.append(replace(given, file=text.file if text else given.file, text=text))
    return tuple(ready)


def form_of(path: Path, what: str = "input") -> str:
    """Return ``parquet`` or ``csv`` by the ending of a name.

    Raises:
        InvalidRequestError: it is neither.
    """
    try:
        return Forms[_ending(path)]
    except KeyError:
        raise InvalidRequestError(
            f"{what} {path}",
            found=f"the ending {path.suffix or 'of none'!r}",
            expected=_EXPECTED,
        ) from None


def _ending(path: Path) -> str:
    """Return the ending of a name, with what comes before the .gz of a packed file."""
    last = path.suffix.lower()
    return Path(path.stem).suffix.lower() + last if last == ".gz" else last


def input_schema(files: tuple[Input, ...]) -> pa.Schema:
    """Return names and types of the columns, the same in all files; of CSV all are text.

    Columns that folders say come last.

    Raises:
        InvalidRequestError: a file is unreadable, or its columns are not those of the first.
    """
    schemas = [_schema(one) for one in files]
    first = files[0].file
    for one, schema in zip(files, schemas, strict=True):
        if not schema.equals(schemas[0]):
            raise InvalidRequestError(
                f"input {one.file.name}",
                found=f"columns {_words(schema)}"[:300],
                expected=f"those of {first.name}: {_words(schemas[0])}"[:300],
            )
    names = schemas[0].names
    if "" in names:
        raise _refused(first, "columns without a name", "a name for each column")
    twice = [name for number, name in enumerate(names) if name in names[:number]]
    if twice:
        raise _refused(first, f"two columns {twice[0]!r}", "a name of its own for each column")
    return schemas[0]


def _words(schema: pa.Schema) -> str:
    return ", ".join(f"{one.name} ({one.type})" for one in schema)


def cut(files: tuple[Input, ...], part_rows: int = PART_ROWS) -> tuple[Part, ...]:
    """Cut files into parts of about ``part_rows`` rows, or ``PART_BYTES`` bytes of CSV.

    A row group of Parquet is never cut: it is read in batches in any case.
    """
    parts: list[Part] = []
    for one in files:
        number = len(parts)
        made = (
            _cut_csv(one.text, number, part_rows)
            if one.text
            else _cut_parquet(one.file, number, part_rows)
        )
        parts.extend(replace(part, keys=one.keys) for part in made)
    return tuple(parts)


def batches(part: Part, columns: tuple[str, ...], batch_rows: int) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a part, at most ``batch_rows`` at a time.

    Raises:
        InvalidRequestError: the file is damaged.
    """
    keys = dict(part.keys)
    inside = [name for name in columns if name not in keys]
    for batch in _batches(part, inside, batch_rows):
        said = {
            name: pa.repeat(pa.scalar(value, pa.string()), batch.num_rows)
            for name, value in part.keys
            if name in columns
        }
        held = {name: batch.column(name) for name in inside} | said
        yield pa.RecordBatch.from_pydict(held) if said else batch


def _batches(part: Part, columns: list[str], batch_rows: int) -> Iterator[pa.RecordBatch]:
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
                batch_rows, row_groups=part.row_groups, columns=columns, use_threads=False
            )
    except (pa.ArrowException, OSError) as error:
        where = f"bytes {part.start:,} to {part.stop:,}" if part.columns else "row groups"
        raise InvalidRequestError(
            f"input {part.file.name}, part {part.number} ({where})",
            found=f"unreadable ({str(error).splitlines()[0]})",
            expected="a table of points",
        ) from None


def _schema(one: Input) -> pa.Schema:
    if one.text:
        inside = pa.schema([(name, pa.string()) for name in one.text.names])
    else:
        try:
            inside = pq.read_schema(one.file).remove_metadata()
        except (pa.ArrowException, OSError) as error:
            raise _refused(one.file, f"unreadable ({str(error).splitlines()[0]})") from None
    said = [pa.field(name, pa.string()) for name, _ in one.keys]
    return pa.schema([*inside, *said])


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


def _cut_csv(table: Text, first: int, part_rows: int) -> Iterator[Part]:
    """Cut at ends of lines that are not inside quotes: their number up to there is even."""
    start, size = table.start, table.file.stat().st_size
    most = min(PART_BYTES, part_rows * 40)
    if start >= size:
        return
    with (
        table.file.open("rb") as stream,
        mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as text,
    ):
        while start < size:
            stop = _line_end(text, start, min(start + most, size), size)
            yield Part(
                number=first,
                file=table.file,
                start=start,
                stop=stop,
                columns=table.names,
                delimiter=table.delimiter,
            )
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


def _csv_batches(part: Part, columns: list[str], batch_rows: int) -> Iterator[pa.RecordBatch]:
    with part.file.open("rb") as stream:
        stream.seek(part.start)
        text = stream.read(part.stop - part.start)
    table = pacsv.read_csv(
        pa.py_buffer(text),
        pacsv.ReadOptions(column_names=list(part.columns), use_threads=False),
        pacsv.ParseOptions(newlines_in_values=True, delimiter=part.delimiter),
        # All is text: codes keep their leading zeros, and no part guesses another type.
        pacsv.ConvertOptions(
            column_types=dict.fromkeys(part.columns, pa.string()),
            include_columns=columns,
            strings_can_be_null=False,
        ),
    )
    yield from table.to_batches(batch_rows)


_EXPECTED: Final = "a .parquet or .csv file, or a folder of them"


def _refused(path: Path, found: str, expected: str = _EXPECTED) -> InvalidRequestError:
    return InvalidRequestError(f"input {path}", found=found, expected=expected)
