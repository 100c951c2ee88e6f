"""The second factor as a browser meets it: after the password, set up, asked for, required."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from exclusion_map.accounts import COMMAND_LINE, Role
from exclusion_map.accounts.tables import AccountSession
from exclusion_map.database import now
from exclusion_map.settings import AccountSettings

from .directory_apps import directory_client
from .openid_at_work import state_with
from .signed_in import (
    FROM_US,
    PAGE,
    PASSWORD,
    Browser,
    accounts,
    bearer,
    csrf_of,
    make_account,
    sign_in,
)
from .test_sign_in_safety import LONG_AGO, from_address

PATH = "/account/second-factor"
SETTINGS = AccountSettings


@pytest.fixture(scope="module")
def client(tiny_processed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    url = f"sqlite:///{tmp_path_factory.mktemp('second') / 'test.db'}"
    with directory_client(tiny_processed, url) as made:
        yield made


def key_in(text: str) -> pyotp.TOTP:
    found = re.search(r'id="key">([A-Z2-7 ]+)<', text)
    assert found, text
    return pyotp.TOTP(found[1].replace(" ", ""))


def set_up(browser: Browser) -> tuple[pyotp.TOTP, list[str]]:
    """Set it up on the pages. The code of now is used then, and the next one is taken already."""
    assert browser.post(f"{PATH}/begin").status_code == 303
    app = key_in(browser.get(PATH).text)
    done = browser.post(f"{PATH}/confirm", {"code": app.now()})
    assert done.status_code == 200, done.text
    return app, re.findall(r"<li>([a-z2-7]{4}(?:-[a-z2-7]{4}){3})</li>", done.text)


def password_step(client: TestClient, email: str, address: str, wanted: str = "/") -> TestClient:
    visitor = from_address(client, address)
    data = {"csrf": csrf_of(visitor), "email": email, "password": PASSWORD, "next": wanted}
    answer = visitor.post("/sign-in", data=data, headers=PAGE | FROM_US)
    assert answer.headers["location"].startswith("/sign-in/code"), answer.text
    return visitor


def code_step(visitor: TestClient, code: str, wanted: str = "/") -> object:
    data = {"csrf": csrf_of(visitor, "/sign-in/code"), "code": code, "next": wanted}
    return visitor.post("/sign-in/code", data=data, headers=PAGE | FROM_US)


def test_from_setting_up_to_signing_in(client: TestClient) -> None:
    browser = sign_in(client, Role.MODERATOR, "mo@example.org")
    assert "Set up sign-in codes" in browser.get("/account").text
    before = browser.client.cookies["em-session"]
    app, codes = set_up(browser)
    assert len(codes) == 10
    assert browser.client.cookies["em-session"] != before, "the session has a new secret"
    page = browser.get(PATH)
    assert app.secret not in page.text.replace(" ", "")
    assert codes[0] not in page.text
    assert page.headers["cache-control"] == "private, no-store"
    visitor = password_step(client, "mo@example.org", "192.0.2.1", "/account")
    assert visitor.get("/api/v1/me").status_code == 401, "the password alone is not enough"
    assert "em-session" not in visitor.cookies
    form = visitor.get("/sign-in/code?next=/account", headers=PAGE)
    for told in ('autocomplete="one-time-code"', 'inputmode="numeric"', 'value="/account"'):
        assert told in form.text
    assert form.headers["cache-control"] == "private, no-store"
    wrong = code_step(visitor, "000000x")
    assert wrong.status_code == 422
    assert "not right, or was used before" in wrong.text
    code = app.at(time.time() + 30)
    done = code_step(visitor, code, "//evil.example")
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert visitor.get("/api/v1/me").json()["role"] == "moderator"
    assert "em-waiting" not in visitor.cookies
    again = password_step(client, "mo@example.org", "192.0.2.2")
    assert code_step(again, code).status_code == 422
    assert code_step(again, codes[0]).status_code == 303
    assert "recovery code used" in browser.get("/account").text


def test_without_a_password_first_there_is_nothing_to_type_a_code_for(client: TestClient) -> None:
    visitor = from_address(client, "192.0.2.3")
    assert visitor.get("/sign-in/code").headers["location"] == "/sign-in?told=late"
    visitor.cookies.set("em-waiting", "made up")
    data = {"csrf": csrf_of(visitor), "code": "000000"}
    answer = visitor.post("/sign-in/code", data=data, headers=PAGE | FROM_US)
    assert answer.headers["location"] == "/sign-in?told=late"
    assert "That took too long" in visitor.get(answer.headers["location"], headers=PAGE).text


def test_setting_up_and_switching_off_need_a_fresh_proof(client: TestClient) -> None:
    browser = sign_in(client, Role.CONTRIBUTOR, "proof@example.org")
    app, codes = set_up(browser)
    me = accounts(client).people.by_email("proof@example.org").id
    with client.app.state.directory.database.writing() as session:
        mine = update(AccountSession).where(AccountSession.account_id == me)
        session.execute(mine.values(proved_at=now() - LONG_AGO))
    for path in ("begin", "confirm", "codes", "off"):
        held_up = browser.post(f"{PATH}/{path}", {"code": app.now()})
        assert held_up.headers["location"].startswith("/confirm"), path
    assert browser.get(PATH).headers["location"] == "/confirm?next=%2Faccount%2Fsecond-factor"
    form = {"password": PASSWORD, "next": PATH}
    assert "not right, or was used" in browser.post("/confirm", form).text
    assert browser.post("/confirm", form | {"code": codes[1]}).headers["location"] == PATH
    secret = browser.client.cookies["em-session"]
    off = browser.post(f"{PATH}/off")
    assert off.headers["location"] == f"{PATH}?told=off"
    assert browser.client.cookies["em-session"] != secret
    assert sign_in(client, Role.CONTRIBUTOR, "proof@example.org").get("/account").status_code == 200


def test_an_admin_takes_it_off_somebody_and_it_is_noted(client: TestClient) -> None:
    held = accounts(client)
    set_up(sign_in(client, Role.CONTRIBUTOR, "lost@example.org"))
    lost = held.people.by_email("lost@example.org").id
    reset = f"/people/{lost}/second-factor/reset"
    assert sign_in(client, Role.MODERATOR, "nosy@example.org").post(reset).status_code == 403
    admin = sign_in(client, Role.ADMIN)
    assert f'action="{reset}"' in admin.get("/people").text
    assert admin.post(reset).headers["location"] == "/people?told=second"
    assert f'action="{reset}"' not in admin.get("/people").text
    newest = held.audit.about(lost, limit=1)[0]
    assert (newest.what, newest.by) == ("second factor reset", "Admin")
    sign_in(client, Role.CONTRIBUTOR, "lost@example.org")


def test_guessing_codes_says_how_long_to_wait(client: TestClient) -> None:
    set_up(sign_in(client, Role.VIEWER, "slow@example.org"))
    visitor = password_step(client, "slow@example.org", "192.0.2.9")
    answers = [code_step(visitor, "000000x") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert "Too many tries" in answers[-1].text
    assert int(answers[-1].headers["retry-after"]) >= 1


def test_a_role_that_must_have_one_can_only_set_it_up(client: TestClient) -> None:
    program = bearer(client, Role.ADMIN, "strict@example.org")
    browser = sign_in(client, Role.ADMIN, "strict@example.org")
    kept = client.app.state.accounts_held
    strict = SETTINGS(second_factor="moderator")
    with state_with(client, "account_settings", strict), state_with(client, "accounts_held", None):
        for path in ("/people", "/account", "/moderate"):
            assert browser.get(path).headers["location"] == PATH, path
        assert 'href="/people"' not in browser.get("/areas").text, "the menu offers less"
        for headers in (program, {}):
            asked = browser.client if not headers else from_address(client, "192.0.2.10")
            refused = asked.get("/api/v1/me", headers=headers)
            assert refused.status_code == 403
            assert "second-factor" in refused.json()["mend"]
        assert "Your role needs codes" in browser.get(PATH).text
        mark = csrf_of(browser.client, PATH)
        headers = PAGE | FROM_US | {"x-csrf-token": mark}
        post = browser.client.post
        refused = post("/people/invite", data={"email": "x@example.org"}, headers=headers)
        assert refused.status_code == 403
        assert "Set up a second factor" in refused.text
        assert post(f"{PATH}/begin", headers=headers).status_code == 303
        code = key_in(browser.get(PATH).text).now()
        assert post(f"{PATH}/confirm", data={"code": code}, headers=headers).status_code == 200
        assert browser.get("/people").status_code == 200
        assert from_address(client, "192.0.2.11").get("/api/v1/me", headers=program).json()
        held = accounts(client)
        make_account(held, Role.VIEWER, "reader@example.org")
        assert sign_in(client, Role.VIEWER, "reader@example.org").get("/account").status_code == 200
        held.people.set_role(
            COMMAND_LINE, held.people.by_email("strict@example.org").id, Role.VIEWER
        )
    client.app.state.accounts_held = kept


def test_the_picture_is_drawn_and_holds_nothing_that_runs(client: TestClient) -> None:
    browser = sign_in(client, Role.VIEWER, "picture@example.org")
    browser.post(f"{PATH}/begin")
    page = browser.get(PATH)
    drawn = re.search(r'<svg[^>]*class="em-qr".*?</svg>', page.text, re.DOTALL)
    assert drawn
    assert not re.search(r"style=|<script|on\w+=|href", drawn[0])
    assert "otpauth" not in page.text
    one = key_in(page.text).secret
    browser.post(f"{PATH}/begin")
    assert key_in(browser.get(PATH).text).secret != one
