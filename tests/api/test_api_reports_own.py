"""Reports by weights and indices of a reader's own tell what map, lists and API tell by them."""

from io import BytesIO

import pandas as pd
import pytest
from starlette.testclient import TestClient

from api.service import Service
from exclusion_map.editions.reports.change import OWN_INDEX
from exclusion_map.index import Definition
from exclusion_map.terms import AreaKind


@pytest.fixture(scope="module")
def sample(sample_client: TestClient) -> TestClient:
    return sample_client


@pytest.fixture(scope="module")
def service(sample: TestClient) -> Service:
    held: Service = sample.app.state.service  # type: ignore[attr-defined]
    return held


def _parts(service: Service) -> str:
    """Return weights that move the ranks: the first part counts four times, the second not."""
    index = service.index(None)
    first, second = Definition.parse(index.definition, index.id).children[:2]
    return f"{first.id}:10,{second.id}:0"


@pytest.mark.parametrize("kind", [AreaKind.SMALL_AREA, AreaKind.WARD, AreaKind.LOCAL_AUTHORITY])
def test_scores_and_ranks_are_those_of_the_weights(
    sample: TestClient, service: Service, kind: AreaKind
) -> None:
    code, weights = service.edition.atlas.level(kind).codes[1], _parts(service)
    asked = {"codes": code, "weights": weights}
    told = sample.get("/api/v1/reports.json", params=asked).json()
    params = {"level": kind.value, "where": code, "weights": weights}
    other = sample.get("/api/v1/scores", params=params).json()["areas"][0]
    score = told["places"][0]["score"]
    assert score["score"] == pytest.approx(other["score"], abs=1e-3)
    assert score["rank"] == other["rank"]
    assert score["decile"] == other["decile"]
    published = sample.get("/api/v1/reports.json", params={"codes": code}).json()
    assert score["score"] != published["places"][0]["score"]["score"]
    assert score["score_low"] <= score["score"] <= score["score_high"]
    assert told["weights"] == weights
    assert published["own"] == []
    assert told["places"][0]["change"] is None
    assert tuple(told["places"][0]["change_words"]) == OWN_INDEX


def test_points_areas_inside_and_gaps_follow_too(sample: TestClient, service: Service) -> None:
    code = service.edition.atlas.level(AreaKind.LOCAL_AUTHORITY).codes[0]
    weights = _parts(service)
    told = sample.get("/api/v1/reports.json", params={"codes": code, "weights": weights}).json()
    place = told["places"][0]
    kind = place["inside"]["kind"]
    for row in place["inside"]["rows"][:3]:
        params = {"level": kind, "where": row["code"], "weights": weights}
        other = sample.get("/api/v1/scores", params=params).json()["areas"][0]
        assert (row["rank"], row["decile"]) == (other["rank"], other["decile"])
    explained = sample.get("/api/v1/explain", params={"area": code, "weights": weights}).json()
    points = {one["indicator"]: one["points"] for one in explained["indicators"]}
    for driver in place["drivers"]:
        assert driver["points"] == pytest.approx(points[driver["indicator"]], abs=0.01)


def test_page_map_and_files_say_whose_weights_they_are(
    sample: TestClient, service: Service
) -> None:
    code = service.edition.atlas.level(AreaKind.LOCAL_AUTHORITY).codes[0]
    weights = _parts(service)
    page = sample.get(f"/reports/{code}", params={"weights": weights}).text
    assert "weights of your own" in page
    assert f"/reports/map.svg?codes={code}&amp;weights={weights}" in page
    assert f"/api/v1/reports.pdf?codes={code}&amp;weights={weights}" in page
    ours = sample.get("/reports/map.svg", params={"codes": code, "weights": weights}).text
    assert ours != sample.get("/reports/map.svg", params={"codes": code}).text
    params = {"codes": code, "weights": weights}
    book = BytesIO(sample.get("/api/v1/reports.xlsx", params=params).content)
    notes = pd.read_excel(book, engine="calamine", sheet_name="Notes", header=2)
    assert "weights of your own" in " ".join(notes.loc[notes["About"] == "Your own", "Note"])
    html = sample.get("/api/v1/reports.html", params=params).text
    assert "weights of your own" in html
    area = sample.get(f"/areas/{code}", params={"weights": weights}).text
    assert f"/reports/{code}?weights=" in area


def test_an_index_that_the_edition_lacks_is_worked_out(
    sample: TestClient, service: Service
) -> None:
    known = [one["id"] for one in sample.get("/api/v1/indices").json()["indices"]]
    other = next((one for one in known if one not in service.profilers), None)
    if other is None:
        pytest.skip("the edition holds every index of the library")
    code = service.edition.atlas.level(AreaKind.LOCAL_AUTHORITY).codes[0]
    told = sample.get("/api/v1/reports.json", params={"codes": code, "index": other}).json()
    assert told["index"] == other
    assert told["own"]


@pytest.mark.parametrize("weights", ["nothing:2", "age", "age:-1", "age:many"])
def test_weights_that_are_none_are_refused(
    sample: TestClient, service: Service, weights: str
) -> None:
    code = service.edition.atlas.level(AreaKind.LOCAL_AUTHORITY).codes[0]
    asked = {"codes": code, "weights": weights}
    assert sample.get("/api/v1/reports.json", params=asked).status_code == 422
    page = sample.get("/reports", params=asked)
    assert page.status_code == 422
    assert "weight" in page.text
