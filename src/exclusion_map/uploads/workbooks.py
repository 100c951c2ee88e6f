"""Lists in workbooks (XLSX, XLS); runs in a process of its own."""

from python_calamine import CalamineSheet, CalamineWorkbook

from exclusion_map.uploads.cells import UNPACKED, opened_workbook, text_of, unreadable
from exclusion_map.uploads.limits import Limits
from exclusion_map.uploads.rows import too_many_columns, too_many_rows


def read_workbook(
    data: bytes, name: str, limits: Limits, sheet: str
) -> tuple[list[list[str]], list[str]]:
    """Return the rows of a sheet from its first row on, and what must be said of the choice.

    Without a name it is the first sheet with more than one filled cell.

    Raises:
        InvalidRequestError: it is no workbook, is locked, or lacks such a sheet.
        TooLargeError: it has too many rows or columns.
    """
    with opened_workbook(data, f"file {name}", limits.max_unpacked_bytes // UNPACKED) as workbook:
        return _read(workbook, name, limits, sheet)


def _read(
    workbook: CalamineWorkbook, name: str, limits: Limits, sheet: str
) -> tuple[list[list[str]], list[str]]:
    names = workbook.sheet_names
    wanted = sheet.casefold().strip()
    chosen = [one for one in names if one.casefold().strip() == wanted] if wanted else names
    if wanted and not chosen:
        shown = ", ".join(repr(one) for one in names)[:200]
        raise unreadable(f"file {name}", f"no sheet {sheet[:60]!r} (there are {shown})")
    for one in chosen:
        records = _records(workbook.get_sheet_by_name(one), name, limits)
        if sum(bool(cell.strip()) for row in records[:100] for cell in row) > 1:
            others = ", ".join(repr(other) for other in names if other != one)
            said = f"Sheet {one!r} was read; there are also {others[:200]}."
            return records, [said] if others and not wanted else []
    raise unreadable(f"file {name}", "a workbook without a list in it")


def _records(sheet: CalamineSheet, name: str, limits: Limits) -> list[list[str]]:
    if sheet.total_height > limits.max_rows + 1:
        raise too_many_rows(name, limits)
    if sheet.total_width > limits.max_columns:
        raise too_many_columns(name, limits)
    rows = sheet.to_python(skip_empty_area=False)
    return [[text_of(cell) for cell in row] for row in rows]
