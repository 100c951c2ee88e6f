"""The modelled estimate from a raw folder, through the ordinary readers, on the invented county."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from exclusion_map import indicators, sampleshire
from exclusion_map.estimate.build import FILE, EstimateResult, build
from exclusion_map.estimate.rollup import COLUMNS
from exclusion_map.geography.small_areas import load
from exclusion_map.terms import LARGER_KINDS


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("raw")
    sampleshire.write_raw(folder)
    return folder


@pytest.fixture(scope="module")
def small(raw: Path) -> pd.DataFrame:
    frame = pd.DataFrame(load(raw).small_areas.drop(columns="geometry"))
    people = indicators.population(raw, frame["code"].to_numpy())
    return frame.assign(
        population=people["population"].to_numpy(), households=people["households"].to_numpy()
    )


@pytest.fixture(scope="module")
def tidy(raw: Path, small: pd.DataFrame) -> pd.DataFrame:
    return indicators.build(raw, small["code"].to_numpy(), load(raw).output_areas)


@pytest.fixture(scope="module")
def result(raw: Path, small: pd.DataFrame, tidy: pd.DataFrame) -> EstimateResult:
    return build(raw, small, tidy)


def test_every_area_has_an_estimate(result: EstimateResult, small: pd.DataFrame) -> None:
    assert result.available
    assert result.table["code"].tolist() == small["code"].tolist()
    assert tuple(result.table.columns) == tuple(result.larger.columns) == COLUMNS
    known = [name for name in COLUMNS if name != "observed"]
    assert result.table[known].notna().all().all()
    assert result.table["observed"].isna().any()  # the county lacks a few, as the real copy does


def test_larger_areas_add_up_and_are_surer(result: EstimateResult) -> None:
    for kind in LARGER_KINDS:
        rows = result.larger[result.larger["kind"] == kind.value]
        if kind.value in ("region", "icb", "sub_icb"):  # England alone
            continue
        assert rows["households"].sum() == pytest.approx(result.table["households"].sum())
        assert rows["people"].sum() == pytest.approx(result.table["people"].sum())
        assert rows["code"].is_monotonic_increasing
    nations = result.larger[result.larger["kind"] == "nation"]
    assert (nations["high"] - nations["low"]).max() < (
        result.table["high"] - result.table["low"]
    ).min()


def test_it_finds_what_the_county_was_made_from(result: EstimateResult) -> None:
    first = result.report["rows"][0]  # type: ignore[index]
    assert first["group"] == "everywhere"
    assert first["spearman"] > 0.75
    assert 0.7 < first["coverage"] < 0.9  # 300 areas in 5 districts: no closer than that


def test_the_report_is_json_and_says_what_it_is(result: EstimateResult) -> None:
    report = json.loads(json.dumps(result.report, allow_nan=False))
    assert report["label"] == "modelled"
    assert "Internet User Classification" in " ".join(report["notes"])
    assert {row["kind"] for row in report["totals"]} >= {"ward", "local_authority"}


def test_it_can_be_written_and_read(result: EstimateResult, tmp_path: Path) -> None:
    result.write(tmp_path / FILE)
    back = pd.read_parquet(tmp_path / FILE)
    assert len(back) == len(result.table) + len(result.larger)
    assert back["kind"].iloc[0] == "small_area"


def test_the_same_seed_gives_the_same_answer(
    result: EstimateResult, raw: Path, small: pd.DataFrame, tidy: pd.DataFrame
) -> None:
    again = build(raw, small, tidy)
    assert again.table["estimate"].to_numpy() == pytest.approx(
        result.table["estimate"].to_numpy(), rel=1e-9
    )


def test_it_does_with_the_least_columns(
    result: EstimateResult, raw: Path, small: pd.DataFrame, tidy: pd.DataFrame
) -> None:
    least = build(raw, small[["code", "nation", "local_authority_code", "households"]], tidy)
    assert least.available
    assert set(least.larger["kind"]) == {"local_authority"}
    assert np.isfinite(least.table["people"]).all()  # residents come from the census


def test_without_the_outcome_it_says_so(
    tmp_path: Path, small: pd.DataFrame, tidy: pd.DataFrame
) -> None:
    found = build(tmp_path, small, tidy)
    assert not found.available
    assert "Digital Propensity Index" in str(found.report["reason"])
    assert len(found.everything()) == 0
    assert tuple(found.everything().columns) == COLUMNS


def test_too_few_districts_are_refused_with_the_numbers(
    raw: Path, small: pd.DataFrame, tidy: pd.DataFrame
) -> None:
    one = small.assign(local_authority_code="E06999999")
    found = build(raw, one, tidy)
    assert not found.available
    assert "1 districts" in str(found.report["reason"])
