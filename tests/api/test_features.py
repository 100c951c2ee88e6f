"""What the map asks for beside tiles and values: features, legend, labels."""

import pytest
from starlette.testclient import TestClient

BASE = "/api/v1/editions/tiny"


def test_feature_id_is_the_place_of_an_area(client: TestClient) -> None:
    answer = client.get(f"{BASE}/features/small_area/3")
    assert "immutable" in answer.headers["cache-control"]
    found = answer.json()
    assert found["code"] == "E01000004"
    assert found["decile"] == 1
    assert found["bbox"] == pytest.approx([-0.7, 51, -0.6, 51.1])
    assert client.get(f"{BASE}/features/small_area/4").status_code == 404
    assert client.get(f"{BASE}/features/small_area/-1").status_code == 404
    assert client.get("/api/v1/editions/other/features/small_area/0").status_code == 404


def test_legend_counts_areas_and_people_in_view(client: TestClient) -> None:
    everywhere = client.get(f"{BASE}/legend/small_area/risk").json()
    assert [everywhere["areas"][decile] for decile in (0, 1, 4, 8, 10)] == [0, 1, 1, 1, 1]
    assert everywhere["people"][1] == 4000
    assert everywhere["words"][1] == "1 area, 4,000 people"
    assert everywhere["words"][2] == "none"
    east = client.get(f"{BASE}/legend/small_area/risk?bbox=-0.8,51,-0.6,51.1").json()
    assert sum(east["areas"]) == 2
    assert sum(east["people"]) == 7000


@pytest.mark.parametrize("bbox", ["1", "a,b,c,d", "2,1,1,2", "0,0,200,1", "nan,0,1,1"])
def test_legend_refuses_a_view_that_cannot_be(client: TestClient, bbox: str) -> None:
    assert client.get(f"{BASE}/legend/small_area/risk?bbox={bbox}").status_code == 422


def test_labels_name_the_most_populous_first(client: TestClient) -> None:
    labels = client.get(f"{BASE}/labels/local_authority.json").json()
    assert [name for name, *_ in labels] == ["Bexhill", "Ashford"]
    west = client.get(f"{BASE}/labels/neighbourhood.json?bbox=-1,51,-0.81,51.1").json()
    assert [name for name, *_ in west] == ["Ashford Green"]
    assert client.get(f"{BASE}/labels/small_area.json").status_code == 404
    assert client.get(f"{BASE}/labels/neighbourhood.json?box=1").status_code == 422
