"""Forms whose session ended, or that need a proof, keep what was typed; bodies say their kind."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from exclusion_map.accounts import Role

from .directory_apps import directory_client
from .signed_in import FROM_US, PAGE, Browser, accounts, csrf_of, sign_in

LATER = "/tools/readiness/new"
TYPED = {"title": "Ward 7 & <friends>", "about": "A clinic\nby the river"}


@pytest.fixture(scope="module")
def client(tiny_processed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    url = f"sqlite:///{tmp_path_factory.mktemp('kept') / 'test.db'}"
    with directory_client(tiny_processed, url) as made:
        yield made


def ended(client: TestClient, browser: Browser) -> str:
    """End the sessions of a browser without its knowledge; return the mark of a form it holds."""
    mark = csrf_of(browser.client, "/account")
    accounts(client).sessions.end_all(accounts(client).people.by_email(EMAIL).id)
    return mark


EMAIL = "writer@example.org"


def send(browser: Browser, mark: str, **more: str) -> object:
    data = {"csrf": mark, **TYPED, **more}
    return browser.client.post(LATER, data=data, headers=PAGE | FROM_US)


def test_what_was_typed_is_kept_when_the_session_ended(client: TestClient) -> None:
    browser = sign_in(client, Role.CONTRIBUTOR, EMAIL)
    kept = send(browser, ended(client, browser))
    assert kept.status_code == 401
    assert "You are signed out" in kept.text
    assert "Ward 7 &amp; &lt;friends&gt;" in kept.text
    assert f'action="{LATER}"' in kept.text
    assert kept.headers["cache-control"] == "private, no-store"
    mark = re.search(r'name="csrf" value="([^"]+)"', kept.text)
    assert mark is not None
    again = sign_in(client, Role.CONTRIBUTOR, EMAIL)
    old = send(again, mark[1])
    assert old.status_code == 403
    assert "Send it once more" in old.text
    fresh = re.findall(r'name="csrf" value="([^"]+)"', old.text)
    shown = send(again, fresh[-1], do="preview")
    assert shown.status_code in (200, 422), "the form, as it was typed"
    assert "Ward 7 &amp; &lt;friends&gt;" in shown.text
    told = again.get("/sign-in/back").text
    assert "Close this tab" in told


def test_nothing_is_kept_for_another_site_and_no_password_is_repeated(client: TestClient) -> None:
    browser = sign_in(client, Role.CONTRIBUTOR, EMAIL)
    mark = ended(client, browser)
    theirs = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    for headers in (PAGE | theirs, PAGE, {"accept": "application/json"} | FROM_US):
        answer = browser.client.post(LATER, data={"csrf": mark, **TYPED}, headers=headers)
        assert "Ward 7" not in answer.text, headers
    data = {"csrf": mark, "old": "a password of mine", "new": "another one of mine"}
    answer = browser.client.post("/account/password", data=data, headers=PAGE | FROM_US)
    assert answer.status_code == 303
    assert "of mine" not in answer.text


def test_a_file_cannot_be_kept_and_that_is_said(client: TestClient) -> None:
    browser = sign_in(client, Role.MODERATOR, "lists@example.org")
    mark = csrf_of(browser.client, "/account")
    accounts(client).sessions.end_all(accounts(client).people.by_email("lists@example.org").id)
    answer = browser.client.post(
        "/import",
        data={"csrf": mark, "source": "council", "do": "file"},
        files={"file": ("list.csv", b"name\nA\n")},
        headers=PAGE | FROM_US,
    )
    assert answer.status_code == 401
    assert 'name="source" value="council"' in answer.text
    assert 'name="do" value="file"' in answer.text
    assert "asked for it again" in answer.text


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize("path", ["/api/v1/scores", "/api/v1/selection", "/api/v1/matrix"])
def test_a_question_that_does_not_say_it_is_json_is_refused(
    path: str, kind: str, client: TestClient
) -> None:
    headers = {"content-type": kind} if kind else {}
    answer = client.post(path, content=b'{"where": ["E06000001"]}', headers=headers)
    assert answer.status_code == 415
    assert answer.json()["type"] == "urn:exclusion-map:problem:unsupported-body"
    assert "application/json" in answer.json()["expected"]
