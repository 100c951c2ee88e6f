"""A service whose settings say nothing of sign-in: the first admin, the secret, the end."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from exclusion_map.accounts import Role
from exclusion_map.settings import AccountSettings

from .directory_apps import directory_client
from .signed_in import FROM_US, PAGE, PASSWORD, Browser, accounts, csrf_of, make_account
from .test_second_factor_pages import PATH, set_up

EMAIL = "first@example.org"


@pytest.fixture
def client(
    tiny_processed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TestClient]:
    monkeypatch.delenv("EXCLUSION_MAP_SECOND_FACTOR")
    monkeypatch.delenv("EXCLUSION_MAP_SECRET_KEYS")
    with directory_client(tiny_processed, f"sqlite:///{tmp_path / 'map.db'}") as made:
        yield made


def test_the_defaults_are_those_of_asvs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EXCLUSION_MAP_SECOND_FACTOR")
    settings = AccountSettings()
    assert settings.second_factor == "admin"
    assert settings.session_idle_hours == 0.5
    assert settings.session_days * 24 == 12


def test_the_first_admin_is_led_to_set_it_up(client: TestClient, tmp_path: Path) -> None:
    assert (tmp_path / "map.db.key").stat().st_mode & 0o077 == 0
    make_account(accounts(client), Role.ADMIN, EMAIL)
    fresh = TestClient(client.app, raise_server_exceptions=False, follow_redirects=False)
    data = {"csrf": csrf_of(fresh), "email": EMAIL, "password": PASSWORD, "next": "/areas"}
    answer = fresh.post("/sign-in", data=data, headers=PAGE | FROM_US)
    assert (answer.status_code, answer.headers["location"]) == (303, PATH)
    browser = Browser(fresh)
    assert browser.get("/people").headers["location"] == PATH
    page = browser.get(PATH).text
    assert "Your role needs codes" in page
    held = csrf_of(fresh, PATH)
    browser.post = lambda path, data=None: fresh.post(  # type: ignore[method-assign]
        path, data={"csrf": held, **(data or {})}, headers=PAGE | FROM_US
    )
    _, codes = set_up(browser)
    assert len(codes) == 10
    assert browser.get("/people").status_code == 200
    shown = browser.get("/account").text
    assert 'data-idle-seconds="1800"' in shown
    assert 43_000 < int(shown.split('data-ends-in="')[1].split('"')[0]) <= 43_200
