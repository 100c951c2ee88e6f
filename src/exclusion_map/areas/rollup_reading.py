"""Read lists of places that people type, paste or upload."""

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from exclusion_map.errors import InvalidRequestError
from exclusion_map.uploads.rows import read_rows

_CODE_COLUMNS = (
    *("area_code", "code", "lsoa21cd", "lsoa_code", "small_area", "postcode", "pcds"),
    *("practice_code", "practice code", "org_code", "place", "area"),
)
_LIST_COLUMNS = ("list", "group", "pcn", "pcn_name", "pcn name", "pcn_code", "pcn code", "team")


def entries_of(text: str) -> tuple[str, ...]:
    """Return the entries of a text: one per line, or separated by commas, semicolons or tabs.

    Names that contain a comma must be in double quotes.

    Raises:
        InvalidRequestError: a closing quote is missing.
    """
    lines = text.replace(";", ",").replace("\t", ",").splitlines()
    rows = csv.reader(lines, skipinitialspace=True)
    try:
        return tuple(cell.strip() for row in rows for cell in row if cell.strip())
    except csv.Error as error:
        raise InvalidRequestError(
            "list of places", found=str(error), expected="codes or names with commas"
        ) from None


def read_lists(text: str, name: str) -> dict[str, tuple[str, ...]]:
    """Return the lists in a CSV text by name; a single unnamed one if no column names lists.

    Codes are in the column with a matching heading (``area_code``, ``postcode``,
    ``practice_code`` ...), otherwise in the first column. Headings are distinguished from codes by
    having no digits. A column headed ``list``, ``group`` or ``pcn`` gives the list of each row.

    Raises:
        InvalidRequestError: the text is not CSV, or has no codes.
    """
    try:
        rows = [row for row in csv.reader(io.StringIO(text)) if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise InvalidRequestError(
            f"list {name}", found=str(error), expected="a CSV file of codes"
        ) from None
    head = [cell.strip().lower() for cell in rows[0]] if rows else []
    named = [at for at, cell in enumerate(head) if cell in _CODE_COLUMNS]
    listed = [at for at, cell in enumerate(head) if cell in _LIST_COLUMNS]
    at = named[0] if named else 0
    headed = named or (head and not any(sign.isdigit() for sign in head[0]))
    lists: dict[str, list[str]] = {}
    for row in rows[1:] if headed else rows:
        code = row[at].strip() if len(row) > at else ""
        of = row[listed[0]].strip() if listed and len(row) > listed[0] else ""
        if code:
            lists.setdefault(of, []).append(code)
    if not lists:
        raise InvalidRequestError(
            f"list {name}", found="no code", expected="a column of area codes"
        )
    return {of: tuple(codes) for of, codes in lists.items()}


def read_list_file(path: Path) -> dict[str, tuple[str, ...]]:
    """Return the lists in a CSV file or a workbook by name; see `read_lists`.

    Raises:
        InvalidRequestError: the file cannot be read, is not a list, or has no codes.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InvalidRequestError(
            f"list {path.name}",
            found=error.strerror or str(error),
            expected="a CSV file or a workbook of codes",
        ) from None
    return read_lists(read_rows(data, path.name).csv(), path.name)


def read_geojson(text: str, name: str) -> Mapping[str, Any]:
    """Return the GeoJSON object in a text.

    Raises:
        InvalidRequestError: the text is not JSON, or not an object.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError(
            f"outline {name}", found=f"text that is not JSON ({error})", expected="a GeoJSON file"
        ) from None
    if not isinstance(data, dict):
        raise InvalidRequestError(
            f"outline {name}", found="JSON that is not an object", expected="a GeoJSON object"
        )
    return data
