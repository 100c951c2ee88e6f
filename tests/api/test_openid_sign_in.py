"""Signing in with a provider of OpenID Connect that really runs: keys, tokens, wrong answers."""

# Fixtures come from another module: they are imported, and then named as arguments.

import time

import pytest
from joserfc.jwk import ECKey
from starlette.testclient import TestClient

from exclusion_map.accounts import Role

from .openid_at_work import (
    browser_of,
    client,
    come_back,
    configure,
    invited,
    me,
    provider,
    service,
    there,
    visitor,
    whole_way,
)
from .openid_provider import CLIENT, EMAIL, Provider, new_key
from .signed_in import PAGE, accounts, make_account

OTHER_HOST = "http://169.254.169.254/latest"
__all__ = ["client", "provider", "service", "visitor"]


def test_who_is_invited_comes_in_and_is_known_by_subject_after(
    client: TestClient,
    visitor: TestClient,
    provider: Provider,
) -> None:
    assert "Sign in with the county" in visitor.get("/sign-in", headers=PAGE).text
    email = invited(client, provider)
    done = whole_way(visitor, provider, "/sign-in/openid?next=/support")
    assert (done.status_code, done.headers["location"]) == (303, "/support")
    assert me(visitor).json() == {"name": "Kim Brown", "role": "moderator", "by_token": False}
    held = accounts(client)
    assert held.people.find(email).password_hash == ""
    assert not [one for one in held.invitations.waiting() if one.email == email]
    # The address changes at the provider: the same person, the same account.
    provider.claims |= {"email": "new-name@example.org"}
    again = browser_of(client)
    assert whole_way(again, provider).status_code == 303
    assert me(again).json()["name"] == "Kim Brown"
    assert held.people.find("new-name@example.org") is None
    what = [one.what for one in held.audit.entries(limit=4)]
    assert what == [
        "signed in",
        "signed in",
        "sign-in by provider connected",
        "invitation accepted",
    ]


def test_nobody_comes_in_uninvited(
    client: TestClient, visitor: TestClient, provider: Provider
) -> None:
    provider.claims |= {"email": "stranger@example.org", "sub": "stranger"}
    answer = whole_way(visitor, provider)
    assert answer.status_code == 422
    assert "somebody whom nobody invited here" in answer.text
    assert me(visitor).status_code == 401
    entry = accounts(client).audit.entries(limit=1)[0]
    assert (entry.what, entry.by) == ("sign-in failed", "nobody signed in")
    assert "stranger" not in entry.detail


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"aud": "another service"}, "aud"),
        ({"aud": [CLIENT, "another"]}, "another service"),
        ({"aud": [CLIENT], "azp": "another"}, "another service"),
        ({"iss": "https://another.example"}, "iss"),
        ({"exp": -3600}, "expired"),
        ({"exp": None}, "exp"),
        ({"iat": 3600}, "future"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"iat": None}, "iat"),
        ({"sub": "x" * 256}, "nobody"),
        ({"email_verified": False}, "verified"),
        ({"email_verified": None}, "verified"),
        ({"email_verified": 1.5}, "verified"),
        ({"email": None}, "verified"),
        ({"email": "no address"}, "verified"),
        ({"email": ["a@example.org"]}, "verified"),
    ],
    ids=str,
)
def test_a_token_that_does_not_fit_signs_nobody_in(
    client: TestClient,
    visitor: TestClient,
    provider: Provider,
    claims: dict[str, object],
    words: str,
) -> None:
    held = accounts(client)
    if held.people.find(EMAIL) is None:
        make_account(held, Role.VIEWER, EMAIL)
    moments = {
        name: int(time.time()) + value for name, value in claims.items() if value in (-3600, 3600)
    }
    provider.claims |= claims | moments
    answer = whole_way(visitor, provider)
    assert answer.status_code == 422
    assert words in answer.text
    assert me(visitor).status_code == 401


