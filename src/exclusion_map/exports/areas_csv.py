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

    Spreadsheets take text that begins like a formula for one and run it; such text gets an
    apostrophe in front, which they show as text. Numbers stay numbers. Missing is an empty cell.
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
    """Return a cell that no spreadsheet takes for a formula; None becomes empty."""
    if value is None:
        return ""
    if isinstance(value, float):
        # Six significant figures are more than any of the numbers can bear; whole ones stay whole.
        return int(value) if value.is_integer() else float(f"{value:.6g}")
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value
