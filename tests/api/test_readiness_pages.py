"""Readiness on pages and through the API: private to a team, nothing lost, and what it shows."""

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from exclusion_map.accounts import Role
from exclusion_map.settings import DatabaseSettings, DataSettings, ServiceSettings

from .directory_apps import directory_client
from .route_table import Address, addresses
from .signed_in import FROM_US, PAGE, Browser, bearer, csrf_of, sign_in

TITLE = "Ashford & district"
JOIN = "/tools/readiness/join"
SECRET = "What only the team may read"
NEW = {"title": TITLE, "scope": "place", "area": "Ashford", "about": "", "round_name": "Autumn"}
APP = create_app(ServiceSettings(), DataSettings(), DatabaseSettings(database_url="none"))
OF_ONE = [one for one in addresses(APP) if "/readiness/{identity}" in one.path]
BODY = {
    "name": "x",
    "after": "1",
    "number": "1",
    "title": TITLE,
    "access": "view",
    "invitee": "x",
    "version": "1",
    "round": "1",
    "rating": "4",
}
JSON_BODIES = {
    "/api/v1/readiness/{identity}": {"title": "x"},
    "/api/v1/readiness/{identity}/factors/{factor}": {"round": 1, "answer": {"rating": 4}},
    "/api/v1/readiness/{identity}/rounds": {"name": "x", "after": 1},
}


