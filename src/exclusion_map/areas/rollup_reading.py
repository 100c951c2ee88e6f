"""Read lists of places from what people type, paste and upload."""

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
    """Return the entries of a text: one a line, or several with commas, semicolons or tabs.

    A name with a comma in it stands in double quotes.

    Raises:
        InvalidRequestError: one of them has no end.
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
    """Return the lists of a CSV text by name; one without a name where no column names lists.

    The codes stand in the column that is headed so (``area_code``, ``postcode``,
    ``practice_code`` ...), or in the first where none is. A heading is told from a code by its
    lack of digits. A column headed ``list``, ``group`` or ``pcn`` says which list a row is of.

    Raises:
        InvalidRequestError: the text is no CSV, or holds no code.
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
    """Return the lists of a CSV file or a workbook by name; see `read_lists`.

    Raises:
        InvalidRequestError: the file cannot be read, is no list, or holds no code.
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
        InvalidRequestError: it is not JSON, or no object.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError(
            f"outline {name}", found=f"no JSON ({error})", expected="a GeoJSON file"
        ) from None
    if not isinstance(data, dict):
        raise InvalidRequestError(
            f"outline {name}", found="JSON that is no object", expected="a GeoJSON object"
        )
    return data
