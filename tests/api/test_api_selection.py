"""Areas picked by name or in an outline, and their outlines: four squares in a row."""

from starlette.testclient import TestClient

from .conftest import PEOPLE, SMALL


def test_areas_by_code_count_people_once_and_tell_unknown_codes(client: TestClient) -> None:
    asked = f"{SMALL[0]},{SMALL[2]},E01999999"
    found = client.get("/api/v1/selection", params={"areas": asked}).json()
    assert [one["code"] for one in found["areas"]] == [SMALL[0], SMALL[2]]
    assert [one["feature"] for one in found["areas"]] == [0, 2]
    assert found["population"] == PEOPLE[0] + PEOPLE[2]
    assert found["words"] == "2 small areas, about 4,000 people"
    assert found["unknown"] == ["E01999999"]


def test_outlines_come_by_feature_id(client: TestClient) -> None:
    edition = client.get("/api/v1/edition").json()["edition"]
    base = f"/api/v1/editions/{edition}/outlines/small_area.json"
    found = client.get(base, params={"features": "2,0"}).json()
    assert [one["properties"]["code"] for one in found["features"]] == [SMALL[0], SMALL[2]]
    assert client.get(base, params={"features": "4"}).status_code == 422
    assert client.get(base, params={"features": "a"}).status_code == 422


def test_a_selection_that_names_nothing_is_refused(client: TestClient) -> None:
    assert client.get("/api/v1/selection").status_code == 422
    both = {"areas": SMALL[0], "near": "Ashford"}
    assert client.get("/api/v1/selection", params=both).status_code == 422
    assert client.get("/api/v1/selection", params={"areas": "E01999999"}).status_code == 404
    nowhere = {
        "polygon": {"type": "Polygon", "coordinates": [[[80, 1], [81, 1], [81, 2], [80, 1]]]}
    }
    assert client.post("/api/v1/selection", json=nowhere).status_code == 422
