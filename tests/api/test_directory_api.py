"""The API that changes the directory: tokens, versions, roles, suggestions; on both databases."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from exclusion_map.accounts import Role
from exclusion_map.directory import Provider
from exclusion_map.settings import EditingSettings

from .directory_apps import directory_client
from .signed_in import bearer
from .test_directory_service import HUB

Json = dict[str, Any]
HALL: Json = {
    "name": "Village Hall",
    "kind": "community_venue",
    "offers": [{"name": "Drop-in", "support": {"drop_in_help": "stated"}, "cost": "free"}],
}


@pytest.fixture
def client(tiny_processed: Path, database_url: str) -> Iterator[TestClient]:
    with directory_client(tiny_processed, database_url) as made:
        yield made


@pytest.fixture
def plain(tiny_processed: Path, tmp_path: Path) -> Iterator[TestClient]:
    with directory_client(tiny_processed, f"sqlite:///{tmp_path / 'd.db'}") as made:
        yield made


def add(client: TestClient, listing: Json | None = None) -> Json:
    token = bearer(client, Role.CONTRIBUTOR)
    body = {"listing": listing or HALL, "checked": True}
    answer = client.post("/api/v1/support", json=body, headers=token)
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    assert answer.headers["location"] == f"/api/v1/support/{made['id']}"
    return made


def test_a_listing_is_added_read_changed_confirmed_and_taken_out(client: TestClient) -> None:
    token = bearer(client, Role.CONTRIBUTOR)
    made = add(client)
    path = f"/api/v1/support/{made['id']}"
    read = client.get(f"{path}/listing")
    assert read.headers["etag"] == f'"{made["version"]}"'
    listing = read.json()["listing"] | {"city": "Ashby"}
    put = client.put(
        path, json={"listing": listing, "note": "Town"}, headers={**token, "if-match": '"2"'}
    )
    assert put.status_code == 200, put.text
    assert put.json()["listing"]["offers"] == listing["offers"], "ids of services stay"
    assert client.get(path).json()["properties"]["version"] == 3
    sure = client.post(f"{path}/confirm", headers=token)
    assert (sure.status_code, sure.json()["confirmed_by"]) == (200, "Contributor")
    history = client.get(f"{path}/history").json()
    actions = [change["action"] for change in history["changes"]]
    assert actions == ["confirmed", "changed", "confirmed", "added"]
    assert history["changes"][1]["changed"] == [
        {"key": "city", "label": "Town", "before": "", "after": "Ashby"}
    ]
    gone = client.delete(f"{path}?note=Closed", headers={**token, "if-match": '"4"'})
    assert gone.status_code == 204
    assert client.get(path).status_code == 404
    assert client.get(f"{path}/history").status_code == 200


def test_who_does_not_say_the_version_or_says_an_old_one_is_told(plain: TestClient) -> None:
    token = bearer(plain, Role.CONTRIBUTOR)
    path = f"/api/v1/support/{add(plain)['id']}"
    body = {"listing": HALL | {"name": "Other"}}
    for header in ({}, {"if-match": "*"}):
        answer = plain.put(path, json=body, headers=token | header)
        assert answer.status_code == 428, answer.text
    old = plain.put(path, json=body, headers={**token, "if-match": '"1"'})
    assert old.status_code == 412
    assert old.json()["found"] == "version 2, changed since you opened it"
    assert plain.put(path, json=body, headers={**token, "if-match": "x"}).status_code == 422
    assert plain.delete(path, headers=token).status_code == 428
    assert plain.delete(path, headers={**token, "if-match": '"1"'}).status_code == 412
    assert plain.get(f"{path}/listing").json()["version"] == 2


def test_roles_and_tokens_are_asked_for(plain: TestClient) -> None:
    body = {"listing": HALL}
    assert plain.post("/api/v1/support", json=body).status_code == 401
    wrong = {"authorization": "Bearer nonsense"}
    assert plain.post("/api/v1/support", json=body, headers=wrong).status_code == 401
    viewer = bearer(plain, Role.VIEWER)
    assert plain.post("/api/v1/support", json=body, headers=viewer).status_code == 403
    contributor = bearer(plain, Role.CONTRIBUTOR)
    assert plain.get("/api/v1/suggestions", headers=contributor).status_code == 403


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": ""}, "at least 1"),
        ({"kind": "castle"}, "castle"),
        ({"surprise": 1}, "surprise"),
        ({"description": "x" * 2001}, "2,000 characters"),
        ({"name": "a\u202eb"}, "cannot be seen"),
        ({"name": "a\u0000b"}, "cannot be seen"),
        ({"provider": {"name": "P", "website": "javascript:alert(1)"}}, "website's address"),
        ({"offers": [{"name": "S", "url": "data:text/html,x"}]}, "website's address"),
        ({"offers": [{"name": "S", "email": "a@b.example?bcc=c@d.example"}]}, "email address"),
        ({"offers": [{"name": "S", "schedule": {"mon": [["17:00", "09:00"]]}}]}, "Monday"),
        ({"offers": [{"name": "S", "languages": ["Polish!"]}]}, "ISO 639"),
        ({"offers": [{"name": "S"}] * 21}, "at most 20 services"),
    ],
)
def test_a_listing_that_cannot_be_is_refused_with_the_field(
    plain: TestClient, change: Json, told: str
) -> None:
    token = bearer(plain, Role.CONTRIBUTOR)
    answer = plain.post("/api/v1/support", json={"listing": HALL | change}, headers=token)
    assert answer.status_code == 422, answer.text
    assert told in answer.text
    assert "listing" in answer.json()["detail"]


def test_nobody_can_change_a_service_or_organisation_of_another_place(plain: TestClient) -> None:
    directory = plain.app.state.directory  # type: ignore[attr-defined]
    held = directory.add(
        HUB.model_copy(update={"provider": Provider(name="Council")}),
        by="x",
    )
    held = directory.get(held.id)
    theirs = held.listing.offers[0].id
    owner = held.listing.provider.id
    made = add(
        plain,
        HALL
        | {
            "offers": [{"id": theirs, "name": "Hijacked"}],
            "provider": {"id": owner, "name": "Renamed"},
        },
    )
    assert made["listing"]["offers"][0]["id"] != theirs
    after = directory.get(held.id).listing
    assert after.offers[0].name == "Get online"
    assert after.provider.name == "Council"


def test_suggestions_wait_for_a_moderator(client: TestClient) -> None:
    made = add(client)
    token, moderator = bearer(client, Role.CONTRIBUTOR), bearer(client, Role.MODERATOR)
    proposed = made["listing"] | {"city": "Bexhill"}
    sent = client.post(
        "/api/v1/suggestions",
        json={"listing_id": made["id"], "message": "It moved.", "proposed": proposed},
        headers=token,
    )
    assert sent.status_code == 202, sent.text
    identity = sent.json()["suggestion"]
    listed = client.get("/api/v1/suggestions", headers=moderator)
    assert listed.headers["cache-control"] == "private, no-store"
    [one] = listed.json()["suggestions"]
    assert (one["id"], one["account"], one["about"]) == (identity, "Contributor", "correction")
    path = f"/api/v1/suggestions/{identity}/decision"
    done = client.post(path, json={"decision": "accept"}, headers=moderator)
    assert done.json()["state"] == "accepted"
    assert client.get(made["page"]).text.count("Bexhill") >= 1
    again = client.post(path, json={"decision": "decline"}, headers=moderator)
    assert again.status_code == 409
    wrong = client.post("/api/v1/suggestions", json={"message": "?"}, headers=token)
    assert wrong.status_code == 422


def test_what_contributors_send_can_wait_by_setting(plain: TestClient) -> None:
    state = plain.app.state  # type: ignore[attr-defined]
    state.editing_settings = EditingSettings(contributions="wait")
    token, moderator = bearer(plain, Role.CONTRIBUTOR), bearer(plain, Role.MODERATOR)
    sent = plain.post("/api/v1/support", json={"listing": HALL}, headers=token)
    assert sent.status_code == 202
    assert len(state.directory.all()) == 3
    own = plain.post("/api/v1/support", json={"listing": HALL}, headers=moderator)
    assert own.status_code == 201, "moderators need nobody else"
    path = f"/api/v1/suggestions/{sent.json()['suggestion']}/decision"
    assert plain.post(path, json={"decision": "accept"}, headers=moderator).status_code == 200
    assert len(state.directory.all()) == 5


def test_every_status_is_described(plain: TestClient) -> None:
    paths = plain.get("/api/v1/openapi.json").json()["paths"]
    put = paths["/api/v1/support/{identity}"]["put"]
    assert {"200", "202", "401", "403", "404", "412", "422", "428", "429", "503"} <= set(
        put["responses"]
    )
    assert put["security"]
