"""Sheets of XLSX and ODS files as text and numbers, with or without a header row."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, WorksheetNotFound

from exclusion_map.errors import SourceError

Rows = list[list[object]]


def read_sheets(path: Path) -> dict[str, Rows]:
    """Return every sheet of a workbook by name, as rows of cells; an empty cell is ``""``.

    Raises:
        SourceError: the file is missing or is not a workbook.
    """
    try:
        with CalamineWorkbook.from_path(path) as workbook:
            return {
                name: [list(row) for row in workbook.get_sheet_by_name(name).to_python()]
                for name in workbook.sheet_names
            }
    except (CalamineError, PasswordError, WorksheetNotFound, OSError) as error:
        raise SourceError(
            str(path),
            found=str(error).strip() or type(error).__name__,
            expected="a workbook (XLSX or ODS)",
            mend="Download the file again, or set EXCLUSION_MAP_RAW_DIR to your raw folder.",
        ) from None


def with_header(rows: Rows, key: str, name: str) -> pd.DataFrame | None:
    """Return the table whose header row contains ``key``, or None if there is no such row.

    Rows above the header are notes; rows below it without a key are footnotes or padding.

    Raises:
        SourceError: a heading is repeated.
    """
    for number, row in enumerate(rows):
        header = [str(cell).strip() for cell in row]
        if key not in header:
            continue
        used = [column for column in header if column]
        if len(used) != len(set(used)):
            twice = sorted({column for column in used if used.count(column) > 1})
            raise SourceError(
                name,
                found=f"repeated headings: {twice}",
                expected="each heading once",
                mend="Download the file again.",
            )
        frame = pd.DataFrame(rows[number + 1 :], columns=header, dtype="object")[used]
        return frame[frame[key].astype("str").str.strip() != ""].reset_index(drop=True)
    return None


def read_headless(
    path: Path, names: Sequence[str], *, first_code: str, sheet: str | None = None
) -> pd.DataFrame:
    """Return a sheet that has no header row, using the given column names.

    Args:
        path: an ODS or XLSX file, such as the Welsh Index of Multiple Deprivation.
        names: names of the columns, in order; the first is the area code.
        first_code: regular expression for area codes. Rows that do not begin with a code are
            headings or notes above the first area, and an error below it.
        sheet: name of the sheet; by default the first sheet with an area code.

    Raises:
        SourceError: the sheet is missing, it has no row of areas, a row is too wide, or the table
            has a gap.
    """
    sheets = read_sheets(path)
    if sheet is not None and sheet not in sheets:
        raise SourceError(
            str(path), found=f"sheets {list(sheets)}", expected=f"a sheet {sheet!r}", mend=""
        )
    chosen = [sheet] if sheet is not None else list(sheets)
    for name in chosen:
        rows = [_trimmed(row) for row in sheets[name]]
        is_area = [
            bool(row) and pd.Series([str(row[0])]).str.fullmatch(first_code).iloc[0] for row in rows
        ]
        if any(is_area):
            start = is_area.index(True)
            return _headless(rows[start:], is_area[start:], names, f"{path}, sheet {name!r}")
    raise SourceError(
        str(path),
        found=f"no row that begins with an area code in sheets {chosen}",
        expected=f"codes like {first_code}",
        mend="This may be a table of another geography: download the right one.",
    )


def _headless(rows: Rows, is_area: Sequence[bool], names: Sequence[str], name: str) -> pd.DataFrame:
    kept = [row for row, area in zip(rows, is_area, strict=True) if area]
    stray = [row for row, area in zip(rows, is_area, strict=True) if row and not area]
    if stray:
        raise SourceError(
            name,
            found=f"{len(stray)} rows without an area code below the first area: {stray[0][:3]}",
            expected="areas only",
            mend="Look at the sheet: the layout may have changed.",
        )
    wide = [row for row in kept if len(row) > len(names)]
    if wide:
        raise SourceError(
            name,
            found=f"{len(wide[0])} columns",
            expected=f"at most {len(names)}: {list(names)}",
            mend="The publisher may have added a column: compare with the catalogue.",
        )
    padded = [[*row, *[""] * (len(names) - len(row))] for row in kept]
    return pd.DataFrame(padded, columns=list(names), dtype="object")


def _trimmed(row: Sequence[object]) -> list[object]:
    """Return a row without the trailing empty cells that spreadsheets keep."""
    end = len(row)
    while end and str(row[end - 1]).strip() == "":
        end -= 1
    return list(row[:end])
