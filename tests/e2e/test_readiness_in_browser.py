"""Readiness in a real browser without scripts: make, rate, invite, rate again, print, take home."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, FloatRect, Page, expect

from api.accounts.guard import accounts_of
from exclusion_map.accounts import COMMAND_LINE, Actor, Role
from exclusion_map.readiness import Access, Answer, Details, Readiness, Teams, canvas
from exclusion_map.terms import AreaKind
from tests.pdf_checks import check_tagged

from .conftest import AXE, Watched
from .directory_site import directory_site
from .test_pages_in_browser import RUN_AXE

pytestmark = pytest.mark.browser
PASSWORD = "plum kettle tractor violin"
PEOPLE = (("ann@example.org", "Ann Adeyemi"), ("bob@example.org", "Bob Brown"))
TITLE, ROUND = "T" * 200, "S" * 100
LONG = "Evidence that goes on and on, with every meeting and its minutes. " * 12


@pytest.fixture(scope="module")
def site(
    sample_processed: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, FastAPI]]:
    url = f"sqlite:///{tmp_path_factory.mktemp('readiness') / 'd.db'}"
    with directory_site(sample_processed, url) as (address, app):
        held = accounts_of(app.state)
        assert held is not None
        for email, name in PEOPLE:
            secret = held.invitations.invite(COMMAND_LINE, email, Role.VIEWER)
            held.invitations.accept(secret, name, PASSWORD)
        yield address, app


def signed_in(page: Page, base: str, number: int, path: str) -> Page:
    page.goto(f"{base}/sign-in?next={path}")
    page.get_by_label("Email address").fill(PEOPLE[number][0])
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in").click()
    return page


def first_council(app: FastAPI) -> str:
    level = app.state.service.edition.atlas.level(AreaKind.LOCAL_AUTHORITY)
    name: str = level.labels[0]
    return name


def saved(page: Page, link: str, folder: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("link", name=link).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_a_team_rates_and_takes_it_home(
    site: tuple[str, FastAPI], browser: Browser, tmp_path: Path
) -> None:
    base, app = site
    plain = browser.new_context(java_script_enabled=False)
    page = signed_in(plain.new_page(), base, 0, "/tools/readiness")
    page.get_by_role("link", name="Make an assessment").click()
    page.get_by_label("Name", exact=True).fill("North Place")
    page.get_by_label("Area (optional)").fill(first_council(app))
    page.get_by_label("Name of the first round").fill("Autumn")
    page.get_by_role("button", name="Make it").click()
    home = page.url.partition("?")[0]
    page.get_by_role("link", name="Population health needs").click()
    expect(page.get_by_role("heading", name="What this service knows of")).to_be_visible()
    page.get_by_label("2 Starting").check()
    page.get_by_label("Evidence").fill(LONG)
    page.get_by_role("button", name="Save and go to the next").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Strength-based approach")
    page.goto(f"{home}/team")
    page.get_by_label("For whom").fill("Bob")
    page.get_by_role("button", name="Make a link").click()
    link = page.locator("#link").inner_text()

    other = browser.new_context(java_script_enabled=False)
    guest = signed_in(other.new_page(), base, 1, "/tools/readiness")
    assert guest.goto(home).status == 404  # type: ignore[union-attr]
    guest.goto(link)
    guest.get_by_label("The link that you were given").fill(link)
    guest.get_by_role("button", name="Go on").click()
    guest.get_by_role("button", name="Join").click()
    expect(guest.get_by_role("status")).to_contain_text("You belong to the team now")
    guest.get_by_label("Name of the new round").fill("Spring")
    guest.get_by_role("button", name="Start a new round").click()
    guest.get_by_role("link", name="Population health needs").click()
    guest.get_by_label("3 In place").check()
    guest.get_by_role("button", name="Save", exact=True).click()
    guest.get_by_role("link", name="What changed between rounds").click()
    line = guest.get_by_role("row", name="5. Population health needs")
    expect(line).to_contain_text("Up 1 step")
    guest.goto(home)
    table = saved(guest, "CSV", tmp_path)
    rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8-sig"))))
    rated = [(row["round_name"], row["rating"], row["updated_by"]) for row in rows if row["rating"]]
    assert rated == [("Autumn", "2", "Ann Adeyemi"), ("Spring", "3", "Bob Brown")]
    for context in (plain, other):
        context.close()


def edges(page: Page, selector: str) -> FloatRect:
    found = page.locator(selector).first.bounding_box()
    assert found is not None
    return found


def test_pages_are_usable_and_fit(
    site: tuple[str, FastAPI], desktop: Watched, tmp_path: Path
) -> None:
    base, app = site
    page = signed_in(desktop.page, base, 0, "/tools/readiness")
    home = filled(app)
    paths = (
        home,
        f"{home}/factors/strengths",
        f"{home}/changes",
        f"{home}/print",
    )
    for path in paths:
        for width in (320, 1280, 375):  # 320 is a usual screen at 400% (WCAG 1.4.10)
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(base + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            if width == 320:
                name, button = (edges(page, it) for it in (".em-wordmark", ".em-menu__button"))
                assert name["x"] + name["width"] <= button["x"], "they lie on each other"
        page.evaluate(AXE.read_text(encoding="utf-8"))
        assert page.evaluate(RUN_AXE) == [], path
    assert desktop.hosts == {"127.0.0.1"}
    with pikepdf.open(io.BytesIO(page.pdf(prefer_css_page_size=True))) as printed:
        assert len(printed.pages) == 1, "the longest texts fit on one page"
    made = page.context.request.get(f"{base}{home}/download.pdf")
    title = f"{TITLE}: digital inclusion readiness, {ROUND}"
    check_tagged(made.body(), title=title, folder=tmp_path)
    with pikepdf.open(io.BytesIO(made.body())) as document:
        assert len(document.pages) == 1


def filled(app: FastAPI) -> str:
    """Make an assessment with texts as long as they may be; return its address."""
    held = accounts_of(app.state)
    assert held is not None
    database = app.state.directory.database
    store, teams = Readiness(database), Teams(database)
    ann = Actor(held.people.by_email(PEOPLE[0][0]).id, PEOPLE[0][1])
    level = app.state.service.edition.atlas.level(AreaKind.LOCAL_AUTHORITY)
    identity = store.make(ann, Details(title=TITLE, area_code=level.codes[0]), "R" * 100)
    said = Answer(rating=4, evidence=LONG, next_step=LONG, owner="O" * 200)
    for number in (1, 2):
        for key in canvas().keys:
            store.answer(ann, identity, key, said, round_number=number, version=1)
        if number == 1:
            store.start_round(ann, identity, ROUND, after=1)
    teams.invite(ann, identity, Access.EDIT, "W" * 100)
    return f"/tools/readiness/{identity}"
