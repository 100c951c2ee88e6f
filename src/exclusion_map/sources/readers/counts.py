"""A publisher's table as numbers: area codes checked, cells checked, suppression told from zero.

Every reader of counts ends here, so that a wrong code or a cell that is no number is found in the
same way, whoever published it.
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
"""What statistics of the government write where a number is withheld, unknown or senseless.

Not ``-`` and ``[low]``, which some publishers write for none or nearly none.
"""


class CodePattern(StrEnum):
    """What the area codes of a table look like, as a regular expression."""

    SMALL_AREA = r"[EW]01\d{6}"
    OUTPUT_AREA = r"[EW]00\d{6}"
    ANY_UK = r"[EWSN]\d{8}"


@dataclass(frozen=True)
class Table:
    """Numbers of one raw file.

    Attributes:
        values: float64, one row an area; index ``area_code``, unique and sorted; NaN = absent.
        suppressed: cells the publisher withheld, by column: area codes.
        layout: which of the publisher's layouts was found.
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
        frame: cells as read; all columns but ``codes`` must hold numbers, markers or nothing.
        codes: the column of area codes.
        path: the file, for errors.
        layout: which layout it was.
        pattern: what area codes must look like.
        markers: cells by which this publisher says that a number is withheld.
        allow_empty: whether this publisher leaves cells empty; they are missing, not withheld.

    Raises:
        SourceError: an unknown or repeated area code, a cell that is no number, no rows at all.
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
    """Return area codes as an index; each must fit the pattern and stand there once.

    Raises:
        SourceError: otherwise, with the first few that are wrong.
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
            found=f"{len(twice)} area codes that stand there twice: {_some(twice)}",
            expected="one row an area",
            mend="Download the file again.",
        )
    return pd.Index(text, name=AREA_CODE)


def check_counts(table: Table) -> Table:
    """Return the table if every number is a whole number of 0 or more, as counts are.

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
    """Return a column (n,) as float64, and which of its cells were withheld.

    Args:
        cells: as read.
        index: (n,) what each row is called in errors.
        path: the file, for errors.
        markers: cells by which this publisher says that a number is withheld.
        allow_empty: whether cells may be empty; they are missing, not withheld.

    Raises:
        SourceError: a cell is no number.
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
