"""The public suggests, a moderator decides; and nothing that anybody types is ever run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from exclusion_map.accounts import Role
from exclusion_map.directory import CostLine, Listing, Offer, Provider
from exclusion_map.directory.suggestions import About, State, Suggested, Suggestions
from exclusion_map.settings import EditingSettings

from .directory_apps import directory_client
from .signed_in import FROM_US, PAGE, Browser, csrf_of, sign_in
from .test_directory_service import HUB
from .test_edit_pages import form_of

BAD = '"><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}'


@pytest.fixture
def client(tiny_processed: Path, tmp_path: Path) -> Iterator[TestClient]:
    with directory_client(tiny_processed, f"sqlite:///{tmp_path / 'd.db'}") as made:
        yield made


@pytest.fixture
def mo(client: TestClient) -> Browser:
    return sign_in(client, Role.MODERATOR)


@pytest.fixture
def hub(client: TestClient) -> str:
    return str(client.app.state.directory.add(HUB, by="ada").id)  # type: ignore[attr-defined]


def suggestions(client: TestClient) -> Suggestions:
    return Suggestions(client.app.state.directory.database)  # type: ignore[attr-defined]


class Visitor:
    """Somebody without an account."""

    def __init__(self, client: TestClient) -> None:
        self.client = TestClient(client.app, follow_redirects=False)

    def send(self, path: str, **fields: Any) -> Any:
        token = csrf_of(self.client, path)
        return self.client.post(path, data={"csrf": token, **fields}, headers={**PAGE, **FROM_US})


def test_a_correction_waits_and_is_accepted_with_the_edit(
    client: TestClient, mo: Browser, hub: str
) -> None:
    path = f"/support/{hub}/suggest"
    page = client.get(path, headers=PAGE).text
    assert "They are deleted 30 days after the decision" in page
    sent = Visitor(client).send(
        path,
        **{"about": "correction", "message": "The phone is 01632 960 123.", "your-name": "Bo"},
    )
    assert sent.headers["location"] == "/support/suggested"
    [waiting] = suggestions(client).listed(State.WAITING)
    assert (waiting.listing_id, waiting.base_version, waiting.name) == (hub, 1, "Bo")
    queue = mo.get("/moderate").text
    assert "Correction: Zebra Community Hub" in queue
    single = mo.get(f"/moderate/{waiting.id}").text
    assert "01632 960 123" in single
    edit = f"/support/{hub}/edit?suggestion={waiting.id}"
    assert edit.replace("&", "&amp;") in single
    form = mo.get(edit)
    assert "The phone is 01632 960 123." in form.text
    fields = form_of(form.text) | {"s0-phone": ["01632 960 123"], "do": "save"}
    assert mo.post(f"/support/{hub}/edit", fields).status_code == 303
    assert suggestions(client).get(waiting.id).state == "accepted"
    assert "01632 960 123" in client.get(f"/support/{hub}", headers=PAGE).text


def test_a_missing_place_is_suggested_and_accepted_as_it_is(
    client: TestClient, mo: Browser
) -> None:
    sent = Visitor(client).send(
        "/support/suggest",
        **{
            "name": "Corner Cafe",
            "kind": "other",
            "postcode": "AB1 1AA",
            "s0-support": "free_wifi",
        },
    )
    assert sent.status_code == 303, sent.text
    assert client.get("/api/v1/support?words=corner").json()["matched"] == 0
    [waiting] = suggestions(client).listed(State.WAITING)
    shown = mo.get(f"/moderate/{waiting.id}").text
    assert "Corner Cafe" in shown
    assert "Free Wi-Fi" in shown
    assert mo.post(f"/moderate/{waiting.id}", {"do": "accept"}).status_code == 303
    assert client.get("/api/v1/support?words=corner").json()["matched"] == 1
    again = mo.post(f"/moderate/{waiting.id}", {"do": "accept"})
    assert again.status_code == 409
    assert "it is accepted by now" in again.text


def test_a_suggestion_about_a_place_that_changed_is_settled_line_by_line(
    client: TestClient, mo: Browser, hub: str
) -> None:
    directory = client.app.state.directory  # type: ignore[attr-defined]
    held = directory.get(hub)
    proposed = held.listing.model_copy(update={"city": "Suggested"})
    wanted = Suggested(about=About.CORRECTION, listing_id=hub, base_version=1, proposed=proposed)
    identity = suggestions(client).put(wanted)
    directory.change(
        hub, held.listing.model_copy(update={"address": "9 New Road"}), version=1, by="bo"
    )
    single = mo.get(f"/moderate/{identity}").text
    assert "The entry changed since this was suggested." in single
    assert 'value="accept"' not in single
    path = f"/support/{hub}/edit"
    form = form_of(mo.get(f"{path}?suggestion={identity}").text)
    conflict = mo.post(path, form | {"do": "preview"})
    assert conflict.status_code == 409
    result = mo.post(path, form_of(conflict.text) | {"do": "resolve"})
    assert mo.post(path, form_of(result.text) | {"do": "save"}).status_code == 303
    listing = directory.get(hub).listing
    assert (listing.city, listing.address) == ("Suggested", "9 New Road")
    assert suggestions(client).get(identity).state == "accepted"


def test_declining_needs_a_reason_and_spam_does_not(
    client: TestClient, mo: Browser, hub: str
) -> None:
    for message in ("One", "Two"):
        Visitor(client).send(f"/support/{hub}/suggest", about="correction", message=message)
    first, second = (one.id for one in suggestions(client).listed(State.WAITING))
    without = mo.post(f"/moderate/{first}", {"do": "decline"})
    assert without.status_code == 422
    assert "Say why" in without.text
    assert mo.post(f"/moderate/{first}", {"do": "decline", "reason": "No"}).status_code == 303
    assert mo.post(f"/moderate/{second}", {"do": "spam"}).status_code == 303
    assert "Nothing waits." in mo.get("/moderate").text
    assert mo.post(f"/moderate/{second}", {"do": "reopen"}).status_code == 303
    assert mo.post(f"/moderate/{second}", {"do": "explode"}).status_code == 422


def test_programs_are_kept_out(client: TestClient, hub: str) -> None:
    client.app.state.editing_settings = EditingSettings(  # type: ignore[attr-defined]
        suggestions_per_hour=3
    )
    path, told = f"/support/{hub}/suggest", {"about": "correction", "message": "Buy!"}
    bare = TestClient(client.app, follow_redirects=False)
    assert bare.post(path, data=told, headers={**PAGE, **FROM_US}).status_code == 403
    elsewhere = {**PAGE, "origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    marked = {"csrf": csrf_of(bare, path), **told}
    assert bare.post(path, data=marked, headers=elsewhere).status_code == 403
    trapped = Visitor(client).send(path, **told, **{"website-address": "https://spam.example"})
    assert trapped.status_code == 303, "the program is told nothing"
    assert suggestions(client).counts()[State.WAITING] == 0
    statuses = [Visitor(client).send(path, **told).status_code for _ in range(4)]
    assert statuses[-1] == 429
    assert suggestions(client).counts()[State.WAITING] <= 3


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"about": "correction"}, "message"),
        ({"message": "What?"}, "about"),
        ({"about": "correction", "message": "x" * 4001}, "message"),
        ({"about": "closed", "your-email": "not an address"}, "your-email"),
    ],
)
def test_what_is_missing_is_told_and_what_was_typed_stays(
    client: TestClient, hub: str, fields: dict[str, str], field: str
) -> None:
    answer = Visitor(client).send(f"/support/{hub}/suggest", **fields)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}"' in answer.text
    kept = form_of(answer.text)
    for name, text in fields.items():
        assert kept[name] == [text]


def hostile_listing() -> Listing:
    """Return a place as an import might bring it: the forms and the API refuse most of it."""
    offer = Offer(
        name=BAD,
        description=BAD,
        support={"free_wifi": "stated"},
        fees=BAD,
        costs=(CostLine(option=BAD, amount_description=BAD),),
        url="javascript:alert(3)",
        email=BAD,
        phone=BAD,
        contact=BAD,
        alert=BAD,
        hours_note=BAD,
        languages=("<b>", "en"),
    )
    return Listing(
        **{
            **HUB.model_dump(),
            "name": BAD,
            "description": BAD,
            "address": BAD,
            "access_note": BAD,
            "provider": Provider(name=BAD, website="javascript:alert(4)"),
            "offers": (offer,),
        }
    )


def test_nothing_that_anybody_types_is_run(client: TestClient, mo: Browser) -> None:
    directory = client.app.state.directory  # type: ignore[attr-defined]
    held = directory.add(hostile_listing(), by=BAD, note=BAD)
    directory.confirm(held.id, by=BAD)
    client.app.state.directory_service.refresh()  # type: ignore[attr-defined]
    Visitor(client).send(
        f"/support/{held.id}/suggest",
        **{"about": "correction", "message": BAD, "your-name": "<b>Bo</b>"},
    )
    [waiting] = suggestions(client).listed(State.WAITING)
    pages = (
        f"/support/{held.id}",
        f"/support/{held.id}/history",
        f"/support/{held.id}/edit",
        f"/support/{held.id}/remove",
        f"/support/{held.id}/suggest",
        f"/support/{held.id}/edit?suggestion={waiting.id}",
        "/support?area=E06000002",
        "/support-in-view?bbox=-1,51,-0.6,51.1",
        "/support/check",
        "/moderate",
        f"/moderate/{waiting.id}",
    )
    for path in pages:
        answer = mo.get(path)
        assert answer.status_code == 200, (path, answer.text[:500])
        html = answer.text
        assert "<script>alert" not in html, path
        assert "<img src=x" not in html, path
        assert "<b>Bo" not in html, path
        assert 'href="javascript:' not in html, path
        assert "49" not in html.split("{{7*7}}")[0][-3:], path
        assert "script-src 'self'" in answer.headers["content-security-policy"]
    place = client.get(f"/api/v1/support/{held.id}").json()["properties"]
    assert place["url"] is None
    assert place["services"][0]["url"] is None
    service = client.get(f"/openreferral/services/{held.listing.offers[0].id}").json()
    assert "javascript:" not in str(service)
