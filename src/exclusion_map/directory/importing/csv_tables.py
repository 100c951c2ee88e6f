"""CSV as people save it: comma, semicolon or tab; UTF-8, UTF-16 or Windows text."""

from exclusion_map.directory.importing.sheets import table_from
from exclusion_map.directory.importing.table import Table
from exclusion_map.uploads.text import DELIMITERS, decode, delimiter_of, records_of

__all__ = ["decode", "read_csv_table"]
_LOOK = 60


def read_csv_table(data: bytes, name: str, *, most_rows: int) -> Table:
    """Return the table of a CSV file.

    Raises:
        InvalidRequestError: it is not text, has no headings, too many rows, or an open quote.
    """
    text, notes = decode(data, name)
    delimiter = delimiter_of(text)
    if delimiter != ",":
        notes.append(f"Cells are set apart by {DELIMITERS[delimiter]}.")
    records: list[list[str]] = []
    for record in records_of(text, delimiter, name):
        records.append(record)
        if len(records) > most_rows + _LOOK:
            break
    return table_from(records, name, notes=notes, most_rows=most_rows)
