"""Access, gaps, siting and closings over Sampleshire: API and pages."""

import csv
import io
import threading

import pytest
from starlette.testclient import TestClient

from api import waiting
from exclusion_map.errors import BusyError

from .own_loop import run


@pytest.fixture(scope="module")
def client(sample_client: TestClient) -> TestClient:
    return sample_client


def rows_of(client: TestClient, address: str) -> list[dict[str, str]]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def test_access_of_every_area(client: TestClient) -> None:
    answer = client.get("/api/v1/access?size=1").json()
    assert answer["places"] == "libraries"
    assert "not a route" in answer["way"]
    rows = rows_of(client, "/api/v1/access?format=csv")
    assert len(rows) == answer["total"]
    assert all(0 <= float(row["share_within"]) <= 1 for row in rows)
    assert {row["nearest_name"] for row in rows} - {""}
    wide = rows_of(client, "/api/v1/access?level=nation&format=csv")
    beyond = sum(float(row["people_beyond"]) for row in rows)
    told = sum(float(row["people_beyond"]) for row in wide)
    assert told == pytest.approx(beyond, abs=len(rows))


def test_access_within_is_that_of_everywhere(client: TestClient) -> None:
    council = client.get("/api/v1/areas?kind=local_authority").json()["areas"][0]["code"]
    inside = rows_of(client, f"/api/v1/access?within={council}&format=csv")
    everywhere = {row["code"]: row for row in rows_of(client, "/api/v1/access?format=csv")}
    assert inside
    assert all(everywhere[row["code"]] == row for row in inside)


def test_a_longer_reach_leaves_fewer_people_out(client: TestClient) -> None:
    beyond = [
        client.get(f"/api/v1/gaps?threshold={far}").json()["high_risk_beyond"]
        for far in (500, 1000, 3000, 20_000)
    ]
    assert beyond == sorted(beyond, reverse=True)


def test_gaps_are_of_high_risk_and_far_and_in_one_group_each(client: TestClient) -> None:
    rows = rows_of(client, "/api/v1/gaps?format=csv")
    assert rows
    assert {row["decile"] for row in rows} <= {"1", "2"}
    assert all(float(row["share_within"]) <= 0.5 for row in rows)
    answer = client.get("/api/v1/gaps").json()
    codes = [code for group in answer["groups"] for code in group["codes"]]
    assert sorted(codes) == sorted(row["code"] for row in rows)
    assert sum(group["beyond"] for group in answer["groups"]) <= answer["high_risk_beyond"] + 50


def test_the_worst_tenth_is_part_of_the_worst_fifth(client: TestClient) -> None:
    tenth = rows_of(client, "/api/v1/gaps?worst=tenth&format=csv")
    fifth = rows_of(client, "/api/v1/gaps?worst=fifth&format=csv")
    assert {row["code"] for row in tenth} <= {row["code"] for row in fifth}


