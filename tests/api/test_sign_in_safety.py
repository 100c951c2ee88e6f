"""HTTPS for good, proofs before changes, limits on everything, sessions that cannot be planted."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from api.middleware import strict_transport
from exclusion_map.accounts import COMMAND_LINE, Role
from exclusion_map.accounts.tables import AccountSession
from exclusion_map.database import now

from .directory_apps import directory_client
from .signed_in import FROM_US, PAGE, PASSWORD, Browser, accounts, csrf_of, make_account, sign_in

PROXY = "203.0.113.7"
LONG_AGO = timedelta(hours=1)


@pytest.fixture(scope="module")
def client(tiny_processed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    url = f"sqlite:///{tmp_path_factory.mktemp('safety') / 'test.db'}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EXCLUSION_MAP_HSTS_SECONDS", "31536000")
        patch.setenv("EXCLUSION_MAP_TRUSTED_PROXIES", PROXY)
        with directory_client(tiny_processed, url) as made:
            yield made


def from_address(client: TestClient, address: str) -> TestClient:
    return TestClient(
        client.app,
        raise_server_exceptions=False,
        follow_redirects=False,
        client=(address, 50_000),
    )


def grow_old(client: TestClient) -> None:
    """Let all proofs be old, as after an hour."""
    with client.app.state.directory.database.writing() as session:
        session.execute(update(AccountSession).values(proved_at=now() - LONG_AGO))


@pytest.mark.parametrize(
    ("address", "scheme", "told"),
    [(PROXY, "https", True), (PROXY, "http", False), ("198.51.100.1", "https", False)],
)
def test_browsers_are_told_to_stay_with_https_if_a_named_proxy_says_so(
    address: str, scheme: str, told: bool, client: TestClient
) -> None:
    visitor = from_address(client, address)
    answer = visitor.get("/sign-in", headers=PAGE | {"x-forwarded-proto": scheme})
    assert answer.headers.get("strict-transport-security") == ("max-age=31536000" if told else None)
    assert ("Secure" in answer.headers["set-cookie"]) is told


def test_hosts_below_are_named_only_where_a_setting_says_so() -> None:
    assert strict_transport(0, subdomains=True) == ""
    assert strict_transport(60, subdomains=False) == "max-age=60"
    assert strict_transport(60, subdomains=True) == "max-age=60; includeSubDomains"


def test_passwords_that_are_switched_off_prove_nothing(client: TestClient) -> None:
    browser = sign_in(client, Role.ADMIN, "off@example.org")
    grow_old(client)
    settings = client.app.state.account_settings
    client.app.state.account_settings = settings.model_copy(update={"password_sign_in": False})
    try:
        assert browser.post("/confirm", {"password": PASSWORD}).status_code == 422
        assert browser.get("/account/delete").headers["location"].startswith("/confirm")
    finally:
        client.app.state.account_settings = settings


def test_a_session_that_somebody_planted_is_not_taken_on(client: TestClient) -> None:
    make_account(accounts(client), Role.VIEWER, "planted@example.org")
    visitor = from_address(client, "198.51.100.2")
    visitor.cookies.set("em-session", "planted")
    data = {"email": "planted@example.org", "password": PASSWORD}
    mark = csrf_of(visitor)
    answer = visitor.post("/sign-in", data=data | {"csrf": mark}, headers=PAGE | FROM_US)
    assert answer.status_code == 303
    (session,) = (
        one for one in answer.headers.get_list("set-cookie") if one.startswith("em-session")
    )
    assert not session.startswith("em-session=planted")


def test_an_old_session_is_asked_for_a_proof_before_a_change(client: TestClient) -> None:
    browser = sign_in(client, Role.ADMIN)
    make_account(accounts(client), Role.ADMIN, "second@example.org")
    grow_old(client)
    assert browser.get("/account").status_code == 200, "reading goes on"
    form = {"email": "kim@example.org", "invite_role": "viewer"}
    held_up = browser.post("/people/invite", form)
    assert held_up.status_code == 403
    assert "Show that it is you" in held_up.text
    assert 'name="email" value="kim@example.org"' in held_up.text
    from_us = {"referer": "http://testserver/account"}
    bare = browser.post("/account/second-factor/begin", headers=from_us)
    assert (bare.status_code, bare.headers["location"]) == (303, "/confirm?next=%2Faccount")
    assert not accounts(client).invitations.waiting()
    program = browser.client.post(
        "/people/invite",
        data=form | {"csrf": csrf_of(browser.client, "/account")},
        headers=FROM_US,
    )
    assert program.status_code == 403
    wrong = browser.post("/confirm", {"password": "wrong", "next": "/people"})
    assert wrong.status_code == 422
    assert "That is not your password" in wrong.text
    right = browser.post("/confirm", {"password": PASSWORD, "next": "//evil.example"})
    assert (right.status_code, right.headers["location"]) == (303, "/")
    assert browser.post("/people/invite", form).status_code == 200
    told = browser.get("/account").text
    assert "proof failed" in told
    assert "proved again" in told


def test_a_proof_is_of_one_browser(client: TestClient) -> None:
    one = sign_in(client, Role.CONTRIBUTOR, "two-browsers@example.org")
    other = sign_in(client, Role.CONTRIBUTOR, "two-browsers@example.org")
    grow_old(client)
    assert one.post("/confirm", {"password": PASSWORD}).status_code == 303
    assert one.get("/account/delete").status_code == 200
    assert other.get("/account/delete").headers["location"].startswith("/confirm")


def test_a_person_takes_out_their_data_and_deletes_the_account(client: TestClient) -> None:
    browser = sign_in(client, Role.CONTRIBUTOR, "leaving@example.org")
    data = browser.get("/account/data.json")
    assert data.json()["account"]["email"] == "leaving@example.org"
    assert data.headers["cache-control"] == "private, no-store"
    refused = browser.post("/account/delete", {"email": "another@example.org"})
    assert refused.status_code == 422
    done = browser.post("/account/delete", {"email": " Leaving@example.org"})
    assert done.headers["location"] == "/sign-in?told=deleted"
    assert accounts(client).people.find("leaving@example.org") is None
    assert browser.client.get("/api/v1/me").status_code == 401


def test_an_admin_deletes_an_account_and_not_the_last_one(client: TestClient) -> None:
    held = accounts(client)
    browser = sign_in(client, Role.ADMIN)
    account = make_account(held, Role.VIEWER, "gone@example.org")
    assert "gone@example.org" in browser.get(f"/people/{account}/data.json").text
    path = f"/people/{account}/delete"
    assert "former member" in browser.get(path).text
    done = browser.post(path, {"email": "gone@example.org"})
    assert done.headers["location"] == "/people?told=delete"
    me = held.people.by_email("admin@example.org").id
    for other in held.people.all():
        if other.role == "admin" and other.id != me:
            held.people.set_role(COMMAND_LINE, other.id, Role.VIEWER)
    last = browser.post("/account/delete", {"email": "admin@example.org"})
    assert last.status_code == 422
    assert "the last admin" in last.text


def test_all_requests_can_be_limited_by_client_and_by_account(client: TestClient) -> None:
    state = client.app.state
    browser = sign_in(client, Role.VIEWER, "busy@example.org")
    kept = state.account_settings
    state.account_settings = kept.model_copy(update={"requests_per_minute": 3})
    try:
        visitor = from_address(client, PROXY)
        first = {"x-forwarded-for": "made up, 192.0.2.50"}
        answers = [visitor.get("/api/v1/search?q=a", headers=first) for _ in range(4)]
        assert [answer.status_code for answer in answers[:3]].count(429) == 0
        assert answers[3].status_code == 429
        assert 1 <= int(answers[3].headers["retry-after"]) <= 21
        assert answers[3].json()["type"].endswith("too-many-requests")
        assert "text/html" in visitor.get("/", headers=first | PAGE).headers["content-type"]
        # Another client behind the same proxy, a person, and what looks after the service.
        other = visitor.get("/api/v1/search?q=a", headers={"x-forwarded-for": "192.0.2.51"})
        assert other.status_code != 429
        assert Browser(browser.client).get("/account").status_code == 200
        for _ in range(5):
            assert visitor.get("/healthz", headers=first).status_code != 429
    finally:
        state.account_settings = kept


def test_without_a_database_the_processes_share_a_file(
    tiny_processed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXCLUSION_MAP_REQUESTS_PER_MINUTE", "2")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with directory_client(tiny_processed, "none") as made:
        answers = [made.get("/api/v1/search?q=a").status_code for _ in range(3)]
    assert answers[2] == 429
    (file,) = tmp_path.glob("exclusion-map-*/limits-*.db")
    assert file.parent.stat().st_mode & 0o077 == 0