@pytest.fixture(scope="module")
def client(tiny_processed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    url = f"sqlite:///{tmp_path_factory.mktemp('readiness') / 'test.db'}"
    with directory_client(tiny_processed, url) as made:
        yield made


@pytest.fixture(scope="module")
def owner(client: TestClient) -> Browser:
    return sign_in(client, Role.VIEWER, "owner@example.org")


@pytest.fixture(scope="module")
def outsider(client: TestClient) -> Browser:
    return sign_in(client, Role.ADMIN)


@pytest.fixture(scope="module")
def program(client: TestClient, outsider: Browser) -> dict[str, str]:
    """The header of a program of the outsider, who is an admin."""
    return bearer(client, Role.ADMIN)


@pytest.fixture(scope="module")
def base(owner: Browser) -> str:
    """The address of an assessment with one rating."""
    made = owner.post("/tools/readiness/new", NEW)
    assert made.status_code == 303, made.text
    address = str(made.headers["location"]).partition("?")[0]
    saved = rate(owner, address, rating="2", evidence=SECRET)
    assert saved.status_code == 303, saved.text
    return address


def rate(person: Browser, base: str, factor: str = "leadership", **typed: str) -> Any:
    said = {"round": "1", "version": "1", "rating": "", "do": "save", **typed}
    return person.post(f"{base}/factors/{factor}", said)


def filled(one: Address, identity: str) -> str:
    path = one.path.replace("{identity}", identity).replace("{factor}", "leadership")
    return re.sub(r"\{[^}]*\}", "none", path.replace("{ending}", "json"))


def link_in(page: str) -> str:
    found = re.search(r'id="link">[^<]*?(/tools/readiness/join#[^<]+)<', page)
    assert found, page
    return found[1]


@pytest.mark.parametrize("one", OF_ONE, ids=lambda one: one.key)
def test_to_everybody_else_it_is_not_there(
    one: Address,
    client: TestClient,
    outsider: Browser,
    program: dict[str, str],
    base: str,
) -> None:
    identity = base.rpartition("/")[2]
    token = csrf_of(outsider.client, "/account")
    api = one.path.startswith("/api/")
    sent: dict[str, Any] = {"json": JSON_BODIES[one.path]} if api and one.writes else {}
    if one.writes and not api:
        sent = {"data": {**BODY, "csrf": token}}
    asked = (
        (outsider.client, {**PAGE, **FROM_US, "x-csrf-token": token, "if-match": "1"}),
        (TestClient(client.app, follow_redirects=False), {**program, "if-match": "1"}),
    )
    for who, headers in asked:
        answer = who.request(one.method, filled(one, identity), headers=headers, **sent)
        by_token = "authorization" in headers
        in_person = answer.status_code == 403 and by_token and not api
        assert answer.status_code == 404 or in_person, (one.key, answer.status_code)
        other = who.request(one.method, filled(one, "not-there"), headers=headers, **sent)
        assert other.status_code == answer.status_code, "as if there were nothing"
        assert SECRET not in answer.text
        assert "Ashford" not in answer.text


def test_lists_and_logs_of_others_tell_nothing(
    client: TestClient, outsider: Browser, program: dict[str, str], owner: Browser, base: str
) -> None:
    assert base
    for path in ("/tools/readiness", "/people", "/audit", "/audit.csv", "/tools"):
        page = outsider.get(path)
        assert page.status_code == 200
        assert SECRET not in page.text
        assert "district" not in page.text
    assert "assessment made" in outsider.get("/audit").text
    listed = client.get("/api/v1/readiness", headers=program).json()
    assert listed == {"assessments": []}
    mine = owner.get("/tools/readiness")
    assert "Ashford &amp; district" in mine.text
    assert mine.headers["cache-control"] == "private, no-store"


def test_a_member_joins_by_a_link_and_sees_what_was_said(
    client: TestClient, owner: Browser, base: str
) -> None:
    bob = sign_in(client, Role.VIEWER, "bob@example.org")
    page = owner.post(f"{base}/team/invite", {"invitee": "Bob", "access": "view"})
    link = link_in(page.text)
    assert link not in owner.get(f"{base}/team").text, "it is shown once"
    asked = bob.post(JOIN, {"link": link})
    assert "Ashford &amp; district" in asked.text
    assert asked.headers["referrer-policy"] == "strict-origin"
    assert bob.get(base).status_code == 404, "asked is not joined"
    assert bob.post(JOIN, {"link": link, "do": "join"}).status_code == 303
    assert SECRET in bob.get(base).text
    again = bob.post(JOIN, {"link": link, "do": "join"})
    assert again.status_code == 404
    assert "This link cannot be used" in again.text
    assert rate(bob, base, version="2", rating="4").status_code == 403
    assert bob.get(f"{base}/factors/leadership").text.count("<textarea") == 0
    program = bearer(client, Role.VIEWER, "bob@example.org")
    identity = base.rpartition("/")[2]
    assert client.get(f"/api/v1/readiness/{identity}", headers=program).status_code == 200
    left = bob.post(f"{base}/team/{_id_of(client, 'bob@example.org')}/remove")
    assert left.headers["location"] == "/tools/readiness?said=left"
    assert bob.get(base).status_code == 404
    assert client.get(f"/api/v1/readiness/{identity}", headers=program).status_code == 404


def test_the_secret_of_a_link_is_in_no_address(
    client: TestClient, owner: Browser, base: str
) -> None:
    link = link_in(owner.post(f"{base}/team/invite", {"invitee": "Cat", "access": "view"}).text)
    path, _, secret = link.partition("#")
    assert (path, len(secret)) == (JOIN, 43)
    visitor = TestClient(client.app, follow_redirects=False)
    earlier = visitor.get(f"{JOIN}/{secret}", headers=PAGE)
    assert earlier.headers["location"] == link
    assert earlier.headers["cache-control"] == "private, no-store"
    page = visitor.get(JOIN, headers=PAGE)
    assert "Sign in (opens in a new tab)" in page.text
    sent = {"csrf": csrf_of(visitor, JOIN), "link": link}
    kept = visitor.post(JOIN, data=sent, headers=PAGE | FROM_US)
    assert kept.status_code == 401
    assert secret in kept.text, "nothing is lost by signing in first"
    assert "Ashford" not in kept.text


def _id_of(client: TestClient, email: str) -> str:
    from .signed_in import accounts

    return accounts(client).people.by_email(email).id


def test_a_change_by_somebody_else_is_shown_and_what_was_typed_stays(
    owner: Browser, base: str
) -> None:
    first = rate(owner, base, "staff", rating="1", evidence="Theirs")
    assert first.status_code == 303
    late = rate(owner, base, "staff", rating="3", evidence="Mine")
    assert late.status_code == 409
    assert "Somebody else changed this meanwhile" in late.text
    assert "Theirs" in late.text
    assert "Mine</textarea>" in late.text
    assert 'name="version" value="2"' in late.text
    again = rate(owner, base, "staff", version="2", rating="3", evidence="Mine")
    assert again.status_code == 303
    history = owner.get(f"{base}/history").text
    assert "<del>Theirs</del> <ins>Mine</ins>" in history


def test_a_name_changed_by_somebody_else_is_shown_before_it_is_written_over(owner: Browser) -> None:
    base = owner.post("/tools/readiness/new", NEW).headers["location"].partition("?")[0]
    said = {"scope": "place", "area": "Ashford", "about": "", "version": "1"}
    theirs = owner.post(f"{base}/details", {**said, "title": "Theirs", "about": "By them"})
    assert theirs.status_code == 303
    late = owner.post(f"{base}/details", {**said, "title": "Mine"})
    assert late.status_code == 409
    assert "<dd>Theirs</dd>" in late.text
    assert '<dd class="em-said">By them</dd>' in late.text
    assert 'value="Mine"' in late.text


def test_without_an_area_a_factor_leads_to_map_directory_and_gaps(owner: Browser) -> None:
    pathway = {**NEW, "scope": "pathway", "area": ""}
    base = owner.post("/tools/readiness/new", pathway).headers["location"].partition("?")[0]
    for factor, link in (
        ("population_needs", "/"),
        ("strengths", "/support"),
        ("partnerships", "/gaps"),
    ):
        assert f'<a href="{link}">' in owner.get(f"{base}/factors/{factor}").text.split("<h1", 1)[1]
    assert "Choose an area" not in owner.get(f"{base}/factors/staff").text


def test_what_was_typed_outlives_the_session(owner: Browser, client: TestClient, base: str) -> None:
    gone = TestClient(client.app, follow_redirects=False)
    data = {"csrf": csrf_of(gone), "rating": "4", "evidence": "Typed for an hour"}
    page = gone.post(f"{base}/factors/staff", data=data, headers=PAGE | FROM_US)
    assert page.status_code == 401
    assert "You are signed out" in page.text
    assert "Typed for an hour" in page.text
    shown = rate(owner, base, "staff", evidence="Typed for an hour", do="preview")
    assert shown.status_code == 200
    assert "Typed for an hour</textarea>" in shown.text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"rating": "9"}, "Choose one of the ratings"),
        ({"rated_on": "soon"}, "Enter a day from 2000 to today"),
        ({"evidence": "x" * 4_001}, "Shorten the evidence"),
    ],
)
def test_what_cannot_be_is_told_beside_the_form(
    owner: Browser, base: str, typed: dict[str, str], words: str
) -> None:
    page = rate(owner, base, "co_design", **typed)
    assert page.status_code == 422
    assert "There is a problem" in page.text
    assert words in page.text


