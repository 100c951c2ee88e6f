"""Who may do what, asked of every address of the service by requests."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.errors import PROBLEM_JSON
from exclusion_map.accounts import Role
from exclusion_map.settings import DatabaseSettings, DataSettings, ServiceSettings

from . import route_classes as stated
from .directory_apps import directory_client
from .route_table import FORM, PROVIDER, PUBLIC, Address, addresses
from .signed_in import FROM_US, PAGE, Browser, bearer, csrf_of, sign_in

EVIL = "https://evil.example"
STATED = {
    PUBLIC: stated.PUBLIC | stated.ANSWERS,
    FORM: stated.FORMS,
    PROVIDER: stated.PROVIDER,
    "viewer": stated.VIEWER,
    "contributor": stated.CONTRIBUTOR,
    "moderator": stated.MODERATOR,
    "admin": stated.ADMIN,
}
APP = create_app(ServiceSettings(), DataSettings(), DatabaseSettings(database_url="none"))
TABLE = addresses(APP)
GUARDED = [one for one in TABLE if one.guard not in (PUBLIC, FORM, PROVIDER)]
FORMS = [one for one in TABLE if one.guard == FORM and one.writes]
OPEN_WRITES = [one for one in TABLE if one.guard == PUBLIC and one.writes]


def key(one: Address) -> str:
    return one.key


@pytest.fixture(scope="module")
def client(tiny_processed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    url = f"sqlite:///{tmp_path_factory.mktemp('accounts') / 'test.db'}"
    with directory_client(tiny_processed, url) as made:
        yield made


@pytest.fixture(scope="module")
def browsers(client: TestClient) -> dict[Role, Browser]:
    return {role: sign_in(client, role) for role in Role}


@pytest.fixture(scope="module")
def tokens(browsers: dict[Role, Browser]) -> dict[Role, str]:
    """The mark of the forms of each browser."""
    return {role: csrf_of(browser.client, "/account") for role, browser in browsers.items()}


@pytest.fixture(scope="module")
def programs(client: TestClient, browsers: dict[Role, Browser]) -> dict[Role, dict[str, str]]:
    """The header of a program that acts for somebody of each role."""
    return {role: bearer(client, role) for role in browsers}


@pytest.fixture
def visitor(client: TestClient) -> TestClient:
    return TestClient(client.app, raise_server_exceptions=False, follow_redirects=False)


@pytest.fixture(scope="module")
def read_only(tiny_processed: Path) -> Iterator[TestClient]:
    with directory_client(tiny_processed, "none") as made:
        made.follow_redirects = False
        yield made


def path_of(one: Address) -> str:
    """Return an address with something in its parameters that nobody has."""
    return re.sub(r"\{[^}]*\}", "none", one.path)


def lower(one: Address) -> list[Role]:
    return [role for role in Role if not role.allows(Role(one.guard))]


def test_every_address_is_classified_as_it_is_guarded() -> None:
    found: dict[str, set[str]] = {guard: set() for guard in STATED}
    for one in TABLE:
        found[one.guard].add(one.key)
    told = {
        guard: {
            "not classified": found[guard] - STATED[guard],
            "gone": STATED[guard] - found[guard],
        }
        for guard in STATED
        if found[guard] != STATED[guard]
    }
    assert told == {}, "classify it in tests/api/route_classes.py"
    keys = [key for keys in STATED.values() for key in keys]
    assert len(keys) == len(set(keys)), "an address is classified twice"


def test_what_writes_without_a_guard_is_known_to_change_nothing() -> None:
    assert {one.key for one in OPEN_WRITES} == stated.ANSWERS


@pytest.mark.parametrize("one", GUARDED, ids=key)
def test_nobody_is_let_in_who_is_not_signed_in(one: Address, visitor: TestClient) -> None:
    program = visitor.request(one.method, path_of(one))
    assert program.status_code == 401
    assert program.headers["www-authenticate"].startswith("Bearer")
    assert program.headers["content-type"] == PROBLEM_JSON
    person = visitor.request(one.method, path_of(one), headers=PAGE)
    assert person.status_code == 303
    assert person.headers["location"].startswith("/sign-in?next=/")
    made_up = {"authorization": "Bearer emt_made-up"}
    program = visitor.request(one.method, path_of(one), headers=made_up)
    assert program.status_code == 401
    assert 'error="invalid_token"' in program.headers["www-authenticate"]
    stale = {"cookie": "em-session=made-up"}
    assert visitor.request(one.method, path_of(one), headers=stale).status_code == 401
    for answer in (program, person):
        assert "no-store" in answer.headers["cache-control"]


@pytest.mark.parametrize("one", [one for one in GUARDED if one.guard != "viewer"], ids=key)
def test_nobody_is_let_in_whose_role_is_too_low(
    one: Address,
    client: TestClient,
    browsers: dict[Role, Browser],
    tokens: dict[Role, str],
    programs: dict[Role, dict[str, str]],
) -> None:
    for role in lower(one):
        headers = {**PAGE, **FROM_US, "x-csrf-token": tokens[role]}
        answer = browsers[role].client.request(one.method, path_of(one), headers=headers)
        assert answer.status_code == 403, role
        assert "You cannot do that" in answer.text
    program = TestClient(client.app, raise_server_exceptions=False)
    headers = programs[lower(one)[-1]]
    answer = program.request(one.method, path_of(one), headers=headers)
    assert answer.status_code == 403
    assert answer.headers["content-type"] == PROBLEM_JSON


@pytest.mark.parametrize("one", [one for one in GUARDED if not one.writes], ids=key)
def test_no_cache_keeps_what_is_for_one_person(one: Address, browsers: dict[Role, Browser]) -> None:
    answer = browsers[Role.ADMIN].client.get(path_of(one), headers=PAGE)
    assert answer.status_code < 500
    assert answer.headers["cache-control"] == "private, no-store"
    assert "etag" not in answer.headers


@pytest.mark.parametrize("one", [one for one in GUARDED if one.writes], ids=key)
@pytest.mark.parametrize(
    "wrong",
    [
        {"x-csrf-token": ""},
        {"x-csrf-token": "A" * 88},
        {"x-csrf-token": "OTHER"},
        {"origin": EVIL},
        {"origin": "null"},
        {"origin": "http://testserver.evil.example"},
        {"origin": "https://testserver"},
        {"origin": "http://testserver:81"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "", "sec-fetch-site": ""},
    ],
    ids=str,
)
def test_no_other_site_can_make_an_admin_do_it(
    one: Address, wrong: dict[str, str], browsers: dict[Role, Browser], tokens: dict[Role, str]
) -> None:
    right = {**PAGE, **FROM_US, "x-csrf-token": tokens[Role.ADMIN]}
    headers = {name: value for name, value in {**right, **wrong}.items() if value}
    if wrong.get("x-csrf-token") == "OTHER":
        headers["x-csrf-token"] = tokens[Role.VIEWER]
    answer = browsers[Role.ADMIN].client.request(one.method, path_of(one), headers=headers)
    assert answer.status_code == 403


@pytest.mark.parametrize("one", FORMS, ids=key)
def test_forms_of_anybody_must_come_from_our_own_page(one: Address, client: TestClient) -> None:
    for wrong in (
        {},
        {"origin": EVIL, "x-csrf-token": "OWN"},
        {**FROM_US, "x-csrf-token": "A" * 88},
        FROM_US,
        {"x-csrf-token": "OWN"},
    ):
        fresh = TestClient(client.app, raise_server_exceptions=False, follow_redirects=False)
        headers = {**PAGE, **wrong}
        if headers.get("x-csrf-token") == "OWN":
            headers["x-csrf-token"] = csrf_of(fresh)
        assert fresh.request(one.method, path_of(one), headers=headers).status_code == 403, wrong


def test_the_mark_of_another_browser_does_not_do(client: TestClient) -> None:
    one, other = (TestClient(client.app, follow_redirects=False) for _ in range(2))
    stolen = csrf_of(one)
    csrf_of(other)
    data = {"csrf": stolen, "email": "viewer@example.org", "password": "x"}
    assert other.post("/sign-in", data=data, headers=PAGE | FROM_US).status_code == 403


@pytest.mark.parametrize("one", [*GUARDED, *FORMS], ids=key)
def test_without_a_database_nothing_can_be_changed(one: Address, read_only: TestClient) -> None:
    for headers in ({}, PAGE | FROM_US, {"authorization": "Bearer emt_x"}):
        answer = read_only.request(one.method, path_of(one), headers=headers)
        assert answer.status_code == 503
        assert "without a database" in answer.text


@pytest.mark.parametrize("one", OPEN_WRITES, ids=key)
def test_questions_need_no_mark(one: Address, visitor: TestClient) -> None:
    answer = visitor.request(one.method, path_of(one), headers=PAGE | {"origin": EVIL})
    assert answer.status_code not in (401, 403, 500)


def test_a_token_cannot_change_its_own_account(client: TestClient) -> None:
    program = TestClient(client.app, raise_server_exceptions=False)
    headers = bearer(client, Role.ADMIN)
    assert program.get("/api/v1/me", headers=headers).status_code == 200
    for path in ("/account/tokens", "/account/password", "/people/invite"):
        assert program.post(path, headers=headers).status_code == 403
