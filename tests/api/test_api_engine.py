"""Scores by any weights, base and values over HTTP, on the tiny edition: worked out on paper."""

import csv
import io

import pyarrow as pa
import pytest
from starlette.testclient import TestClient

from api import engine as engine_module

SMALL = [f"E0100000{n}" for n in range(1, 5)]
VALUES = "/api/v1/editions/tiny/values"
# old: percentile ranks 12.5, 37.5, 62.5, 87.5; poor: 16.67, 50, 83.33, none
OLD_ALONE = {"weights": "poor:0"}


def areas(client: TestClient, address: str, **params: object) -> list[dict]:
    answer = client.get(address, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["areas"]


def test_scores_of_the_default_index(client: TestClient) -> None:
    answer = client.get("/api/v1/scores")
    page = answer.json()
    assert page["index"] == "risk"
    assert page["weights"] == {"old": 2, "poor": 1}
    assert page["base"] == {"id": "all", "described": "all areas", "groups": 1}
    assert [area["rank"] for area in page["areas"]] == [4, 3, 2, 1]
    assert [area["code"] for area in page["areas"]] == SMALL
    assert page["areas"][3]["data_share"] == pytest.approx(2 / 3)
    assert page["areas"][0]["worst_tenth_share"] is None
    assert any("poor" in note for note in page["notes"])
    assert answer.headers["etag"].startswith('W/"tiny-')
    again = client.get("/api/v1/scores", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_weights_base_and_level(client: TestClient) -> None:
    alone = areas(client, "/api/v1/scores", **OLD_ALONE)
    assert [area["score"] for area in alone] == pytest.approx([0, 100 / 3, 200 / 3, 100])
    within = areas(client, "/api/v1/scores", base="local_authority", **OLD_ALONE)
    assert [area["rank"] for area in within] == [2, 1, 2, 1]
    assert [area["ranked"] for area in within] == [2, 2, 2, 2]
    assert [area["base_group"] for area in within] == ["Ashford", "Ashford", "Bexhill", "Bexhill"]
    councils = areas(client, "/api/v1/scores", level="local_authority", **OLD_ALONE)
    expected = [(100 / 3 * 2000) / 3000, (200 / 3 * 3000 + 100 * 4000) / 7000]
    assert [area["score"] for area in councils] == pytest.approx(expected)
    assert [area["rank"] for area in councils] == [2, 1]


def test_only_some_areas_and_some_measures_in_another_order(client: TestClient) -> None:
    rows = areas(client, "/api/v1/scores", within="E06000002", measure=["rank"], sort="rank")
    assert [set(row) for row in rows] == [{"code", "name", "rank", "ranked"}] * 2
    assert [row["code"] for row in rows] == [SMALL[3], SMALL[2]]
    rows = areas(client, "/api/v1/scores", where=f"{SMALL[0]},E06000002", page=2, size=2)
    assert [row["code"] for row in rows] == [SMALL[3]]


def test_a_base_of_one_area(client: TestClient) -> None:
    page = client.get("/api/v1/scores", params={"base": "selection", "where": SMALL[0]}).json()
    assert [area["score"] for area in page["areas"]] == [50]
    assert any("does not differ" in note for note in page["notes"])


def test_the_same_figures_in_every_form(client: TestClient) -> None:
    expected = [area["score"] for area in areas(client, "/api/v1/scores")]
    as_csv = client.get("/api/v1/scores", params={"format": "csv"})
    assert as_csv.headers["content-type"] == "text/csv; charset=utf-8"
    assert "exclusion-map-tiny-risk-small-area.csv" in as_csv.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(as_csv.text.removeprefix("\ufeff"))))
    assert [float(row["score"]) for row in rows] == expected
    assert rows[0]["worst_tenth_share"] == ""
    accept = {"Accept": "application/vnd.apache.arrow.stream"}
    table = pa.ipc.open_stream(client.get("/api/v1/scores", headers=accept).content).read_all()
    table.validate(full=True)
    assert table.column("score").to_pylist() == expected
    assert table.column("code").to_pylist() == SMALL
    assert table.column("worst_tenth_share").null_count == 4
    assert table.schema.metadata[b"edition"] == b"tiny"