def test_an_assessment_needs_a_name_and_an_area_that_is_there(owner: Browser) -> None:
    page = owner.post("/tools/readiness/new", {**NEW, "title": "", "area": "Nowhere at all"})
    assert page.status_code == 422
    assert "Give it a name" in page.text
    assert "No area is called that" in page.text
    assert owner.post("/tools/readiness/new", {**NEW, "round_name": ""}).status_code == 422


def test_factors_five_to_seven_stand_beside_the_figures_of_the_area(
    owner: Browser, base: str
) -> None:
    page = owner.get(base).text
    for link in ("/areas/E06000001", "/support?area=E06000001", "/gaps?within=E06000001"):
        assert link in page
    assert "about 3,000" in page, "people of Ashford"
    beside = owner.get(f"{base}/factors/population_needs").text
    assert "What this service knows of Ashford" in beside
    assert "What this service knows" not in owner.get(f"{base}/factors/staff").text


def test_downloads_hold_what_was_said(owner: Browser, base: str) -> None:
    table = owner.get(f"{base}/download.csv")
    assert table.headers["cache-control"] == "private, no-store"
    assert 'filename="readiness-ashford-district.csv"' in table.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert len(rows) == 11
    assert [row["evidence"] for row in rows if row["factor"] == "leadership"] == [SECRET]
    whole = json.loads(owner.get(f"{base}/download.json").content)
    assert whole["history"][-1]["action"] == "made"


