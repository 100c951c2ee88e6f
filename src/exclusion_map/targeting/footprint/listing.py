"""A list as people have it, read in memory: any separator, encoding, heading or none.

Nothing here touches the disk, and no text of a list stands in an error: lists may tell of persons.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any, Self, overload

import numpy as np
import numpy.typing as npt

from exclusion_map.errors import InvalidRequestError
from exclusion_map.settings import UploadSettings
from exclusion_map.stopping import as_wanted
from exclusion_map.targeting.footprint.columns import Columns, columns_of, flat, heading_at
from exclusion_map.uploads.rows import read_rows
from exclusion_map.uploads.sniffing import foreign
from exclusion_map.uploads.text import decode

Places = npt.NDArray[np.int64]
SEPARATORS = ("\t", ";", "|", ",")
"""The first wins where two cut all lines alike: a comma may be a decimal one."""
_LOOK = 200
_CELL_END = "\x1f"
"""Between cells of a workbook: the sign that is meant for it, which nobody types."""
_TOGETHER = 10_000
"""Lines cut out of their text at a time: each takes more memory than it is long."""
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_LONG_CELL = 200
_BREAKS = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Listing:
    """A list: rows with anything in them.

    Attributes:
        head: headings; empty for none.
        numbers: line of each row, from 1.
        rows: their cells, of any number each.
        columns: what the columns are.
        blank: rows with nothing in them.
        notes: what was decided in reading.
    """

    head: tuple[str, ...]
    numbers: Places = field(repr=False)
    rows: Sequence[Sequence[str]] = field(repr=False)
    columns: Columns
    blank: int = 0
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    @classmethod
    def of_entries(cls, entries: Sequence[str], counts: Sequence[float] = ()) -> Self:
        """Return entries as a list, each with its count where there are counts."""
        rows = [[entry] for entry in entries]
        if counts:
            rows = [[entry, f"{count:f}"] for entry, count in zip(entries, counts, strict=True)]
        filled = [number for number, row in enumerate(rows, 1) if row[0].strip()]
        return cls(
            (),
            np.array(filled, dtype=np.int64),
            [rows[number - 1] for number in filled],
            Columns(place=0, headed=False, count=1 if counts else None),
            len(rows) - len(filled),
        )


def read_listing(data: bytes | str, name: str, limits: UploadSettings) -> Listing:
    """Return a list in a text, a CSV file or a workbook.

    Args:
        data: what was typed, or the bytes of a file.
        name: of the file, for messages.
        limits: how large it may be.

    Raises:
        InvalidRequestError: it is no text and no workbook, is empty, or has too many rows.
        TooLargeError: a workbook is beyond a limit.
    """
    most = limits.upload_max_rows
    if isinstance(data, bytes) and data.startswith((_ZIP, _OLE)):
        return _of_workbook(data, name, limits)
    if isinstance(data, bytes) and (words := foreign(data)):
        raise InvalidRequestError(
            name, found=words, expected="a list as CSV, text or workbook, or a boundary"
        )
    text, notes = decode(data, name) if isinstance(data, bytes) else (data, [])
    text = text.removeprefix("\ufeff").replace("\xa0", " ")
    if _BREAKS.search(text):
        text = _BREAKS.sub("\n", text)
    separator = separator_of(text)
    return _listing(_records(text, separator), name, most, notes, separator=separator)


def separator_of(text: str) -> str:
    """Return what sets cells apart: what cuts most lines into the same number of cells."""
    lines = [line for line in text[:100_000].split("\n")[: _LOOK + 1] if line.strip()][:_LOOK]
    best, best_score = ",", 0.0
    for separator in SEPARATORS:
        widths = [len(record) for record in csv.reader(lines, delimiter=separator)]
        several = [width for width in widths if width > 1]
        if not several:
            continue
        common = max(set(several), key=several.count)
        score = several.count(common) / len(widths)
        if score > best_score:
            best, best_score = separator, score
    return best


class Lines(Sequence[list[str]]):
    """Lines of a list, each cut into cells only when it is looked at: cells take much memory.

    Held as one text and the places of its lines, a tenth of what a text for each would take.
    """

    def __init__(self, text: str, starts: Places, ends: Places, separator: str) -> None:
        """Take a text, and where lines that are each a whole row start and end in it, rising."""
        self._text = text
        self._starts, self._ends = starts, ends
        self._separator = separator

    @classmethod
    def of(cls, text: str, separator: str) -> Self:
        """Return all lines of a text."""
        breaks = line_ends(text)
        return cls(text, np.append([0], breaks + 1), np.append(breaks, len(text)), separator)

    def texts(self) -> Iterator[list[str]]:
        """Yield the lines as they came, some at a time."""
        for start in as_wanted(range(0, len(self), _TOGETHER)):
            part = slice(start, start + _TOGETHER)
            places = zip(self._starts[part].tolist(), self._ends[part].tolist(), strict=True)
            yield [self._text[first:last] for first, last in places]

    @property
    def separator(self) -> str:
        """What sets cells apart."""
        return self._separator

    @cached_property
    def plain(self) -> bool:
        """Whether every separator sets cells apart: there are no quotation marks."""
        if not len(self):
            return True
        return self._text.find('"', int(self._starts[0]), int(self._ends[-1])) < 0

    def __len__(self) -> int:
        return len(self._starts)

    def __iter__(self) -> Iterator[list[str]]:
        lines = chain.from_iterable(self.texts())
        return csv.reader(lines, delimiter=self._separator, skipinitialspace=True)

    @overload
    def __getitem__(self, at: int) -> list[str]: ...

    @overload
    def __getitem__(self, at: slice) -> "Lines": ...

    def __getitem__(self, at: int | slice) -> "list[str] | Lines":
        if isinstance(at, slice):
            return Lines(self._text, self._starts[at], self._ends[at], self._separator)
        line = self._text[int(self._starts[at]) : int(self._ends[at])]
        if self.plain:
            return [cell.lstrip(" ") for cell in line.split(self._separator)]
        return next(csv.reader([line], delimiter=self._separator, skipinitialspace=True), [])

    def filled(self) -> npt.NDArray[np.bool_]:
        """Return which lines hold more than blanks, separators and quotation marks."""
        empty = f' \t"{self._separator}'
        held = (bool(line.strip(empty)) for lines in self.texts() for line in lines)
        return np.fromiter(held, np.bool_, len(self))

    def taken(self, at: npt.NDArray[np.int64]) -> "Lines":
        """Return some of the lines."""
        return Lines(self._text, self._starts[at], self._ends[at], self._separator)


def line_ends(text: str) -> Places:
    """Return the place of every line end of a text."""
    if text.isascii():
        signs: npt.NDArray[Any] = np.frombuffer(text.encode("ascii"), dtype=np.uint8)
    else:
        signs = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    return np.flatnonzero(signs == ord("\n"))


def _records(text: str, separator: str) -> Sequence[list[str]]:
    csv.field_size_limit(10_000_000)
    if '"' not in text:
        return Lines.of(text, separator)
    lines = text.split("\n")
    if not any(line.count('"') % 2 for line in lines):
        return Lines.of(text, separator)
    # Quoted cells that run over lines, or a quotation mark that is never closed.
    records = list(csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=True))
    if any(cell.count("\n") > _LONG_CELL for record in records for cell in record if "\n" in cell):
        plain = csv.reader(lines, delimiter=separator, quoting=csv.QUOTE_NONE)
        records = [[cell.strip().strip('"') for cell in record] for record in plain]
    return records


def _of_workbook(data: bytes, name: str, limits: UploadSettings) -> Listing:
    table = read_rows(data, name, limits)
    before: list[list[str]] = [[] for _ in range(table.first_row - 1)]
    if table.headed and before:
        before[-1] = list(table.columns)
    records, notes = _as_lines([*before, *table.rows]), list(table.notes)
    del table, before
    return _listing(records, name, limits.upload_max_rows, notes, separator=",")


def _as_lines(records: list[list[str]]) -> Sequence[list[str]]:
    """Return rows as lines where no cell has a sign that would cut it: a fifth of the memory."""
    text = "\n".join(_CELL_END.join(row) for row in records)
    cells = sum(map(len, records))
    plain = '"' not in text and text.count("\n") + 1 == len(records)
    if plain and text.count(_CELL_END) == cells - len(records):
        return Lines.of(text, _CELL_END)
    return records


def _listing(
    records: Sequence[list[str]], name: str, most_rows: int, notes: list[str], *, separator: str
) -> Listing:
    ends = np.flatnonzero(_filled(records))
    if not len(ends):
        raise InvalidRequestError(
            name, found="nothing in it", expected="postcodes, codes or names of places"
        )
    if len(ends) > most_rows + 1:
        raise InvalidRequestError(
            name,
            found=f"more than {most_rows:,} rows",
            expected="fewer",
            mend="Combine the rows of each postcode and add a column of counts, or raise "
            "EXCLUSION_MAP_UPLOAD_MAX_ROWS.",
        )
    blank = int(ends[-1]) + 1 - len(ends)
    numbers, rows = ends + 1, _taken(records, ends)
    if above := heading_at(rows):
        numbers, rows = numbers[above:], rows[above:]
        notes = [*notes, f"The headings are in row {numbers[0]:,}; what is above them is left out."]
    if flat(rows):
        told = zip(numbers.tolist(), rows, strict=True)
        kept = [(number, [cell]) for number, row in told for cell in row if cell.strip()]
        numbers, rows = np.array([number for number, _ in kept]), [row for _, row in kept]
    columns = columns_of(rows, decimal_comma=separator not in ",|")
    head: tuple[str, ...] = ()
    if columns.headed:
        head, numbers, rows = tuple(rows[0]), numbers[1:], rows[1:]
    return Listing(head, numbers, rows, columns, blank, tuple(notes))


def _filled(records: Sequence[list[str]]) -> npt.NDArray[np.bool_]:
    """Return which rows have anything in them."""
    if isinstance(records, Lines):
        return records.filled()
    return np.fromiter((any(map(str.strip, one)) for one in records), np.bool_, len(records))


def _taken(records: Sequence[list[str]], at: npt.NDArray[np.int64]) -> Sequence[list[str]]:
    """Return some of the rows."""
    if isinstance(records, Lines):
        return records.taken(at)
    return [records[one] for one in at.tolist()]
