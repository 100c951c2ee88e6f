"""Contracts of the tidy table: each broken in turn."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from exclusion_map import catalogue
from exclusion_map.errors import ContractError
from exclusion_map.indicators import check, enforce

AREAS = ["E01000001", "E01000002", "W01000001", "W01000002"]
IDS = ("digital_connectivity", "disabled", "income_deprivation")
DECLARED = {one: catalogue.indicator(one) for one in IDS}


def good() -> pd.DataFrame:
    nan = np.nan
    rows = {
        "digital_connectivity": ([0.5, -0.5, nan, nan], [nan] * 4, [nan] * 4),
        "disabled": ([10.0, 20.0, 30.0, 40.0], [100.0, 200.0, 300.0, 400.0], [1000.0] * 4),
        "income_deprivation": (
            [10.2, 20.0, nan, nan],
            [100.0, 200.0, nan, nan],
            [1000.0, 1000.0, nan, nan],
        ),
    }
    frames = []
    for indicator, (value, numerator, denominator) in rows.items():
        frames.append(
            pd.DataFrame(
                {
                    "area_code": AREAS,
                    "indicator": indicator,
                    "value": value,
                    "numerator": numerator,
                    "denominator": denominator,
                    "quality": ["missing" if np.isnan(one) else "observed" for one in value],
                }
            )
        )
    made = pd.concat(frames, ignore_index=True)
    return made.astype({"area_code": "string", "indicator": "string", "quality": "string"})


Change = Callable[[pd.DataFrame], pd.DataFrame]


def put(column: str, value: object, row: int = 4) -> Change:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        frame.loc[row, column] = value
        return frame

    return change


def test_a_good_table_passes() -> None:
    enforce(good(), DECLARED)
    assert all(result.passed for result in check(good(), DECLARED))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (put("value", 150.0), "E01000001 disabled 150"),
        (put("value", 0.1), "Values are within the range declared"),
        (put("value", -9.0, row=0), "E01000001 digital_connectivity -9"),
        (put("numerator", 1001.0), "No share counts more people than there are"),
        (put("numerator", -1.0), "numerator"),
        (put("denominator", 0.0), "denominator above 0"),
        (put("denominator", -5.0), "denominator"),
        (put("quality", "missing"), "A row is marked as missing"),
        (put("quality", "guessed"), "quality"),
        (put("quality", None), "quality"),
        (put("area_code", "E01000002"), "Each area appears once"),
        (put("area_code", "X01000001"), "nation"),
        (put("area_code", None), "area_code"),
        (lambda frame: frame.iloc[1:], "Every indicator has a row for every area"),
        (lambda frame: frame[frame["indicator"] != "disabled"], "row for every area"),
        (lambda frame: frame.assign(extra=1), "extra"),
        (lambda frame: frame.drop(columns="numerator"), "'value', 'denominator'"),
        (lambda frame: frame.assign(value=frame["value"].astype("str")), "value"),
    ],
)
def test_a_broken_contract_is_named(change: Change, words: str) -> None:
    with pytest.raises(ContractError) as caught:
        enforce(change(good()), DECLARED, areas=len(AREAS))
    assert words in caught.value.found


def test_every_broken_contract_is_listed_at_once() -> None:
    broken = put("value", 150.0)(put("numerator", 1001.0, row=5)(good()))
    with pytest.raises(ContractError) as caught:
        enforce(broken, DECLARED)
    assert "range declared" in caught.value.found
    assert "more people than there are" in caught.value.found


def gone(frame: pd.DataFrame, rows: list[int]) -> pd.DataFrame:
    frame.loc[rows, ["value", "numerator", "denominator"]] = np.nan
    frame.loc[rows, "quality"] = "missing"
    return frame


def test_too_few_areas_with_a_value_are_refused_per_nation() -> None:
    with pytest.raises(ContractError, match="W01000001 disabled nan"):
        enforce(gone(good(), [6, 7]), DECLARED)


def test_a_source_that_is_absent_may_be_missing_everywhere() -> None:
    frame = gone(good(), [4, 5, 6, 7])
    with pytest.raises(ContractError):
        enforce(frame, DECLARED)
    enforce(frame, DECLARED, absent={"disabled"})


def test_withholding_on_purpose_is_no_lack_of_coverage() -> None:
    frame = gone(good(), [6, 7])
    frame.loc[[6, 7], "quality"] = "suppressed"
    enforce(frame, DECLARED, suppressing=True)


def test_an_absent_source_with_values_is_refused() -> None:
    with pytest.raises(ContractError, match="none of other nations"):
        enforce(good(), DECLARED, absent={"disabled"})


def test_a_value_for_a_nation_that_is_not_covered_is_refused() -> None:
    frame = good()
    frame.loc[2, "value"] = 0.1
    frame.loc[2, "quality"] = "observed"
    with pytest.raises(ContractError, match="W01000001 digital_connectivity"):
        enforce(frame, DECLARED)


def test_results_say_how_a_rate_and_its_count_agree() -> None:
    results = {result.name: result for result in check(good(), DECLARED)}
    rate = results["income_deprivation_rate_and_count_agree"]
    assert rate.passed
    assert "farthest apart 0.20 points" in rate.detail
    apart = put("numerator", 500.0, row=8)(good())
    results = {result.name: result for result in check(apart, DECLARED)}
    assert not results["income_deprivation_rate_and_count_agree"].passed


def test_results_name_the_rows_that_break_a_contract() -> None:
    results = {result.name: result for result in check(put("value", 99.0)(good()), DECLARED)}
    plausible = results["values_are_plausible"]
    assert not plausible.passed
    assert "E01000001 disabled 99" in plausible.detail
