"""Explanations, similar areas, indices and validation over HTTP, on the tiny edition."""

import pytest
from starlette.testclient import TestClient

SMALL = [f"E0100000{n}" for n in range(1, 5)]
VALUES = "/api/v1/editions/tiny/values"
# old: percentile ranks 12.5, 37.5, 62.5, 87.5; poor: 16.67, 50, 83.33, none
OLD_ALONE = {"weights": "poor:0"}


def test_an_explanation_adds_up(client: TestClient) -> None:
    found = client.get("/api/v1/explain", params={"area": SMALL[1], "neighbours": 2}).json()
    assert found["rank"] == 3
    assert found["difference"] == pytest.approx(found["score"] - found["median"])
    points = [one["points"] for one in found["indicators"]]
    assert sum(points) == pytest.approx(found["difference"])
    old = found["indicators"][0]
    assert old["value"] == 20
    assert old["percentile_in_base"] == 37.5
    assert old["percentile_in_nation"] == 37.5
    assert old["percentile_in_local_authority"] == 75
    assert found["sentence"].startswith("Ashford Green (Ashford 001B) is in")
    assert "small areas in England" in found["sentence"]
    assert {one["code"] for one in found["neighbours"]} == {SMALL[0], SMALL[2]}


def test_an_explanation_within_a_base_and_of_a_larger_area(client: TestClient) -> None:
    within = client.get(
        "/api/v1/explain", params={"area": SMALL[0], "base": "local_authority"}
    ).json()
    assert within["rank"] == 2
    assert within["ranked"] == 2
    assert within["base_group"] == "small areas in Ashford"
    larger = client.get("/api/v1/explain", params={"area": "E06000002"}).json()
    assert larger["kind"] == "local_authority"
    points = [one["points"] for one in larger["indicators"]]
    assert sum(points) == pytest.approx(larger["difference"])


def test_explanations_that_cannot_be(client: TestClient) -> None:
    assert client.get("/api/v1/explain").status_code == 422
    assert client.get("/api/v1/explain", params={"area": "E09999999"}).status_code == 404
    assert client.get("/api/v1/explain", params={"area": SMALL[0], "x": 1}).status_code == 422


def test_similar_areas(client: TestClient) -> None:
    found = client.get("/api/v1/similar", params={"area": SMALL[0], "count": 2}).json()
    assert [one["code"] for one in found["areas"]] == [SMALL[1], SMALL[2]]
    assert found["areas"][0]["differences"][0]["standard_deviations"] > 0
    assert client.get("/api/v1/similar", params={"area": SMALL[0], "count": 0}).status_code == 422


def test_indices_with_what_they_really_do(client: TestClient) -> None:
    found = client.get("/api/v1/indices").json()
    assert found["default"] == "risk"
    first = found["indices"][0]
    assert first["id"] == "risk"
    assert first["published"]
    assert [one["nominal"] for one in first["indicators"]] == pytest.approx([2 / 3, 1 / 3])
    assert sum(one["variance_share"] for one in first["indicators"]) == pytest.approx(1)
    assert any("measure much the same" in warning for warning in first["warnings"])
    other = next(one for one in found["indices"] if one["id"] == "skills")
    assert not other["published"]
    assert not other["computable"]
    assert other["missing_words"]
    one = client.get("/api/v1/indices/risk").json()
    assert one["correlations"]["ids"] == ["old", "poor"]
    assert one["correlations"]["matrix"][0] == pytest.approx([1, 1])
    assert client.get("/api/v1/indices/nope").status_code == 404
    assert client.get("/api/v1/indices/risk", params={"x": 1}).status_code == 422


def test_validation_where_there_is_none(client: TestClient) -> None:
    found = client.get("/api/v1/validation").json()
    assert found["edition"] == "tiny"
    assert found["available"] is False
    assert client.get("/api/v1/validation", params={"format": "csv"}).status_code == 422
    assert client.get("/api/v1/validation", params={"measure": "x"}).status_code == 404
