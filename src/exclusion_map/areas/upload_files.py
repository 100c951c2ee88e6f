"""Read indicators that somebody brings along from CSV files, or from one column of a wider one."""

import csv
import io
import math
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import ValidationError

from exclusion_map.areas.uploads import Upload
from exclusion_map.errors import InvalidRequestError
from exclusion_map.terms import Direction

_CODES = ("area_code", "code", "lsoa21cd", "lsoa code (2021)", "small_area")
_COLUMN_OF = re.compile(r"(?:(?P<id>\w+)=)?(?P<file>.+\.csv)(?::(?P<column>.+))?", re.IGNORECASE)
_SHOWN_COLUMNS = 8


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
    missing value.

    Raises:
        InvalidRequestError: the file cannot be read, lacks a column, or a row is no number; the
            row is named.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _read(path.name, file, direction, column, identity or column or path.stem)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _refused(path.name, str(error), column) from None


def parse_upload(
    text: str, name: str, *, direction: Direction | None = None, identity: str = ""
) -> Upload:
    """Return an indicator from the text of a CSV file, as `read_upload` does.

    Raises:
        InvalidRequestError: as `read_upload`.
    """
    try:
        return _read(name, io.StringIO(text, newline=""), direction, "", identity or _stem(name))
    except csv.Error as error:
        raise _refused(name, str(error)) from None


def _stem(name: str) -> str:
    return Path(name).stem or "uploaded"


def _read(
    name: str, file: Iterable[str], direction: Direction | None, column: str, title: str
) -> Upload:
    reader = csv.DictReader(file)
    names = {(heading or "").strip().lower(): heading for heading in reader.fieldnames or ()}
    code = next((names[known] for known in _CODES if known in names), None)
    wanted = _wanted(names, column)
    if code is None or any(heading not in names for heading in wanted):
        shown = ", ".join(list(names)[:_SHOWN_COLUMNS]) or "none"
        more = len(names) - _SHOWN_COLUMNS
        raise _refused(name, f"columns {shown}{f' and {more} more' if more > 0 else ''}", column)
    read: dict[str, list[float | None]] = {}
    for number, row in enumerate(reader, start=2):
        key = (row[code] or "").strip()
        if not key:
            raise _refused(name, f"row {number} without a code", column)
        if key in read:
            raise _refused(name, f"{key} twice, the second time in row {number}", column)
        read[key] = [_number(name, number, row[names[heading]]) for heading in wanted]
    return _made(name, title, read, direction)


def _wanted(names: Mapping[str, str], column: str) -> tuple[str, ...]:
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


def _number(name: str, row: int, cell: str | None) -> float | None:
    text = (cell or "").strip().replace(",", "")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise _refused(name, f"{cell!r} in row {row}")
    return value


def _refused(name: str, found: str, column: str = "") -> InvalidRequestError:
    wanted = column or "value, or area_code, numerator and denominator"
    return InvalidRequestError(
        f"uploaded values {name}",
        found=found,
        expected=f"a CSV file with area_code and {wanted}",
    )
