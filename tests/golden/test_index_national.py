"""The default index on national data: what is published about it must stay true."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from exclusion_map import indicators
from exclusion_map.errors import DefinitionError
from exclusion_map.index import Composite, ValueTable, compose, definitions, library
from exclusion_map.index.calibrate import calibrate
from exclusion_map.index.outcome import Outcomes, read_outcomes
from exclusion_map.index.validate import agreement
from exclusion_map.sources.tables import read_table

pytestmark = pytest.mark.national


@pytest.fixture(scope="module")
def table(national_raw: Path, national_tidy: pd.DataFrame) -> ValueTable:
    codes = read_table("ts001", national_raw).index.to_numpy(dtype=str)
    people = indicators.population(national_raw, codes)["population"].to_numpy(dtype=np.float64)
    return ValueTable.from_tidy(national_tidy, codes, people)


@pytest.fixture(scope="module")
def result(table: ValueTable) -> Composite:
    return compose(definitions()["exclusion"], table)


@pytest.fixture(scope="module")
def outcomes(national_raw: Path, table: ValueTable) -> Outcomes:
    return read_outcomes(national_raw, table.codes)


def test_every_area_has_a_score_from_0_to_100(result: Composite) -> None:
    assert len(result.score) == 35_672
    assert (result.score.min(), result.score.max()) == (0, 100)
    assert result.data_share.min() == pytest.approx(12 / 13)  # Wales without broadband


def test_tenths_hold_a_tenth_of_the_people(result: Composite, table: ValueTable) -> None:
    people = np.bincount(result.decile, weights=table.population)[1:]
    assert people / people.sum() == pytest.approx(np.full(10, 0.1), abs=1e-4)


def test_it_agrees_with_behaviour_as_published(result: Composite, outcomes: Outcomes) -> None:
    found = agreement(result.score, outcomes.unlikely_online)
    assert found.n == 30_386
    assert found.spearman >= 0.79
    assert found.overlap >= 0.53


def test_it_beats_the_published_indices_on_the_same_areas(
    result: Composite, outcomes: Outcomes
) -> None:
    for other in outcomes.measures.values():
        shared = np.where(np.isnan(other), np.nan, outcomes.unlikely_online)
        ours, theirs = agreement(result.score, shared), agreement(other, shared)
        assert ours.n == theirs.n
        assert ours.spearman > theirs.spearman + 0.1
        assert ours.overlap > theirs.overlap + 0.1


def test_what_stands_in_is_told(result: Composite) -> None:
    assert "digital_connectivity" in result.indicators
    assert any("is used instead" in note for note in result.notes)


def test_the_calibrated_weights_are_those_of_the_fit(
    table: ValueTable, outcomes: Outcomes, national_raw: Path
) -> None:
    definition = library()["exclusion-calibrated"]
    lookup = pd.read_csv(
        national_raw / "ons-lsoa11-lsoa21-lookup" / "LSOA11_LSOA21_LAD22_EW_LU.csv"
    )
    districts = lookup.drop_duplicates("LSOA21CD").set_index("LSOA21CD")["LAD22CD"]
    fit = calibrate(
        definition, table, outcomes.unlikely_online, districts.reindex(table.codes).to_numpy()
    )
    published = [leaf.node.weight for leaf in definition.leaves()]
    assert (1000 * fit.weights).round().tolist() == pytest.approx(published, abs=1)
    assert fit.agreement.spearman >= 0.82  # whole districts held out
    assert fit.agreement.overlap >= 0.55
    assert fit.fitted.spearman - fit.agreement.spearman < 0.005


@pytest.mark.parametrize("identity", [name for name in library() if name != "imd-2025"])
def test_every_shipped_definition_runs_on_the_data_and_says_what_is_missing(
    identity: str, table: ValueTable
) -> None:
    result = compose(library()[identity], table)
    assert (result.rank > 0).all()
    if identity.startswith("deri"):
        assert any("deri_download_speed has no data" in note for note in result.notes)
        assert any("routine_occupations is used instead" in note for note in result.notes)


def test_imd_without_its_domains_says_so(table: ValueTable) -> None:
    with pytest.raises(DefinitionError, match="no value of any of its indicators"):
        compose(library()["imd-2025"], table)
