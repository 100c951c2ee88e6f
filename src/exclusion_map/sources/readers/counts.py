"""Turn a publisher's table into numbers: check codes and cells, tell suppressed from zero.

Every reader of counts uses this module, so that wrong codes and non-numeric cells are reported in
the same way for every publisher.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import numpy as np
import pandas as pd

from exclusion_map.errors import SourceError

AREA_CODE = "area_code"
_SHOWN = 5
# Digits in groups of three, as spreadsheets write them.
GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")
WITHHELD = ("*", "c", "[c]", "[x]", "[z]", "..", ":")
"""Markers of official statistics for numbers that are withheld, unknown or not applicable.

``-`` and ``[low]`` are not among them: some publishers use them for zero or nearly zero.
"""


class CodePattern(StrEnum):
    """Regular expression for the area codes of a table."""

    SMALL_AREA = r"[EW]01\d{6}"
    OUTPUT_AREA = r"[EW]00\d{6}"
    ANY_UK = r"[EWSN]\d{8}"


@dataclass(frozen=True)
class Table:
    """Numbers of one raw file.

    Attributes:
        values: float64, one row per area; index ``area_code``, unique and sorted; NaN = missing.
        suppressed: for each column, codes of the areas whose value the publisher withheld.
        layout: the publisher's layout that was recognised.
        path: the file.
    """

    values: pd.DataFrame
    layout: str
    path: Path
    suppressed: dict[str, pd.Index] = field(default_factory=dict)


def to_table(
    frame: pd.DataFrame,
    codes: str,
    path: Path,
    *,
    layout: str,
    pattern: CodePattern = CodePattern.SMALL_AREA,
    markers: Collection[str] = (),
    allow_empty: bool = False,
) -> Table:
    """Return a raw frame as a table of numbers.

    Args:
        frame: cells as read; every column except ``codes`` may hold only numbers, markers or
            empty cells.
        codes: name of the column of area codes.
        path: the file, for errors.
        layout: the layout that was recognised.
        pattern: format of the area codes.
        markers: this publisher's markers for a withheld number.
        allow_empty: whether cells may be empty; they are missing, not withheld.

    Raises:
        SourceError: an area code is unknown or repeated, a cell is not a number, or there are no
            rows.
    """
    index = check_codes(frame[codes], path, pattern)
    cells = frame.drop(columns=[codes])
    columns: dict[str, np.ndarray] = {}
    suppressed: dict[str, pd.Index] = {}
    for name in cells.columns:
        numbers, withheld = to_numbers(
            cells[name], index, path, markers=markers, allow_empty=allow_empty
        )
        columns[str(name)] = numbers
        if withheld.any():
            suppressed[str(name)] = index[withheld].sort_values()
    values = pd.DataFrame(columns, index=index).sort_index()
    return Table(values=values, layout=layout, path=path, suppressed=suppressed)


def check_codes(codes: pd.Series, path: Path, pattern: CodePattern) -> pd.Index:
    """Return area codes as an index; each must match the pattern and appear once.

    Raises:
        SourceError: otherwise; it names the first few faulty codes.
    """
    if codes.empty:
        raise SourceError(
            str(path),
            found="no rows",
            expected="one row an area",
            mend="Download the file again.",
        )
    text = codes.astype("str").str.strip()
    unknown = text[~text.str.fullmatch(pattern.value).fillna(value=False).to_numpy(dtype=bool)]
    if len(unknown):
        raise SourceError(
            str(path),
            found=f"{len(unknown)} unknown area codes: {_some(unknown)}",
            expected=f"codes like {pattern.value}",
            mend="This may be a table of other areas or another year: download the right one.",
        )
    twice = text[text.duplicated()]
    if len(twice):
        raise SourceError(
            str(path),
            found=f"{len(twice)} repeated area codes: {_some(twice)}",
            expected="one row an area",
            mend="Download the file again.",
        )
    return pd.Index(text, name=AREA_CODE)


def check_counts(table: Table) -> Table:
    """Return the table if all its numbers are whole and not negative, as counts must be.

    Raises:
        SourceError: otherwise.
    """
    for name in table.values.columns:
        numbers = table.values[name].to_numpy()
        wrong = np.isfinite(numbers) & ((numbers < 0) | (numbers != np.floor(numbers)))
        if wrong.any():
            where = int(np.flatnonzero(wrong)[0])
            raise SourceError(
                str(table.path),
                found=f"{numbers[where]:g} for {table.values.index[where]} in column {name!r}",
                expected="whole numbers of 0 or more",
                mend="Download the file again.",
            )
    return table


def to_numbers(
    cells: pd.Series,
    index: pd.Index,
    path: Path,
    *,
    markers: Collection[str] = (),
    allow_empty: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Return a column (n,) as float64, and a mask (n,) of the withheld cells.

    Args:
        cells: as read.
        index: (n,) names of the rows in errors.
        path: the file, for errors.
        markers: this publisher's markers for a withheld number.
        allow_empty: whether cells may be empty; they are missing, not withheld.

    Raises:
        SourceError: a cell is not a number.
    """
    withheld = np.zeros(len(cells), dtype=bool)
    if pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells):
        numbers = cells.to_numpy(dtype=np.float64, na_value=np.nan)
        empty = np.isnan(numbers)
    else:
        text = cells.astype("object").map(lambda cell: str(cell).strip(), na_action="ignore")
        empty = (text.isna() | (text == "")).to_numpy(dtype=bool)
        withheld = text.isin(list(markers)).to_numpy(dtype=bool)
        text = text.mask(withheld | empty).map(_ungrouped, na_action="ignore")
        numbers = pd.to_numeric(text, errors="coerce").to_numpy(dtype=np.float64)
    refused = ~np.isfinite(numbers) & ~withheld
    if allow_empty:
        refused &= ~empty
    if refused.any():
        shown = ", ".join(
            f"{_cell(cells.iloc[row])} for {index[row]}" for row in np.flatnonzero(refused)[:_SHOWN]
        )
        raise SourceError(
            str(path),
            found=f"{int(refused.sum())} cells of column {cells.name!r} without a number: {shown}",
            expected=f"numbers or {sorted(markers)}" if markers else "numbers",
            mend="Download the file again; a new way to mark missing numbers must be declared.",
        )
    return numbers, withheld


def _ungrouped(cell: str) -> str:
    return cell.replace(",", "") if GROUPED.fullmatch(cell) else cell


def _cell(cell: object) -> str:
    return "nothing" if pd.isna(cell) or str(cell).strip() == "" else repr(cell)  # type: ignore[call-overload]


def _some(values: pd.Series) -> str:
    shown = ", ".join(repr(value) for value in values.head(_SHOWN))
    return f"{shown}, ..." if len(values) > _SHOWN else shown
