"""Without JavaScript every answer is still there: search, list, profile, support."""

import pytest
from playwright.sync_api import expect

from .conftest import Site, Watched

pytestmark = pytest.mark.browser


def test_map_page_gives_search_and_table(sample_site: Site, scriptless: Watched) -> None:
    page = scriptless.open(f"{sample_site.base}/")
    assert not page.locator("[data-map]").is_visible()
    assert not page.locator(".em-layers").is_visible()
    assert page.get_by_text("The map needs JavaScript").is_visible()
    assert page.locator("tbody tr").count() >= 8
    page.get_by_label("Find a postcode or place").fill("sampelford")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("sampelford")
    page.locator(".em-result__name").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sampleford")
    expect(page.get_by_role("heading", name="What drives the risk here?")).to_be_visible()


def test_list_filters_and_sorts(sample_site: Site, scriptless: Watched) -> None:
    page = scriptless.open(f"{sample_site.base}/areas")
    page.get_by_label("Show").select_option("small_area")
    page.get_by_label("Tenth, 1 = highest risk").select_option("1")
    page.get_by_role("button", name="Update the list").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Small areas: highest-risk tenth")
    page.get_by_role("link", name="People", exact=True).click()
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("People")
    people = [
        int(text.replace(",", ""))
        for text in page.locator("td[data-label=People]").all_inner_texts()
    ]
    assert people == sorted(people, reverse=True)


def test_support_is_found_near_a_place(sample_site: Site, scriptless: Watched) -> None:
    page = scriptless.open(f"{sample_site.base}/support")
    page.get_by_label("Near which postcode or place?").fill("Sampleford")
    page.get_by_role("button", name="Search").click()
    assert page.locator(".em-support-list--long li").count() > 0