def test_a_new_round_keeps_the_old_one_with_its_figures(owner: Browser) -> None:
    base = owner.post("/tools/readiness/new", NEW).headers["location"].partition("?")[0]
    rate(owner, base, rating="2", evidence="Before")
    assert owner.post(f"{base}/rounds", {"name": "Spring", "after": "1"}).status_code == 303
    late = owner.post(f"{base}/rounds", {"name": "Mine", "after": "1"})
    assert late.status_code == 409
    assert "Somebody else started Spring meanwhile" in late.text
    assert 'value="Mine"' in late.text
    nameless = owner.post(f"{base}/rounds", {"name": " ", "after": "2"})
    assert (nameless.status_code, "expected a name of 1 to" in nameless.text) == (422, True)
    assert "Before" in owner.get(f"{base}/factors/leadership").text
    late = rate(owner, base, rating="3", evidence="Late")
    assert late.status_code == 409, "a form of the closed round is not saved"
    assert "the round it was for is closed, and Spring is open now" in late.text
    assert rate(owner, base, round="2", rating="3", evidence="Late").status_code == 303
    page = owner.get(f"{base}/changes").text
    assert "From Autumn to Spring: 1 up, 0 down" in page
    assert 'role="img"' in page
    assert "Before" in owner.get(f"{base}?round=1").text
    whole = json.loads(owner.get(f"{base}/download.json").content)
    assert whole["rounds"][0]["figures"]["factors"]["population_needs"]["People"] == "about 3,000"
    assert owner.get(f"{base}?round=9").status_code == 404
    assert owner.post(f"{base}/delete", {"title": "no"}).status_code == 422
    assert owner.post(f"{base}/delete", {"title": TITLE}).status_code == 303
    assert owner.get(base).status_code == 404


def test_programs_rate_with_the_version_they_read(client: TestClient) -> None:
    program = bearer(client, Role.CONTRIBUTOR)
    api = "/api/v1/readiness"
    body = {"details": {"title": "By program", "area_code": "E06000001"}, "round_name": "One"}
    made = client.post(api, json=body, headers=program)
    assert made.status_code == 201, made.text
    one = made.headers["location"]
    assert made.json()["details"]["area_code"] == "E06000001"
    sent = {"round": 1, "answer": {"rating": 3, "owner": "Ann"}}
    rated = client.put(f"{one}/factors/staff", json=sent, headers=program)
    assert rated.status_code == 428
    rated = client.put(f"{one}/factors/staff", json=sent, headers=program | {"if-match": '"1"'})
    assert (rated.status_code, rated.json()["version"]) == (200, 2)
    late = client.put(f"{one}/factors/staff", json=sent, headers=program | {"if-match": '"1"'})
    assert late.status_code == 412
    none = client.put(f"{one}/factors/none", json=sent, headers=program | {"if-match": '"1"'})
    assert none.status_code == 404
    assert (
        client.post(f"{one}/rounds", json={"name": "Two", "after": 1}, headers=program).json()[
            "rounds"
        ][0]["answers"]["staff"]["rating"]
        == 3
    )
    changes = client.get(f"{one}/changes", headers=program).json()
    assert {row["words"] for row in changes["factors"]} == {"not rated", "not rated again yet"}
    assert client.get(f"{one}/history", headers=program).json()["total"] == 3
    assert "staff" in client.get(f"{one}/answers.csv", headers=program).text
    reader = bearer(client, Role.VIEWER, "contributor@example.org")
    assert client.get(one, headers=reader).status_code == 200
    assert client.post(api, json=body, headers=reader).status_code == 403


def test_anybody_may_look_at_the_example_and_it_says_so(client: TestClient) -> None:
    base = "/tools/readiness/example"
    for path in (base, f"{base}?round=1", f"{base}/changes"):
        page = client.get(path, headers=PAGE)
        assert page.status_code == 200
        assert "every rating are invented" in page.text
    assert "An invented example" in client.get(f"{base}/print", headers=PAGE).text
    assert len(client.get("/api/v1/readiness/canvas").json()["factor"]) == 11
    rows = list(csv.DictReader(io.StringIO(client.get(f"{base}/download.csv").text)))
    assert len(rows) == 22


def test_without_a_database_the_page_says_so(tiny_processed: Path) -> None:
    with directory_client(tiny_processed, "none") as read_only:
        page = read_only.get("/tools/readiness", headers=PAGE)
        assert page.status_code == 200
        assert "runs read-only" in page.text
        assert "/sign-in" not in page.text
        assert read_only.get("/tools/readiness/example", headers=PAGE).status_code == 200
