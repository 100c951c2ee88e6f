"""National figures against those the Office for National Statistics published of Census 2021.

The counts of the raw folder may be sums of output areas, each altered a little to protect people,
so totals may differ from the published ones by some hundred people in tens of millions.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from exclusion_map import catalogue, indicators
from exclusion_map.sources import tables

pytestmark = pytest.mark.national


@pytest.fixture(scope="module")
def codes(national_raw: Path) -> np.ndarray:
    return tables.read_table("ts001", national_raw).index.to_numpy(dtype=str)


@pytest.fixture(scope="module")
def tidy(national_raw: Path, codes: np.ndarray) -> pd.DataFrame:
    return indicators.build(national_raw, codes, None)


@pytest.fixture(scope="module")
def people(national_raw: Path, codes: np.ndarray) -> pd.DataFrame:
    return indicators.population(national_raw, codes)


@pytest.fixture(scope="module")
def nations(tidy: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Values of England, Wales and both, by indicator."""
    population = people.set_index("area_code")["population"]
    letters = pd.Series(population.index.str[0], index=population.index)
    both = pd.Series("EW", index=population.index)
    parts = [indicators.roll_up(tidy, membership, population) for membership in (letters, both)]
    return pd.concat(parts).set_index(["area_code", "indicator"])


def test_there_are_35672_small_areas(codes: np.ndarray) -> None:
    assert len(codes) == 35_672
    assert sum(code.startswith("W") for code in codes) == 1_917


def test_usual_residents_and_households(people: pd.DataFrame) -> None:
    # Population and household estimates, England and Wales: Census 2021 (28 June 2022, rounded
    # figures) and its tables P01 and H01: 59,597,542 residents and 24,783,199 households; England
    # 56,490,048 and 23,436,086.
    totals = people[["population", "households"]].sum()
    assert totals["population"] == pytest.approx(59_597_542, abs=600)
    assert totals["households"] == pytest.approx(24_783_199, abs=600)
    english = people[people["area_code"].str.startswith("E")]
    assert english["population"].sum() == pytest.approx(56_490_048, abs=600)
    assert english["households"].sum() == pytest.approx(23_436_086, abs=600)


@pytest.mark.parametrize(
    ("indicator", "area", "percent"),
    [
        # Education, England and Wales: Census 2021: 18.2 % (8.8 million) aged 16 and over.
        ("no_qualifications", "EW", 18.2),
        ("no_qualifications", "E", 18.1),
        ("no_qualifications", "W", 19.9),
        # Table TS038 (not age-standardised; the bulletin's headline rates are): disabled.
        ("disabled", "EW", 17.5),
        ("disabled", "E", 17.3),
        ("disabled", "W", 21.6),
        ("disabled_limited_a_lot", "EW", 7.5),
        ("disabled_limited_a_little", "EW", 10.0),
        # Household and resident characteristics: Census 2021: 30.2 % of one person; England 30.1 %.
        ("living_alone", "EW", 30.2),
        ("living_alone", "E", 30.1),
        # Language, England and Wales: Census 2021: 1.5 % cannot speak English well, 0.3 % at all.
        ("limited_english", "EW", 1.8),
        # Housing, England and Wales: Census 2021: 17.1 % social rented; 23.3 % have no car or van.
        ("social_renting", "EW", 17.1),
        ("no_car", "EW", 23.3),
        # Population and household estimates: 18.6 % were aged 65 and over (9.9 + 8.6).
        ("aged_65_74", "EW", 9.9),
        ("aged_75_plus", "EW", 8.6),
        # Table TS062: 12.0 % routine, 11.4 % semi-routine, 8.5 % never worked or long unemployed.
        ("routine_occupations", "EW", 23.4),
        ("never_worked", "EW", 8.5),
    ],
)
def test_shares_as_published(
    nations: pd.DataFrame, indicator: str, area: str, percent: float
) -> None:
    assert nations.loc[(area, indicator), "value"] == pytest.approx(percent, abs=0.051)


def test_counts_as_published(nations: pd.DataFrame) -> None:
    counts = nations.loc["EW", "numerator"]
    # Language bulletin: 1.04 million (880,000 and 161,000); Education bulletin: 8.8 million.
    assert counts["limited_english"] == pytest.approx(1_041_000, abs=2_000)
    assert counts["no_qualifications"] == pytest.approx(8_800_000, abs=50_000)
    assert counts["disabled"] == pytest.approx(10_400_000, abs=50_000)


def test_people_aged_65_and_over(nations: pd.DataFrame) -> None:
    # "over 11 million people - 18.6 % of the total population - were aged 65 years or older".
    shares = nations.loc["EW", "value"]
    assert shares["aged_65_74"] + shares["aged_75_plus"] == pytest.approx(18.6, abs=0.051)


def test_wales_is_missing_where_only_england_was_measured(tidy: pd.DataFrame) -> None:
    welsh = tidy[tidy["area_code"].str.startswith("W")].set_index("indicator")
    for indicator in ("income_deprivation", "digital_connectivity"):
        assert welsh.loc[indicator, "value"].isna().all()
        assert set(welsh.loc[indicator, "quality"]) == {"missing"}


def test_the_parts_of_disability_are_the_whole(tidy: pd.DataFrame) -> None:
    counts = tidy.set_index("indicator")["numerator"]
    parts = counts["disabled_limited_a_lot"].to_numpy() + (
        counts["disabled_limited_a_little"].to_numpy()
    )
    assert (parts == counts["disabled"].to_numpy()).all()


def test_income_deprivation_says_where_rate_and_count_differ(tidy: pd.DataFrame) -> None:
    results = indicators.check(tidy, catalogue.indicators(), absent={"broadband_deficit"})
    failed = [result for result in results if not result.passed]
    assert failed == []
    rate = next(result for result in results if result.name.startswith("income_deprivation"))
    assert "areas have a rate and no count" in rate.detail
    # A count above its population (1,835 of 1,623 in E01001826, release of October 2025) is left
    # out; the published rate stays.
    odd = tidy[(tidy["indicator"] == "income_deprivation") & (tidy["area_code"] == "E01001826")]
    assert 0 <= odd["value"].item() <= 100
    assert not odd["numerator"].item() > odd["denominator"].item()


def test_each_census_table_adds_up_to_its_total(national_raw: Path) -> None:
    """The parts of every topic are its total in every small area, so no column was misread."""
    tenure = tables.read_table("ts054", national_raw)
    whole = tenure.pop("Tenure of household: Total: All households")
    parts = [column for column in tenure.columns if column.count(":") == 1]
    assert (tenure[parts].sum(axis=1) == whole).all()
    classes = tables.read_table("ts062", national_raw)
    whole = classes.pop(classes.columns[0])
    assert (classes.sum(axis=1) == whole).all()
    ages = tables.read_table("age_bands", national_raw)
    assert (ages["Aged 65 to 74 years"] + ages["Aged 75 years and over"] < ages["All ages"]).all()
