"""The printed sheet in a real browser: one A4 page, large type, nothing cut; and help anywhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from exclusion_map.database import open_database
from exclusion_map.directory import Directory, Listing, Offer, prepare
from exclusion_map.editions.reader import open_edition
from exclusion_map.support.distance import metres, unit_vectors
from exclusion_map.terms import AreaKind, SupportKind

from .conftest import AXE, Site, Watched, running
from .test_pages_in_browser import RUN_AXE

pytestmark = pytest.mark.browser
A4 = (594.96, 841.92)
SMALLEST = """() => {
  const sheet = document.querySelector('.em-sheet');
  const walker = document.createTreeWalker(sheet, NodeFilter.SHOW_TEXT);
  let least = Infinity, out = [];
  while (walker.nextNode()) {
    const node = walker.currentNode, parent = node.parentElement;
    if (!node.data.trim() || parent.closest('title, desc')) continue;
    least = Math.min(least, parseFloat(getComputedStyle(parent).fontSize) * 0.75);
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect(), page = sheet.getBoundingClientRect();
    if (box.right > page.right + 1 || box.left < page.left - 1) out.push(node.data);
  }
  return { least, out, tall: sheet.getBoundingClientRect().height * 0.75 };
}"""


def printed(page: Page, size: float) -> None:
    """Make sure that the sheet that is open prints on exactly one page, in full."""
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 703, "height": 1032})  # The page inside its margins.
    told = page.evaluate(SMALLEST)
    assert told["least"] >= size - 0.05, told
    assert told["out"] == []
    assert told["tall"] <= 774, told
    page.emulate_media(media=None)
    data = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", data)) == 1
    (box,) = re.findall(rb"/MediaBox\s*\[([^\]]*)\]", data)
    assert [float(edge) for edge in box.split()][2:] == pytest.approx(A4, abs=1)
    page.set_viewport_size({"width": 1280, "height": 900})


@pytest.fixture
def crowded(
    sample_processed: Path, sample_edition: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, str]]:
    """A service with fifty wordy places in the middle of an area; its address and the area."""
    small = open_edition(sample_edition).atlas.level(AreaKind.SMALL_AREA)
    url = f"sqlite:///{tmp_path / 'd.db'}"
    database = open_database(url)
    prepare(database)
    directory = Directory(database)
    week = {
        day: [["09:15", "12:30"], ["13:30", f"1{at}:45"]]
        for at, day in enumerate(("mon", "tue", "wed", "thu", "fri", "sat"), start=4)
    }
    for number in range(50):
        directory.add(
            Listing(
                name=f"The Very Long Name of a Community Centre and Learning Hub Number {number}",
                kind="community_venue",
                address=f"{number} Extraordinarily Long Street Name, Some Quarter, A Town",
                postcode="AB1 2CD",
                latitude=float(small.latitude[0]) + 0.0001 * (number % 3),
                longitude=float(small.longitude[0]),
                accessibility=("step_free",),
                offers=(
                    Offer(
                        name="All of it",
                        support=dict.fromkeys(
                            ("public_computers", "free_wifi", "devices", "skills_courses"), "stated"
                        ),
                        schedule=week,
                        phone="01632 960 123",
                    ),
                ),
            ),
            by="ada",
        )
    database.close()
    monkeypatch.setenv("EXCLUSION_MAP_DATABASE_URL", url)
    with running(sample_processed) as site:
        yield site.base, small.codes[0]


@pytest.mark.parametrize(("size", "points"), [("normal", 14), ("large", 18)])
def test_fifty_wordy_places_are_cut_to_what_fits(
    crowded: tuple[str, str], desktop: Watched, size: str, points: float
) -> None:
    base, code = crowded
    page = desktop.open(f"{base}/sheet/{code}?size={size}&places=12&by=Ada")
    expect(page.get_by_text("fit on one page")).to_be_visible()
    shown = page.locator(".em-sheet__places > li")
    assert shown.count() >= 1
    assert "Step-free." in shown.first.inner_text()
    assert "Made by Ada on" in page.locator(".em-sheet__foot").inner_text()
    printed(page, points)


def test_the_sheet_is_usable_on_screen(sample_site: Site, desktop: Watched, phone: Watched) -> None:
    found = desktop.page.request.get(f"{sample_site.base}/api/v1/areas?kind=small_area&size=1")
    code = found.json()["areas"][0]["code"]
    profile = desktop.open(f"{sample_site.base}/areas/{code}")
    profile.get_by_role("link", name="Print a sheet for this neighbourhood").click()
    page = desktop.page
    expect(page.get_by_role("button", name="Print this sheet")).to_be_visible()
    picture = page.locator(".em-sheet svg[role=img]")
    assert "numbered places: 1 " in (picture.locator("desc").text_content() or "")
    page.get_by_label("Size of type").select_option("large")
    page.get_by_role("button", name="Change the sheet").click()
    printed(page, 18)
    for watched in (desktop, phone):
        for path in (f"/sheet/{code}", "/sheet", "/help-anywhere"):
            watched.open(f"{sample_site.base}{path}")
            watched.page.evaluate(AXE.read_text(encoding="utf-8"))
            assert watched.page.evaluate(RUN_AXE) == [], path
            wide = watched.page.evaluate("document.documentElement.scrollWidth > innerWidth")
            assert not wide, path
    assert desktop.faults == []


def test_the_sheet_needs_no_script(sample_site: Site, scriptless: Watched) -> None:
    found = scriptless.page.request.get(f"{sample_site.base}/api/v1/areas?size=1")
    page = scriptless.open(f"{sample_site.base}/sheet/{found.json()['areas'][0]['code']}")
    expect(page.get_by_role("button", name="Print this sheet")).to_be_hidden()
    page.get_by_label("Places at most").select_option("3")
    page.get_by_role("button", name="Change the sheet").click()
    assert page.locator(".em-sheet__places > li").count() <= 3


@pytest.mark.national
def test_real_areas_near_and_far_print_on_one_page(
    national_site: Site, national_edition: Path, desktop: Watched
) -> None:
    edition = open_edition(national_edition)
    small, support = edition.atlas.level(AreaKind.SMALL_AREA), edition.support
    libraries = support.of_kind(SupportKind.LIBRARY)
    there = unit_vectors(support.longitude[libraries], support.latitude[libraries])
    every = np.arange(0, len(small), 7)
    here = unit_vectors(small.longitude[every], small.latitude[every])
    nearest = np.array([float(metres(there, one).min()) for one in here])
    far = [small.codes[every[at]] for at in np.argsort(-nearest)[:3].tolist()]
    near = [small.codes[every[at]] for at in np.argsort(nearest)[:2].tolist()]
    for number, code in enumerate([*far, *near, "E02001482"]):
        size, points = (("normal", 14), ("large", 18))[number % 2]
        page = desktop.open(f"{national_site.base}/sheet/{code}?size={size}")
        assert page.locator(".em-sheet__places > li").count() >= 1, code
        printed(page, points)
    # Every kind of place: pharmacies have the longest hours of all.
    page = desktop.open(f"{national_site.base}/sheet?postcode=CH41+2AB&kind=pharmacy&places=12")
    printed(page, 14)
    assert desktop.faults == []
