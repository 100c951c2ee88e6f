"""A list of areas as CSV that opens safely in a spreadsheet."""

import csv
import io
from collections.abc import Iterator

from exclusion_map.areas.listing import AreaList, AreaRow

COLUMNS = tuple(name for name in AreaRow.model_fields if name != "url")
_BATCH = 500
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_lines(areas: AreaList) -> Iterator[str]:
    """Yield the list as CSV (RFC 4180), a heading and then some hundred rows at a time.

    Spreadsheets run text that begins like a formula; it gets a leading apostrophe, so that it
    is treated as text. Numbers are unchanged. Missing values are empty cells.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for count, row in enumerate(areas.iterate(), start=1):
        writer.writerow([safe_cell(getattr(row, name)) for name in COLUMNS])
        if count % _BATCH == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def safe_cell(value: object) -> object:
    """Return a cell that no spreadsheet treats as a formula; None becomes empty."""
    if value is None:
        return ""
    if isinstance(value, float):
        # Six significant figures exceed the precision of all figures; integers stay integers.
        return int(value) if value.is_integer() else float(f"{value:.6g}")
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value
