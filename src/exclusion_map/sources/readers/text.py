"""Read CSV as publishers write it: byte order marks, cp1252, notes above the table.

Declared columns must be present; other columns are ignored, because lookups gain Welsh names and
object ids from one release to the next without changing their meaning. For the same reason,
headings may differ in capitals, notes may precede and follow the table, and a file saved by a
spreadsheet program may have semicolons, tabs or empty rows.
"""

import csv
import io
import warnings
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

import pandas as pd

from exclusion_map.errors import SourceError

_HTML_STARTS = ("<!doctype", "<html")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_DELIMITERS = (",", ";", "\t")
_LINES_ABOVE = 30
"""Number of first rows in which the headings must appear."""


def read_text(path: Path) -> str:
    """Return the text of a file: UTF-16 with a byte order mark, UTF-8, else cp1252.

    Raises:
        SourceError: the file cannot be read, is in none of these encodings, or is a web page.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(
            str(path),
            found=error.strerror or str(error),
            expected="a readable file",
            mend="Run `exclusion-map fetch`, or set EXCLUSION_MAP_RAW_DIR to your raw folder.",
        ) from None
    return decode(data, str(path))


def decode(data: bytes, name: str) -> str:
    """Return bytes as text: UTF-16 with a byte order mark, UTF-8 with or without one, else cp1252.

    Raises:
        SourceError: the bytes are in none of these encodings, or are a web page.
    """
    text = _decoded(data, name)
    if text[:200].lstrip().lower().startswith(_HTML_STARTS):
        raise SourceError(
            name,
            found="a web page",
            expected="a table of comma-separated values",
            mend="The address may have moved: download the file by hand from the publisher's page.",
        )
    if "\x00" in text:
        raise _no_text(name, "bytes that are not text")
    return text


def _decoded(data: bytes, name: str) -> str:
    # Older files are Windows text (cp1252), in which five byte values are undefined.
    encodings = ("utf-16",) if data.startswith(_UTF_16) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            found = f"byte {data[error.start]:#04x} at {error.start}"
    raise _no_text(name, found)


def _no_text(name: str, found: str) -> SourceError:
    return SourceError(
        name, found=found, expected="UTF-8 or cp1252 text", mend="Download the file again."
    )


def read_csv(
    path: Path,
    columns: Sequence[str],
    *,
    optional: Sequence[str] = (),
    key: Sequence[str] = (),
    needs_rows: bool = False,
) -> pd.DataFrame:
    """Return the declared columns of a CSV as text, in the order declared; an empty cell is NaN.

    Args:
        path: a CSV with a header row.
        columns: columns that must be present.
        optional: columns returned if present.
        key: columns that identify a row and must be unique. Identical rows are read once.
        needs_rows: whether to refuse a file of headings only.

    Raises:
        SourceError: the file is missing or damaged, a declared column is missing, two rows with
            the same key differ, or there are no rows although some are needed.
    """
    frame = parse_csv(read_text(path), columns, name=str(path), optional=optional, key=key)
    if frame.empty and needs_rows:
        raise SourceError(
            str(path),
            found="headings and no rows",
            expected="rows below the headings",
            mend="Download the file again, or remove it to build without it if possible.",
        )
    return frame


def parse_csv(
    text: str,
    columns: Sequence[str],
    *,
    name: str,
    optional: Sequence[str] = (),
    key: Sequence[str] = (),
) -> pd.DataFrame:
    """Return the declared columns of CSV text; see `read_csv`."""
    frame = parse_frame(text, name, dtype="str", columns=columns)
    wanted = [*columns, *(column for column in optional if column in frame.columns)]
    return _once(frame[wanted], key, name) if key else frame[wanted]


def _once(frame: pd.DataFrame, key: Sequence[str], name: str) -> pd.DataFrame:
    """Return the rows without repeats; refuse rows that differ but have the same key."""
    once = frame.drop_duplicates(ignore_index=True)
    twice = once[once.duplicated(list(key))]
    if len(twice):
        what = ", ".join(str(cell) for cell in twice.iloc[0][list(key)])
        raise SourceError(
            name,
            found=f"{len(twice)} rows that contradict an earlier row, such as the one of {what}",
            expected=f"one row for each {' and '.join(key)}",
            mend="Download the file again, or remove the rows that are wrong.",
        )
    return once


def header_of(text: str, name: str, delimiter: str = ",") -> list[str]:
    """Return the first row of CSV text.

    Raises:
        SourceError: there is none, or a column is repeated.
    """
    try:
        header = next(csv.reader(io.StringIO(text), delimiter=delimiter), [])
    except csv.Error as error:
        raise SourceError(
            name,
            found=f"no header row ({error})",
            expected="a header row with each column once",
            mend="Download the file again.",
        ) from None
    # Spreadsheets leave empty columns without a heading behind: these may repeat.
    twice = sorted({column for column in header if column and header.count(column) > 1})
    if not header or twice:
        raise SourceError(
            name,
            found=f"repeated columns: {twice}" if twice else "no header row",
            expected="a header row with each column once",
            mend="Download the file again.",
        )
    return header


def check_columns(header: Sequence[str], columns: Sequence[str], name: str) -> None:
    """Refuse a table that lacks a declared column.

    Raises:
        SourceError: it names the missing columns and those found.
    """
    missing = [column for column in columns if column not in header]
    if missing:
        raise SourceError(
            name,
            found=f"columns {list(header)}",
            expected=f"also {missing}",
            mend="The publisher may have changed the layout: compare with catalogue/sources.",
        )


def parse_frame(
    text: str, name: str, *, dtype: str | None = None, columns: Sequence[str] = ()
) -> pd.DataFrame:
    """Return CSV text as a frame; only an empty cell is missing (``NA`` may be a code).

    Args:
        text: the table, possibly with notes above and below it.
        name: name of the file in errors.
        dtype: type of all cells; by default inferred for each column.
        columns: headings that must be present. They mark the start of the table; headings that
            differ only in capitals or spaces are renamed to these.

    Raises:
        SourceError: a column is missing or repeated, or a row has more cells than the header.
    """
    start, delimiter = _start_of(text, columns)
    table = text[start:]
    if columns:
        header = renamed(header_of(table, name, delimiter), columns)
        check_columns(header, columns, name)
    try:
        with warnings.catch_warnings():
            # Pandas truncates rows that are too long and only warns. Such a row suggests an
            # unquoted comma, so that its cells may be under the wrong headings.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                io.StringIO(table),
                sep=delimiter,
                dtype=dtype,
                keep_default_na=False,
                na_values=[""],
                low_memory=False,
                index_col=False,
            )
    except (ValueError, pd.errors.ParserWarning) as error:
        raise SourceError(
            name,
            found=str(error).strip(),
            expected="rows no longer than the header",
            mend="Download the file again.",
        ) from None
    if columns:
        frame.columns = pd.Index(header)
        frame = frame.loc[:, [heading != "" for heading in header]]
    return _without_notes(frame)


def _start_of(text: str, columns: Sequence[str]) -> tuple[int, str]:
    """Return the position of the headings and the delimiter; (0, ",") if not found."""
    wanted = {_plain(column) for column in columns}
    for delimiter in _DELIMITERS if wanted else ():
        lines = io.StringIO(text)
        reader = csv.reader(lines, delimiter=delimiter)
        start = 0
        with suppress(csv.Error):
            for row in islice(reader, _LINES_ABOVE):
                if wanted <= {_plain(cell) for cell in row}:
                    return start, delimiter
                start = lines.tell()
    return 0, _DELIMITERS[0]


def renamed(header: Sequence[str], columns: Sequence[str]) -> list[str]:
    """Return headings, with variants in spelling replaced by the declared names."""
    names = {_plain(column): column for column in columns if column not in header}
    plain = [_plain(cell) for cell in header]
    return [
        names[key] if key in names and plain.count(key) == 1 else cell
        for cell, key in zip(header, plain, strict=True)
    ]


def _plain(heading: str) -> str:
    return " ".join(heading.split()).casefold()


def _without_notes(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table without empty rows and without the notes below it."""
    filled = frame.notna()
    kept = filled.any(axis=1).to_numpy().copy()
    if frame.shape[1] > 1:
        first, alone = frame.iloc[:, 0], filled.sum(axis=1).to_numpy() == 1
        for row in range(len(frame) - 1, -1, -1):
            if kept[row] and not (alone[row] and _in_words(first.iloc[row])):
                break
            kept[row] = False
    return frame if kept.all() else frame[kept].reset_index(drop=True)


def _in_words(cell: object) -> bool:
    """Return whether a cell holds a note rather than a code."""
    return isinstance(cell, str) and (" " in cell.strip() or cell.strip().endswith(":"))
