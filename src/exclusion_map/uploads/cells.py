"""Workbooks that do not fill the memory when opened, and their cells as people see them."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import IO, TYPE_CHECKING, Final

from exclusion_map.errors import InvalidRequestError

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

UNPACKED: Final = 20
"""A workbook may unpack to so many times the bytes that are allowed; a bomb unpacks to more."""
MOST_CELLS: Final = 20_000_000
_SHEET: Final = re.compile(r"xl/worksheets/[^/]+\.xml")
_AT: Final = re.compile(rb'<c [^>]{0,30}?r="([A-Z]{1,3})(\d{1,7})"')


@contextmanager
def opened_workbook(data: bytes, name: str, most_bytes: int) -> Iterator["CalamineWorkbook"]:
    """Open a workbook that may unpack to `UNPACKED` times ``most_bytes``.

    Raises:
        InvalidRequestError: it is no workbook, is locked or damaged, or would fill the memory.
    """
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        check_size(data, name, most_bytes)
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
            yield workbook
    except PasswordError:
        raise unreadable(name, "a workbook that is locked with a password") from None
    except (CalamineError, zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError) as error:
        raise unreadable(name, str(error).strip()[:200] or type(error).__name__) from None
    except BaseException as error:
        # What the library did not foresee in a damaged file comes as a panic, outside Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise unreadable(name, "a damaged workbook") from None


def check_size(data: bytes, name: str, most_bytes: int) -> None:
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
            raise unreadable(name, "a packed file of another kind")
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
            mend="Copy the table to a new sheet, and save that.",
        )


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def text_of(cell: object) -> str:
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


def unreadable(name: str, found: str) -> InvalidRequestError:
    """Return the error of a file that is no workbook."""
    return InvalidRequestError(
        name,
        found=found,
        expected="a workbook that opens in a spreadsheet, without a password (.xlsx or .xls)",
        mend="Open it, save it again as .xlsx or CSV, and import that.",
    )
