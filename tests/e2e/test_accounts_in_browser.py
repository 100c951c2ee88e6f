"""Accounts in a real browser without scripts: invited on the command line, in, a token, out."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, expect

from .conftest import AXE, Watched
from .directory_site import directory_site
from .test_pages_in_browser import RUN_AXE

pytestmark = pytest.mark.browser
PASSWORD = "plum kettle tractor violin"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('accounts') / 'd.db'}"


@pytest.fixture(scope="module")
def base(sample_processed: Path, database: str) -> Iterator[str]:
    with directory_site(sample_processed, database) as (address, _):
        yield address


def invited(base: str, database: str, email: str, role: str) -> str:
    """Return the link that the command line prints."""
    command = [sys.executable, "-m", "exclusion_map", "account", "invite", email, "--role", role]
    settings = {"EXCLUSION_MAP_DATABASE_URL": database, "EXCLUSION_MAP_BASE_URL": base}
    done = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | settings, check=True, timeout=300
    )
    found = re.search(r"http://\S+/invitation#\S+", done.stdout)
    assert found is not None
    return found[0]


def join(page: Page, link: str, name: str, *, paste: bool = True) -> None:
    """Make an account by a link, which people without scripts paste into the page."""
    page.goto(link.partition("#")[0] if paste else link)
    if paste:
        page.get_by_label("The link that you were given").fill(link)
        page.get_by_role("button", name="Go on").click()
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Make my account").click()
    expect(page.locator(".em-note")).to_contain_text("Your account is ready")


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def asked(base: str, token: str) -> int:
    """Return the status that a program gets with a token."""
    request = Request(f"{base}/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    try:
        with urlopen(request) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


def test_from_invitation_to_signing_out(base: str, database: str, scriptless: Watched) -> None:
    page = scriptless.page
    join(page, invited(base, database, "sam@example.org", "moderator"), "Sam Green")
    page.goto(f"{base}/account")
    assert page.url == f"{base}/sign-in?next=/account"
    sign_in(page, "sam@example.org", "not the password")
    expect(page.get_by_role("alert")).to_contain_text("Email address or password is wrong")
    assert page.title().startswith("Error: ")
    sign_in(page, "sam@example.org")
    assert page.url == f"{base}/account"
    page.get_by_label("What is the token for?").fill("Nightly import")
    page.get_by_label("It may do what this role may").select_option("contributor")
    page.get_by_role("button", name="Make a token").click()
    token = page.locator("#secret").inner_text()
    assert asked(base, token) == 200
    page.get_by_role("button", name="Revoke Nightly import").click()
    assert asked(base, token) == 401
    page.goto(f"{base}/people")
    expect(page.get_by_role("heading", level=1)).to_have_text("You cannot do that")
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.locator(".em-note")).to_contain_text("You are signed out")
    page.go_back()
    page.goto(f"{base}/account")
    assert page.url.startswith(f"{base}/sign-in")


def test_guessing_is_slowed_and_says_so(base: str, database: str, scriptless: Watched) -> None:
    page = scriptless.open(f"{base}/sign-in")
    for _ in range(5):
        sign_in(page, "nobody@example.org", "a guess")
    sign_in(page, "nobody@example.org", "another")
    expect(page.get_by_role("alert")).to_contain_text("Too many tries")
    page.get_by_role("link", name="Too many tries").click()
    assert page.url.endswith("#password")


def test_the_pages_are_sound_at_both_sizes_and_by_keyboard(
    base: str, database: str, desktop: Watched
) -> None:
    page = desktop.page
    link = invited(base, database, "admin@example.org", "admin")
    addresses = ["/password-strength", link, "/sign-in", "/account", "/people", "/audit"]
    for address in addresses:
        if address == "/account":
            page.goto(f"{base}/sign-in")
            page.get_by_label("Email address").focus()
            for typed in ("admin@example.org", PASSWORD):
                page.keyboard.type(typed)
                page.keyboard.press("Tab")
            # The password can be looked at; it is hidden again when it is sent.
            page.keyboard.press("Enter")
            expect(page.get_by_label("Password")).to_have_attribute("type", "text")
            page.keyboard.press("Tab")
            page.keyboard.press("Enter")
            expect(page.get_by_role("link", name="Your account: Ada")).to_be_visible()
        page.goto(address if address == link else f"{base}{address}")
        for width in (1280, 375):
            page.set_viewport_size({"width": width, "height": 800})
            page.evaluate(AXE.read_text(encoding="utf-8"))
            assert page.evaluate(RUN_AXE) == [], (address, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        if address == link:
            page.get_by_label("Password", exact=True).fill("Password1234!")
            told = page.locator("[data-strength]").get_by_role("status")
            expect(told).to_contain_text("Weak: a password that attackers try early")
            join(page, link, "Ada", paste=False)
    assert desktop.faults == []
    assert desktop.hosts == {"127.0.0.1"}
