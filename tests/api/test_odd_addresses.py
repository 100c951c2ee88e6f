"""Addresses and texts that no person types, against both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from exclusion_map.accounts import Role

from .directory_apps import directory_client
from .signed_in import PAGE, bearer, csrf_of, sign_in

EVIL = "evil.example"


@pytest.fixture
def client(tiny_processed: Path, database_url: str) -> Iterator[TestClient]:
    with directory_client(tiny_processed, database_url) as made:
        yield made


def test_nul_is_in_no_address_and_in_no_text(client: TestClient) -> None:
    admin, program = sign_in(client, Role.ADMIN), bearer(client, Role.ADMIN)
    for path in (
        "/support/a%00b",
        "/api/v1/support/%00/history",
        "/tools/readiness/%00",
        "/people/%00/delete",
        "/static/%00",
    ):
        assert admin.get(path).status_code == 404, path
        assert client.get(path, headers=program).status_code == 404, path
    assert admin.post("/account/name", {"name": "Ad\x00a"}).status_code == 303
    assert "Ada" in admin.get("/account").text
    for email in ("a\x00b", "a\x00b@example.org"):
        assert admin.post("/people/invite", {"email": email}).status_code == 422
        visitor = TestClient(client.app, follow_redirects=False)
        typed = {"csrf": csrf_of(visitor), "email": email, "password": "x\x00y"}
        headers = PAGE | {"origin": "http://testserver", "sec-fetch-site": "same-origin"}
        assert visitor.post("/sign-in", data=typed, headers=headers).status_code == 422
    # Nothing is left half done: the database answers as before.
    assert client.get("/api/v1/me", headers=program).status_code == 200


def test_a_slash_too_many_leads_to_the_same_host(client: TestClient) -> None:
    for path in ("/support/", "/api/v1/edition/?x=1"):
        named = {"host": EVIL, "x-forwarded-host": EVIL}
        answer = client.get(path, headers=named, follow_redirects=False)
        assert answer.status_code == 307
        assert answer.headers["location"] == path.replace("/?", "?").rstrip("/")
    odd = client.get("http://testserver//evil.example/support/", follow_redirects=False)
    assert odd.status_code == 404


def test_the_name_of_an_index_may_not_be_endless(client: TestClient) -> None:
    assert client.get(f"/tiles/{'x' * 3_000}/raster.json").status_code == 422
