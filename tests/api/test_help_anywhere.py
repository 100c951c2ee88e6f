"""Help without a place: what the list says, how it ages, and who keeps it current."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from exclusion_map.accounts import Role
from exclusion_map.database import open_database
from exclusion_map.directory import prepare
from exclusion_map.directory import remote_store as remote_stores
from exclusion_map.directory.remote import Help, help_id, listed_help, maintained
from exclusion_map.directory.remote_store import RemoteHelpStore, load_maintained
from exclusion_map.errors import ConflictError
from exclusion_map.settings import EditingSettings

from .directory_apps import directory_client
from .signed_in import sign_in

TARIFF = Help(need="broadband", name="Village tariff", provider="Hill Net", price=12.5, who="All.")


@pytest.fixture
def store(database_url: str) -> Iterator[RemoteHelpStore]:
    database = open_database(database_url)
    prepare(database)
    yield RemoteHelpStore(database)
    database.close()


@pytest.fixture
def client(tiny_processed: Path, database_url: str) -> Iterator[TestClient]:
    with directory_client(tiny_processed, database_url) as made:
        yield made


def test_every_entry_of_the_list_has_a_source_with_an_address() -> None:
    for key, entry in maintained().items():
        assert entry.source, key
        assert entry.source_url.startswith("https://"), key
        # A price that is more than nothing needs a dated source.
        assert entry.as_of or not entry.price, key


def test_what_nobody_checked_for_half_a_year_is_marked() -> None:
    bt = next(held for held in listed_help() if held.source_key == "bt-home-essentials-36")
    assert bt.checked(date(2023, 6, 1)).recent
    assert not bt.checked(date(2023, 11, 1)).recent
    undated = next(held for held in listed_help() if held.source_key == "learn-my-way")
    assert undated.checked(date(2023, 6, 1)).on is None
    assert not undated.checked(date(2023, 6, 1)).recent


def test_versions_history_and_confirmation(store: RemoteHelpStore) -> None:
    added = store.add(TARIFF, by="ada", note="rang them")
    assert (added.version, added.confirmed_by, added.listing) == (1, "ada", TARIFF)
    assert added.checked().recent
    changed = store.change(added.id, TARIFF.model_copy(update={"price": None}), version=1, by="bo")
    assert (changed.version, changed.listing.price) == (2, None)
    with pytest.raises(ConflictError, match="version 2"):
        store.confirm(added.id, version=1, by="cy")
    store.remove(added.id, version=2, by="cy")
    assert store.all() == []
    back = store.restore(added.id, by="di")
    assert (back.version, back.deleted_at) == (4, None)
    told = [(change.action, change.by, change.note) for change in store.history(added.id)]
    assert told == [
        ("restored", "di", ""),
        ("removed", "cy", ""),
        ("changed", "bo", ""),
        ("added", "ada", "rang them"),
    ]


def test_the_list_comes_in_once_and_edits_stay(
    store: RemoteHelpStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_maintained(store.database)
    load_maintained(store.database)
    assert [held.listing for held in store.all()] == [held.listing for held in listed_help()]
    assert {held.version for held in store.all()} == {1}
    bt = store.get(help_id("bt-home-essentials-36"))
    store.change(bt.id, bt.listing.model_copy(update={"price": 16.0}), version=1, by="ada")
    gone = store.get(help_id("voxi-for-now"))
    store.remove(gone.id, version=1, by="ada")
    newer = dict(maintained())
    newer["bt-home-essentials-36"] = bt.listing.model_copy(
        update={"price": 17.0, "speed": "40 Mbps"}
    )
    newer["voxi-for-now"] = gone.listing.model_copy(update={"price": 11.0})
    del newer["learn-my-way"]
    monkeypatch.setattr(remote_stores, "maintained", lambda: newer)
    load_maintained(store.database)
    # The price is what somebody here made sure of; the speed is news.
    now = store.get(bt.id).listing
    assert (now.price, now.speed) == (16.0, "40 Mbps")
    kept = {held.source_key for held in store.all()}
    assert not kept & {"voxi-for-now", "learn-my-way"}


def test_page_json_and_csv_say_the_same(client: TestClient) -> None:
    html = client.get("/help-anywhere").text
    told = client.get("/api/v1/help-anywhere").json()
    assert told["matched"] == len(maintained())
    assert all(entry["name"] in html for entry in told["help"] if "'" not in entry["name"])
    assert "£15 a month in April 2023: ask for today&#39;s price" in html
    assert "Check before relying on it" in html
    rows = list(csv.DictReader(io.StringIO(client.get("/api/v1/help-anywhere.csv").text[1:])))
    assert [row["name"] for row in rows] == [entry["name"] for entry in told["help"]]
    one = client.get(f"/api/v1/help-anywhere/{told['help'][0]['id']}").json()
    assert one == told["help"][0]
    assert client.get("/help-anywhere/learn-my-way", follow_redirects=False).status_code == 303


def test_choose_by_need_and_nation(client: TestClient) -> None:
    def found(query: str) -> set[str]:
        return {one["name"] for one in client.get(f"/api/v1/help-anywhere?{query}").json()["help"]}

    assert found("need=device") == {"National Device Bank"}
    assert "Adviceline" in found("need=helpline&nation=England")
    assert "Adviceline" not in found("need=helpline&nation=Scotland")
    assert client.get("/api/v1/help-anywhere?need=money").status_code == 422
    assert client.get("/help-anywhere?nation=Mars").status_code == 422
    assert client.get("/api/v1/help-anywhere/none").status_code == 404


def test_without_a_database_the_list_is_shown_and_nobody_can_change_it(
    tiny_processed: Path,
) -> None:
    with directory_client(tiny_processed, "none") as client:
        assert "National Databank" in client.get("/help-anywhere").text
        assert client.get("/help-anywhere/add").status_code == 503
        assert client.get("/help-anywhere/learn-my-way/history").status_code == 503


def test_an_editor_adds_corrects_and_confirms(client: TestClient) -> None:
    editor = sign_in(client, Role.CONTRIBUTOR)
    fields = {"need": "broadband", "name": "Village tariff", "provider": "Hill Net"}
    wrong = editor.post("/help-anywhere/add", {**fields, "price": "dear", "url": "ftp://x"})
    assert wrong.status_code == 422
    assert "Enter pounds a month" in wrong.text
    assert 'value="dear"' in wrong.text
    saved = editor.post("/help-anywhere/add", {**fields, "price": "£12.50"})
    assert (saved.status_code, saved.headers["location"]) == (303, "/help-anywhere?told=added")
    page = editor.get("/help-anywhere?told=added").text
    assert "£12.50 a month" in page
    assert "The entry was added." in page
    told = client.get("/api/v1/help-anywhere?need=broadband").json()["help"]
    entry = next(one for one in told if one["name"] == "Village tariff")
    assert (entry["checked_by"], entry["check_before_relying_on_it"]) == ("Contributor", False)
    path = f"/help-anywhere/{entry['id']}"
    assert editor.get(f"{path}/edit").status_code == 200
    newer = {**fields, "price": "", "version": "1", "note": "They would not say."}
    assert editor.post(f"{path}/edit", newer).status_code == 303
    late = editor.post(f"{path}/edit", {**newer, "name": "Other"})
    assert late.status_code == 409
    assert "changed since you opened it" in late.text
    assert editor.post(f"{path}/confirm", {"version": "2"}).status_code == 303
    assert "They would not say." in client.get(f"{path}/history").text
    assert editor.post(f"{path}/remove", {"version": "3"}).status_code == 403
    moderator = sign_in(client, Role.MODERATOR)
    assert moderator.post(f"{path}/remove", {"version": "3", "note": "ended"}).status_code == 303
    assert "Village tariff" not in client.get("/help-anywhere").text
    assert moderator.post(f"{path}/restore").status_code == 303
    assert "Village tariff" in client.get("/help-anywhere").text


def test_strangers_cannot_change_anything(client: TestClient) -> None:
    entry = client.get("/api/v1/help-anywhere").json()["help"][0]
    for path in ("add", f"{entry['id']}/edit", f"{entry['id']}/confirm", f"{entry['id']}/remove"):
        answer = client.post(f"/help-anywhere/{path}", data={"version": "1"})
        assert answer.status_code in (401, 403), path
    assert client.get("/api/v1/help-anywhere").json()["help"][0] == entry
    page = client.get("/help-anywhere/add", headers={"accept": "text/html"}, follow_redirects=False)
    assert (page.status_code, page.headers["location"][:8]) == (303, "/sign-in")


def test_the_open_referral_export_has_help_as_services_without_a_location(
    client: TestClient,
) -> None:
    every = client.get("/openreferral/export.json").json()
    anywhere = [one for one in every if "service_at_locations" not in one]
    assert len(anywhere) == len(maintained())
    bt = next(one for one in anywhere if one["id"] == help_id("bt-home-essentials-36"))
    assert bt["organization"]["name"] == "BT"
    # Nobody made sure of its price for years: it is not handed on as one.
    assert "cost_options" not in bt
    assert bt["alert"] == "Check before relying on it: its source is of 2023-04-20."
    some = client.get("/openreferral/export.json?kind=library").json()
    assert all("service_at_locations" in one for one in some)


def test_profiles_say_what_help_needs_no_place(client: TestClient) -> None:
    html = client.get("/areas/E01000001").text
    assert "What help needs no place?" in html
    assert "/help-anywhere?need=helpline&amp;nation=England" in html
    assert "Print a sheet for this neighbourhood" in html
    assert "Print a sheet" not in client.get("/areas/E06000002").text.split("<footer")[0]
    assert client.get("/sheet/E06000002").status_code in (400, 422)
    assert client.get("/sheet?postcode=ZZ99%209ZZ").status_code == 404


def test_where_contributions_wait_moderators_keep_the_list(client: TestClient) -> None:
    client.app.state.editing_settings = EditingSettings(contributions="wait")
    fields = {"need": "broadband", "name": "Village tariff", "provider": "Hill Net"}
    editor = sign_in(client, Role.CONTRIBUTOR)
    for path in ("add", "x/edit", "x/confirm"):
        refused = editor.post(f"/help-anywhere/{path}", {**fields, "version": "1"})
        assert refused.status_code == 403, path
        assert "Tell a moderator" in refused.text
    assert "/help-anywhere/add" not in editor.get("/help-anywhere").text
    moderator = sign_in(client, Role.MODERATOR)
    assert "/help-anywhere/add" in moderator.get("/help-anywhere").text
    assert moderator.post("/help-anywhere/add", fields).status_code == 303
