"""Keys in a real browser, signed by Chromium's virtual authenticator: added, used, removed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import CDPSession, Page, expect

from api.accounts.guard import accounts_of
from exclusion_map.accounts import COMMAND_LINE, Role

from .conftest import AXE, Watched
from .directory_site import directory_site
from .test_accounts_in_browser import PASSWORD, sign_in
from .test_pages_in_browser import RUN_AXE

pytestmark = pytest.mark.browser
EMAIL, OTHER = "kim@example.org", "lee@example.org"


@pytest.fixture(scope="module")
def base(sample_processed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    database = f"sqlite:///{tmp_path_factory.mktemp('passkeys') / 'd.db'}"
    with directory_site(sample_processed, database) as (address, app):
        held = accounts_of(app.state)
        assert held is not None
        for email, name in ((EMAIL, "Kim"), (OTHER, "Lee")):
            secret = held.invitations.invite(COMMAND_LINE, email, Role.MODERATOR)
            held.invitations.accept(secret, name, PASSWORD)
        # A number is no host that a key can be bound to.
        yield address.replace("127.0.0.1", "localhost")


@contextmanager
def authenticator(page: Page) -> Iterator[tuple[CDPSession, str]]:
    """Yield a key that is plugged in, and signs as soon as it is asked."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "usb",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield devtools, str(made["authenticatorId"])
    devtools.send("WebAuthn.disable")
    devtools.detach()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out", exact=True).click()


def use_key(page: Page) -> None:
    page.get_by_role("button", name="Use your key").click()


def test_a_key_from_adding_to_removing(base: str, desktop: Watched) -> None:
    page = desktop.page

    def sound(where: str) -> None:
        for width in (1280, 375):
            page.set_viewport_size({"width": width, "height": 800})
            page.evaluate(AXE.read_text(encoding="utf-8"))
            assert page.evaluate(RUN_AXE) == [], (where, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, where

    with authenticator(page) as (devtools, key):
        page.goto(f"{base}/sign-in?next=/account")
        sign_in(page, EMAIL)
        page.get_by_role("link", name="Add a key").click()
        page.get_by_label("Name of the key").fill("Blue key")
        sound("none")
        page.keyboard.press("Enter")
        expect(page.locator("#codes li")).to_have_count(10)
        codes = page.locator("#codes li").all_inner_texts()
        sound("recovery codes")
        page.get_by_role("link", name="I have saved them").click()
        expect(page.get_by_role("row", name="Blue key")).to_contain_text("never")
        page.get_by_label("Name of the key").fill("The same")
        page.get_by_role("button", name="Add this key").click()
        expect(page.locator("[data-fault]")).to_have_text("This key is registered already.")
        sound("one")
        sign_out(page)

        page.goto(f"{base}/sign-in?next=/account/passkeys")
        sign_in(page, EMAIL)
        expect(page.get_by_role("heading", level=1)).to_have_text("Use your key")
        sound("asked")
        page.get_by_role("button", name="Use your key").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Security keys and passkeys")
        expect(page.get_by_role("row", name="Blue key")).not_to_contain_text("never")
        sign_out(page)

        # A copy of the key that signed less often.
        [held] = devtools.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"]
        copy = {**held, "signCount": held["signCount"] - 1}
        where = {"authenticatorId": key, "credentialId": held["credentialId"]}
        devtools.send("WebAuthn.removeCredential", where)
        devtools.send("WebAuthn.addCredential", {"authenticatorId": key, "credential": copy})
        sign_in(page, EMAIL)
        use_key(page)
        expect(page.locator(".nhsuk-error-summary")).to_contain_text("That did not work")
        assert page.title().startswith("Error: ")
        sound("refused")
        # By now it counted as far as we know of, and goes on.
        use_key(page)
        expect(page.get_by_role("button", name="Sign out", exact=True)).to_be_visible()
        page.goto(f"{base}/account")
        expect(page.locator("main")).to_contain_text("key refused, its counter went back")

        page.goto(f"{base}/confirm?next=/account/passkeys")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        sound("proof")
        use_key(page)
        page.get_by_text("Rename").click()
        page.get_by_label("New name").fill("Red key")
        page.get_by_role("button", name="Save").click()
        expect(page.locator(".em-note")).to_have_text("The key has its new name.")
        page.get_by_role("button", name="Remove Red key").click()
        expect(page.locator(".em-note")).to_contain_text("The key is removed")
        sign_out(page)
        sign_in(page, EMAIL)
        expect(page.get_by_role("button", name="Sign out", exact=True)).to_be_visible()
    assert len(codes) == 10
    assert [one for one in desktop.faults if "422" not in one] == []
    assert desktop.hosts == {"localhost"}


def test_without_scripts_or_at_a_number_the_page_says_what_works(
    base: str, desktop: Watched, scriptless: Watched
) -> None:
    page, plain = desktop.page, scriptless.page
    with authenticator(page):
        page.goto(f"{base}/sign-in?next=/account/passkeys")
        sign_in(page, OTHER)
        page.get_by_label("Name of the key").fill("Laptop")
        page.get_by_role("button", name="Add this key").click()
        expect(page.locator("#codes li")).to_have_count(10)
        codes = page.locator("#codes li").all_inner_texts()
        page.get_by_role("link", name="I have saved them").click()
        at_number = base.replace("localhost", "127.0.0.1")
        plain.goto(f"{at_number}/sign-in?next=/account/passkeys")
        sign_in(plain, OTHER)
        expect(plain.locator("main")).to_contain_text("is a number (127.0.0.1)")
        plain.goto(f"{base}/sign-in?next=/account/passkeys")
        sign_in(plain, OTHER)
        expect(plain.locator("main")).to_contain_text("Keys need JavaScript")
        expect(plain.get_by_role("button", name="Use your key")).to_have_count(0)
        plain.get_by_text("I do not have my key").click()
        plain.get_by_label("Recovery code").fill(codes[0])
        plain.get_by_role("button", name="Use a recovery code").click()
        expect(plain.get_by_role("heading", level=1)).to_have_text("Security keys and passkeys")
        expect(plain.locator("main")).to_contain_text("9 recovery codes left")
        expect(plain.get_by_role("button", name="Add this key")).to_have_count(0)
    assert desktop.faults == []
