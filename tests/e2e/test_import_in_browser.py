"""A list with bad rows is brought in by a moderator in a real browser, with and without scripts."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from api.import_drafts import Drafts
from api.import_work import Desk
from exclusion_map.accounts import COMMAND_LINE, Accounts, Role
from exclusion_map.directory import Directory

from .conftest import AXE
from .directory_site import directory_site

pytestmark = pytest.mark.browser

PASSWORD = "plum kettle tractor violin"
SIZES = {"wide": ViewportSize(width=1280, height=900), "phone": ViewportSize(width=375, height=740)}


@dataclass(frozen=True)
class Place:
    """A service with a directory, and what is in it."""

    base: str
    directory: Directory


@pytest.fixture(scope="module")
def place(sample_processed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("imports")
    with directory_site(sample_processed, f"sqlite:///{folder / 'd.db'}") as (base, app):
        app.state.import_desk = Desk(Drafts(folder / "uploads"))
        directory: Directory = app.state.directory
        accounts = Accounts(directory.database)
        secret = accounts.invitations.invite(COMMAND_LINE, "mo@example.org", Role.MODERATOR)
        accounts.invitations.accept(secret, "Mo", PASSWORD)
        yield Place(base, directory)


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def page(request: pytest.FixtureRequest, browser: Browser, place: Place) -> Iterator[Page]:
    context = browser.new_context(
        base_url=place.base, java_script_enabled=request.param, viewport=SIZES["wide"]
    )
    made = context.new_page()
    made.goto("/sign-in?next=/import")
    made.get_by_label("Email").fill("mo@example.org")
    made.get_by_label("Password").fill(PASSWORD)
    made.get_by_role("button", name="Sign in").click()
    yield made
    context.close()


def written(folder: Path, directory: Directory) -> Path:
    """Write a list whose first row is a library that is there already, and whose last is bad."""
    library = next(one.listing for one in directory.all() if one.listing.kind == "library")
    rows = [
        "Venue name,Postal code,Sort,When,Tel",
        f"{library.name},{library.postcode},Library,Mon-Fri 09:00-17:00,0161 496 0000",
        f"Market Hub,{library.postcode},Community centre,Tue 10:00-12:00,0161 496 0001",
        f",{library.postcode},Community centre,Tue 10:00-12:00,",
    ]
    path = folder / "venues.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_the_whole_way(
    page: Page, place: Place, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    scripts = "no scripts" not in request.node.name
    source = "browser" if scripts else "browser-plain"
    expect(page.get_by_role("heading", level=1)).to_have_text("Which list do you bring?")
    accessible(page, scripts)
    page.get_by_label("File with a list of places").set_input_files(
        written(tmp_path, place.directory)
    )
    page.locator("#source").fill(source)
    page.get_by_role("button", name="Send the file").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What is in each column?")
    expect(page.get_by_label("Venue name")).to_have_value("name")
    expect(page.get_by_label("Postal code")).to_have_value("postcode")
    page.get_by_label("Sort", exact=True).select_option("kind")
    accessible(page, scripts)
    page.get_by_role("button", name="Check every row").last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("what would be loaded")
    expect(page.get_by_text("1 row is left out")).to_be_visible()
    accessible(page, scripts)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download these rows").click()
    assert "why it was left out" in Path(download.value.path()).read_text(encoding="utf-8-sig")
    page.get_by_role("button", name="Load 2 places").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("was loaded")
    accessible(page, scripts)
    page.get_by_role("link", name="look at each pair").click()
    decide(page, scripts)


def decide(page: Page, scripts: bool) -> None:
    accessible(page, scripts)
    page.get_by_role("link", name="Compare").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Are these two one place?")
    expect(page.get_by_role("img", name="Map with")).to_be_visible()
    accessible(page, scripts)
    page.get_by_label("Why (optional)").fill("Seen on the spot.")
    page.get_by_role("button", name="Two different places").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Which places may be there twice?")
    page.get_by_role("link", name="Different places").click()
    expect(page.get_by_text("Seen on the spot.").first).to_be_visible()


def accessible(page: Page, scripts: bool) -> None:
    """Look at a page at two widths: nothing wider than it, and axe-core finds no fault."""
    for size in SIZES.values():
        page.set_viewport_size(size)
        if not scripts:
            continue
        wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wider <= 0, f"{page.url} is {wider} pixels wider than {size['width']}"
        if not AXE.is_file():
            pytest.skip("axe-core is not installed: cd web && npm ci")
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        told = [
            (one["id"], [node["html"][:200] for node in one["nodes"]])
            for one in found["violations"]
        ]
        assert told == [], page.url
    page.set_viewport_size(SIZES["wide"])


def test_by_keyboard_alone(place: Place, browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(base_url=place.base, viewport=SIZES["wide"])
    page = context.new_page()
    page.goto("/sign-in?next=/import")
    page.get_by_label("Email").focus()
    page.keyboard.type("mo@example.org")
    page.get_by_label("Password").focus()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/import")
    page.get_by_label("File with a list of places").set_input_files(
        written(tmp_path, place.directory)
    )
    page.locator("#source").focus()
    page.keyboard.type("by-keyboard")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("What is in each column?")
    # Enter in a form presses its first button, which checks; arrows change a list of choices.
    page.get_by_label("Sort", exact=True).focus()
    page.keyboard.type("Kind")
    expect(page.get_by_label("Sort", exact=True)).to_have_value("kind")
    page.get_by_role("button", name="Check every row").last.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("what would be loaded")
    page.get_by_role("button", name="Forget this upload").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Which list do you bring?")
    context.close()
