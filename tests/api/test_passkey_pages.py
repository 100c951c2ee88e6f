"""Keys as a browser meets them: at which address, from whose page, with a fresh proof."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from starlette.requests import HTTPConnection
from starlette.testclient import TestClient

from api.accounts.passkey_place import place_of
from exclusion_map.accounts import Role
from exclusion_map.accounts.tables import AccountSession
from exclusion_map.database import now
from exclusion_map.settings import AccountSettings
from tests.soft_key import SoftKey

from .directory_apps import directory_client
from .openid_at_work import state_with
from .signed_in import FROM_US, PAGE, PASSWORD, Browser, accounts, csrf_of, sign_in
from .test_second_factor_pages import password_step
from .test_sign_in_safety import LONG_AGO, from_address

PATH = "/account/passkeys"
HOST, ORIGIN = "map.example.org", "https://map.example.org"


@pytest.fixture(scope="module")
def client(tiny_processed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    url = f"sqlite:///{tmp_path_factory.mktemp('passkeys') / 'test.db'}"
    with directory_client(tiny_processed, url) as made:
        yield made


def place(client: TestClient, base_url: str, asked: str = "http://testserver") -> Any:
    scheme, _, host = asked.partition("://")
    scope = {"type": "http", "app": client.app, "scheme": scheme, "path": "/", "query_string": b""}
    changed = client.app.state.settings.model_copy(update={"base_url": base_url})
    with state_with(client, "settings", changed):
        return place_of(HTTPConnection({**scope, "headers": [(b"host", host.encode())]}))


@pytest.mark.parametrize(
    ("base_url", "asked", "host", "origin"),
    [
        ("https://map.example.org", "http://evil.example", HOST, ORIGIN),
        ("https://Map.Example.org:443/", "http://testserver", HOST, ORIGIN),
        ("https://map.example.org:8443", "http://testserver", HOST, f"{ORIGIN}:8443"),
        ("https://kårta.example", "http://x", "xn--krta-qoa.example", None),
        ("", "http://localhost:8000", "localhost", "http://localhost:8000"),
        ("http://localhost:8000", "http://127.0.0.1:8000", "localhost", "http://localhost:8000"),
    ],
)
def test_where_keys_sign(
    client: TestClient, base_url: str, asked: str, host: str, origin: str | None
) -> None:
    party = place(client, base_url, asked).party
    assert (party.id, party.origin) == (host, origin or f"https://{host}")


@pytest.mark.parametrize(
    ("base_url", "asked", "words"),
    [
        ("", "http://127.0.0.1:8000", "is a number (127.0.0.1)"),
        ("https://[2001:db8::1]", "http://x", "is a number (2001:db8::1)"),
        ("", "https://map.example.org", "EXCLUSION_MAP_BASE_URL"),
        ("http://map.example.org", "http://map.example.org", "begins with https"),
    ],
)
def test_where_they_cannot_and_why(
    client: TestClient, base_url: str, asked: str, words: str
) -> None:
    found = place(client, base_url, asked)
    assert found.party is None
    assert words in found.why_not


@pytest.fixture
def at_home(client: TestClient) -> Iterator[TestClient]:
    """The service at an address that keys can be bound to; tests still ask ``testserver``."""
    home = client.app.state.settings.model_copy(update={"base_url": "http://localhost"})
    with state_with(client, "settings", home):
        yield client


def ask(browser: Browser, path: str) -> Any:
    mark = csrf_of(browser.client, "/account")
    return browser.client.post(path, headers=FROM_US | {"x-csrf-token": mark})


def register(browser: Browser, key: SoftKey, name: str = "blue <b>key</b>") -> Any:
    answer = key.create(ask(browser, f"{PATH}/options").json())
    return browser.post(PATH, {"name": name, "credential": answer})


def test_from_adding_a_key_to_signing_in_with_it(at_home: TestClient) -> None:
    browser, key = sign_in(at_home, Role.MODERATOR, "kim@example.org"), SoftKey()
    before = browser.client.cookies["em-session"]
    done = register(browser, key)
    assert done.text.count("<li>") >= 10
    assert browser.client.cookies["em-session"] != before, "the session has a new secret"
    page = browser.get(PATH)
    assert "blue &lt;b&gt;key" in page.text
    assert page.headers["cache-control"] == "private, no-store"
    assert "10 recovery codes left" in page.text
    visitor = password_step(at_home, "kim@example.org", "192.0.2.21", "/account")
    assert visitor.get("/api/v1/me").status_code == 401, "the password alone is not enough"
    form = visitor.get("/sign-in/code?next=/account", headers=PAGE).text
    assert 'action="/sign-in/passkey"' in form
    assert 'data-origin="http://localhost"' in form
    assert "Six-digit code" not in form
    mark = csrf_of(visitor, "/sign-in/code")
    without = visitor.post("/sign-in/passkey/options", headers=FROM_US)
    assert without.status_code == 403, "no mark of this browser"
    asked = visitor.post("/sign-in/passkey/options", headers=FROM_US | {"x-csrf-token": mark})
    data = {"csrf": mark, "next": "/account", "credential": key.get(asked.json())}
    wrong = visitor.post(
        "/sign-in/passkey", data=data | {"credential": "{}"}, headers=PAGE | FROM_US
    )
    assert wrong.status_code == 422
    assert "That did not work" in wrong.text
    signed = visitor.post("/sign-in/passkey", data=data, headers=PAGE | FROM_US)
    assert (signed.status_code, signed.headers["location"]) == (303, "/account")
    assert visitor.get("/api/v1/me").json()["role"] == "moderator"
    again = visitor.post("/sign-in/passkey", data=data, headers=PAGE | FROM_US)
    assert again.status_code in (303, 403), "nothing waits any more"


def test_nothing_is_asked_of_a_key_before_the_password(at_home: TestClient) -> None:
    visitor = from_address(at_home, "192.0.2.22")
    mark = csrf_of(visitor)
    answer = visitor.post("/sign-in/passkey/options", headers=FROM_US | {"x-csrf-token": mark})
    assert answer.status_code == 401
    data = {"csrf": mark, "credential": "{}"}
    late = visitor.post("/sign-in/passkey", data=data, headers=PAGE | FROM_US)
    assert late.headers["location"] == "/sign-in?told=late"


def test_changing_keys_needs_a_fresh_proof_which_a_key_may_give(at_home: TestClient) -> None:
    browser, key = sign_in(at_home, Role.CONTRIBUTOR, "proof@example.org"), SoftKey()
    register(browser, key)
    held = accounts(at_home)
    me = held.people.by_email("proof@example.org").id
    [mine] = held.passkeys.listed(me)
    with at_home.app.state.directory.database.writing() as session:
        old = update(AccountSession).where(AccountSession.account_id == me)
        session.execute(old.values(proved_at=now() - LONG_AGO))
    assert ask(browser, f"{PATH}/options").status_code == 403
    assert browser.get(PATH).headers["location"] == "/confirm?next=%2Faccount%2Fpasskeys"
    for path in (PATH, f"{PATH}/{mine.id}/name", f"{PATH}/{mine.id}/remove"):
        browser.post(path, {"name": "x"})
    [same] = held.passkeys.listed(me)
    assert same.name == mine.name
    asked = ask(browser, "/confirm/passkey/options").json()
    form = {"password": PASSWORD, "next": PATH, "credential": key.get(asked)}
    wrong = browser.post("/confirm", form | {"password": "not it"})
    assert "That is not your password" in wrong.text
    assert browser.post("/confirm", form).headers["location"] == PATH
    renamed = browser.post(f"{PATH}/{mine.id}/name", {"name": "red"})
    assert renamed.headers["location"] == f"{PATH}?told=renamed"
    assert "0 characters" in browser.post(f"{PATH}/{mine.id}/name", {"name": " "}).text
    gone = browser.post(f"{PATH}/{mine.id}/remove")
    assert gone.headers["location"] == f"{PATH}?told=removed"
    assert browser.post(f"{PATH}/{mine.id}/remove").status_code == 404
    assert "your password alone signs you in" in browser.get("/account").text.lower()


def test_a_role_that_must_have_one_may_add_a_key_instead_of_codes(at_home: TestClient) -> None:
    browser = sign_in(at_home, Role.ADMIN, "strict@example.org")
    strict = AccountSettings(second_factor="moderator")
    with (
        state_with(at_home, "account_settings", strict),
        state_with(at_home, "accounts_held", None),
    ):
        assert browser.get("/people").headers["location"] == "/account/second-factor"
        assert f'href="{PATH}"' in browser.get("/account/second-factor").text
        assert "Your role needs codes or a key" in browser.get(PATH).text
        mark, key = csrf_of(browser.client, PATH), SoftKey()
        headers = FROM_US | {"x-csrf-token": mark}
        asked = browser.client.post(f"{PATH}/options", headers=headers).json()
        data = {"name": "blue", "credential": key.create(asked)}
        done = browser.client.post(PATH, data=data, headers=PAGE | headers)
        assert done.status_code == 200
        assert browser.get("/people").status_code == 200


def test_where_keys_do_not_work_the_page_and_the_service_say_so(client: TestClient) -> None:
    browser = sign_in(client, Role.VIEWER, "nowhere@example.org")
    page = browser.get(PATH).text
    assert "EXCLUSION_MAP_BASE_URL" in page
    assert 'href="/account/second-factor"' in page
    refused = ask(browser, f"{PATH}/options")
    assert refused.status_code == 409
    assert "EXCLUSION_MAP_BASE_URL" in json.dumps(refused.json())
