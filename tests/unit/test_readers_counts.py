"""Tables of numbers: area codes, cells, suppression told from zero and from nothing."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from exclusion_map.errors import SourceError
from exclusion_map.sources.readers.counts import CodePattern, Table, check_counts, to_table

PATH = Path("raw/table.csv")


def table(cells: list[object], codes: list[str] | None = None, **options: Any) -> Table:
    areas = codes or [f"E0100000{number}" for number in range(1, len(cells) + 1)]
    frame = pd.DataFrame({"code": areas, "n": cells})
    return to_table(frame, "code", PATH, layout="test", **options)


def test_areas_are_sorted_and_numbers_are_floats() -> None:
    made = table([2, 1], ["W01000002", "E01000001"])
    assert made.values.index.tolist() == ["E01000001", "W01000002"]
    assert made.values.index.name == "area_code"
    assert made.values["n"].tolist() == [1.0, 2.0]
    assert made.values["n"].dtype == np.float64


def test_declared_markers_are_withheld_not_zero() -> None:
    made = table(["0", "*", " [x] ", "4"], markers=("*", "[x]"))
    assert made.values["n"].fillna(-1).tolist() == [0.0, -1.0, -1.0, 4.0]
    assert made.suppressed["n"].tolist() == ["E01000002", "E01000003"]


def test_an_empty_cell_is_missing_and_not_withheld() -> None:
    made = table([1.0, np.nan], allow_empty=True)
    assert made.values["n"].isna().tolist() == [False, True]
    assert made.suppressed == {}


@pytest.mark.parametrize("cell", ["*", ".", "-", "c", "[x]", "n/a", "1,23", "NaN", "inf"])
def test_a_cell_that_is_no_number_is_refused_unless_declared(cell: str) -> None:
    with pytest.raises(SourceError) as caught:
        table(["1", cell, "3"])
    assert repr(cell) in caught.value.found
    assert "E01000002" in caught.value.found
    assert "'n'" in caught.value.found


def test_an_empty_cell_is_refused_where_the_publisher_leaves_none() -> None:
    with pytest.raises(SourceError, match="nothing for E01000002"):
        table([1.0, np.nan])


def test_truth_values_are_no_numbers() -> None:
    with pytest.raises(SourceError, match="without a number"):
        table([True, False])


@pytest.mark.parametrize(
    "code", ["E02000001", "S01006506", "E0100001", "E010000011", "e01000001", "", "Total"]
)
def test_codes_of_other_areas_are_refused(code: str) -> None:
    with pytest.raises(SourceError, match="1 unknown area codes"):
        table([1, 2], ["E01000001", code])


def test_output_areas_have_a_pattern_of_their_own() -> None:
    made = table([5], ["W00000001"], pattern=CodePattern.OUTPUT_AREA)
    assert made.values.index.tolist() == ["W00000001"]


def test_a_repeated_area_is_refused() -> None:
    with pytest.raises(SourceError, match="'E01000001'"):
        table([1, 2], ["E01000001", "E01000001"])


def test_no_rows_are_refused() -> None:
    with pytest.raises(SourceError, match="no rows"):
        to_table(pd.DataFrame({"code": [], "n": []}), "code", PATH, layout="test")


@pytest.mark.parametrize("number", [-1.0, 2.5])
def test_counts_are_whole_and_not_negative(number: float) -> None:
    with pytest.raises(SourceError, match="whole numbers of 0 or more"):
        check_counts(table([1.0, number]))


def test_counts_may_be_missing() -> None:
    made = table([1.0, np.nan], allow_empty=True)
    assert check_counts(made) is made
