"""Postcodes of a list stand in no address, whichever answer is asked for."""

import pytest
from starlette.testclient import TestClient


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/scores",
        "/api/v1/uncertainty",
        "/api/v1/download/areas.csv",
        "/api/v1/static-map.svg",
        "/api/v1/rollup",
        "/api/v1/footprint",
        "/api/v1/assessment",
    ],
)
def test_postcodes_in_an_address_are_refused(client: TestClient, path: str) -> None:
    answer = client.get(path, params={"where": "E06000002,ch41 2ab"})
    assert answer.status_code == 422
    assert answer.json()["found"] == "a postcode"
    assert "ch41" not in answer.text.lower()


def test_postcodes_in_a_body_are_taken(client: TestClient) -> None:
    answer = client.post("/api/v1/scores", json={"where": ["E06000002"]})
    assert answer.status_code == 200
    assert client.post("/api/v1/scores?where=CH41+2AB", json={}).status_code == 422
