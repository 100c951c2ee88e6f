"""Accounts and a provider of sign-in: who is who, roles by claim, connecting, proofs."""

# Fixtures come from another module: they are imported, and then named as arguments.

import time

from starlette.testclient import TestClient

from exclusion_map.accounts import COMMAND_LINE, Role
from exclusion_map.settings import OpenIdSettings, ServiceSettings

from .openid_at_work import (
    browser_of,
    client,
    come_back,
    configure,
    invited,
    me,
    new_email,
    provider,
    service,
    state_with,
    visitor,
    way_of,
    whole_way,
)
from .openid_provider import Provider
from .signed_in import FROM_US, PAGE, PASSWORD, Browser, accounts, csrf_of, make_account, sign_in

__all__ = ["client", "provider", "service", "visitor"]


def test_an_address_that_changed_hands_opens_nothing(
    client: TestClient,
    visitor: TestClient,
    provider: Provider,
) -> None:
    invited(client, provider)
    assert whole_way(visitor, provider).status_code == 303
    provider.claims["sub"] = "whoever has the address now"
    other = browser_of(client)
    answer = whole_way(other, provider)
    assert answer.status_code == 422
    assert "somebody else there" in answer.text


def test_a_stopped_account_stays_out(
    client: TestClient,
    visitor: TestClient,
    provider: Provider,
) -> None:
    email = invited(client, provider)
    assert whole_way(visitor, provider).status_code == 303
    held = accounts(client)
    held.people.set_state(COMMAND_LINE, held.people.by_email(email).id, active=False)
    assert me(visitor).status_code == 401
    assert "stopped" in whole_way(visitor, provider).text


def test_a_claim_gives_a_role_and_takes_it(
    client: TestClient,
    visitor: TestClient,
    provider: Provider,
) -> None:
    roles = "map-editors=contributor, map-leads = moderator"
    configure(client, provider, openid_role_claim="realm.groups", openid_roles=roles)
    email = new_email()
    provider.claims |= {"email": email, "sub": email}
    for groups in ({}, {"groups": []}, {"groups": "admin"}, {"groups": [["map-leads"]]}):
        provider.claims["realm"] = groups
        assert whole_way(visitor, provider).status_code == 422
    provider.claims["realm"] = {"groups": ["staff", "map-editors", "map-leads"]}
    assert whole_way(visitor, provider).status_code == 303
    assert me(visitor).json()["role"] == "moderator"
    provider.claims["realm"] = {"groups": ["map-editors"]}
    other = browser_of(client)
    assert whole_way(other, provider).status_code == 303
    assert me(other).json()["role"] == "contributor"
    assert me(visitor).status_code == 401, "sessions of the old role end"
    provider.claims["realm"] = {"groups": ["staff"]}
    assert whole_way(visitor, provider).status_code == 422


def test_a_person_connects_an_account_and_takes_it_off(
    client: TestClient, provider: Provider
) -> None:
    browser = sign_in(client, Role.CONTRIBUTOR, new_email())
    # No verified address is needed: the person is signed in at both ends.
    provider.claims |= {"email_verified": None, "sub": "entra-like"}
    assert "Connect with the county" in browser.get("/account").text
    given = provider.authorise(way_of(browser.post("/account/openid")))
    done = come_back(browser.client, given)
    assert done.headers["location"] == "/account?told=connected"
    other = browser_of(client)
    assert whole_way(other, provider).status_code == 303
    assert me(other).json()["role"] == "contributor"
    second = sign_in(client, Role.VIEWER, f"second-{new_email()}")
    given = provider.authorise(way_of(second.post("/account/openid")))
    assert "exists already" in come_back(second.client, given).text
    assert browser.post("/account/openid/off", {"issuer": provider.issuer}).status_code == 303
    fresh = browser_of(client)
    assert whole_way(fresh, provider).status_code == 422


def test_an_account_without_a_password_keeps_its_only_way_in(
    client: TestClient,
    visitor: TestClient,
    provider: Provider,
) -> None:
    email = invited(client, provider)
    assert whole_way(visitor, provider).status_code == 303
    answer = Browser(visitor).post("/account/openid/off", {"issuer": provider.issuer})
    assert answer.status_code == 409
    failed = visitor.post("/sign-in", data={"email": email, "password": ""}, headers=PAGE)
    assert failed.status_code == 403


def test_a_proof_is_by_the_same_person_just_now(
    client: TestClient,
    visitor: TestClient,
    provider: Provider,
) -> None:
    invited(client, provider)
    assert whole_way(visitor, provider).status_code == 303
    prove = "/sign-in/openid?prove=true&next=/people"
    address = visitor.get(prove, headers=PAGE).headers["location"]
    assert "prompt=login" in address
    assert "max_age=0" in address
    assert whole_way(visitor, provider, prove).headers["location"] == "/people"
    provider.claims["auth_time"] = int(time.time()) - 3600
    assert "just now" in whole_way(visitor, provider, prove).text
    provider.claims |= {"auth_time": int(time.time()), "sub": "somebody else"}
    assert "found somebody else" in whole_way(visitor, provider, prove).text


def test_passwords_can_be_left_to_the_provider(client: TestClient, visitor: TestClient) -> None:
    make_account(accounts(client), Role.VIEWER, "left@example.org")
    data = {"email": "left@example.org", "password": PASSWORD, "csrf": csrf_of(visitor)}
    only = client.app.state.account_settings.model_copy(update={"password_sign_in": False})
    with state_with(client, "account_settings", only):
        assert 'name="password"' not in visitor.get("/sign-in", headers=PAGE).text
        answer = visitor.post("/sign-in", data=data, headers=PAGE | FROM_US)
        assert answer.status_code == 403
        assert "found a password" in answer.text
    assert visitor.post("/sign-in", data=data, headers=PAGE | FROM_US).status_code == 303


def test_without_a_provider_there_is_no_way_to_it(client: TestClient, visitor: TestClient) -> None:
    with state_with(client, "openid_settings", OpenIdSettings()):
        assert visitor.get("/sign-in/openid", headers=PAGE).status_code == 404
        assert "openid" not in visitor.get("/sign-in", headers=PAGE).text


def test_without_a_public_address_it_is_told(client: TestClient, visitor: TestClient) -> None:
    with state_with(client, "settings", ServiceSettings()):
        answer = visitor.get("/sign-in/openid", headers=PAGE)
    assert answer.status_code == 503
    assert "does not answer" in answer.text
