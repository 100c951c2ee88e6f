"""A list that somebody brings: rows of text from CSV or a workbook, within limits.

Lists may hold what identifies people, postcodes above all. Nothing of one is written to the disk,
logged, or told in an error beyond the number of a row.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from exclusion_map.errors import TooLargeError
from exclusion_map.uploads.limits import Limits
from exclusion_map.uploads.refusals import refused, shown, too_large
from exclusion_map.uploads.sandbox import Source, always, content_of, run
from exclusion_map.uploads.sniffing import foreign
from exclusion_map.uploads.text import DELIMITERS, decode, delimiter_of, records_of

if TYPE_CHECKING:
    from exclusion_map.settings import UploadSettings

_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_LIST: Final = "a list: CSV, text with tabs, or a workbook (.xlsx)"


@dataclass(frozen=True, eq=False, slots=True)
class TextTable:
    """A list as text.

    Attributes:
        columns: the headings, or "column 1" and so on where the first row is none.
        rows: the cells, each row as long as ``columns``; rows without any text are left out of the
            end only, so that row N of the file is ``rows[N - first_row]``.
        first_row: the row of the file, from 1, that ``rows[0]`` is.
        headed: whether the first row was taken for headings.
        notes: what was decided to read it, as sentences.
    """

    columns: tuple[str, ...]
    rows: list[list[str]]
    first_row: int
    headed: bool
    notes: tuple[str, ...] = ()

    def column(self, at: int) -> list[str]:
        """Return the cells of a column."""
        return [row[at] for row in self.rows]

    def csv(self) -> str:
        """Return it as CSV with commas, headings first where there are any."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        if self.headed:
            writer.writerow(self.columns)
        writer.writerows(self.rows)
        return text.getvalue()


def read_rows(
    source: Source,
    name: str,
    limits: "UploadSettings | None" = None,
    *,
    sheet: str = "",
    wanted: Callable[[], bool] = always,
) -> TextTable:
    """Return the rows of a CSV, TSV, XLSX or XLS file; its form is told by its content.

    Args:
        source: bytes, a path, or an open file, which is read from its beginning.
        name: of the file, for messages.
        limits: how large it may be; the settings' if left out.
        sheet: of a workbook; the first that holds a list if left out.
        wanted: asked now and then while a workbook is read; the work ends when it says no.

    Raises:
        InvalidRequestError: it is no list.
        TooLargeError: it is beyond a limit, which is told.
    """
    name, most = shown(name), Limits.of(limits)
    data = content_of(source, name, most)
    if data.startswith(_WORKBOOKS):
        task = {"what": "workbook", "sheet": sheet[:100]}
        head, body = run(task, data, name, most, wanted)
        records, notes = json.loads(body), [str(one) for one in head["notes"]]
    else:
        _check_text(data, name)
        text, notes = decode(data, f"file {name}")
        delimiter = delimiter_of(text)
        if delimiter != ",":
            notes = [*notes, f"Cells are set apart by {DELIMITERS[delimiter]}."]
        records = list(_within(records_of(text, delimiter, f"file {name}"), name, most))
    return _table(records, name, most, notes)


def too_many_rows(name: str, limits: Limits) -> TooLargeError:
    """Return the error of a list with too many rows."""
    return _beyond(name, "rows", limits.max_rows, "Split the list.")


def too_many_columns(name: str, limits: Limits) -> TooLargeError:
    """Return the error of a list with too many columns."""
    return _beyond(name, "columns", limits.max_columns, "Keep only the columns that are needed.")


def _beyond(name: str, what: str, most: int, mend: str) -> TooLargeError:
    return too_large(name, f"more than {most:,} {what}", f"at most {most:,}", mend)


def _check_text(data: bytes, name: str) -> None:
    start = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not data.strip():
        raise refused(name, "an empty file", _LIST)
    if words := foreign(data):
        raise refused(name, words, _LIST)
    if start.startswith((b"{", b"[", b"<")):
        raise refused(name, "something that is no list", _LIST)


def _within(records: Iterator[list[str]], name: str, limits: Limits) -> Iterator[list[str]]:
    for at, record in enumerate(records):
        if at > limits.max_rows:
            raise too_many_rows(name, limits)
        if len(record) > limits.max_columns:
            raise too_many_columns(name, limits)
        yield record


def _table(
    records: Sequence[list[str]], name: str, limits: Limits, notes: Sequence[str]
) -> TextTable:
    last = next((at for at in range(len(records), 0, -1) if _filled(records[at - 1])), 0)
    if not last:
        raise refused(name, "no text in any cell", _LIST)
    held = records[:last]
    width = max(map(len, held))
    for at, row in enumerate(held):
        if any(len(cell) > limits.max_cell for cell in row):
            raise too_large(
                name,
                f"a cell of more than {limits.max_cell:,} characters in row {at + 1:,}",
                "cells of a list",
                "Look for a quotation mark that is not closed, or leave that column out.",
            )
        if len(row) < width:
            row.extend([""] * (width - len(row)))
    first = [cell.strip() for cell in held[0]]
    headed = len(held) > 1 and all(first) and not any(s.isdigit() for cell in first for s in cell)
    columns = tuple(first) if headed else tuple(f"column {at + 1}" for at in range(width))
    rows = list(held[1:] if headed else held)
    return TextTable(columns, rows, 2 if headed else 1, headed, tuple(notes))


def _filled(row: Sequence[str]) -> bool:
    return any(cell.strip() for cell in row)
