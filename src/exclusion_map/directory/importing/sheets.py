"""From the records of a sheet to a table: headings found, lines above them told."""

from collections.abc import Sequence

from exclusion_map.directory.importing.headings import find_header, name_columns
from exclusion_map.directory.importing.table import Table, table_of
from exclusion_map.errors import InvalidRequestError


def table_from(
    records: Sequence[Sequence[str]],
    name: str,
    *,
    most_rows: int,
    notes: Sequence[str] = (),
    sheet: str = "",
    sheets: Sequence[str] = (),
) -> Table:
    """Return the table in the records of a sheet, the first of which is row 1.

    Raises:
        InvalidRequestError: there are no headings, no rows below them, or too many.
    """
    where = f"{name}, sheet {sheet!r}" if sheet else name
    at = find_header(records)
    if at is None:
        raise InvalidRequestError(
            where,
            found="no row of headings" if records else "nothing",
            expected="a row of headings, with one row per place below it",
            mend="Give each column a heading, such as Name, Address and Postcode.",
        )
    below = records[at + 1 :]
    if len(below) > most_rows:
        raise too_many(where, most_rows)
    used = _used(below)
    columns, said = name_columns(records[at], records[at - 1] if at else (), used)
    columns = columns[: _edge(records[at], used)]
    table = table_of(
        name,
        columns,
        [(at + 2 + row, cells) for row, cells in enumerate(below)],
        notes=[*notes, *_above(records, at), *said],
        sheet=sheet,
        sheets=sheets,
        header_row=at + 1,
    )
    if not table.rows:
        raise InvalidRequestError(
            where, found="headings with nothing below them", expected="one row per place"
        )
    return table


def _edge(header: Sequence[str], used: Sequence[bool]) -> int:
    """Return how many columns there are: up to the last that is headed or filled."""
    headed = [at for at, cell in enumerate(header) if cell.strip()]
    filled = [at for at, flag in enumerate(used) if flag]
    return max([-1, *headed, *filled]) + 1


def too_many(where: str, most_rows: int) -> InvalidRequestError:
    """Return the error of a file that is too long."""
    return InvalidRequestError(
        where,
        found=f"more than {most_rows:,} rows",
        expected=f"at most {most_rows:,}",
        mend="Split the file, or set EXCLUSION_MAP_IMPORT_MAX_ROWS.",
    )


def _used(below: Sequence[Sequence[str]]) -> list[bool]:
    """Return whether each column is one: a cell here and there is a slip of its row."""
    counts: list[int] = []
    for row in below:
        counts.extend([0] * (len(row) - len(counts)))
        for at, cell in enumerate(row):
            counts[at] += bool(cell.strip())
    filled = sum(any(cell.strip() for cell in row) for row in below)
    return [count > 1 and count >= 0.25 * filled for count in counts]


def _above(records: Sequence[Sequence[str]], at: int) -> list[str]:
    if not at or not any(cell.strip() for row in records[:at] for cell in row):
        return []
    return [f"The headings were found in row {at + 1}; what stands above them was left out."]