def test_a_page_of_gaps_that_takes_long_says_so_and_looks_again(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "/gaps?threshold=1234"
    with monkeypatch.context() as patched:
        patched.setattr(waiting, "WAIT_S", 0.0)
        first = client.get(address)
    assert first.status_code == 200
    assert f'<meta http-equiv="refresh" content="2;url={address}">' in first.text
    assert "<progress" in first.text
    after = client.get(address)
    assert "<progress" not in after.text
    assert "1.2 km" in after.text


def test_two_who_ask_for_the_same_wait_for_the_same_work() -> None:
    worked: list[int] = []
    go_on = threading.Event()

    def work() -> None:
        worked.append(1)
        assert go_on.wait(10)

    async def ask() -> list[bool]:
        under_way = waiting.Waiting()
        early = [await under_way.done("one", work, 0.01) for _ in range(2)]
        go_on.set()
        return [*early, await under_way.done("one", work, 10)]

    assert run(ask) == [False, False, True]
    assert worked == [1]


def test_too_much_at_once_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask() -> None:
        under_way = waiting.Waiting()
        monkeypatch.setattr(waiting, "MOST_UNDER_WAY", 0)
        await under_way.done("one", lambda: None)

    with pytest.raises(BusyError):
        run(ask)


def test_siting_adds_up(client: TestClient) -> None:
    answer = client.get("/api/v1/siting?k=3&grid=2000&whose=everyone").json()
    added = sum(one["adds_meant"] for one in answer["chosen"])
    now, then = (answer[when]["meant_within"] for when in ("before", "after"))
    assert then - now == pytest.approx(added, abs=1)
    assert answer["gap"] == 0
    assert answer["proof"].startswith("Proved")
    fewer = client.get("/api/v1/siting?k=2&grid=2000&whose=everyone").json()
    assert fewer["after"]["meant_within"] <= then
    shorter = client.get("/api/v1/siting?k=3&grid=2000&whose=everyone&aim=journey").json()
    assert shorter["after"]["mean_way_m"] <= answer["after"]["mean_way_m"]


def test_siting_of_a_list(client: TestClient) -> None:
    area = client.get("/api/v1/areas?kind=small_area").json()["areas"][0]
    profile = client.get(f"/api/v1/areas/{area['code']}").json()
    postcode = profile["nearest_support"][0]["postcode"]
    body = {"places": f"name,where,cost\nHall,{postcode},10\n"}
    answer = client.post("/api/v1/siting?budget=5", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["chosen"] == []
    bad = client.post("/api/v1/siting", json={"places": "Hall,ZZ99 9ZZ"})
    assert bad.status_code == 422
    assert "line 1" in bad.json()["detail"]


def test_a_closing_by_either_id(client: TestClient) -> None:
    rows = rows_of(client, "/api/v1/access?format=csv")
    place = next(row["nearest_id"] for row in rows if row["nearest_id"])
    answer = client.get(f"/api/v1/closing/{place}").json()
    assert answer["users"] >= answer["lose_reach"] >= 0
    assert sum(row["users"] for row in answer["areas"]) == pytest.approx(answer["users"], abs=1)
    assert client.get("/api/v1/closing/nothing").status_code == 404
    page = client.get(f"/tools/closing?place={place}")
    assert page.status_code == 200
    assert answer["place"] in page.text


def test_the_layer_of_the_map_has_nine_classes(client: TestClient) -> None:
    edition = client.get("/api/v1/gaps").json()["edition"]
    answer = client.get(f"/api/v1/editions/{edition}/layers/small_area/gaps.bin")
    assert answer.status_code == 200
    assert set(answer.content) <= set(range(10))
    assert len(set(answer.content)) > 4


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/gaps", 200),
        ("/gaps?kind=pharmacy&worst=tenth&threshold=1600&open=mon-18%3A00&free=true", 200),
        ("/gaps?within=nowhere-at-all", 404),
        ("/gaps?kind=nothing", 422),
        ("/gaps.svg", 200),
        ("/tools/siting", 200),
        ("/tools/siting?go=true&k=2", 200),
        ("/tools/siting?go=true&grid=500&candidates=library", 422),
        ("/tools/siting?go=true&listed=Hall", 422),
        ("/tools/siting.svg?go=true&k=77", 404),
    ],
)
def test_pages_answer(client: TestClient, address: str, status: int) -> None:
    answer = client.get(address)
    assert answer.status_code == status, answer.text[-600:]
    assert "  from any" not in answer.text


def test_pictures_of_siting_go_with_the_answer_of_its_page(client: TestClient) -> None:
    question = "go=true&k=3"
    assert client.get(f"/tools/siting.svg?{question}&when=before").status_code == 404
    assert client.get(f"/tools/siting?{question}").status_code == 200
    for when in ("before", "after"):
        drawn = client.get(f"/tools/siting.svg?{question}&when={when}")
        assert drawn.headers["content-type"].startswith("image/svg+xml")
