"""Larger areas: counts are added, values without counts are weighted by people."""

import numpy as np
import pandas as pd
import pytest

from exclusion_map.errors import ContractError
from exclusion_map.indicators import roll_up

AREAS = ["E01000001", "E01000002", "E01000003", "W01000001"]
WARD = pd.Series(["E05000002", "E05000002", "E05000001", None], index=AREAS)
PEOPLE = pd.Series([1000.0, 3000.0, 2000.0, 1500.0], index=AREAS)


def tidy(**columns: dict[str, list[float]]) -> pd.DataFrame:
    """A tidy table of the indicators named, each with value, numerator and denominator."""
    parts = []
    for indicator in sorted(columns):
        given = columns[indicator]
        value = np.array(given["value"], dtype=float)
        parts.append(
            pd.DataFrame(
                {
                    "area_code": pd.array(AREAS, dtype="string"),
                    "indicator": pd.array([indicator] * len(AREAS), dtype="string"),
                    "value": value,
                    "numerator": np.array(given.get("numerator", [np.nan] * 4), dtype=float),
                    "denominator": np.array(given.get("denominator", [np.nan] * 4), dtype=float),
                    "quality": pd.array(
                        np.where(np.isnan(value), "missing", "observed"), dtype="string"
                    ),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


DISABLED = {
    "value": [10.0, 30.0, 20.0, 40.0],
    "numerator": [100.0, 900.0, 400.0, 600.0],
    "denominator": [1000.0, 3000.0, 2000.0, 1500.0],
}


def test_counts_are_added_and_ratios_are_not_averaged() -> None:
    made = roll_up(tidy(disabled=DISABLED), WARD, PEOPLE)
    assert made["area_code"].tolist() == ["E05000001", "E05000002"]
    assert made["value"].tolist() == pytest.approx([20.0, 25.0])  # 1,000 of 4,000, not (10+30)/2
    assert made["numerator"].tolist() == [400.0, 1000.0]
    assert made["denominator"].tolist() == [2000.0, 4000.0]
    assert made["quality"].tolist() == ["observed", "observed"]
    assert str(made["area_code"].dtype) == "string"


def test_values_without_counts_are_weighted_by_people() -> None:
    made = roll_up(tidy(digital_connectivity={"value": [1.0, -1.0, 0.5, np.nan]}), WARD, PEOPLE)
    assert made["value"].tolist() == pytest.approx([0.5, -0.5])
    assert made["numerator"].isna().all()


def test_an_area_without_data_does_not_count_as_nobody() -> None:
    part = {
        "value": [10.0, np.nan, np.nan, 40.0],
        "numerator": [100.0, np.nan, np.nan, 600.0],
        "denominator": [1000.0, 3000.0, 2000.0, 1500.0],
    }
    made = roll_up(tidy(disabled=part), WARD, PEOPLE, with_data_share=True)
    assert made["value"].fillna(-1).tolist() == [-1.0, 10.0]
    assert made["numerator"].fillna(-1).tolist() == [-1.0, 100.0]
    assert made["denominator"].fillna(-1).tolist() == [-1.0, 1000.0]
    assert made["quality"].tolist() == ["missing", "observed"]
    assert made["data_share"].tolist() == [0.0, 0.25]


def test_a_count_left_out_beside_its_rate_is_taken_from_the_rate() -> None:
    part = {
        "value": [50.0, 10.0, 20.0, np.nan],
        "numerator": [np.nan, 300.0, 400.0, np.nan],
        "denominator": [1000.0, 3000.0, 2000.0, np.nan],
    }
    made = roll_up(tidy(income_deprivation=part), WARD, PEOPLE)
    assert made["numerator"].tolist() == [400.0, 800.0]
    assert made["value"].tolist() == pytest.approx([20.0, 20.0])


def test_indicators_keep_their_order_and_all_stand_for_all_areas() -> None:
    made = roll_up(
        tidy(disabled=DISABLED, digital_connectivity={"value": [np.nan] * 4}), WARD, PEOPLE
    )
    assert made["indicator"].tolist() == ["digital_connectivity"] * 2 + ["disabled"] * 2
    assert made["quality"].tolist() == ["missing", "missing", "observed", "observed"]


def test_a_table_in_another_order_is_refused() -> None:
    mixed = tidy(disabled=DISABLED, bad_health=DISABLED).sample(frac=1, random_state=1)
    with pytest.raises(ContractError, match="in another order"):
        roll_up(mixed, WARD, PEOPLE)


def test_an_area_twice_is_refused() -> None:
    frame = tidy(disabled=DISABLED)
    with pytest.raises(ContractError, match="each once"):
        roll_up(pd.concat([frame, frame.iloc[:1]], ignore_index=True), WARD, PEOPLE)


@pytest.mark.parametrize("name", ["membership", "population"])
def test_an_area_without_a_row_is_refused(name: str) -> None:
    series = {"membership": WARD, "population": PEOPLE}
    series[name] = series[name].iloc[1:]
    with pytest.raises(ContractError, match=f"{name} of small areas.*E01000001"):
        roll_up(tidy(disabled=DISABLED), series["membership"], series["population"])


def test_a_small_area_in_two_larger_ones_is_refused() -> None:
    with pytest.raises(ContractError, match=r"membership of small areas.*repeated areas"):
        roll_up(tidy(disabled=DISABLED), pd.concat([WARD, WARD.iloc[:1]]), PEOPLE)
