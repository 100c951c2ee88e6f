"""The modelled estimate on national data: what is published about it must stay true."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from exclusion_map import indicators
from exclusion_map.estimate.build import EstimateResult, build
from exclusion_map.geography import lookups
from exclusion_map.index.validate import agreement
from exclusion_map.sources.tables import read_table

pytestmark = pytest.mark.national


@pytest.fixture(scope="module")
def small(national_raw: Path) -> pd.DataFrame:
    # Without boundaries: geography.load takes 20 s, and the estimate needs no outlines.
    codes = read_table("ts001", national_raw).index.to_numpy(dtype=str)
    frame = pd.DataFrame({"code": pd.array(codes.astype(object), dtype="string")})
    frame["nation"] = np.where(frame["code"].str.startswith("E"), "England", "Wales")
    output_areas = lookups.output_areas(national_raw)
    for lookup in (
        lookups.neighbourhoods(national_raw, output_areas),
        lookups.wards(national_raw),
        lookups.icbs(national_raw),
        lookups.rural_urban(national_raw),
    ):
        frame = frame.merge(lookup, on="code", how="left", validate="one_to_one")
    frame = frame.merge(
        lookups.regions(national_raw), on="local_authority_code", how="left", validate="many_to_one"
    )
    people = indicators.population(national_raw, codes)
    return frame.assign(
        nation_code=frame["nation"].map({"England": "E92000001", "Wales": "W92000004"}),
        population=people["population"].to_numpy(),
        households=people["households"].to_numpy(),
    )


@pytest.fixture(scope="module")
def result(national_raw: Path, small: pd.DataFrame, national_tidy: pd.DataFrame) -> EstimateResult:
    return build(national_raw, small, national_tidy)


@pytest.fixture(scope="module")
def known(result: EstimateResult) -> pd.DataFrame:
    return result.table[result.table["observed"].notna()]


def test_every_area_of_both_nations_has_one(result: EstimateResult) -> None:
    assert len(result.table) == 35_672
    assert result.table.drop(columns="observed").notna().all().all()
    assert result.table["estimate"].between(result.table["low"], result.table["high"]).all()


def test_agreement_with_districts_held_out(known: pd.DataFrame) -> None:
    # the published figures are themselves held out, so anyone can check this from the file
    found = agreement(known["estimate"], known["observed"])
    assert found.n == 30_386
    assert found.spearman >= 0.86  # target 0.845
    assert found.overlap >= 0.59  # target 0.58


def test_intervals_hold_everywhere_and_in_each_region(
    known: pd.DataFrame, small: pd.DataFrame
) -> None:
    inside = known["observed"].between(known["low"], known["high"])
    region = small["region"].fillna(small["nation"]).loc[known.index]
    assert 0.78 <= inside.mean() <= 0.82
    coverage = inside.groupby(region.to_numpy()).mean()
    assert len(coverage) == 10
    assert coverage.between(0.78, 0.82).all(), coverage


def test_district_totals_hold_and_would_not_if_errors_were_independent(
    result: EstimateResult,
) -> None:
    totals = {row["kind"]: row for row in result.report["totals"]}  # type: ignore[attr-defined]
    districts = totals["local_authority"]
    assert districts["n"] == 285
    assert 0.77 <= districts["coverage"] <= 0.84
    assert districts["coverage_if_independent"] < 0.5


def test_larger_areas_add_up(result: EstimateResult) -> None:
    for kind in ("neighbourhood", "ward", "local_authority", "nation"):
        rows = result.larger[result.larger["kind"] == kind]
        assert rows["households"].sum() == pytest.approx(result.table["households"].sum())
