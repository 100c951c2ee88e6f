"""Places side by side, and areas picked without a map: whole without JavaScript, on a phone too."""

import csv
import io
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect

from .conftest import AXE, Site, Watched
from .test_pages_in_browser import RUN_AXE

pytestmark = pytest.mark.browser

GASWORKS, MINSTER, WIDE = "E01900092", "E01900251", "E02900043"


def test_places_stand_side_by_side_without_javascript(
    sample_site: Site, scriptless: Watched
) -> None:
    page = scriptless.open(f"{sample_site.base}/compare")
    page.get_by_label("Add places").fill("Sampleford")
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".em-lede")).to_contain_text("is the first")
    page.get_by_role("link", name="Add", exact=False).first.click()
    expect(page.locator(".em-lede")).to_contain_text("score")
    assert page.locator("table").first.locator("thead th").count() == 3
    expect(page.get_by_role("region", name="Parts of the score side by side")).to_be_visible()
    page.get_by_role("link", name="Remove", exact=False).first.click()
    expect(page.locator(".em-lede")).to_contain_text("is the first")


def test_the_file_says_what_the_page_says(sample_site: Site, scriptless: Watched) -> None:
    page = scriptless.open(f"{sample_site.base}/compare?areas={GASWORKS},{MINSTER}")
    scores = page.get_by_role("row", name="Score").first.locator("td strong").all_inner_texts()
    link = page.get_by_role("link", name="Download this comparison").get_attribute("href")
    with urlopen(f"{sample_site.base}{link}") as answer:
        rows = list(csv.DictReader(io.StringIO(answer.read().decode("utf-8-sig"))))
    assert [row["code"] for row in rows] == [GASWORKS, MINSTER]
    assert [f"{float(row['score']):.1f}" for row in rows] == scores
    assert all(row["published_rank_low"] for row in rows)


def test_mixed_kinds_are_told_and_wrong_ones_refused(
    sample_site: Site, scriptless: Watched
) -> None:
    base = sample_site.base
    page = scriptless.open(f"{base}/compare?areas={GASWORKS},{WIDE}")
    expect(page.get_by_text("These places are of different kinds.")).to_be_visible()
    page.goto(f"{base}/compare?areas=E99999999,{GASWORKS}")
    expect(page.get_by_role("alert")).to_contain_text("no area of that code")
    # What was right is kept when something is added that is not.
    page.goto(f"{base}/compare?areas={GASWORKS},{MINSTER}&add=E99999999")
    expect(page.get_by_role("alert")).to_contain_text("E99999999")
    assert page.locator("table").first.locator("thead th").count() == 3
    codes = ",".join(f"E019000{number}" for number in range(10, 21))
    page.goto(f"{base}/compare?areas={codes}")
    expect(page.get_by_role("alert")).to_contain_text("at most 10")


def test_areas_around_a_place_without_javascript(sample_site: Site, scriptless: Watched) -> None:
    page = scriptless.open(f"{sample_site.base}/select")
    page.get_by_role("textbox", name="Postcode or place", exact=True).fill("Sampleford")
    page.get_by_label("Within").select_option("2000")
    page.get_by_role("button", name="Find the areas").click()
    expect(page.locator(".em-lede")).to_contain_text("small areas, about")
    boxes = page.get_by_role("checkbox")
    assert boxes.count() > 10
    for at in range(2, 10):
        boxes.nth(at).uncheck()
    page.get_by_role("button", name="Compare the ticked ones").click()
    assert page.locator("table").first.locator("thead th").count() == 3
    page.goto(f"{sample_site.base}/select?near=nowhere-at-all-xyz")
    expect(page.get_by_role("alert")).to_contain_text("nothing of that name")


def test_phone_compares_without_moving_the_page_sideways(sample_site: Site, phone: Watched) -> None:
    page = phone.open(f"{sample_site.base}/compare?areas={GASWORKS},{MINSTER},{WIDE}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(RUN_AXE) == []
    page.goto(f"{sample_site.base}/select?areas={GASWORKS},{MINSTER}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(RUN_AXE) == []
    assert phone.faults == []
