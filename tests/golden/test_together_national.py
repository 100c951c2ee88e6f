"""Patterns, spread and roll-ups of England and Wales, over the edition as the service has it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from exclusion_map.areas.spread import level_spreads
from exclusion_map.editions.extras import extras_of
from exclusion_map.settings import DataSettings, ServiceSettings
from exclusion_map.terms import AreaKind

pytestmark = pytest.mark.national

WIRRAL = "E08000015"


@pytest.fixture(scope="module")
def national(national_processed: Path) -> Iterator[TestClient]:
    app = create_app(ServiceSettings(), DataSettings(processed_dir=national_processed))
    with TestClient(app) as client:
        yield client


def rolled(client: TestClient, where: str) -> dict:
    body = {"where": where.split(",")}  # not in the address: some are postcodes
    (one,) = client.post("/api/v1/rollup", json=body).json()["results"]
    return one


def test_scilly_is_the_only_island_and_the_rest_is_tested(national: TestClient) -> None:
    found = national.get("/api/v1/patterns?size=1").json()
    summary = found["summary"]
    assert summary["islands"] == ["E01019077"]
    assert summary["tested"] == 35_671
    assert summary["permutations"] == 99_999
    assert summary["floor"] == pytest.approx(2e-5)
    assert sum(one["areas"] for one in found["classes"]) == 35_672
    # Risk clusters: thousands of areas, but a minority of them (docs/method/patterns.md).
    high = {one["id"]: one["areas"] for one in found["classes"]}["high_high"]
    assert 1_200 < high < 3_000


def test_bytes_of_the_patterns_are_those_of_the_table(national: TestClient) -> None:
    edition = national.get("/api/v1/edition").json()["edition"]
    body = national.get(f"/api/v1/editions/{edition}/layers/small_area/patterns.bin").content
    found = national.get("/api/v1/patterns?size=1").json()
    order = ("high_high", "high_low", "low_high", "low_low", "not_significant", "island")
    counts = {one["id"]: one["areas"] for one in found["classes"]}
    assert np.bincount(list(body), minlength=7).tolist() == [0, *(counts[one] for one in order)]


def test_stored_spread_is_what_the_scores_give(national: TestClient) -> None:
    edition = national.app.state.service.edition  # type: ignore[attr-defined]
    held = edition.spreads.of("exclusion", AreaKind.LOCAL_AUTHORITY)
    again = level_spreads(edition.atlas, "exclusion", AreaKind.LOCAL_AUTHORITY)
    for name in ("worst_tenth", "worst_fifth", "extent", "local_concentration"):
        expected = [getattr(one, name) for one in again]
        np.testing.assert_allclose(getattr(held, name), expected, rtol=1e-9)
    people = held.population_scored
    # Each tenth holds a tenth of all people, so the mean over all is a tenth.
    assert (held.worst_tenth @ people) / people.sum() == pytest.approx(0.1, abs=0.001)
    assert (held.worst_fifth @ people) / people.sum() == pytest.approx(0.2, abs=0.001)


def test_an_outline_of_a_council_is_that_council(national: TestClient) -> None:
    listed = rolled(national, WIRRAL)
    outline = national.get(f"/api/v1/areas/{WIRRAL}/outline").json()
    answer = national.post("/api/v1/rollup", json={"polygon": outline})
    (drawn,) = answer.json()["results"]
    # The census counted 320,200 residents on Wirral in 2021.
    assert listed["summary"]["population"] == pytest.approx(320_200, rel=0.001)
    assert drawn["summary"]["population"] == pytest.approx(
        listed["summary"]["population"], rel=1e-3
    )
    assert drawn["summary"]["score"] == pytest.approx(listed["summary"]["score"], abs=0.05)
    profile = national.get(f"/api/v1/areas/{WIRRAL}").json()
    assert listed["summary"]["score"] == pytest.approx(profile["standing"]["score"], abs=1e-6)


def test_ranges_of_lists_agree_with_those_published_for_wider_areas(national: TestClient) -> None:
    service = national.app.state.service  # type: ignore[attr-defined]
    published = extras_of(service.edition).estimate
    for kind, every in ((AreaKind.LOCAL_AUTHORITY, 40), (AreaKind.ICB, 6), (AreaKind.WARD, 900)):
        table, level = published[kind], service.edition.atlas.level(kind)
        for row in range(0, len(level), every):
            found = rolled(national, level.codes[row])["estimate"]["households"]
            assert found["middle"] == pytest.approx(table.households[row], rel=1e-6)
            width = table.households_high[row] - table.households_low[row]
            assert found["high"] - found["low"] == pytest.approx(width, rel=0.12)


def test_practices_postcodes_and_what_is_left_out(national: TestClient) -> None:
    found = rolled(national, "N85002,CH41 2AB,CH41,M85O26,S01006506")
    assert found["matched"] == {"practice": 1, "postcode": 1}
    assert found["unmatched_count"] == 3
    # The Marine Lake practice in West Kirby: neighbourhoods there, about 9,000 people.
    assert 9_000 < found["summary"]["population"] < 15_000
