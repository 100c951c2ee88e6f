"""Values for any weights, answered before the framework: the same as its own route gives, what is
packed and said in headers, and that nobody's stale wish is worked out.
"""

import asyncio
import csv
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient
from starlette.types import Message, Scope

from api.app import create_app
from api.engine import engines_of
from api.routes.live import LiveValues
from exclusion_map.settings import DataSettings, ServiceSettings

KINDS = ("small_area", "neighbourhood", "local_authority", "ward", "region")
WISHES = (
    "weights=age:2,english:7",
    "weights=age:0,disability:1.5",
    "weights=aged_75_plus:9,connectivity:3&base=local_authority",
    "base=rural_urban",
)


@pytest.fixture(scope="module")
def sample(sample_processed: Path) -> Iterator[TestClient]:
    made = create_app(ServiceSettings(), DataSettings(processed_dir=sample_processed))
    with TestClient(made) as opened:
        yield opened


@pytest.fixture(scope="module")
def address(sample: TestClient) -> str:
    told = sample.get("/api/v1/edition").json()
    return f"/api/v1/editions/{told['edition']}/values/{{}}/{told['default_index']}.bin"


def rows(sample: TestClient, kind: str, wish: str) -> list[int]:
    """Deciles by way of the list of scores, in feature order."""
    level = sample.app.state.service.edition.atlas.levels[kind]
    answer = sample.get(f"/api/v1/scores?level={kind}&{wish}&format=csv")
    listed = csv.DictReader(answer.text.removeprefix("\ufeff").splitlines())
    found = {row["code"]: int(row["decile"] or 0) for row in listed}
    return [found[code] for code in level.codes]


def unpack(body: bytes, count: int) -> list[int]:
    halves = np.frombuffer(body, np.uint8)
    return np.stack([halves >> 4, halves & 15], axis=1).ravel()[:count].tolist()


@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize("kind", KINDS[:3])
def test_bytes_are_the_deciles_of_the_scores(
    kind: str, wish: str, sample: TestClient, address: str
) -> None:
    answer = sample.get(f"{address.format(kind)}?{wish}")
    assert "server-timing" in answer.headers, "the framework answered, not the quick way"
    assert list(answer.content) == rows(sample, kind, wish)
    halved = sample.get(f"{address.format(kind)}?{wish}&bits=4")
    assert len(halved.content) == (len(answer.content) + 1) // 2
    assert unpack(halved.content, len(answer.content)) == list(answer.content)


@pytest.mark.parametrize("wish", WISHES)
def test_the_frameworks_own_route_gives_the_same(
    wish: str, sample: TestClient, address: str
) -> None:
    # An empty where is no wish of its own, but one the quick way leaves alone.
    for kind in KINDS:
        quick = sample.get(f"{address.format(kind)}?{wish}&bits=4")
        slow = sample.get(f"{address.format(kind)}?{wish}&bits=4&where=")
        assert "server-timing" not in slow.headers
        assert quick.content == slow.content, kind


def test_headers_say_what_the_bytes_are(sample: TestClient, address: str) -> None:
    answer = sample.get(f"{address.format('small_area')}?weights=age:2&bits=4")
    told = {
        name.removeprefix("exclusion-map-"): value
        for name, value in answer.headers.items()
        if name.startswith("exclusion-map-")
    }
    service = sample.app.state.service
    assert told == {
        "edition": service.edition.id,
        "index": service.default_index,
        "kind": "small_area",
        "measure": "decile",
        "bits": "4",
        "order": "feature-id",
        "units": "decile; 1 = highest-risk tenth of people, 0 = no data",
        "count": str(len(service.edition.atlas.levels["small_area"])),
    }
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_tag_saves_the_work(sample: TestClient, address: str) -> None:
    wish = f"{address.format('small_area')}?weights=age:2,english:3"
    tag = sample.get(wish).headers["etag"]
    again = sample.get(wish, headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert again.content == b""
    other = sample.get(wish.replace("age:2", "age:3"), headers={"If-None-Match": tag})
    assert other.status_code == 200


def test_head_tells_the_size_alone(sample: TestClient, address: str) -> None:
    answer = sample.head(f"{address.format('small_area')}?weights=age:2")
    assert answer.content == b""
    assert answer.headers["content-length"] == answer.headers["exclusion-map-count"]


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ("weights=nobody:1", 422, "no group or indicator 'nobody'"),
        ("weights=age:-1", 422, "age:-1"),
        ("weights=age:nan", 422, "age:nan"),
        (
            "weights=age:0,disability:0,socio_economic:0,household:0,connectivity:0,english:0",
            422,
            "0",
        ),
        ("bits=5", 422, "'5'"),
        ("bits=4&measure=score", 422, "4 with a score"),
        ("base=nowhere", 422, "nowhere"),
        ("colour=red", 422, "red"),
        ("weights=%FF%FE", 422, "weights"),
    ],
)
def test_what_cannot_be_is_said_as_everywhere_else(
    query: str, status: int, says: str, sample: TestClient, address: str
) -> None:
    answer = sample.get(f"{address.format('small_area')}?{query}")
    assert answer.status_code == status
    assert says in answer.text


def run(job: Coroutine[Any, Any, Any]) -> Any:
    """Run to its end in a thread of its own: this one may hold the loop of a browser's tests."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, job).result()


class Caller:
    """One client of the bare ASGI app."""

    def __init__(self, app: LiveValues, path: str, query: str, view: str = "") -> None:
        self.app, self.sent = app, []
        headers = [(b"exclusion-map-view", view.encode())] if view else []
        self.scope: Scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "query_string": query.encode(),
            "headers": headers,
        }
        self.gone = asyncio.Event()
        self.begun = False

    async def receive(self) -> Message:
        if not self.begun:
            self.begun = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    async def ask(self) -> int:
        await self.app(self.scope, self.receive, self.send)
        status: int = self.sent[0]["status"]
        return status


@pytest.fixture
def counted(sample: TestClient, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every working out of weights, as it happens."""
    engine = engines_of(sample.app.state).of(sample.app.state.service)
    live = engine.live(sample.app.state.service.default_index, "all")
    calls: list[Any] = []
    real = type(live).deciles
    monkeypatch.setattr(
        type(live), "deciles", lambda self, *rest: calls.append(rest) or real(self, *rest)
    )
    return calls


def test_only_the_newest_wish_of_a_view_is_worked_out(
    sample: TestClient, address: str, counted: list[Any]
) -> None:
    app = LiveValues(sample.app, sample.app.state.holder, sample.app.state)

    async def together() -> list[int]:
        path = address.format("small_area")
        callers = [Caller(app, path, f"weights=age:{at}", "a") for at in range(5, 9)]
        callers.append(Caller(app, path, "weights=age:1", "another"))
        callers.append(Caller(app, path, "weights=age:3"))
        return list(await asyncio.gather(*(caller.ask() for caller in callers)))

    assert run(together()) == [204, 204, 204, 200, 200, 200]
    assert len(counted) == 3


def test_nothing_is_worked_out_for_a_view_that_has_gone(
    sample: TestClient, address: str, counted: list[Any]
) -> None:
    app = LiveValues(sample.app, sample.app.state.holder, sample.app.state)

    async def leave() -> None:
        caller = Caller(app, address.format("small_area"), "weights=age:5", "a")
        caller.gone.set()
        await caller.ask()

    run(leave())
    assert counted == []
