"""The tidy table from a small raw folder in the publishers' own layouts."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from exclusion_map import catalogue, indicators
from exclusion_map.errors import (
    CatalogueError,
    ContractError,
    GeographyError,
    SourceError,
    SourceMissingError,
)
from exclusion_map.sources import tables

CODES = ["E01000001", "E01000002", "W01000001"]
OA_LOOKUP = pd.DataFrame(
    {
        "output_area": ["E00000001", "E00000002", "E00000003", "W00000001"],
        "area_code": ["E01000001", "E01000001", "E01000002", "W01000001"],
    }
)
FILE7 = "File_7_IoD2025_All_Ranks_Scores_Deciles_Population_Denominators.csv"
NS = "National Statistics Socio-economic Classification (NS-SEC): "
LANGUAGE = (
    "Proficiency in English language: Main language is not English (English or Welsh in Wales): "
)
# Out of 1,000 people or 400 households; every total not named here is that, every other count 0.
COUNTS: Mapping[str, Mapping[str, tuple[int, int, int]]] = {
    "ts017": {"Household size: 1 person in household": (100, 120, 140)},
    "ts029": {
        f"{LANGUAGE}Cannot speak English well": (20, 10, 2),
        f"{LANGUAGE}Cannot speak English": (5, 0, 1),
    },
    "ts037": {
        "General health: Bad health": (40, 50, 60),
        "General health: Very bad health": (10, 20, 30),
    },
    "ts038": {
        "Disability: Disabled under the Equality Act": (170, 180, 220),
        "Disability: Disabled under the Equality Act: Day-to-day activities limited a lot": (
            70,
            80,
            100,
        ),
        "Disability: Disabled under the Equality Act: Day-to-day activities limited a little": (
            100,
            100,
            120,
        ),
    },
    "ts045": {"Number of cars or vans: No cars or vans in household": (90, 80, 70)},
    "ts054": {"Tenure of household: Social rented": (60, 70, 80)},
    "ts062": {
        f"{NS}L12 Semi-routine occupations": (110, 120, 130),
        f"{NS}L13 Routine occupations": (100, 110, 120),
        f"{NS}L14.1 and L14.2 Never worked and long-term unemployed": (80, 85, 90),
    },
    "ts067": {"Highest level of qualification: No qualifications": (150, 200, 250)},
}
HOUSEHOLD_TABLES = ("ts011", "ts017", "ts045", "ts054")
ADULT_TABLES = ("ts062", "ts065", "ts067")


def total_of(table: str) -> int:
    if table in HOUSEHOLD_TABLES:
        return 400
    return 800 if table in ADULT_TABLES else 1000


def write_census(raw: Path) -> None:
    source = catalogue.source(tables.CENSUS)
    folder = raw / tables.CENSUS
    folder.mkdir(parents=True)
    for file in source.files:
        table = file.path.removesuffix(".zip").split("-")[-1]
        if not file.required or table not in tables.TABLES:
            continue
        rows = pd.DataFrame({"date": 2021, "geography": "A place", "geography code": CODES})
        for column in file.columns:
            name = column.removesuffix("; measures: Value")
            if ": Total" in name:
                rows[column] = total_of(table)
            elif column not in rows:
                rows[column] = COUNTS.get(table, {}).get(name, (0, 0, 0))
        with zipfile.ZipFile(folder / file.path, "w") as archive:
            archive.writestr(f"census2021-{table}-lsoa.csv", rows.to_csv(index=False))


def write_ages(raw: Path) -> None:
    heading = "2021 super output area - lower layer"
    bands = (
        "Total,Aged 65 years,Aged 66 to 69 years,Aged 70 to 74 years,"
        "Aged 75 to 79 years,Aged 80 to 84 years,Aged 85 years and over"
    )
    lines = ["RM121 - Sex by age,,,,,,,", ",,,,,,,", f"{heading},{bands}", ",,,,,,,"]
    lines += [f"{code} : A place,1000,10,20,30,25,15,10" for code in CODES]
    (raw / tables.CENSUS / "RM121-lsoa.csv").write_text("\n".join(lines) + "\n")


def write_deprivation(raw: Path, numerators: tuple[object, object] = (100, 245)) -> None:
    folder = raw / tables.DEPRIVATION
    folder.mkdir(parents=True, exist_ok=True)
    declared = next(
        file.columns
        for file in catalogue.source(tables.DEPRIVATION).files
        if file.path.startswith("File_7")
    )
    rows = pd.DataFrame({column: [1, 2] for column in declared})
    rows["LSOA code (2021)"] = CODES[:2]
    rows["Income Score (rate)"] = [0.098, 0.246]
    rows["Total population: mid 2022"] = [1020, 1000]
    rows.to_csv(folder / FILE7, index=False)
    pd.DataFrame(
        {
            "lsoa21_code": CODES[:2],
            "income_domain_numerator": numerators,
            "digital_connectivity_broadband_download_and_upload_speeds": [0.756, -0.757],
        }
    ).to_csv(folder / "File_8_IoD2025_Underlying_Indicators.csv", index=False)


def write_broadband(raw: Path, codes: tuple[str, ...] = ()) -> None:
    areas = codes or ("E00000001", "E00000002", "W00000001")
    rows = pd.DataFrame(
        {
            "output_area": areas,
            "All Premises": [110, 50, 80],
            "All Matched Premises": [100, 50, 80],
            "SFBB availability (% premises)": [90.0, 98.0, 75.0],
            "% of premises unable to receive 30Mbit/s": [10.0, 2.0, 25.0],
            "Number of premises unable to receive 30Mbit/s": [10, 1, 20],
        }
    )
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr(
            "202507_fixed_oa_coverage_r01/202507_fixed_oa_coverage_r01.csv",
            rows.to_csv(index=False),
        )
    folder = raw / tables.BROADBAND
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / "202507_fixed_broadband_coverage_r01.zip", "w") as archive:
        archive.writestr(
            "202507_fixed_coverage_r01/202507_fixed_oa_coverage_r01.zip", inner.getvalue()
        )


def write_all(folder: Path) -> Path:
    write_census(folder)
    write_ages(folder)
    write_deprivation(folder)
    return folder


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """A raw folder that a test may change."""
    return write_all(tmp_path / "raw")


@pytest.fixture(scope="module")
def tidy(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """The tidy table of a raw folder that no test changes."""
    return build(write_all(tmp_path_factory.mktemp("indicators") / "raw"))


def build(
    raw: Path, codes: list[str] = CODES, lookup: pd.DataFrame | None = OA_LOOKUP
) -> pd.DataFrame:
    return indicators.build(raw, np.array(codes, dtype=str), lookup)


def values(tidy: pd.DataFrame, indicator: str, column: str = "value") -> list[object]:
    found = tidy.loc[tidy["indicator"] == indicator, column]
    return [None if pd.isna(one) else one for one in found]


def test_every_area_stands_for_every_indicator_in_order(raw: Path) -> None:
    codes = ["W01000001", "E01000001", "E01000002"]
    tidy = build(raw, codes)
    ids = sorted(catalogue.indicators())
    assert tuple(tidy.columns) == indicators.TIDY_COLUMNS
    assert tidy["indicator"].tolist() == [one for one in ids for _ in codes]
    assert tidy["area_code"].tolist() == codes * len(ids)
    assert [str(kind) for kind in tidy.dtypes] == [
        "string",
        "string",
        "float64",
        "float64",
        "float64",
        "string",
    ]


@pytest.mark.parametrize(
    ("indicator", "expected"),
    [
        ("aged_65_74", [6.0, 6.0, 6.0]),
        ("aged_75_plus", [5.0, 5.0, 5.0]),
        ("bad_health", [5.0, 7.0, 9.0]),
        ("disabled", [17.0, 18.0, 22.0]),
        ("disabled_limited_a_lot", [7.0, 8.0, 10.0]),
        ("disabled_limited_a_little", [10.0, 10.0, 12.0]),
        ("limited_english", [2.5, 1.0, 0.3]),
        ("living_alone", [25.0, 30.0, 35.0]),
        ("never_worked", [10.0, 10.625, 11.25]),
        ("no_car", [22.5, 20.0, 17.5]),
        ("no_qualifications", [18.75, 25.0, 31.25]),
        ("routine_occupations", [26.25, 28.75, 31.25]),
        ("social_renting", [15.0, 17.5, 20.0]),
        ("income_deprivation", [9.8, 24.6, None]),
        ("digital_connectivity", [0.756, -0.757, None]),
    ],
)
def test_values_worked_by_hand(
    tidy: pd.DataFrame, indicator: str, expected: list[float | None]
) -> None:
    found = values(tidy, indicator)
    assert [one is None for one in found] == [one is None for one in expected]
    assert [one for one in found if one is not None] == pytest.approx(
        [one for one in expected if one is not None]
    )


def test_counts_stand_beside_the_value(tidy: pd.DataFrame) -> None:
    assert values(tidy, "bad_health", "numerator") == [50.0, 70.0, 90.0]
    assert values(tidy, "bad_health", "denominator") == [1000.0, 1000.0, 1000.0]
    assert values(tidy, "bad_health", "quality") == ["observed"] * 3


def test_a_published_rate_keeps_its_own_count(tidy: pd.DataFrame) -> None:
    assert values(tidy, "income_deprivation", "numerator") == [100.0, 245.0, None]
    assert values(tidy, "income_deprivation", "denominator") == [1020.0, 1000.0, None]
    assert values(tidy, "income_deprivation", "quality") == ["observed", "observed", "missing"]


def test_a_count_larger_than_its_population_is_left_out_and_the_rate_kept(raw: Path) -> None:
    write_deprivation(raw, (1835, 245))
    tidy = build(raw)
    assert values(tidy, "income_deprivation", "numerator") == [None, 245.0, None]
    assert values(tidy, "income_deprivation") == pytest.approx([9.8, 24.6, None])


def test_a_count_too_small_to_publish_leaves_the_rate(raw: Path) -> None:
    write_deprivation(raw, (None, 245))
    tidy = build(raw)
    assert values(tidy, "income_deprivation", "quality")[0] == "observed"
    assert values(tidy, "income_deprivation", "numerator")[0] is None


def test_what_was_not_downloaded_is_missing_and_said(raw: Path) -> None:
    tidy = build(raw)
    assert values(tidy, "broadband_deficit") == [None, None, None]
    assert values(tidy, "broadband_deficit", "quality") == ["missing"] * 3
    assert any("202507_fixed_broadband_coverage_r01.zip" in note for note in tidy.attrs["notes"])
    states = {state.indicator: state for state in indicators.availability(raw)}
    assert not states["broadband_deficit"].available
    assert states["disabled"].available


def test_output_areas_are_added_up(raw: Path) -> None:
    write_broadband(raw)
    declared = {
        one: indicator.model_copy(update={"min_coverage": 0.5})
        for one, indicator in catalogue.indicators().items()
    }
    tidy = indicators.build(raw, np.array(CODES), OA_LOOKUP, indicators=declared)
    # Two output areas of the first small area: 11 of 150 premises, not the mean of 10 % and 2 %.
    assert values(tidy, "broadband_deficit") == pytest.approx([100 * 11 / 150, None, 25.0])
    assert values(tidy, "broadband_deficit", "numerator") == [11.0, None, 20.0]
    assert any("1 of the lookup without a row" in note for note in tidy.attrs["notes"])


def test_output_areas_need_their_lookup(raw: Path) -> None:
    write_broadband(raw)
    tidy = build(raw, lookup=None)
    assert values(tidy, "broadband_deficit") == [None, None, None]
    assert any("no lookup of output areas" in note for note in tidy.attrs["notes"])


def test_output_areas_of_another_census_are_refused(raw: Path) -> None:
    write_broadband(raw, ("E00000001", "E00999999", "W00000001"))
    with pytest.raises(GeographyError, match="1 of 3 output areas not in the lookup"):
        build(raw)


def test_a_lookup_with_an_output_area_twice_is_refused(raw: Path) -> None:
    write_broadband(raw)
    twice = pd.concat([OA_LOOKUP, OA_LOOKUP.iloc[:1]])
    with pytest.raises(GeographyError, match="E00000001 in two rows"):
        build(raw, lookup=twice)


def test_a_file_that_every_edition_needs_must_be_there(raw: Path) -> None:
    (raw / tables.CENSUS / "census2021-ts038.zip").unlink()
    with pytest.raises(SourceMissingError, match=r"census2021-ts038\.zip"):
        build(raw)


def test_ages_come_from_ts007a_where_rm121_is_not_there(raw: Path) -> None:
    (raw / tables.CENSUS / "RM121-lsoa.csv").unlink()
    with pytest.raises(SourceMissingError, match=r"RM121-lsoa\.csv or census2021-ts007a\.zip"):
        build(raw)
    file = next(
        file for file in catalogue.source(tables.CENSUS).files if file.path.endswith("ts007a.zip")
    )
    known = {"Total": 1000, "Aged 65 to 69 years": 35, "Aged 70 to 74 years": 30}
    known |= {"Aged 75 to 79 years": 25, "Aged 80 to 84 years": 15, "Aged 85 years and over": 10}
    rows = pd.DataFrame({"date": 2021, "geography": "A place", "geography code": CODES})
    for column in file.columns[3:]:
        rows[column] = known.get(column.removeprefix("Age: "), 0)
    with zipfile.ZipFile(raw / tables.CENSUS / file.path, "w") as archive:
        archive.writestr("census2021-ts007a-lsoa.csv", rows.to_csv(index=False))
    tidy = build(raw)
    assert values(tidy, "aged_65_74") == pytest.approx([6.5, 6.5, 6.5])
    assert values(tidy, "aged_75_plus") == pytest.approx([5.0, 5.0, 5.0])
    assert tables.read("age_bands", raw).layout == "Nomis bulk zip of TS007A"


def test_an_area_the_census_lacks_breaks_the_coverage_contract(raw: Path) -> None:
    with pytest.raises(ContractError) as caught:
        build(raw, [*CODES, "E01000099"])
    assert "Enough areas of each nation have a value" in caught.value.found
    assert "E01000099 aged_65_74" in caught.value.found


def test_areas_the_map_lacks_are_said(raw: Path) -> None:
    tidy = build(raw, CODES[1:])
    assert any(note.startswith("ts038: 1 areas not on the map") for note in tidy.attrs["notes"])


def test_a_value_out_of_its_range_breaks_the_contract(raw: Path) -> None:
    declared = dict(catalogue.indicators())
    narrow = {
        nation: bounds.model_copy(update={"high": 20.0})
        for nation, bounds in declared["disabled"].plausible.items()
    }
    declared["disabled"] = declared["disabled"].model_copy(update={"plausible": narrow})
    with pytest.raises(ContractError, match="W01000001 disabled 22"):
        indicators.build(raw, np.array(CODES), None, indicators=declared)


def test_an_indicator_of_an_unknown_table_is_refused(raw: Path) -> None:
    disabled = catalogue.indicator("disabled")
    assert disabled.count is not None
    strange = disabled.model_copy(
        update={"count": disabled.count.model_copy(update={"table": "ts999"})}
    )
    with pytest.raises(CatalogueError, match="ts999"):
        indicators.build(raw, np.array(CODES), None, indicators={"disabled": strange})


def test_an_indicator_of_an_unknown_column_is_refused(raw: Path) -> None:
    health = catalogue.indicator("income_deprivation")
    assert health.count is not None
    strange = health.model_copy(
        update={"count": health.count.model_copy(update={"columns": ("no_such_column",)})}
    )
    with pytest.raises(SourceError, match="no_such_column"):
        indicators.build(raw, np.array(CODES), None, indicators={"income_deprivation": strange})


def test_progress_is_told(raw: Path) -> None:
    told: list[str] = []
    indicators.build(raw, np.array(CODES), OA_LOOKUP, told.append)
    assert "reading ts038" in told
    assert told[-1] == "checking the numbers"
    assert len(told) == len(set(told))


def test_disclosure_comes_before_the_ratio(raw: Path) -> None:
    rule = indicators.DisclosureRule(threshold=7, base=5)
    tidy = indicators.build(raw, np.array(CODES), OA_LOOKUP, rule=rule)
    # 25 and 10 of 1,000 may be told; 3 of 1,000 may not, and is withheld, not 0.
    assert values(tidy, "limited_english") == pytest.approx([2.5, 1.0, None])
    assert values(tidy, "limited_english", "quality") == ["observed", "observed", "suppressed"]
    assert values(tidy, "limited_english", "numerator") == [25.0, 10.0, None]


def test_population_is_people_and_households_in_the_order_asked(raw: Path) -> None:
    people = indicators.population(raw, np.array(["W01000001", "E01000001", "E01000099"]))
    assert list(people.columns) == ["area_code", "population", "households"]
    assert people["area_code"].tolist() == ["W01000001", "E01000001", "E01000099"]
    assert people["population"].fillna(-1).tolist() == [1000.0, 1000.0, -1.0]
    assert people["households"].fillna(-1).tolist() == [400.0, 400.0, -1.0]


def test_people_of_each_group_are_the_counts_of_people(tidy: pd.DataFrame) -> None:
    groups = indicators.people_by_group(tidy)
    assert groups["area_code"].tolist() == CODES
    assert groups["disabled"].tolist() == [170.0, 180.0, 220.0]
    assert "no_car" not in groups
    assert "digital_connectivity" not in groups
