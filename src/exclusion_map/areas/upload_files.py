"""Read indicators that somebody brings along from CSV files, or from one column of a wider one."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from exclusion_map.areas.uploads import Upload
from exclusion_map.errors import InvalidRequestError
from exclusion_map.terms import Direction
from exclusion_map.uploads.text import decode, delimiter_of, records_of

_CODES = (
    *("area_code", "area code", "code", "lsoa21cd", "lsoa code (2021)", "lsoa21_code"),
    *("lsoa code", "lsoa_code", "lsoa", "geography code", "geography_code", "small_area"),
)
_COLUMN_OF = re.compile(r"(?:(?P<id>\w+)=)?(?P<file>.+\.csv)(?::(?P<column>.+))?", re.IGNORECASE)
_SHOWN_COLUMNS = 8
_LINES_ABOVE = 30
"""Rows within which the headings must come."""


def upload_from(told: str, *, direction: Direction | None = None) -> Upload:
    """Return the indicator that ``FILE.csv``, ``FILE.csv:COLUMN`` or ``ID=FILE.csv:COLUMN`` names.

    Raises:
        InvalidRequestError: it is none of these, or as in `read_upload`.
    """
    found = _COLUMN_OF.fullmatch(told.strip())
    if found is None or Path(told).is_file():
        return read_upload(Path(told), direction=direction)
    return read_upload(
        Path(found["file"]),
        direction=direction,
        column=found["column"] or "",
        identity=found["id"] or "",
    )


def read_upload(
    path: Path, *, direction: Direction | None = None, column: str = "", identity: str = ""
) -> Upload:
    """Return an indicator from a CSV file; its id is the column's name if given, else the file's.

    The file has a column of codes (area_code, code or a publisher's own heading) and either
    ``value`` or ``numerator`` and ``denominator``, or the ``column`` asked for. An empty cell is a
    missing value, and so is one that says a number is withheld, such as ``[c]``.

    Raises:
        InvalidRequestError: the file cannot be read, lacks a column, or a row is no number; the
            row is named.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _refused(path.name, error.strerror or str(error), column) from None
    text, _ = decode(data, f"uploaded values {path.name}")
    return _read(path.name, text, direction, column, identity or column or path.stem)


def parse_upload(
    text: str, name: str, *, direction: Direction | None = None, identity: str = ""
) -> Upload:
    """Return an indicator from the text of a CSV file, as `read_upload` does.

    Raises:
        InvalidRequestError: as `read_upload`.
    """
    return _read(name, text, direction, "", identity or _stem(name))


def _stem(name: str) -> str:
    return Path(name).stem or "uploaded"


@dataclass(frozen=True)
class _Sheet:
    """Rows below the headings, and where the columns stand that are wanted of them."""

    first: int
    rows: list[list[str]]
    code: int
    wanted: tuple[int, ...]
    delimiter: str


def _read(name: str, text: str, direction: Direction | None, column: str, title: str) -> Upload:
    sheet = _sheet(name, text, column)
    read: dict[str, list[float | None]] = {}
    for number, row in enumerate(sheet.rows, start=sheet.first):
        cells = [cell.strip() for cell in row] + [""] * (max(sheet.code, *sheet.wanted) + 1)
        if not any(cells):
            continue
        key = cells[sheet.code]
        if not key:
            raise _refused(name, f"row {number} without a code", column)
        if key in read:
            raise _refused(name, f"{key} twice, the second time in row {number}", column)
        read[key] = [_number(name, number, cells[at], sheet.delimiter) for at in sheet.wanted]
    return _made(name, title, read, direction)


def _sheet(name: str, text: str, column: str) -> _Sheet:
    """Return the table of a text; notes may stand above its headings.

    Raises:
        InvalidRequestError: there is no row of headings, or one that is needed is there twice.
    """
    delimiter = delimiter_of(text)
    rows = list(records_of(text, delimiter, f"uploaded values {name}"))
    for number, row in enumerate(rows[:_LINES_ABOVE], start=1):
        names = [cell.strip().lower() for cell in row]
        code = next((known for known in _CODES if known in names), None)
        wanted = _wanted(names, column)
        if code is None or any(heading not in names for heading in wanted):
            continue
        twice = [heading for heading in (code, *wanted) if names.count(heading) > 1]
        if twice:
            raise _refused(name, f"two columns headed {twice[0]}", column)
        at = tuple(names.index(heading) for heading in wanted)
        return _Sheet(number + 1, rows[number:], names.index(code), at, delimiter)
    found = [cell.strip() for cell in next((row for row in rows if any(row)), [])]
    shown = ", ".join(found[:_SHOWN_COLUMNS]) or "none"
    more = len(found) - _SHOWN_COLUMNS
    raise _refused(name, f"columns {shown}{f' and {more} more' if more > 0 else ''}", column)


def _wanted(names: Sequence[str], column: str) -> tuple[str, ...]:
    if column:
        return (column.strip().lower(),)
    return ("value",) if "value" in names else ("numerator", "denominator")


def _made(
    name: str, title: str, read: Mapping[str, list[float | None]], direction: Direction | None
) -> Upload:
    slug = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:60].strip("_")
    found: dict[str, object] = {
        "id": slug if slug[:1].isalpha() else f"uploaded_{slug}".rstrip("_"),
        "title": title[:120],
        "direction": direction,
    }
    if any(len(cells) == 2 for cells in read.values()):
        found["counts"] = {code: cells for code, cells in read.items() if None not in cells}
    else:
        found["values"] = {code: cells[0] for code, cells in read.items()}
    try:
        return Upload.model_validate(found)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        told = str(first["msg"]).removeprefix("Value error, ")
        raise _refused(name, f"{place}: {told}" if place else told) from None


def _number(name: str, row: int, cell: str, delimiter: str) -> float | None:
    """Return the number of a cell; None where it is empty or says that it is withheld.

    Where commas stand between cells, one within a cell can only group thousands. Elsewhere it may
    be the decimal comma, and to guess would be wrong by a thousand.
    """
    from exclusion_map.sources.readers.counts import GROUPED, WITHHELD  # pandas: not to start.

    text = cell.removesuffix("%").strip()
    if not text or text.lower() in WITHHELD:
        return None
    if delimiter == "," and GROUPED.fullmatch(text):
        text = text.replace(",", "")
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        mend = "Write decimals with a full stop." if "," in text else ""
        raise _refused(name, f"{cell!r} in row {row}", mend=mend)
    return value


def _refused(name: str, found: str, column: str = "", mend: str = "") -> InvalidRequestError:
    wanted = column or "value, or area_code, numerator and denominator"
    return InvalidRequestError(
        f"uploaded values {name}",
        found=found,
        expected=f"a CSV file with area_code and {wanted}",
        mend=mend,
    )
