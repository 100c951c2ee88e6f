"""Signing in, accounts, people and caches, over HTTP."""

import csv
import io
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api import errors
from api.app import create_app
from exclusion_map.accounts import COMMAND_LINE, Role
from exclusion_map.accounts.rates import Limit, Rates
from exclusion_map.database import open_database
from exclusion_map.settings import DatabaseSettings, DataSettings, ServiceSettings

from .directory_apps import directory_client
from .signed_in import (
    FROM_US,
    PAGE,
    PASSWORD,
    accounts,
    bearer,
    csrf_of,
    make_account,
    sign_in,
)

COOKIES = re.compile(r"(?P<name>[\w-]+)=(?P<value>[^;]*); (?P<rest>.*)")


@pytest.fixture(scope="module")
def client(tiny_processed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    url = f"sqlite:///{tmp_path_factory.mktemp('accounts') / 'test.db'}"
    with directory_client(tiny_processed, url) as made:
        yield made


@pytest.fixture
def visitor(client: TestClient) -> TestClient:
    """A browser that was never here."""
    return TestClient(client.app, raise_server_exceptions=False, follow_redirects=False)


def post(visitor: TestClient, path: str, page: str, **data: str) -> object:
    form = {"csrf": csrf_of(visitor, page), **data}
    return visitor.post(path, data=form, headers=PAGE | FROM_US)


def cookies_set(answer: object) -> dict[str, str]:
    """Return the cookies an answer sets, each with its attributes."""
    found = [COOKIES.fullmatch(one) for one in answer.headers.get_list("set-cookie")]
    return {one["name"]: one["rest"] for one in found if one}


def test_from_invitation_to_token_on_both_databases(
    tiny_processed: Path, database_url: str
) -> None:
    with directory_client(tiny_processed, database_url) as client:
        secret = accounts(client).invitations.invite(COMMAND_LINE, "a@example.org", Role.MODERATOR)
        visitor = TestClient(client.app, raise_server_exceptions=False, follow_redirects=False)
        path = "/invitation"
        page = post(visitor, path, path, link=f"http://testserver/invitation#{secret}")
        assert page.status_code == 200
        assert page.headers["referrer-policy"] == "strict-origin"
        earlier = visitor.get(f"/invitation/{secret}", headers=PAGE)
        assert earlier.headers["location"] == f"/invitation#{secret}"
        form = {"link": secret, "do": "accept"}
        bad = post(visitor, path, path, name="Ann", password="password1234", **form)
        assert bad.status_code == 422
        assert "attackers try early" in bad.text
        assert 'value="Ann"' in bad.text
        assert "password1234" not in bad.text
        done = post(visitor, path, path, name="Ann", password=PASSWORD, **form)
        assert (done.status_code, done.headers["location"]) == (303, "/sign-in?told=joined")
        assert post(visitor, path, path, link=secret).status_code == 404
        told = visitor.get("/sign-in?told=joined&next=/support", headers=PAGE)
        assert "Your account is ready" in told.text
        data = {"email": "A@Example.org", "password": PASSWORD, "next": "/support"}
        signed = post(visitor, "/sign-in", "/sign-in", **data)
        assert (signed.status_code, signed.headers["location"]) == (303, "/support")
        made = post(visitor, "/account/tokens", "/account", token_name="x", token_role="viewer")
        token = re.search(r"emt_[\w-]{43}", made.text)
        assert token is not None
        assert token[0] not in visitor.get("/account", headers=PAGE).text
        program = TestClient(client.app)
        me = program.get("/api/v1/me", headers={"authorization": f"Bearer {token[0]}"})
        assert me.json() == {"name": "Ann", "role": "viewer", "by_token": True}
        assert me.headers["cache-control"] == "private, no-store"
        out = post(visitor, "/sign-out", "/account")
        assert out.headers["location"] == "/sign-in?told=out"
        assert visitor.get("/account", headers=PAGE).status_code == 303


def test_cookies_are_for_this_site_and_no_script(client: TestClient, visitor: TestClient) -> None:
    make_account(accounts(client), Role.VIEWER, "cookies@example.org")
    data = {"email": "cookies@example.org", "password": PASSWORD}
    answer = post(visitor, "/sign-in", "/sign-in", **data)
    told = cookies_set(answer)
    assert set(told) == {"em-session", "em-known", "em-form"}
    for rest in told.values():
        assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(rest.split("; "))
        assert "Domain" not in rest
    assert "Max-Age" not in told["em-session"], "it ends with the browser"


def test_over_https_cookies_belong_to_the_host_alone(tiny_processed: Path, tmp_path: Path) -> None:
    app = create_app(
        ServiceSettings(base_url="https://map.example.org"),
        DataSettings(processed_dir=tiny_processed),
        DatabaseSettings(database_url=f"sqlite:///{tmp_path / 'test.db'}"),
    )
    with TestClient(app, base_url="https://map.example.org", follow_redirects=False) as visitor:
        until = time.monotonic() + 120
        while app.state.directory is None:
            assert time.monotonic() < until
            time.sleep(0.02)
        make_account(accounts(visitor), Role.VIEWER)
        data = {"csrf": csrf_of(visitor), "email": "viewer@example.org", "password": PASSWORD}
        # Behind a proxy the service itself is asked by http: the public address counts.
        headers = PAGE | {"origin": "https://map.example.org"}
        answer = visitor.post("/sign-in", data=data, headers=headers)
        assert answer.status_code == 303
        told = cookies_set(answer)
        assert "__Host-em-session" in told
        assert all("Secure" in rest.split("; ") for rest in told.values())
        assert visitor.get("/account", headers=PAGE).status_code == 200


@pytest.mark.parametrize(
    ("wanted", "goes"),
    [
        ("/support?q=a&b=c", "/support?q=a&b=c"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("https:evil.example", "/"),
        ("/\r\nSet-Cookie: x=y", "/"),
    ],
)
def test_signing_in_leads_to_no_other_site(
    client: TestClient, visitor: TestClient, wanted: str, goes: str
) -> None:
    browser = sign_in(client, Role.VIEWER)
    answer = browser.client.get("/sign-in", params={"next": wanted}, headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, goes)
    page = visitor.get("/sign-in", params={"next": wanted}, headers=PAGE)
    assert "evil" not in re.findall(r'name="next" value="([^"]*)"', page.text)[0]


def test_who_is_not_signed_in_comes_back_after(client: TestClient, visitor: TestClient) -> None:
    away = visitor.get("/account?told=name", headers=PAGE)
    assert away.headers["location"] == "/sign-in?next=/account%3Ftold%3Dname"
    back = {"referer": "http://testserver/account"}
    away = visitor.post("/account/name", headers=PAGE | FROM_US | back)
    assert away.headers["location"] == "/sign-in?next=/account"


def test_wrong_passwords_have_one_answer_and_then_a_wait(
    client: TestClient, visitor: TestClient
) -> None:
    make_account(accounts(client), Role.VIEWER, "slow@example.org")
    texts = set()
    for email in ("slow@example.org", "nobody@example.org"):
        answer = post(visitor, "/sign-in", "/sign-in", email=email, password="wrong")
        assert answer.status_code == 422
        texts.add(re.sub(r'value="[^"]*"|id="[^"]*"', "", answer.text))
    assert len(texts) == 1
    for _ in range(4):
        post(visitor, "/sign-in", "/sign-in", email="slow@example.org", password="wrong")
    answer = post(visitor, "/sign-in", "/sign-in", email="slow@example.org", password=PASSWORD)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 2
    assert "Too many tries" in answer.text


def test_a_page_for_one_is_kept_from_others(client: TestClient, visitor: TestClient) -> None:
    browser = sign_in(client, Role.VIEWER)
    for path in ("/", "/areas", "/support", "/method", "/ogc", "/no-such-page", "/areas/E02000001"):
        own = browser.get(path)
        assert own.headers["cache-control"] == "private, no-store", path
        assert "etag" not in own.headers
        assert "Sign out" in own.text
        public = visitor.get(path, headers=PAGE)
        assert "Sign in" in public.text
        assert "Viewer" not in public.text
        assert "Cookie" in public.headers["vary"], path
        assert "set-cookie" not in public.headers, path
    # A page that was held before signing in is not taken for the page after it, nor the reverse.
    held = visitor.get("/ogc?f=html", headers=PAGE).headers.get("etag", '"none"')
    again = browser.client.get("/ogc?f=html", headers=PAGE | {"if-none-match": held})
    assert again.status_code == 200
    assert "Sign out" in again.text


def test_data_for_everybody_may_be_kept_by_anybody(client: TestClient, visitor: TestClient) -> None:
    browser = sign_in(client, Role.VIEWER)
    path = "/api/v1/areas/E01000001"
    own, public = browser.client.get(path), visitor.get(path)
    assert own.content == public.content
    assert own.headers["cache-control"] == public.headers["cache-control"]
    assert "public" in own.headers["cache-control"]
    assert "cookie" not in own.headers.get("vary", "").lower()


def test_without_a_database_nobody_is_asked_to_sign_in(tiny_processed: Path) -> None:
    with directory_client(tiny_processed, "none") as client:
        page = client.get("/support", headers=PAGE)
        assert page.status_code == 200
        assert "/sign-in" not in page.text
        answer = client.get("/sign-in", headers=PAGE)
        assert answer.status_code == 503
        assert "without a database" in answer.text


def test_name_password_and_sessions(client: TestClient) -> None:
    email = "keeper@example.org"
    one, other = (sign_in(client, Role.VIEWER, email) for _ in range(2))
    assert one.post("/account/name", {"name": " New  Name "}).status_code == 303
    assert "New Name" in other.get("/account").text
    assert one.post("/account/name", {"name": " "}).status_code == 422
    identity = accounts(client).people.by_email(email).id
    ids = [held.id for held in accounts(client).sessions.listed(identity)]
    assert len(ids) == 2
    bad = one.post("/account/password", {"old": "wrong", "new": "seven quiet otters juggling"})
    assert "not your password now" in bad.text
    before = one.client.cookies["em-session"]
    data = {"old": PASSWORD, "new": "seven quiet otters juggling"}
    assert one.post("/account/password", data).status_code == 303
    assert one.client.cookies["em-session"] != before
    assert other.get("/account").status_code == 303, "other browsers are signed out"
    assert one.get("/account").status_code == 200
    stale = TestClient(client.app, cookies={"em-session": before}, follow_redirects=False)
    assert stale.get("/account", headers=PAGE).status_code == 303


def test_nobody_ends_the_session_or_token_of_another(client: TestClient) -> None:
    mallory, victim = sign_in(client, Role.VIEWER, "m@example.org"), sign_in(client, Role.ADMIN)
    held = accounts(client)
    admin = held.people.by_email("admin@example.org").id
    for session in held.sessions.listed(admin):
        mallory.post(f"/account/sessions/{session.id}/end")
    assert victim.get("/account").status_code == 200
    assert held.audit.entries(limit=1)[0].what == "signed in"
    headers = bearer(client, Role.ADMIN)
    for token in held.tokens.listed(admin):
        assert mallory.post(f"/account/tokens/{token.id}/revoke").status_code == 404
    assert client.get("/api/v1/me", headers=headers).status_code == 200


def test_a_token_may_do_no_more_than_its_maker(client: TestClient) -> None:
    browser = sign_in(client, Role.CONTRIBUTOR)
    for data in (
        {"token_name": "x", "token_role": "admin"},
        {"token_name": "", "token_role": "viewer"},
        {"token_name": "x", "token_role": "emperor"},
        {"token_name": "x", "token_role": "viewer", "token_days": "999"},
    ):
        answer = browser.post("/account/tokens", data)
        assert answer.status_code == 422
        assert "emt_" not in answer.text


def test_an_admin_looks_after_people(client: TestClient) -> None:
    admin = sign_in(client, Role.ADMIN)
    shown = admin.post("/people/invite", {"email": "p@example.org", "invite_role": "viewer"})
    link = re.search(r"http://testserver/invitation#([\w-]+)", shown.text)
    assert link is not None
    assert link[1] not in admin.get("/people").text
    assert admin.post("/people/invite", {"email": "admin@example.org"}).status_code == 422
    assert admin.post("/people/invite", {"email": "no address"}).status_code == 422
    visitor = TestClient(client.app, follow_redirects=False)
    form = {"link": link[1], "do": "accept", "name": "<b>Pat</b>", "password": PASSWORD}
    post(visitor, "/invitation", "/invitation", **form)
    page = admin.get("/people").text
    assert "&lt;b&gt;Pat&lt;/b&gt;" in page
    pat = accounts(client).people.by_email("p@example.org").id
    assert admin.post(f"/people/{pat}/role", {"role": "moderator"}).status_code == 303
    assert accounts(client).people.one(pat).role == "moderator"
    assert admin.post(f"/people/{pat}/disable").status_code == 303
    answer = post(visitor, "/sign-in", "/sign-in", email="p@example.org", password=PASSWORD)
    assert answer.status_code == 422
    assert admin.post(f"/people/{pat}/enable").status_code == 303
    assert "New password" not in admin.post(f"/people/{pat}/reset").headers
    own = accounts(client).people.by_email("admin@example.org").id
    answer = admin.post(f"/people/{own}/disable")
    assert answer.status_code == 422
    assert "last admin" in answer.text


def test_the_audit_log_is_read_in_pages_and_as_a_file(client: TestClient) -> None:
    admin = sign_in(client, Role.ADMIN)
    make_account(accounts(client), Role.VIEWER, "formula@example.org", "=1+1")
    page = admin.get("/audit")
    assert page.status_code == 200
    assert "invitation accepted" in page.text
    assert admin.get("/audit?page=9999").status_code == 200
    assert admin.get("/audit?page=0").status_code == 422
    file = admin.client.get("/audit.csv")
    assert file.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(file.text)))
    assert len(rows) == accounts(client).audit.count()
    assert "'=1+1" in {row["by"] for row in rows}


