"""How strong a password is: told by the rules that then take or refuse it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from exclusion_map.accounts import COMMAND_LINE, Role
from exclusion_map.accounts.passwords import check_password
from exclusion_map.accounts.strength import strength_of
from exclusion_map.errors import InvalidRequestError

from .directory_apps import directory_client
from .signed_in import FROM_US, PAGE, accounts, csrf_of, sign_in

JSON = {"accept": "application/json"}
PATH = "/password-strength"


@pytest.fixture(scope="module")
def client(tiny_processed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    url = f"sqlite:///{tmp_path_factory.mktemp('strength') / 'test.db'}"
    with directory_client(tiny_processed, url) as made:
        yield made


def visitor_of(client: TestClient) -> TestClient:
    return TestClient(client.app, follow_redirects=False)


@pytest.mark.parametrize(
    ("password", "level"),
    [
        ("", 0),
        ("short", 0),
        ("x" * 129, 0),
        ("aaaaaaaaaaaa", 1),
        ("Password1234!", 1),
        ("qwertyuiop123", 1),
        ("plum kettle tractor violin", 4),
        ("\U0001f4a9" * 3 + "vqmzkyrbd", 4),
    ],
)
def test_levels(password: str, level: int) -> None:
    assert strength_of(password).level == level


@pytest.mark.parametrize(
    "password",
    ["kimgreen-ashby", "correct horse", "Tr0ub4dor&3xyz", "lk3-9fj2-mmqa", "digital exclusion map"],
)
def test_nothing_is_praised_that_is_then_refused(password: str) -> None:
    words = ("Kim Green", "kim.green@ashby.example.org")
    try:
        check_password(password, words)
        taken = True
    except InvalidRequestError:
        taken = False
    assert strength_of(password, words).accepted is taken


def test_a_page_tells_it_without_scripts(client: TestClient) -> None:
    visitor = visitor_of(client)
    typed = {"csrf": csrf_of(visitor, PATH), "password": "Password1234!"}
    page = visitor.post(PATH, data=typed, headers=PAGE | FROM_US)
    assert page.status_code == 200
    assert "<strong>Weak: " in page.text
    assert "Password1234!" not in page.text, "no page repeats a password"
    assert page.headers["cache-control"] == "private, no-store"
    other_site = FROM_US | {"origin": "https://evil.example"}
    assert visitor.post(PATH, data=typed, headers=PAGE | other_site).status_code == 403


def test_a_script_is_told_with_what_is_known_of_the_person(client: TestClient) -> None:
    secret = accounts(client).invitations.invite(
        COMMAND_LINE, "zebulon.quartermain@example.org", Role.VIEWER
    )
    visitor = visitor_of(client)
    typed = {"csrf": csrf_of(visitor, PATH), "password": "zebulonquartermain"}
    unknown = visitor.post(PATH, data=typed, headers=JSON | FROM_US).json()
    invited = visitor.post(PATH, data={**typed, "link": secret}, headers=JSON | FROM_US).json()
    assert (unknown["level"], invited["level"]) == (4, 1)
    kim = sign_in(client, Role.VIEWER, "zebulon.quartermain2@example.org")
    mine = kim.post(PATH, {"password": "zebulonquartermain"}, headers=JSON).json()
    assert mine["level"] == 1
    assert mine["words"].startswith("Weak: ")
    assert "data-strength" in kim.get("/account").text
