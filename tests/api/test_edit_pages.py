"""The pages that change the directory: every step of the form, conflicts, roles, history."""

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from exclusion_map.accounts import Role
from exclusion_map.directory import Listing

from .directory_apps import directory_client
from .signed_in import FROM_US, PAGE, Browser, csrf_of, sign_in
from .test_directory_service import HUB

Fields = dict[str, list[str]]


@pytest.fixture
def client(tiny_processed: Path, tmp_path: Path) -> Iterator[TestClient]:
    with directory_client(tiny_processed, f"sqlite:///{tmp_path / 'd.db'}") as made:
        yield made


@pytest.fixture
def ada(client: TestClient) -> Browser:
    return sign_in(client, Role.CONTRIBUTOR)


@pytest.fixture
def mo(client: TestClient) -> Browser:
    return sign_in(client, Role.MODERATOR)


def directory(client: TestClient) -> Any:
    return client.app.state.directory  # type: ignore[attr-defined]


def hub(client: TestClient) -> str:
    return str(directory(client).add(HUB, by="ada").id)


class Form(HTMLParser):
    """What a browser without scripts would send of the last form of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: Fields = {}
        self._area = ""
        self._text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, kind = given.get("name") or "", given.get("type") or "text"
        if tag == "form":
            self.fields = {}
        if tag == "textarea":
            self._area, self._text = name, ""
        if tag != "input" or not name:
            return
        if kind not in ("checkbox", "radio") or "checked" in given:
            self.fields.setdefault(name, []).append(given.get("value") or "")

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.fields.setdefault(self._area, []).append(self._text.lstrip("\n"))


def form_of(html: str) -> Fields:
    """Return the fields of the form in the main part of a page."""
    main = html[html.index('id="maincontent"') : html.index("</main>")]
    fields = Form(main).fields
    fields.pop("csrf", None)
    return fields


def heading(html: str) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", html, re.DOTALL)
    assert found
    return unescape(found[1]).strip()


def test_a_place_is_added_in_two_steps_and_shows_at_once(client: TestClient, ada: Browser) -> None:
    page = ada.get("/support/add")
    assert page.status_code == 200, page.text
    fields = form_of(page.text) | {
        "name": ["Low Road Hub"],
        "kind": ["community_venue"],
        "postcode": ["ab2 1aa"],
        "s0-name": ["Drop-in"],
        "s0-support": ["drop_in_help"],
        "s0-mon": ["10am to midday"],
        "s0-sun": ["closed"],
        "s0-cost": ["free"],
    }
    preview = ada.post("/support/add", fields | {"do": "preview"})
    assert preview.status_code == 200, preview.text
    assert heading(preview.text) == "This will be added"
    assert "Bexhill Library" in preview.text, "it is near, and might be the same"
    saved = ada.post("/support/add", form_of(preview.text) | {"do": "save", "checked": "yes"})
    assert saved.status_code == 303, saved.text
    place = saved.headers["location"]
    shown = ada.get(place).text
    assert "The place is added." in shown
    assert "Monday" in shown
    assert "Confirmed by Contributor" in shown
    listed = client.get("/api/v1/support?words=low+road").json()
    assert [one["properties"]["name"] for one in listed["features"]] == ["Low Road Hub"]
    [held] = [one for one in directory(client).all() if one.listing.name == "Low Road Hub"]
    assert held.listing.area_code == "E01000003"
    assert held.listing.postcode == "AB2 1AA"
    assert held.listing.offers[0].schedule == {"mon": [["10:00", "12:00"]], "sun": []}
    tiles = client.get("/tiles/directory/now.json").json()["tiles"][0]
    assert f"/tiles/directory/{directory(client).generation()}/" in tiles, "the map shows it, too"
    again = ada.post("/support/add", form_of(preview.text) | {"do": "save"})
    assert again.headers["location"].startswith(f"/support/{held.id}")
    assert len(directory(client).all()) == 4, "sent twice, added once"


def test_nothing_typed_is_lost_on_an_error(ada: Browser) -> None:
    fields = form_of(ada.get("/support/add").text) | {
        "name": [""],
        "address": ['1 "Quote" <b>Street</b>\nFloor 2'],
        "postcode": ["nonsense"],
        "s0-phone": ["none"],
        "s0-url": ["javascript:alert(1)"],
        "s0-email": ["me"],
        "s0-tue": ["sometimes"],
        "s0-computers": ["many"],
        "s0-price0-amount": ["cheap"],
    }
    page = ada.post("/support/add", fields | {"do": "save"})
    assert page.status_code == 422
    assert "There is a problem" in page.text
    assert page.text.count("<title>Error: ") == 1
    for field in ("name", "kind", "postcode", "s0-name", "s0-phone", "s0-url", "s0-email"):
        assert f'href="#{field}"' in page.text, field
        assert f'id="{field}"' in page.text, field
    for field in ("s0-tue", "s0-computers", "s0-price0-amount"):
        assert f'href="#{field}"' in page.text, field
    back = form_of(page.text)
    assert {name: back[name] for name in fields if fields[name] != [""]} == {
        name: texts for name, texts in fields.items() if texts != [""]
    }
    assert "<b>Street" not in page.text


def test_an_edit_shows_old_and_new_before_it_is_saved(client: TestClient, ada: Browser) -> None:
    identity = hub(client)
    fields = form_of(ada.get(f"/support/{identity}/edit").text)
    assert fields["s0-mon"] == ["10am to midday"]
    assert fields["s0-tue"] == ["closed"]
    assert fields["s0-wed"] == [""]
    fields |= {"name": ["Yak Hub"], "s0-phone": ["01632 960 999"]}
    preview = ada.post(f"/support/{identity}/edit", fields | {"do": "preview"})
    assert "Zebra Community Hub" in preview.text
    assert "Yak Hub" in preview.text
    assert preview.text.count('<th scope="row">') == 2
    edited = ada.post(f"/support/{identity}/edit", form_of(preview.text) | {"do": "edit"})
    assert form_of(edited.text)["s0-phone"] == ["01632 960 999"]
    saved = ada.post(
        f"/support/{identity}/edit", form_of(preview.text) | {"do": "save", "note": "They moved"}
    )
    assert saved.status_code == 303
    held = directory(client).get(identity)
    assert (held.version, held.listing.name) == (2, "Yak Hub")
    assert held.listing.offers[0].schedule == HUB.offers[0].schedule
    history = ada.get(f"/support/{identity}/history").text
    assert "They moved" in history
    assert "phone (Get online)" in history


def test_saving_without_a_change_writes_no_history(client: TestClient, ada: Browser) -> None:
    identity = hub(client)
    fields = form_of(ada.get(f"/support/{identity}/edit").text)
    preview = ada.post(f"/support/{identity}/edit", fields | {"do": "preview"})
    assert heading(preview.text) == "Nothing has changed"
    ada.post(f"/support/{identity}/edit", fields | {"do": "save"})
    assert directory(client).get(identity).version == 1


def test_services_are_added_and_removed_without_scripts(client: TestClient, ada: Browser) -> None:
    identity = hub(client)
    path = f"/support/{identity}/edit"
    fields = form_of(ada.get(path).text)
    page = ada.post(path, fields | {"do": "add-service", "name": "Half typed"})
    fields = form_of(page.text)
    assert fields["service"] == ["0", "1", "2"]
    assert fields["name"] == ["Half typed"]
    page = ada.post(path, fields | {"do": "remove-service-0", "s2-name": "Lending"})
    fields = form_of(page.text)
    assert fields["service"] == ["1", "2"]
    ada.post(path, fields | {"do": "save"})
    held = directory(client).get(identity)
    assert [offer.name for offer in held.listing.offers] == ["Cafe", "Lending"]
    before = directory(client).history(identity)[-1].after["offers"]
    assert held.listing.offers[0].id == before[1]["id"]
    assert held.listing.offers[1].id not in {offer["id"] for offer in before}


def test_two_editors_settle_a_conflict_line_by_line(
    client: TestClient, ada: Browser, mo: Browser
) -> None:
    identity = hub(client)
    path = f"/support/{identity}/edit"
    mine = form_of(ada.get(path).text) | {"name": ["Mine"], "city": ["Ashby"]}
    theirs = form_of(mo.get(path).text) | {"name": ["Theirs"], "s0-phone": ["01632 960 777"]}
    assert mo.post(path, theirs | {"do": "save"}).status_code == 303
    page = ada.post(path, mine | {"do": "save"})
    assert page.status_code == 409
    assert "Somebody else changed it meanwhile" in page.text
    assert "Moderator saved a change" in page.text
    fields = form_of(page.text)
    assert fields["take-name"] == ["mine"]
    assert page.text.count("both changed it") == 1
    phone = next(name for name in fields if name.startswith("take-offers/"))
    assert fields[phone] == ["theirs"], "what only they changed stays theirs"
    result = ada.post(path, fields | {"do": "resolve", "take-name": "theirs"})
    assert result.status_code == 200, result.text
    saved = ada.post(path, form_of(result.text) | {"do": "save"})
    assert saved.status_code == 303, saved.text
    listing = directory(client).get(identity).listing
    assert (listing.name, listing.city) == ("Theirs", "Ashby")
    assert listing.offers[0].phone == "01632 960 777"


@pytest.mark.parametrize("version", ["", "0", "7", "x"])
def test_a_form_without_a_version_that_was_saves_nothing(
    client: TestClient, ada: Browser, version: str
) -> None:
    identity = hub(client)
    fields = form_of(ada.get(f"/support/{identity}/edit").text) | {"name": ["Bad"]}
    answer = ada.post(f"/support/{identity}/edit", fields | {"do": "save", "version": version})
    assert answer.status_code == 404
    assert directory(client).get(identity).version == 1


def test_a_confirmation_meanwhile_is_no_conflict(client: TestClient, ada: Browser) -> None:
    identity = hub(client)
    fields = form_of(ada.get(f"/support/{identity}/edit").text) | {"city": ["Ashby"]}
    directory(client).confirm(identity, by="bo")
    saved = ada.post(f"/support/{identity}/edit", fields | {"do": "save"})
    assert saved.status_code == 303
    assert directory(client).get(identity).listing.city == "Ashby"


def test_confirm_remove_restore_and_put_back(client: TestClient, ada: Browser, mo: Browser) -> None:
    identity = hub(client)
    assert ada.post(f"/support/{identity}/confirm").headers["location"].endswith("confirmed")
    assert directory(client).get(identity).confirmed_by == "Contributor"
    empty = ada.post(f"/support/{identity}/remove", {"version": "2", "reason": " "})
    assert empty.status_code == 422
    stale = ada.post(f"/support/{identity}/remove", {"version": "1", "reason": "Gone"})
    assert stale.status_code == 409
    gone = ada.post(f"/support/{identity}/remove", {"version": "2", "reason": "Gone"})
    assert gone.status_code == 303
    assert client.get(f"/support/{identity}").status_code == 404
    assert "Bring it back" not in ada.get(f"/support/{identity}/history").text
    assert ada.post(f"/support/{identity}/restore").status_code == 403
    assert "Bring it back" in mo.get(f"/support/{identity}/history").text
    assert mo.post(f"/support/{identity}/restore").status_code == 303
    renamed = HUB.model_copy(update={"name": "Other"})
    directory(client).change(identity, renamed, version=4, by="ada")
    put = mo.post(f"/support/{identity}/put-back", {"to": "1", "version": "5"})
    assert put.status_code == 303, put.text
    assert directory(client).get(identity).listing.name == HUB.name


def test_who_may_not_edit_is_told(client: TestClient) -> None:
    identity = hub(client)
    fresh = TestClient(client.app, follow_redirects=False)
    for path in ("/support/add", f"/support/{identity}/edit", "/support/check", "/moderate"):
        answer = fresh.get(path, headers={"accept": "text/html"})
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/sign-in")
    viewer = sign_in(client, Role.VIEWER)
    assert viewer.get(f"/support/{identity}/edit").status_code == 403
    assert viewer.post(f"/support/{identity}/confirm").status_code == 403
    page = viewer.get(f"/support/{identity}").text
    assert "Tell us what is wrong" in page
    assert "Edit this place" not in page


def test_old_entries_are_listed_to_be_checked(client: TestClient, ada: Browser) -> None:
    page = ada.get("/support/check")
    assert page.status_code == 200, page.text
    assert "Ashford Library" in page.text
    assert "Not confirmed for a year" in page.text
    # The Surgery is in the area of the highest risk.
    assert page.text.index("The Surgery") < page.text.index("Bexhill Library")
    inside = ada.get("/support/check?area=E06000001").text
    assert "Ashford Library" in inside
    assert "The Surgery" not in inside
    row = client.get("/api/v1/support/library:ashford").json()
    ada.post(f"/support/{row['id']}/confirm", {"next": "check", "query": "q="})
    assert "Ashford Library" not in ada.get("/support/check").text


def test_without_a_database_the_pages_say_so(tiny_processed: Path) -> None:
    with directory_client(tiny_processed, "none") as client:
        for path in ("/support/add", "/support/suggest", "/moderate"):
            answer = client.get(path, headers={"accept": "text/html"})
            assert answer.status_code == 503, path


def test_a_listing_of_many_services_fits_into_the_form(client: TestClient, ada: Browser) -> None:
    offers = tuple(HUB.offers[0].model_copy(update={"name": f"Service {at}"}) for at in range(20))
    many = Listing(**{**HUB.model_dump(), "offers": [offer.model_dump() for offer in offers]})
    identity = directory(client).add(many, by="ada").id
    fields = form_of(ada.get(f"/support/{identity}/edit").text) | {"name": ["Many"]}
    saved = ada.post(f"/support/{identity}/edit", fields | {"do": "save"})
    assert saved.status_code == 303, saved.text[:2000]
    assert len(directory(client).get(identity).listing.offers) == 20


def test_who_was_signed_out_meanwhile_loses_nothing(client: TestClient, ada: Browser) -> None:
    identity = hub(client)
    path = f"/support/{identity}/edit"
    fields = form_of(ada.get(path).text) | {"name": ["Typed for an hour"]}
    old = csrf_of(ada.client, path)
    ada.post("/sign-out")
    sent = {"csrf": old, **fields, "do": "save"}
    page = ada.client.post(path, data=sent, headers={**PAGE, **FROM_US})
    assert page.status_code == 401
    assert "Nothing that you typed is lost" in page.text
    kept = form_of(page.text)
    assert kept["name"] == ["Typed for an hour"]
    # In another tab they sign in: the mark of this page is of the browser then, not of the session.
    again = sign_in(client, Role.CONTRIBUTOR)
    late = again.client.post(path, data={"csrf": old, **kept}, headers={**PAGE, **FROM_US})
    assert late.status_code == 403
    assert "Send it once more" in late.text
    assert form_of(late.text)["name"] == ["Typed for an hour"]
    elsewhere = {**PAGE, "origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    evil = again.client.post(path, data={"csrf": old, **kept}, headers=elsewhere)
    assert evil.status_code == 403
    assert "Typed for an hour" not in evil.text
    assert directory(client).get(identity).version == 1
