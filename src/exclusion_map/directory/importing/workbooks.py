"""Workbooks (XLSX, XLS): a sheet as text, cells that are merged over rows filled in."""

from python_calamine import CalamineSheet, CalamineWorkbook

from exclusion_map.directory.importing.headings import how_tabular
from exclusion_map.directory.importing.sheets import table_from, too_many
from exclusion_map.directory.importing.table import Table
from exclusion_map.errors import InvalidRequestError
from exclusion_map.uploads.cells import opened_workbook, text_of, unreadable


def read_workbook(data: bytes, name: str, *, sheet: str, most_rows: int, most_bytes: int) -> Table:
    """Return the table of a sheet; without a name the first sheet that has a table.

    Raises:
        InvalidRequestError: it is no workbook, is locked, or lacks such a sheet or a table.
    """
    with opened_workbook(data, name, most_bytes) as workbook:
        return _read(workbook, name, sheet, most_rows)


def _read(workbook: CalamineWorkbook, name: str, sheet: str, most_rows: int) -> Table:
    names = workbook.sheet_names
    held = {
        one: _records(workbook.get_sheet_by_name(one), name, most_rows)
        for one in _chosen(names, sheet, name)
    }
    if not held:
        raise unreadable(name, "a workbook without sheets")
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
            found="no sheet with that name",
            expected=f"one of {', '.join(repr(one) for one in names)}",
        )
    return found[:1]


def _records(sheet: CalamineSheet, name: str, most_rows: int) -> list[list[str]]:
    if sheet.total_height > most_rows + 100:
        raise too_many(f"{name}, sheet {sheet.name!r}", most_rows)
    records = [[text_of(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        # Merged over rows: what it says holds for all of them. Merged over columns is a title.
        if left == right and top < bottom < len(records) and left < len(records[top]):
            for row in records[top + 1 : bottom + 1]:
                row[left] = row[left] or records[top][left]
    return records
