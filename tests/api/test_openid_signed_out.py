"""Who signs out at the provider is signed out here: by a word that the provider signed, once."""

import time
from typing import Any

import pytest
from starlette.testclient import TestClient

from exclusion_map.accounts import COMMAND_LINE

from .openid_at_work import (
    browser_of,
    client,
    come_back,
    invited,
    me,
    provider,
    service,
    state_with,
    there,
    visitor,
)
from .openid_provider import Provider, new_key
from .signed_in import PAGE, PASSWORD, accounts
from .signed_in import sign_in as by_password

__all__ = ["client", "provider", "service", "visitor"]
PATH = "/sign-in/openid/signed-out"
EVENT = "http://schemas.openid.net/event/backchannel-logout"


def signed_in(client: TestClient, provider: Provider, session: str | None) -> TestClient:
    """A browser that came in by the provider, in a session of that name there."""
    browser = browser_of(client)
    provider.claims |= {"sid": session}
    assert come_back(browser, there(browser, provider)).status_code == 303
    assert me(browser).status_code == 200
    return browser


def told(client: TestClient, token: str) -> Any:
    return browser_of(client).post(PATH, data={"logout_token": token})


def test_all_sessions_of_a_person_end_or_one(client: TestClient, provider: Provider) -> None:
    who = invited(client, provider)
    first, second, nameless = (signed_in(client, provider, one) for one in ("a", "b", None))
    answer = told(client, provider.logout_token(sub=None, sid="a"))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert [me(one).status_code for one in (first, second, nameless)] == [401, 200, 200]
    # A sign-in that did not tell its session there ends with any session of the person.
    told(client, provider.logout_token(sub=who, sid="not this one"))
    assert [me(one).status_code for one in (second, nameless)] == [200, 401]
    third = signed_in(client, provider, "c")
    told(client, provider.logout_token(sub=who))
    assert [me(one).status_code for one in (second, third)] == [401, 401]
    newest = accounts(client).audit.entries(limit=1)[0]
    assert (newest.what, newest.detail) == ("signed out", "at the provider")


def test_others_and_those_with_a_password_stay(client: TestClient, provider: Provider) -> None:
    invited(client, provider)
    stays = signed_in(client, provider, "x")
    email = invited(client, provider)
    leaves = signed_in(client, provider, "y")
    held = accounts(client)
    account = held.people.by_email(email)
    link = held.people.reset(COMMAND_LINE, account.id)
    held.invitations.accept(link, "", PASSWORD)
    own = by_password(client, account.role, email).client
    leaves = signed_in(client, provider, "y")
    assert told(client, provider.logout_token(sub=email)).status_code == 200
    assert [me(one).status_code for one in (stays, leaves, own)] == [200, 401, 200]


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"exp": None},
        {"exp": -600},
        {"exp": 90_000},
        {"iat": None},
        {"iat": 600},
        {"jti": None},
        {"jti": ""},
        {"jti": ["a"]},
        {"events": None},
        {"events": EVENT},
        {"events": {EVENT: "yes"}},
        {"events": {"http://schemas.openid.net/event/other": {}}},
        {"nonce": "n"},
        {"sub": None},
        {"sub": "s" * 256},
        {"sid": 7},
    ],
    ids=str,
)
def test_a_word_that_does_not_fit_ends_nothing(
    wrong: dict[str, Any], client: TestClient, provider: Provider
) -> None:
    who = invited(client, provider)
    browser = signed_in(client, provider, "s")
    moments = {name: wrong[name] for name in ("exp", "iat") if wrong.get(name)}
    wrong = wrong | {name: int(time.time()) + off_s for name, off_s in moments.items()}
    answer = told(client, provider.logout_token(**({"sub": who} | wrong)))
    assert answer.status_code == 400, wrong
    assert answer.json()["error"] == "invalid_request"
    assert me(browser).status_code == 200


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_word_signed_otherwise_ends_nothing(
    algorithm: str, client: TestClient, provider: Provider
) -> None:
    who = invited(client, provider)
    browser = signed_in(client, provider, "s")
    provider.algorithm = algorithm
    assert told(client, provider.logout_token(sub=who)).status_code == 400
    provider.algorithm = "RS256"
    provider.key = new_key(str(provider.key.kid))
    assert told(client, provider.logout_token(sub=who)).status_code == 400
    for made_up in ("", "a.b.c", "x" * 70_000):
        assert told(client, made_up).status_code in (400, 422)
    assert me(browser).status_code == 200


def test_a_word_is_taken_once(client: TestClient, provider: Provider) -> None:
    who = invited(client, provider)
    signed_in(client, provider, "s")
    word = provider.logout_token(sub=who)
    assert told(client, word).status_code == 200
    browser = signed_in(client, provider, "s")
    again = told(client, word)
    assert (again.status_code, again.json()["error_description"]) == (
        400,
        "a word that was taken before",
    )
    assert me(browser).status_code == 200


def test_a_token_of_signing_in_signs_nobody_out(client: TestClient, provider: Provider) -> None:
    invited(client, provider)
    browser = signed_in(client, provider, "s")
    asked = provider.asked[there(browser_of(client), provider)["code"]]
    assert told(client, provider.token(asked)).status_code == 400
    assert me(browser).status_code == 200


def test_without_a_provider_nobody_is_listened_to(client: TestClient, provider: Provider) -> None:
    settings = client.app.state.openid_settings.model_copy(update={"openid_issuer": ""})
    with state_with(client, "openid_settings", settings):
        assert told(client, provider.logout_token()).status_code == 404
    assert browser_of(client).get(PATH, headers=PAGE).status_code == 405
