"""English Indices of Deprivation: File 7 (scores, denominators) and File 8 (underlying indicators).

Both are published as CSV or as a workbook that starts with notes. The workbook of File 8 has one
sheet per domain; a CSV copy has one table with headings in snake case. Headings of File 8 are
always converted to snake case, so that one set of names serves both.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from exclusion_map.errors import SourceError
from exclusion_map.sources.readers.counts import (
    WITHHELD,
    CodePattern,
    Table,
    check_codes,
    to_table,
)
from exclusion_map.sources.readers.spreadsheets import read_sheets, with_header
from exclusion_map.sources.readers.text import check_columns, parse_frame, read_text

CODE = "LSOA code (2021)"
SNAKE_CODE = "lsoa21_code"
_TEXT_COLUMNS = (
    "LSOA name (2021)",
    "Local Authority District code (2024)",
    "Local Authority District name (2024)",
)


def read_file7(path: Path, columns: Sequence[str]) -> Table:
    """Return File 7 with the publisher's headings.

    Raises:
        SourceError: the layout is unknown, or a code or cell is wrong.
    """
    if _is_workbook(path):
        frame, layout = _sheets(path, CODE), "IoD File 7 workbook"
    else:
        frame = parse_frame(read_text(path), str(path), columns=[CODE, *columns])
        layout = "IoD File 7 CSV"
    check_columns(list(frame.columns), [CODE, *columns], str(path))
    return _numbers(frame, CODE, columns, path, layout)


def read_file8(path: Path, columns: Sequence[str]) -> Table:
    """Return File 8 with headings in snake case.

    Args:
        path: the workbook, or a CSV copy with either style of headings.
        columns: columns that must be present, in either style.

    Raises:
        SourceError: the layout is unknown, sheets hold different areas, or a code or cell is
            wrong.
    """
    if _is_workbook(path):
        frame, layout = _sheets(path, CODE), "IoD File 8 workbook"
    else:
        frame, layout = _file8_csv(path)
    frame.columns = [snake(str(column)) for column in frame.columns]
    wanted = [snake(column) for column in columns]
    check_columns(list(frame.columns), [SNAKE_CODE, *wanted], str(path))
    return _numbers(frame, SNAKE_CODE, wanted, path, layout)


def _numbers(
    frame: pd.DataFrame, code: str, wanted: Sequence[str], path: Path, layout: str
) -> Table:
    """Return the numeric columns; text columns that were not requested are dropped.

    An empty cell means that the number does not exist or is too small to publish.
    """
    names = {*_TEXT_COLUMNS, *map(snake, _TEXT_COLUMNS)}
    kept = [
        column
        for column in frame.columns
        if column not in names
        and (column == code or column in wanted or not _is_text(frame[column]))
    ]
    return to_table(frame[kept], code, path, layout=layout, markers=WITHHELD, allow_empty=True)


def _is_text(cells: pd.Series) -> bool:
    """Return whether a column has filled cells and none of them is a number."""
    filled = cells[cells.notna() & (cells.astype("str").str.strip() != "")]
    return bool(len(filled)) and bool(pd.to_numeric(filled, errors="coerce").isna().all())


def snake(heading: str) -> str:
    """Return a heading in snake case, as ``income_domain_numerator``."""
    if heading in (CODE, SNAKE_CODE):
        return SNAKE_CODE
    words = heading.replace("%", " percent ").lower()
    return re.sub(r"[^a-z0-9]+", "_", words).strip("_")


def _file8_csv(path: Path) -> tuple[pd.DataFrame, str]:
    text = read_text(path)
    try:
        frame = parse_frame(text, str(path), columns=[CODE])
    except SourceError:
        return (
            parse_frame(text, str(path), columns=[SNAKE_CODE]),
            "IoD File 8 CSV, snake case headings",
        )
    return frame, "IoD File 8 CSV"


def _is_workbook(path: Path) -> bool:
    return path.suffix.lower() in (".xlsx", ".ods")


def _sheets(path: Path, key: str) -> pd.DataFrame:
    """Return all sheets of areas as one frame, skipping sheets of notes."""
    joined: pd.DataFrame | None = None
    seen = read_sheets(path)
    for sheet, rows in seen.items():
        frame = with_header(rows, key, f"{path}, sheet {sheet!r}")
        if frame is not None:
            joined = frame if joined is None else _join(joined, frame, key, f"{path}, {sheet!r}")
    if joined is None:
        raise SourceError(
            str(path),
            found=f"sheets {list(seen)}, none with a heading {key!r}",
            expected="a sheet of small areas",
            mend="The publisher may have changed the layout: look at the workbook.",
        )
    return joined


def _join(left: pd.DataFrame, right: pd.DataFrame, key: str, name: str) -> pd.DataFrame:
    """Join one domain's sheet to the others, one to one; each must hold the same areas."""
    for frame in (left, right):
        check_codes(frame[key], Path(name), CodePattern.SMALL_AREA)
    if set(left[key]) != set(right[key]):
        raise SourceError(
            name,
            found=f"{len(set(left[key]) ^ set(right[key]))} areas that are not in every sheet",
            expected="the same areas in every sheet",
            mend="Download the file again.",
        )
    new = [column for column in right.columns if column == key or column not in left.columns]
    return left.merge(right[new], on=key, how="left", validate="one_to_one")
