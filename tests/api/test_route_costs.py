"""Expensive work takes its turn at every address; what is cheap is answered while none may wait."""

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.work import Pool
from exclusion_map.settings import DatabaseSettings, DataSettings, ServiceSettings

from . import route_costs as stated
from .route_table import FORM, PROVIDER, PUBLIC, addresses

TURNS = {*stated.QUEUED, *stated.JSON, *stated.FORMS, *stated.ELSEWHERE}


@pytest.fixture
def nobody_may_wait(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setattr(Pool, "full", property(lambda _: True))
    client.app.state.__dict__["_state"].pop("engines", None)  # type: ignore[attr-defined]
    return client


def test_somebody_stated_what_each_address_costs_that_anybody_may_ask() -> None:
    app = create_app(ServiceSettings(), DataSettings(), DatabaseSettings(database_url="none"))
    table = addresses(app)
    anybody = {one.key for one in table if one.guard in (PUBLIC, FORM, PROVIDER)}
    assert anybody == stated.CHEAP | TURNS
    assert not stated.CHEAP & TURNS


@pytest.mark.parametrize("address", stated.QUEUED.values())
def test_expensive_work_is_refused_while_nobody_more_may_wait(
    nobody_may_wait: TestClient, address: str
) -> None:
    answer = nobody_may_wait.get(address)
    assert answer.status_code == 503, answer.text[:300]
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("address", [*stated.JSON, *stated.FORMS])
def test_expensive_work_that_is_sent_is_refused_too(
    nobody_may_wait: TestClient, address: str
) -> None:
    if address in stated.JSON:
        path, body = stated.JSON[address]
        answer = nobody_may_wait.post(path, json=body)
    else:
        path, fields = stated.FORMS[address]
        answer = nobody_may_wait.post(path, data=fields)
    assert answer.status_code == 503, answer.text[:300]
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    "address", sorted(one for one in stated.CHEAP if one.startswith("GET ") and "{" not in one)
)
def test_cheap_answers_wait_for_nobody(nobody_may_wait: TestClient, address: str) -> None:
    path = address.removeprefix("GET ").removesuffix("*")
    answer = nobody_may_wait.get(path, follow_redirects=False)
    refused = answer.status_code == 503 and answer.json().get("type", "").endswith(":busy")
    assert not refused
