"""Workbooks (XLSX, XLS): a sheet as text, cells that are merged over rows filled in."""

import io
import re
import zipfile
from datetime import date, datetime, time, timedelta
from typing import IO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from exclusion_map.directory.importing.headings import how_tabular
from exclusion_map.directory.importing.sheets import table_from, too_many
from exclusion_map.directory.importing.table import Table
from exclusion_map.errors import InvalidRequestError

UNPACKED = 20
"""A workbook may unpack to so many times the bytes that are allowed; a bomb unpacks to more."""
MOST_CELLS = 20_000_000
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_AT = re.compile(rb'<c [^>]{0,30}?r="([A-Z]{1,3})(\d{1,7})"')


def read_workbook(data: bytes, name: str, *, sheet: str, most_rows: int, most_bytes: int) -> Table:
    """Return the table of a sheet; without a name the first sheet that has a table.

    Raises:
        InvalidRequestError: it is no workbook, is locked, or lacks such a sheet or a table.
    """
    try:
        _check_size(data, name, most_bytes)
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
            return _read(workbook, name, sheet, most_rows)
    except PasswordError:
        raise _unreadable(name, "a workbook that is locked with a password") from None
    except (CalamineError, zipfile.BadZipFile, OSError, ValueError) as error:
        raise _unreadable(name, str(error).strip() or type(error).__name__) from None
    except BaseException as error:
        # What the library did not foresee in a damaged file comes as a panic, outside Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise _unreadable(name, "a damaged workbook") from None


def _read(workbook: CalamineWorkbook, name: str, sheet: str, most_rows: int) -> Table:
    names = workbook.sheet_names
    held = {
        one: _records(workbook.get_sheet_by_name(one), name, most_rows)
        for one in _chosen(names, sheet, name)
    }
    if not held:
        raise _unreadable(name, "a workbook without sheets")
    # The first of those that look most like a list: covers and notes come before it.
    best = max(held, key=lambda one: how_tabular(held[one]))
    others = [other for other in names if other != best]
    notes = []
    if others and not sheet:
        shown = ", ".join(repr(other) for other in others[:8])
        notes.append(f"Sheet {best!r} was read; there are also {shown}.")
    return table_from(held[best], name, most_rows=most_rows, notes=notes, sheet=best, sheets=names)


def _chosen(names: list[str], sheet: str, name: str) -> list[str]:
    if not sheet:
        return names
    found = [one for one in names if one.casefold().strip() == sheet.casefold().strip()]
    if not found:
        raise InvalidRequestError(
            f"{name}, sheet {sheet!r}",
            found="no sheet of that name",
            expected=f"one of {', '.join(repr(one) for one in names)}",
        )
    return found[:1]


def _check_size(data: bytes, name: str, most_bytes: int) -> None:
    """Refuse a file that would fill the memory when opened.

    A sheet is opened whole, empty cells too: one cell in its last corner stands for billions.

    Raises:
        InvalidRequestError: it would, or it is no XLSX.
    """
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        if not any(part.filename == "xl/workbook.xml" for part in parts):
            raise _unreadable(name, "a packed file of another kind")
        whole = sum(part.file_size for part in parts)
        if whole > UNPACKED * most_bytes:
            found, expected = f"{whole:,} bytes when unpacked", f"at most {UNPACKED * most_bytes:,}"
            raise InvalidRequestError(
                name, found=found, expected=expected, mend="Save the sheet you need as CSV."
            )
        for part in parts:
            if _SHEET.fullmatch(part.filename):
                with archive.open(part) as stream:
                    _check_corner(stream, name)


def _check_corner(stream: IO[bytes], name: str) -> None:
    width = height = 0
    rest = b""
    while chunk := stream.read(1 << 20):
        for found in _AT.finditer(rest + chunk):
            width, height = max(width, _column(found[1])), max(height, int(found[2]))
        rest = chunk[-40:]
    if width * height > MOST_CELLS:
        raise InvalidRequestError(
            name,
            found=f"a sheet of {height:,} rows and {width:,} columns, with the empty ones",
            expected=f"at most {MOST_CELLS:,} cells",
            mend="Copy the table alone to a new sheet, and save that.",
        )


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _records(sheet: CalamineSheet, name: str, most_rows: int) -> list[list[str]]:
    if sheet.total_height > most_rows + 100:
        raise too_many(f"{name}, sheet {sheet.name!r}", most_rows)
    records = [[_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        # Merged over rows: what it says holds for all of them. Merged over columns is a title.
        if left == right and top < bottom < len(records) and left < len(records[top]):
            for row in records[top + 1 : bottom + 1]:
                row[left] = row[left] or records[top][left]
    return records


def _text(cell: object) -> str:
    """Return a cell as people see it."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(" ") if cell.time() != time() else cell.date().isoformat()
    if isinstance(cell, time):
        return cell.strftime("%H:%M")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        minutes = round(cell.total_seconds() / 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    return str(cell)


def _unreadable(name: str, found: str) -> InvalidRequestError:
    return InvalidRequestError(
        name,
        found=found,
        expected="a workbook that opens in a spreadsheet, without a password (.xlsx or .xls)",
        mend="Open it, save it again as .xlsx or CSV, and import that.",
    )
