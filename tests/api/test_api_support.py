import pytest
from starlette.testclient import TestClient


def names(client: TestClient, query: str) -> list[str]:
    answer = client.get(f"/api/v1/support?{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/geo+json"
    return [one["properties"]["name"] for one in answer.json()["features"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("area=E01000001", ["Ashford Library"]),
        ("area=E06000002", ["Bexhill Library", "The Surgery"]),
        ("area=E06000002&kind=gp_practice", ["The Surgery"]),
        (
            "area=E92000001&kind=library&kind=gp_practice&limit=2",
            ["Ashford Library", "Bexhill Library"],
        ),
        ("area=E01000002", []),
        ("near=51.05,-0.95", ["Ashford Library"]),
        ("near=51.05,-0.7&within_m=10000", ["Bexhill Library", "The Surgery"]),
        ("near=51.05,-0.7&within_m=10", []),
    ],
)
def test_places_inside_and_near(client: TestClient, query: str, expected: list[str]) -> None:
    assert names(client, query) == expected


def test_near_tells_the_distance_and_matched_the_whole_count(client: TestClient) -> None:
    found = client.get("/api/v1/support?near=51.05,-0.95&within_m=100000&limit=1").json()
    assert found["matched"] == 3
    assert [one["properties"]["distance_m"] for one in found["features"]] == [0]


def test_one_place(client: TestClient) -> None:
    feature = client.get("/api/v1/support/library:ashford").json()
    # The id of the published list leads to the place's own, which stays when lists change.
    assert client.get(f"/api/v1/support/{feature['id']}").json() == feature
    assert feature["properties"]["source_key"] == "library:ashford"
    assert feature["geometry"]["coordinates"] == [-0.95, 51.05]
    assert feature["properties"]["opening_hours"]["mon"] == [["09:00", "17:00"]]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/v1/support?open=noon", 422),
        ("/api/v1/support?open=mon-25:00", 422),
        ("/api/v1/support?support=magic", 422),
        ("/api/v1/support?access=wings", 422),
        ("/api/v1/support?area=E01000001&near=51,0", 422),
        ("/api/v1/support?near=91,0", 422),
        ("/api/v1/support?near=here", 422),
        ("/api/v1/support?near=1,2,3", 422),
        ("/api/v1/support?near=nan,nan", 422),
        ("/api/v1/support?area=E01000001&within_m=5", 422),
        ("/api/v1/support?area=E01000001&kind=school", 422),
        ("/api/v1/support?area=E99999999", 404),
        ("/api/v1/support/library:nowhere", 404),
        ("/api/v1/support/library:ashford?x=1", 422),
    ],
)
def test_wrong_questions_about_support(client: TestClient, address: str, status: int) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    assert answer.json()["expected"]
