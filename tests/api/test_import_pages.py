"""Bringing in a list by pages: sent, looked at, checked, loaded; and nobody sees another's."""

import json
import re
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.import_drafts import DATA, Drafts
from api.import_work import Desk
from api.routes.import_pages import desk_of
from exclusion_map.accounts import Role
from exclusion_map.directory import Directory
from exclusion_map.directory.reviews import Reviews, State

from .directory_apps import directory_client
from .signed_in import Browser, sign_in

WAIT_S = 120.0
CSV = """Venue,Post code,Opening hours,Type,Free wifi
Ashby Hub,{one},Mon-Fri 09:00-17:00,Community centre,yes
Brook Hall,{two},Tue 10:00-12:00,Village hall,no
Nameless Place,NOT A CODE,whenever,Village hall,yes
,{one},Mon 09:00-10:00,Village hall,yes
"""


@contextmanager
def service(processed: Path, url: str, folder: Path) -> Iterator[TestClient]:
    with directory_client(processed, url) as client:
        state_of(client).import_desk = Desk(Drafts(folder))
        yield client


@pytest.fixture(scope="module")
def shared(
    sample_processed: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("imports")
    url = f"sqlite:///{folder / 'd.db'}"
    with service(sample_processed, url, folder / "uploads") as client:
        yield client


@pytest.fixture
def site(shared: TestClient) -> Iterator[TestClient]:
    yield shared
    for draft in drafts_of(shared)._all():
        drafts_of(shared).drop(draft)
    # Each test may send as often as one person may.
    if hasattr(state_of(shared), "limit_uploads"):
        del state_of(shared).limit_uploads


@pytest.fixture
def moderator(site: TestClient) -> Browser:
    return sign_in(site, Role.MODERATOR)


@pytest.fixture
def source(request: pytest.FixtureRequest) -> str:
    """A list of its own for each test: they share a directory."""
    return f"venues-{zlib.crc32(request.node.name.encode()):x}"


def state_of(site: TestClient) -> Any:
    return site.app.state  # type: ignore[attr-defined]


def drafts_of(site: TestClient) -> Drafts:
    return desk_of(state_of(site)).drafts


def directory_of(site: TestClient) -> Directory:
    directory: Directory = state_of(site).directory
    return directory


def listed(site: TestClient, source: str) -> list[str]:
    held = directory_of(site).all()
    return sorted(one.listing.name for one in held if one.source == source)


def table(site: TestClient) -> str:
    held = [one for one in directory_of(site).all() if one.listing.postcode]
    return CSV.format(one=held[0].listing.postcode, two=held[1].listing.postcode)


def send(browser: Browser, source: str, content: str | bytes, name: str = "venues.csv") -> Any:
    data = {"source": source, "do": "file"}
    return browser.post("/import", data, files={"file": (name, content)})


def settle(browser: Browser, path: str) -> Any:
    until = time.monotonic() + WAIT_S
    while True:
        page = browser.get(path)
        if 'http-equiv="refresh"' not in page.text:
            return page
        assert time.monotonic() < until, page.text
        time.sleep(0.05)


def as_guessed(page: str) -> dict[str, str]:
    """Return the selects of a page as a browser would send them."""
    found = {}
    for name, body in re.findall(r'<select[^>]* name="([^"]+)">(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', body)
        first = re.search(r'<option value="([^"]*)"', body)
        found[name] = (chosen or first)[1]  # type: ignore[index]
    return found


def check(browser: Browser, path: str, **changes: str) -> Any:
    chosen = as_guessed(browser.get(f"{path}/columns").text) | {"do": "check", **changes}
    answer = browser.post(f"{path}/columns", chosen)
    assert answer.status_code == 303, answer.text
    return settle(browser, path)


def test_from_a_file_with_bad_rows_to_the_directory(
    sample_processed: Path, database_url: str, tmp_path: Path, source: str
) -> None:
    with service(sample_processed, database_url, tmp_path / "uploads") as site:
        journey(site, sign_in(site, Role.MODERATOR), source)


def journey(site: TestClient, moderator: Browser, source: str) -> None:
    sent = send(moderator, source, table(site))
    assert sent.status_code == 303, sent.text
    path = sent.headers["location"]
    columns = moderator.get(f"{path}/columns").text
    assert as_guessed(columns)["c0"] == "name"
    assert as_guessed(columns)["c1"] == "postcode"
    assert "Ashby Hub<br>" in columns
    page = check(moderator, path).text
    assert "what would be loaded" in page
    assert "1 row is left out" in page
    assert listed(site, source) == []
    rows = moderator.get(f"{path}/left-out.csv")
    assert rows.headers["content-type"].startswith("text/csv")
    assert "why it was left out" in rows.text
    assert rows.text.count("\n") == 2
    moderator.post(f"{path}/load", {"strict": "no"})
    done = settle(moderator, path).text
    assert "was loaded" in done
    assert listed(site, source) == ["Ashby Hub", "Brook Hall", "Nameless Place"]
    held = next(one for one in directory_of(site).all() if one.listing.name == "Ashby Hub")
    assert directory_of(site).history(held.id)[0].by == "Moderator"
    # What was loaded is not kept.
    (draft,) = drafts_of(site)._all()
    assert not drafts_of(site).path(draft, DATA).exists()


def test_a_wrong_guess_is_corrected(site: TestClient, moderator: Browser, source: str) -> None:
    path = send(moderator, source, table(site)).headers["location"]
    page = check(moderator, path, c0="organisation", c3="description").text
    assert "what would be loaded" in page
    twice = moderator.post(f"{path}/columns", {"c0": "name", "c1": "name", "do": "check"})
    assert twice.status_code == 422
    assert "both are “Name of the place”" in twice.text
    none = moderator.post(f"{path}/columns", {"c1": "postcode", "do": "check"})
    assert none.status_code == 422
    assert "gives the name" in none.text


def test_kinds_in_the_words_of_the_list(site: TestClient, moderator: Browser, source: str) -> None:
    path = send(moderator, source, table(site)).headers["location"]
    chosen = as_guessed(moderator.get(f"{path}/columns").text)
    assert {"k0", "k1"} <= set(chosen)
    check(moderator, path, k0="library")
    moderator.post(f"{path}/load")
    settle(moderator, path)
    kinds = {one.listing.name: one.listing.kind for one in directory_of(site).all()}
    assert kinds["Ashby Hub"] == "library"


def test_all_or_none(site: TestClient, moderator: Browser, source: str) -> None:
    path = send(moderator, source, table(site)).headers["location"]
    check(moderator, path)
    moderator.post(f"{path}/load", {"strict": "yes"})
    page = settle(moderator, path).text
    assert "Nothing was loaded:" in page
    assert listed(site, source) == []


def test_again_with_a_place_gone(site: TestClient, moderator: Browser, source: str) -> None:
    text = table(site)
    first = send(moderator, source, text).headers["location"]
    check(moderator, first)
    moderator.post(f"{first}/load")
    settle(moderator, first)
    kept = "\n".join(line for line in text.splitlines()[:2]) + "\n"
    second = send(moderator, source, kept).headers["location"]
    page = check(moderator, second).text
    assert "1 as before" in page
    assert "Places that are no longer in the list" in page
    moderator.post(f"{second}/load", {"gone": "remove"})
    settle(moderator, second)
    assert listed(site, source) == ["Ashby Hub"]


def test_open_referral_in_a_file_needs_no_columns(
    site: TestClient, moderator: Browser, source: str
) -> None:
    service = {
        "id": "5e0f6e1c-5a0f-4d43-9d0e-000000000001",
        "name": "Drop-in",
        "status": "active",
        "service_at_locations": [{"location": {"id": "l1", "name": "Ashby Hub"}}],
    }
    sent = send(moderator, source, json.dumps({"contents": [service]}), "feed.json")
    page = settle(moderator, sent.headers["location"]).text
    assert "1 new place" in page
    assert "not on the map" in page


@pytest.mark.parametrize(
    ("content", "name", "source", "words"),
    [
        (b"", "empty.csv", "venues", "none, or an empty one"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "map.png", "venues", "expected"),
        (b"PK\x03\x04broken", "venues.xlsx", "venues", "expected"),
        (b'{"a": 1}', "x.json", "venues", "expected"),
        (b"Venue\nHub\n", "v.csv", "not a name!", "a short name"),
        (b"Venue\nHub\n", "v.csv", "here", "a short name"),
    ],
)
def test_what_cannot_be_read_is_told_beside_its_field(
    site: TestClient, moderator: Browser, content: bytes, name: str, source: str, words: str
) -> None:
    answer = send(moderator, source, content, name)
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert words in answer.text
    assert drafts_of(site)._all() == []


@pytest.mark.parametrize("address", ["ftp://x", "http://127.0.0.1:1/", "http://169.254.169.254/"])
def test_a_feed_from_inside_is_refused(
    site: TestClient, moderator: Browser, address: str, source: str
) -> None:
    asked = {"feed-source": "feed", "address": address, "do": "feed"}
    answer = moderator.post("/import", asked)
    if answer.status_code == 303:
        page = settle(moderator, answer.headers["location"]).text
        assert "not on the public internet" in page
        assert "Nothing was loaded" in page
    else:
        assert answer.status_code == 422
        assert "a web address" in answer.text


def test_only_who_sent_it_and_admins_see_it(
    site: TestClient, moderator: Browser, source: str
) -> None:
    path = send(moderator, source, table(site)).headers["location"]
    other = sign_in(site, Role.MODERATOR, "other@example.org")
    for address in (path, f"{path}/columns", f"{path}/left-out.csv"):
        assert other.get(address).status_code == 404
    for step in ("columns", "load", "drop"):
        assert other.post(f"{path}/{step}", {"do": "check"}).status_code == 404
    assert "venues.csv" not in other.get("/import").text
    assert sign_in(site, Role.ADMIN).get(f"{path}/columns").status_code == 200
    assert moderator.post(f"{path}/drop").headers["location"] == "/import"
    assert moderator.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/import", "/reviews", "/import/" + "a" * 24, "/reviews/x"])
def test_who_may_look(site: TestClient, path: str) -> None:
    anybody = TestClient(site.app, follow_redirects=False)
    answer = anybody.get(path, headers={"accept": "text/html"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")
    assert anybody.get(path).status_code == 401
    assert sign_in(site, Role.CONTRIBUTOR).get(path).status_code == 403


@pytest.mark.parametrize("identity", ["%2e%2e%2f", "a", "a" * 200, "..%2F..%2Fetc"])
def test_addresses_that_nobody_was_given(moderator: Browser, identity: str) -> None:
    assert moderator.get(f"/import/{identity}").status_code in (404, 307)
    assert "root:" not in moderator.get(f"/import/{identity}/left-out.csv").text


def test_no_more_than_ten_wait(site: TestClient, moderator: Browser, source: str) -> None:
    for number in range(10):
        answer = send(moderator, f"{source}-{number}", f"Venue\nHub {number}\n")
        assert answer.status_code == 303
    refused = send(moderator, source, "Venue\nHub\n")
    assert refused.status_code == 422
    assert "10 uploads of yours that wait" in refused.text


def test_yesterdays_uploads_are_forgotten(
    site: TestClient, moderator: Browser, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    path = send(moderator, source, table(site)).headers["location"]
    monkeypatch.setattr("api.import_drafts.KEPT_S", 0.0)
    assert moderator.get(path).status_code == 404
    drafts_of(site).sweep()
    assert drafts_of(site)._all() == []


def test_uploads_are_private(site: TestClient, moderator: Browser, source: str) -> None:
    send(moderator, source, table(site))
    uploads = drafts_of(site)._folder
    assert uploads.stat().st_mode & 0o077 == 0
    uploads.chmod(0o755)
    answer = send(moderator, source, table(site))
    uploads.chmod(0o700)
    assert answer.status_code == 422
    assert "others can reach" in answer.text


def test_pairs_are_decided_on_pages(site: TestClient, moderator: Browser, source: str) -> None:
    library = next(
        one
        for one in directory_of(site).all()
        if one.listing.kind == "library" and one.source.startswith("invented/")
    )
    name, code = library.listing.name, library.listing.postcode
    content = f"Name,Postcode,Type\n{name},{code},Library\n"
    path = send(moderator, source, content).headers["location"]
    check(moderator, path)
    moderator.post(f"{path}/load")
    assert "may be there twice" in settle(moderator, path).text
    reviews = Reviews(directory_of(site).database)
    waiting = reviews.page(State.OPEN, size=500)
    (review,) = [one for one in waiting if {one.a.source, one.b.source} == {library.source, source}]
    assert name in moderator.get("/reviews").text
    page = moderator.get(f"/reviews/{review.id}").text
    assert "the same name" in page
    picture = moderator.get(f"/reviews/{review.id}/map.svg")
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert ">A, B</text>" in picture.text
    assert f"/reviews/{review.id}/map.svg" in page
    form = {"version": str(review.version)}
    long = moderator.post(f"/reviews/{review.id}", {**form, "do": "later", "note": "x" * 301})
    assert long.status_code == 422
    assert moderator.post(f"/reviews/{review.id}", {**form, "do": "?"}).status_code == 422
    assert moderator.post(f"/reviews/{review.id}", {"do": "later"}).status_code == 422
    moderator.post(f"/reviews/{review.id}", {**form, "do": "different", "note": "Upstairs."})
    stale = moderator.post(f"/reviews/{review.id}", {**form, "do": "merge", "keep": "a"})
    assert stale.status_code == 409
    assert "Somebody decided it meanwhile" in stale.text
    chosen = as_guessed(moderator.get(f"/reviews/{review.id}").text)
    again = {**chosen, "version": str(review.version + 1)}
    merged = moderator.post(f"/reviews/{review.id}", {**again, "do": "merge"})
    assert merged.status_code == 303, merged.text
    left = [one for one in directory_of(site).all() if one.listing.name == name]
    assert len(left) == 1
    assert "These two were merged" in moderator.get(f"/reviews/{review.id}").text
    undone = {"version": str(review.version + 2), "do": "undo"}
    assert moderator.post(f"/reviews/{review.id}", undone).status_code == 303
    assert len([one for one in directory_of(site).all() if one.listing.name == name]) == 2
    assert moderator.get("/reviews/none").status_code == 404
    assert moderator.post("/reviews/look").headers["location"] == "/reviews"


def test_forms_of_other_sites_are_refused(site: TestClient, moderator: Browser) -> None:
    elsewhere = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    for path in ("/import", "/reviews/look", "/reviews/x", "/import/" + "a" * 24 + "/drop"):
        assert moderator.post(path, {"do": "merge"}, headers=elsewhere).status_code == 403