def test_components_where_a_definition_has_them(client: TestClient) -> None:
    body = {"definition": definition()}
    answer = client.post("/api/v1/scores", params={"measure": "components"}, json=body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    found = [area["component:age"] for area in answer.json()["areas"]]
    assert found == [12.5, 37.5, 62.5, 87.5]


def definition(**more: object) -> dict[str, object]:
    group = {"id": "age", "title": "Age", "children": [{"indicator": "old"}]}
    return {"id": "mine", "title": "Mine", "children": [group], **more}


def test_values_of_ones_own(client: TestClient) -> None:
    upload = {"id": "meals", "counts": {SMALL[0]: [9, 10], SMALL[1]: [1, 10], "E01999999": [1, 2]}}
    body = {"values": [upload], "weights": {"meals": 5, "old": 0, "poor": 0}}
    page = client.post("/api/v1/scores", json=body).json()
    assert page["weights"] == {"old": 0, "poor": 0, "meals": 5}
    assert [area["rank"] for area in page["areas"]] == [1, 2, None, None]
    assert page["unknown"] == ["E01999999"]
    assert page["unknown_count"] == 1
    # it is gone with the answer
    assert client.get("/api/v1/scores", params={"weights": "meals:1"}).status_code == 422


def test_an_outline_is_a_base(client: TestClient) -> None:
    ring = [[-1, 51], [-0.8, 51], [-0.8, 51.1], [-1, 51.1], [-1, 51]]
    body = {"polygon": {"type": "Polygon", "coordinates": [ring]}}
    page = client.post("/api/v1/scores", params={"base": "selection"}, json=body).json()
    assert [area["code"] for area in page["areas"]] == SMALL[:2]
    assert [area["rank"] for area in page["areas"]] == [2, 1]
    assert any("postcodes in use" in note for note in page["notes"])


@pytest.mark.parametrize(
    ("params", "status", "told"),
    [
        ({"index": "nope"}, 404, "index 'nope'"),
        ({"weights": "nope:1"}, 422, "nope"),
        ({"weights": "old:0,poor:0"}, 422, "all weights are 0"),
        ({"weights": "old"}, 422, "age:2"),
        ({"weights": "old:-1"}, 422, "weights"),
        ({"base": "street"}, 422, "base"),
        ({"base": "selection"}, 422, "no areas chosen"),
        ({"where": " , "}, 422, "no code"),
        ({"where": "E09999999"}, 404, "E09999999"),
        ({"within": "E09999999"}, 404, "E09999999"),
        ({"within": SMALL[0], "where": SMALL[0]}, 422, "several ways"),
        ({"level": "street"}, 422, "level"),
        ({"measure": "luck"}, 422, "measure"),
        ({"colour": "red"}, 422, "colour"),
        ({"size": 100_000}, 422, "size"),
        ({"index": "imd-2025"}, 422, "no value of any of its indicators"),
    ],
)
def test_scores_that_cannot_be(
    client: TestClient, params: dict[str, object], status: int, told: str
) -> None:
    answer = client.get("/api/v1/scores", params=params)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert told in answer.text


def value(**fields: object) -> dict[str, object]:
    return {"values": [{"id": "meals", **fields}]}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"colour": 1}, "colour"),
        ({"definition": {"id": "x"}}, "title"),
        ({"definition": definition(children=[])}, "no children"),
        ({"definition": definition(children=[{"indicator": "luck"}])}, "luck"),
        ({"definition": definition(), "weights": {"age": -1}}, "weights.age"),
        ({"polygon": {"type": "Point", "coordinates": [0, 0]}}, "drawn outline"),
        ({"polygon": {"type": "Polygon", "coordinates": [[[0, 0]]]}}, "drawn outline"),
        ({"where": []} | value(values={}), "values"),
        (value(values={SMALL[0]: "many"}), f"values.0.values.{SMALL[0]}"),
        (value(counts={SMALL[0]: [3, 2]}), "above their denominator"),
        (value(values={"X": 1}), "no value for any small area"),
        ({"values": [{"id": "old", "values": {SMALL[0]: 1}}]}, "already"),
    ],
)
def test_bodies_that_cannot_be(client: TestClient, body: dict[str, object], told: str) -> None:
    answer = client.post("/api/v1/scores", json=body)
    assert answer.status_code == 422, answer.text
    assert told in answer.text


def test_a_body_that_is_not_json_and_one_that_is_too_long(small_limits: TestClient) -> None:
    answer = small_limits.post(
        "/api/v1/scores", content=b"{", headers={"content-type": "application/json"}
    )
    assert answer.status_code == 422
    assert "body" in answer.json()["errors"][0]["in"]
    answer = small_limits.post("/api/v1/scores", json={"where": SMALL * 100})
    assert answer.status_code == 413
    assert "1,000 bytes" in answer.text


def test_one_thing_in_two_ways_is_refused(client: TestClient) -> None:
    for params, body in (
        ({"index": "risk"}, {"definition": definition()}),
        ({"weights": "old:1"}, {"weights": {"old": 1}}),
        ({"where": SMALL[0]}, {"where": SMALL}),
    ):
        answer = client.post("/api/v1/scores", params=params, json=body)
        assert answer.status_code == 422
        assert "expected one" in answer.json()["detail"]


def test_copeland_and_long_definitions_are_bounded(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"definition": definition(aggregate={"method": "copeland"})}
    assert client.post("/api/v1/scores", json=body).status_code == 200
    monkeypatch.setattr(engine_module, "MOST_COMPARED", 3)
    answer = client.post("/api/v1/scores", json=body)
    assert answer.status_code == 422
    assert "4 areas compared" in answer.text
    base = {"base": "local_authority"}
    assert client.post("/api/v1/scores", params=base, json=body).status_code == 200
    monkeypatch.setattr(engine_module, "MOST_LEAVES", 0)
    assert "1 indicators" in client.post("/api/v1/scores", json={"definition": definition()}).text


# values for the map


def test_live_values_with_weights_and_base(client: TestClient) -> None:
    answer = client.get(f"{VALUES}/small_area/risk.bin", params=OLD_ALONE | {"measure": "score"})
    assert list(answer.content) == [0, 83, 167, 250]
    assert answer.headers["cache-control"] == "public, max-age=3600"
    assert answer.headers["exclusion-map-count"] == "4"
    held = client.get(
        f"{VALUES}/small_area/risk.bin",
        params=OLD_ALONE | {"measure": "score"},
        headers={"If-None-Match": answer.headers["etag"]},
    )
    assert held.status_code == 304
    params = OLD_ALONE | {"measure": "score", "base": "selection", "where": "E06000002"}
    assert list(client.get(f"{VALUES}/small_area/risk.bin", params=params).content) == [
        255,
        255,
        0,
        250,
    ]


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"weights": "nope:1"}, 422),
        ({"base": "selection"}, 422),
        ({"where": SMALL[0]}, 422),
        ({"weights": "old:0,poor:0"}, 422),
    ],
)
def test_live_values_that_cannot_be(
    client: TestClient, params: dict[str, str], status: int
) -> None:
    assert client.get(f"{VALUES}/small_area/risk.bin", params=params).status_code == status
