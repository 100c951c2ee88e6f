"""Sign-in codes in a real browser without scripts: set up, out, in again, a recovery code, off."""

import time
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Page, expect

from .conftest import AXE, Watched
from .directory_site import directory_site
from .test_accounts_in_browser import invited, join, sign_in
from .test_pages_in_browser import RUN_AXE

pytestmark = pytest.mark.browser
EMAIL = "robin@example.org"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('second') / 'd.db'}"


@pytest.fixture(scope="module")
def base(sample_processed: Path, database: str) -> Iterator[str]:
    with directory_site(sample_processed, database) as (address, _):
        yield address


def set_up(page: Page, base: str, database: str, email: str) -> tuple[pyotp.TOTP, list[str]]:
    """Join, sign in and set codes up. The code of now is used then; the next is taken already."""
    join(page, invited(base, database, email, "moderator"), "Robin Grey")
    sign_in(page, email)
    page.goto(f"{base}/account")
    page.get_by_role("link", name="Set up sign-in codes").click()
    page.get_by_role("button", name="Set up codes").click()
    app = pyotp.TOTP(page.locator("#key").inner_text().replace(" ", ""))
    page.get_by_label("Six-digit code").fill(app.now())
    page.get_by_role("button", name="Switch codes on").click()
    return app, page.locator("#codes li").all_inner_texts()


def test_codes_from_setting_up_to_switching_off(
    base: str, database: str, scriptless: Watched
) -> None:
    page = scriptless.page
    app, codes = set_up(page, base, database, EMAIL)
    assert len(codes) == 10
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_role("link", name="Sign in", exact=True).click()
    page.goto(f"{base}/sign-in?next=/account")
    sign_in(page, EMAIL)
    expect(page.get_by_role("heading", level=1)).to_have_text("Type your code")
    page.get_by_label("Six-digit code").fill("000 00x")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_contain_text("not right, or was used before")
    assert page.title().startswith("Error: ")
    page.get_by_label("Six-digit code").fill(app.at(time.time() + 30))
    page.get_by_role("button", name="Go on").click()
    assert page.url == f"{base}/account"
    page.get_by_role("button", name="Sign out", exact=True).click()
    sign_in(page, EMAIL)
    page.get_by_text("I do not have my phone").click()
    page.get_by_label("Recovery code").fill(codes[0].upper())
    page.get_by_role("button", name="Use a recovery code").click()
    page.goto(f"{base}/account")
    expect(page.locator("main")).to_contain_text("9 recovery codes left")
    page.get_by_role("link", name="Change your sign-in codes").click()
    page.get_by_role("button", name="Switch codes off").click()
    expect(page.get_by_role("status")).to_contain_text("Codes are switched off")


def test_its_pages_are_sound_at_both_sizes(base: str, database: str, desktop: Watched) -> None:
    page = desktop.page

    def sound(where: str) -> None:
        for width in (1280, 375):
            page.set_viewport_size({"width": width, "height": 800})
            page.evaluate(AXE.read_text(encoding="utf-8"))
            assert page.evaluate(RUN_AXE) == [], (where, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, where

    join(page, invited(base, database, "axe@example.org", "admin"), "Ada")
    sign_in(page, "axe@example.org")
    page.goto(f"{base}/account/second-factor")
    sound("off")
    page.get_by_role("button", name="Set up codes").click()
    sound("picture and key")
    app = pyotp.TOTP(page.locator("#key").inner_text().replace(" ", ""))
    page.get_by_label("Six-digit code").fill(app.now())
    page.keyboard.press("Enter")
    expect(page.locator("#codes li")).to_have_count(10)
    sound("recovery codes")
    page.goto(f"{base}/account/second-factor")
    sound("on")
    page.goto(f"{base}/people")
    expect(page.locator("main")).to_contain_text("with a second factor")
    sound("people")
    page.get_by_role("button", name="Sign out", exact=True).click()
    sign_in(page, "axe@example.org")
    sound("code")
    assert desktop.faults == []
    assert desktop.hosts == {"127.0.0.1"}
