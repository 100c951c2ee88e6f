"""Intervals over HTTP, and what the engine remembers, on the tiny edition."""

import json
import threading

import numpy as np
import pyarrow as pa
import pytest
from starlette.testclient import TestClient

from api import engine as engine_module
from api.engine import engines_of
from api.remember import Memory
from api.work import pool_of

SMALL = [f"E0100000{n}" for n in range(1, 5)]
VALUES = "/api/v1/editions/tiny/values"
# old: percentile ranks 12.5, 37.5, 62.5, 87.5; poor: 16.67, 50, 83.33, none
OLD_ALONE = {"weights": "poor:0"}


def test_intervals_of_all_and_of_one(client: TestClient) -> None:
    page = client.get("/api/v1/uncertainty", params={"draws": 40, "seed": 3}).json()
    assert page["draws"] == 40
    assert sum(page["robustness"].values()) == 4
    for area in page["areas"]:
        assert area["rank_low"] <= area["rank_median"] <= area["rank_high"]
        assert area["decile_low"] <= area["decile_high"]
        assert 0 <= area["worst_tenth_probability"] <= 1
    one = client.get(
        "/api/v1/uncertainty", params={"draws": 40, "seed": 3, "area": SMALL[2].lower()}
    ).json()
    assert one["areas"] == [page["areas"][2]]
    assert one["effects"] is None
    some = client.get("/api/v1/uncertainty", params={"draws": 40, "seed": 3, "where": SMALL[2]})
    assert some.json()["areas"] == one["areas"]


def test_effects_and_further_bases(client: TestClient) -> None:
    params = {"draws": 20, "effects": True, "also_in": "local_authority"}
    effects = client.get("/api/v1/uncertainty", params=params).json()["effects"]
    assert effects["output"] == "mean shift of ranks"
    assert "base" in {one["factor"] for one in effects["effects"]}
    of_one = client.get("/api/v1/uncertainty", params=params | {"area": SMALL[0]}).json()
    assert of_one["effects"]["output"] == f"rank of {SMALL[0]}"


def test_intervals_as_csv_and_arrow(client: TestClient) -> None:
    rows = client.get("/api/v1/uncertainty", params={"draws": 20, "format": "csv"}).text
    assert len(rows.strip().splitlines()) == 5
    content = client.get("/api/v1/uncertainty", params={"draws": 20, "format": "arrow"}).content
    table = pa.ipc.open_stream(content).read_all()
    assert table.column("robustness").null_count == 0
    assert table.schema.metadata[b"draws"] == b"20"


@pytest.mark.parametrize(
    ("params", "status", "told"),
    [
        ({"draws": 51}, 422, "at most 50"),
        ({"draws": 1}, 422, "draws"),
        ({"draws": 20, "area": "E06000001"}, 422, "small area"),
        ({"draws": 20, "area": "E09999999"}, 404, "E09999999"),
        ({"draws": 20, "seed": -1}, 422, "seed"),
        ({"draws": 20, "level": "ward"}, 422, "level"),
        ({"draws": 20, "also_in": "selection"}, 422, "no areas chosen"),
    ],
)
def test_intervals_that_cannot_be(
    small_limits: TestClient, params: dict[str, object], status: int, told: str
) -> None:
    answer = small_limits.get("/api/v1/uncertainty", params=params)
    assert answer.status_code == status
    assert told in answer.text


def test_two_who_ask_the_same_wait_for_one_computation(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = engine_module.uncertainty, []

    def counted(*args: object, **kwargs: object) -> object:
        calls.append(1)
        return real(*args, **kwargs)

    monkeypatch.setattr(engine_module, "uncertainty", counted)
    answers: list[bytes] = []

    def ask() -> None:
        params = {"draws": 30, "seed": 99}
        answers.append(client.get("/api/v1/uncertainty", params=params).content)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1
    assert len(set(answers)) == 1


def test_a_crowd_is_turned_away_rather_than_kept_waiting(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = pool_of(client.app.state, "draws", at_once=1)
    monkeypatch.setattr(pool, "most_waiting", 0)
    holder = object()

    async def take() -> None:
        await pool.limiter.acquire_on_behalf_of(holder)

    async def give_back() -> None:
        pool.limiter.release_on_behalf_of(holder)

    client.portal.call(take)
    try:
        answer = client.get("/api/v1/uncertainty", params={"draws": 30, "seed": 100})
        assert answer.status_code == 503, answer.text
        assert answer.headers["retry-after"]
    finally:
        client.portal.call(give_back)


def test_memory_drops_what_was_used_longest_ago_and_no_failures() -> None:
    memory: Memory[int] = Memory(2)
    made: list[str] = []

    def make(key: str) -> int:
        made.append(key)
        if key == "bad":
            raise ValueError(key)
        return len(made)

    for key in ("a", "b", "a", "c", "a", "b"):
        memory.get(key, lambda key=key: make(key))
    assert made == ["a", "b", "c", "b"]
    for _ in range(2):
        with pytest.raises(ValueError, match="bad"):
            memory.get("bad", lambda: make("bad"))
    assert made[-2:] == ["bad", "bad"]
    assert not memory.has("bad")
    memory.forget()
    assert not memory.has("b")


def test_an_engine_belongs_to_one_open_edition(client: TestClient) -> None:
    engines = engines_of(client.app.state)
    service = client.app.state.service
    assert engines.of(service) is engines.of(service)
    table = engines.of(service).table
    assert np.isnan(table.column("poor")[3])


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/scores?level=icb",
        "/api/v1/explain?area=E01000004",
        "/api/v1/explain?area=E54000001",
        "/api/v1/similar?area=E12000001",
        "/api/v1/indices",
        "/api/v1/uncertainty?draws=20&base=icb",
    ],
)
def test_every_answer_is_json_without_nan(client: TestClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    json.loads(answer.text, parse_constant=lambda found: pytest.fail(f"a bare {found}"))