@pytest.mark.parametrize("wrong", ["state", "no state", "code", "iss", "browser", "error", "used"])
def test_an_answer_to_another_question_signs_nobody_in(
    wrong: str,
    client: TestClient,
    visitor: TestClient,
    provider: Provider,
) -> None:
    invited(client, provider)
    given = there(visitor, provider)
    if wrong in ("state", "code"):
        given |= {wrong: "made-up"}
    elif wrong == "no state":
        del given["state"]
    elif wrong == "iss":
        given |= {"iss": "https://another.example"}
    elif wrong == "browser":
        visitor.cookies.clear()
    elif wrong == "error":
        given = {"error": "<script>access_denied", "state": given["state"]}
    else:
        there(visitor, provider)  # A second question: the first is no more.
    answer = come_back(visitor, given)
    assert answer.status_code == 422
    assert "<script>" not in answer.text.partition("<main")[2]
    assert me(visitor).status_code == 401
    # What came back once is forgotten: the same answer again finds no question.
    assert "another browser" in come_back(visitor, given).text


@pytest.mark.parametrize("kind", ["none", "HS256", "PS256 of another", "no such key", "enc"])
def test_a_token_signed_otherwise_signs_nobody_in(
    kind: str,
    client: TestClient,
    visitor: TestClient,
    provider: Provider,
) -> None:
    invited(client, provider)
    if kind == "none":
        provider.algorithm = "none"
    elif kind == "HS256":
        # The classic confusion: the provider's public key, taken as a shared secret.
        provider.algorithm = "HS256"
    elif kind == "enc":
        provider.published[0]["use"] = "enc"
    else:
        provider.algorithm = "PS256"
        provider.key = new_key("first" if "another" in kind else "unknown")
    answer = whole_way(visitor, provider)
    assert answer.status_code == (503 if kind == "enc" else 422)
    assert me(visitor).status_code == 401


def test_keys_change_and_other_kinds_of_key_do(
    client: TestClient,
    visitor: TestClient,
    provider: Provider,
) -> None:
    invited(client, provider)
    assert whole_way(visitor, provider).status_code == 303
    provider.rotate("second")
    fresh = browser_of(client)
    assert whole_way(fresh, provider).status_code == 303
    assert provider.seen.count("/keys") == 2
    # An unknown key asks the provider once in a while only, whoever names it.
    provider.key = new_key("made-up")
    for _ in range(2):
        other = browser_of(client)
        assert whole_way(other, provider).status_code == 422
    assert provider.seen.count("/keys") == 2
    configure(client, provider)  # As after a while.
    provider.key = ECKey.generate_key("P-256", {"kid": "third", "use": "sig"})
    provider.published = [provider.key.as_dict(private=False)]
    provider.algorithm = "ES256"
    other = browser_of(client)
    assert whole_way(other, provider).status_code == 303


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/keys"])
def test_a_provider_that_fails_is_told_on_a_plain_page(
    path: str,
    client: TestClient,
    visitor: TestClient,
    provider: Provider,
) -> None:
    invited(client, provider)
    provider.broken.add(path)
    answer = visitor.get("/sign-in/openid", headers=PAGE)
    if answer.status_code == 303:
        answer = come_back(visitor, provider.authorise(answer.headers["location"]))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert "The sign-in of the county does not answer as it should" in answer.text
    assert 'name="password"' in answer.text, "there is another way in"
    provider.broken.clear()
    assert whole_way(visitor, provider).status_code == 303


def test_a_provider_that_is_not_there_is_told_on_a_plain_page(
    client: TestClient, visitor: TestClient, provider: Provider
) -> None:
    gone = Provider(issuer="http://127.0.0.1:9")
    configure(client, gone)
    answer = visitor.get("/sign-in/openid", headers=PAGE)
    assert answer.status_code == 503
    assert "does not answer" in answer.text


@pytest.mark.parametrize(
    "facts",
    [
        {"jwks_uri": OTHER_HOST},
        {"token_endpoint": OTHER_HOST},
        {"token_endpoint": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"issuer": "https://another.example"},
        {"token_endpoint": None},
    ],
    ids=str,
)
def test_nobody_but_the_provider_is_asked(
    facts: dict[str, object],
    client: TestClient,
    visitor: TestClient,
    provider: Provider,
) -> None:
    invited(client, provider)
    provider.facts |= facts
    answer = visitor.get("/sign-in/openid", headers=PAGE)
    if answer.status_code == 303:
        answer = come_back(visitor, provider.authorise(answer.headers["location"]))
    assert answer.status_code == 503


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_one_goes_on_to_paths_of_ours_alone(
    wanted: str,
    client: TestClient,
    visitor: TestClient,
    provider: Provider,
) -> None:
    invited(client, provider)
    given = there(visitor, provider, f"/sign-in/openid?next={wanted}")
    assert come_back(visitor, given).headers["location"] == "/"