def test_who_asks_too_often_is_told_to_wait(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = TestClient(client.app, client=("192.0.2.77", 50_000), follow_redirects=False)
    monkeypatch.setattr(Limit, "share_s", property(lambda limit: limit.window_s / 2))
    monkeypatch.setattr(Rates, "_remembered", lambda *_: 0.0)
    answers = [visitor.get("/invitation/x", headers=PAGE) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 300
    assert "Too many requests" in answers[-1].text


def test_a_form_larger_than_the_service_takes_is_not_read(
    client: TestClient, visitor: TestClient
) -> None:
    headers = PAGE | FROM_US | {"content-type": "application/x-www-form-urlencoded"}
    answer = visitor.post("/sign-in", content=b"csrf=" + b"a" * 9_000_000, headers=headers)
    assert answer.status_code in (400, 413, 422)


def test_a_database_that_does_not_answer_is_told_as_such(tmp_path: Path) -> None:
    app = FastAPI()
    errors.install(app)
    gone = open_database(f"sqlite:///{tmp_path / 'folder' / 'd.db'}")
    (tmp_path / "folder").rmdir()

    @app.post("/write")
    def write() -> None:
        with gone.writing() as session:
            session.connection()

    answer = TestClient(app, raise_server_exceptions=False).post("/write")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json()["mend"] == "Try again in a moment; nothing was changed."
