"""Editing the directory in a real browser: with and without scripts, by keyboard, on a phone."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from api.accounts.guard import accounts_of
from exclusion_map.accounts import COMMAND_LINE, Role
from exclusion_map.directory import Listing, Offer
from exclusion_map.directory.suggestions import About, Suggested, Suggestions

from .conftest import AXE
from .directory_site import directory_site
from .test_pages_in_browser import RUN_AXE

pytestmark = pytest.mark.browser
PASSWORD = "plum kettle tractor violin"
PICTURES = os.environ.get("EM_PICTURES", "")
"""Folder for pictures of what the tests see, for people who look at them."""
HUB = Listing(
    name="Zebra Hub",
    kind="charity",
    offers=(
        Offer(name="Get online", support={"drop_in_help": "stated"}, schedule={"mon": []}),
        Offer(name="Cafe", cost="charge"),
    ),
)


@dataclass
class Served:
    base: str
    app: Any

    def add(self, listing: Listing) -> str:
        identity = self.app.state.directory.add(listing, by="x").id
        self.app.state.directory_service.refresh()
        return str(identity)

    def signed_in(self, browser: Browser, role: Role, **more: Any) -> Page:
        """Return a page of somebody who signed in by the form."""
        held = accounts_of(self.app.state)
        assert held is not None
        email = f"{role.value}@example.org"
        if held.people.find(email) is None:
            secret = held.invitations.invite(COMMAND_LINE, email, role)
            held.invitations.accept(secret, role.value.title(), PASSWORD)
        page = browser.new_context(**more).new_page()
        page.goto(f"{self.base}/sign-in")
        page.fill("#email", email)
        page.fill("#password", PASSWORD)
        page.locator("main button[type=submit]").click()
        return page


@pytest.fixture(scope="module")
def served(
    built_assets: None, sample_processed: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    url = f"sqlite:///{tmp_path_factory.mktemp('editing') / 'd.db'}"
    with directory_site(sample_processed, url) as (address, app):
        yield Served(address, app)


def sound(page: Page, name: str) -> None:
    """No fault by axe-core, and nothing wider than the page; keep a picture if asked to."""
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{name} is {wide} px too wide"
    page.add_script_tag(path=str(AXE))
    faults = page.evaluate(RUN_AXE)
    assert not faults, f"{name}: {faults}"


@pytest.mark.parametrize(
    ("width", "names"),
    [
        (375, "add edit remove check suggest suggest-place moderate one place history"),
        (1280, "one"),
    ],
)
def test_pages_of_editing_are_sound(
    served: Served, browser: Browser, width: int, names: str
) -> None:
    hub = served.add(HUB)
    suggestions = Suggestions(served.app.state.directory.database)
    proposed = HUB.model_copy(update={"address": "2 Low Road\nAshby", "offers": ()})
    wanted = Suggested(about=About.CORRECTION, listing_id=hub, base_version=1, proposed=proposed)
    one = suggestions.put(wanted)
    viewport = {"width": width, "height": 900}
    page = served.signed_in(browser, Role.MODERATOR, viewport=viewport, bypass_csp=True)
    paths = {
        "add": "/support/add",
        "edit": f"/support/{hub}/edit",
        "remove": f"/support/{hub}/remove",
        "check": "/support/check",
        "suggest": f"/support/{hub}/suggest",
        "suggest-place": "/support/suggest",
        "moderate": "/moderate",
        "one": f"/moderate/{one}",
        "place": f"/support/{hub}",
        "history": f"/support/{hub}/history",
    }
    for name in names.split():
        page.goto(served.base + paths[name])
        sound(page, f"{name}-{width}")
    page.context.close()


def test_a_place_is_added_without_scripts_on_a_phone(served: Served, browser: Browser) -> None:
    viewport = {"width": 375, "height": 760}
    page = served.signed_in(browser, Role.CONTRIBUTOR, viewport=viewport, java_script_enabled=False)
    page.goto(f"{served.base}/support/add")
    page.fill("#name", "Quiet Corner")
    page.get_by_label("Community venue").check()
    expect(page.locator("#latitude")).to_be_hidden()
    page.get_by_label("At a point that I give").check()
    expect(page.locator("#latitude")).to_be_visible()
    page.get_by_label("Not on the map").check()
    page.fill("#s0-name", "Tablets to borrow")
    page.get_by_label("Devices given or lent").check()
    page.fill("#s0-tue", "half past nine")
    page.get_by_role("button", name="Add another service").click()
    expect(page).to_have_url(f"{served.base}/support/add#s1")
    page.fill("#s1-name", "Cafe")
    page.get_by_role("button", name="Look at what will be added").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    page.get_by_role("link", name="Tuesday").click()
    expect(page).to_have_url(f"{served.base}/support/add#s0-tue")
    expect(page.locator("#s0-tue")).to_have_value("half past nine")
    page.fill("#s0-tue", "9.30 to 4")
    page.get_by_role("button", name="Look at what will be added").click()
    expect(page.get_by_role("heading", name="This will be added")).to_be_visible()
    expect(page.get_by_text("it will not be on the map")).to_be_visible()
    page.get_by_role("button", name="Add the place").click()
    expect(page.get_by_role("heading", name="Quiet Corner")).to_be_visible()
    expect(page.get_by_text("9:30am to 4pm")).to_be_visible()
    page.context.close()


def test_an_edit_goes_by_keyboard_alone(served: Served, browser: Browser) -> None:
    hub = served.add(HUB.model_copy(update={"name": "Keyboard Hub"}))
    page = served.signed_in(browser, Role.CONTRIBUTOR)
    page.goto(f"{served.base}/support/{hub}/edit")
    page.focus("#name")
    page.keyboard.press("End")
    page.keyboard.type(" of Ashby")
    page.focus("#s0-phone")
    page.keyboard.type("none")
    # Enter looks at what changes: it must not remove a service.
    page.keyboard.press("Enter")
    summary = page.locator(".nhsuk-error-summary")
    expect(summary).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#s0-phone")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("01632 960 555")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="This will change")).to_be_visible()
    expect(page.get_by_role("row", name="Phone")).to_contain_text("01632 960 555")
    page.get_by_role("button", name="Save").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Keyboard Hub of Ashby")).to_be_visible()
    expect(page.locator(".em-done")).to_contain_text("Your change is saved.")
    page.get_by_role("button", name="Still right, checked today").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Confirmed by Contributor").first).to_be_visible()
    page.context.close()


def test_two_editors_see_both_sides(served: Served, browser: Browser) -> None:
    hub = served.add(HUB.model_copy(update={"name": "Shared Hub"}))
    page = served.signed_in(browser, Role.CONTRIBUTOR, bypass_csp=True)
    page.goto(f"{served.base}/support/{hub}/edit")
    page.fill("#city", "Mine")
    directory = served.app.state.directory
    held = directory.get(hub)
    theirs = held.listing.model_copy(update={"city": "Theirs", "address": "9 High Street"})
    directory.change(hub, theirs, version=1, by="Bo")
    page.get_by_role("button", name="Look at what changes").last.click()
    expect(page.get_by_role("heading", name="Somebody else changed it")).to_be_visible()
    sound(page, "conflict-1280")
    town = page.get_by_role("group", name="Town")
    expect(town.get_by_label("As you typed it")).to_be_checked()
    address = page.get_by_role("group", name="Address")
    expect(address.get_by_label("As it is saved now")).to_be_checked()
    page.get_by_role("button", name="Look at the result").click()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".em-done")).to_be_visible()
    saved = directory.get(hub).listing
    assert (saved.city, saved.address) == ("Mine", "9 High Street")
    page.context.close()


def test_a_visitor_suggests_and_a_moderator_decides(served: Served, browser: Browser) -> None:
    hub = served.add(HUB.model_copy(update={"name": "Asked Hub"}))
    visitor = browser.new_context(java_script_enabled=False).new_page()
    visitor.goto(f"{served.base}/support/{hub}")
    visitor.get_by_role("link", name="Tell us what is wrong").click()
    visitor.get_by_label("It has closed or moved away").check()
    visitor.get_by_role("button", name="Send").click()
    expect(visitor.get_by_role("heading", name="Thank you")).to_be_visible()
    page = served.signed_in(browser, Role.MODERATOR)
    page.goto(f"{served.base}/moderate")
    page.get_by_role("link", name="Closed: Asked Hub").click()
    page.get_by_role("button", name="Accept: take it out").click()
    expect(page.get_by_role("heading", name="What waits for a decision?")).to_be_visible()
    page.goto(f"{served.base}/support/{hub}/history")
    page.get_by_role("button", name="Bring it back").click()
    expect(page.locator(".em-done")).to_contain_text("The place is back.")
    visitor.context.close()
    page.context.close()
