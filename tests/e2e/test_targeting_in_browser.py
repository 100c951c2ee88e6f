"""Gaps, new places and closings in a browser without scripts: ask, read, take the file away."""

from pathlib import Path

import docx
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from .conftest import Site, Watched

pytestmark = pytest.mark.browser


def saved(page: Page, link: str, folder: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("link", name=link).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def tables_of(path: Path) -> list[list[list[str]]]:
    made = docx.Document(str(path))
    return [[[cell.text for cell in row.cells] for row in one.rows] for one in made.tables]


def test_gaps_are_found_and_taken_home(
    sample_site: Site, scriptless: Watched, tmp_path: Path
) -> None:
    page = scriptless.open(f"{sample_site.base}/tools")
    page.get_by_role("link", name="Where is risk high and help far?").click()
    page.get_by_label("Near means").select_option("800")
    page.get_by_role("button", name="Find gaps").click()
    lead = page.locator(".em-lede").inner_text()
    named = page.locator("[aria-label='Neighbourhoods with a gap'] tbody th a").all_inner_texts()
    areas = pd.read_csv(saved(page, "Download every small area (CSV)", tmp_path))
    assert (areas["share_within"] <= 0.5).all()
    page.get_by_role("link", name="Link to this result").click()
    assert page.locator(".em-lede").inner_text() == lead
    page.get_by_role("link", name="Report: print, Word or PDF").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Where risk is high")
    rows = tables_of(saved(page, "Download for Word (DOCX)", tmp_path))[0][1:]
    assert [row[0].rpartition(" (")[0] for row in rows] == named
    page.get_by_role("link", name="Back to the answer").click()
    assert page.locator(".em-lede").inner_text() == lead


def test_new_places_and_a_closing_are_taken_home(
    sample_site: Site, scriptless: Watched, tmp_path: Path
) -> None:
    page = scriptless.open(f"{sample_site.base}/tools/siting")
    page.get_by_label("or at points of a grid").select_option("2000")
    page.get_by_label("How many new places at most").fill("2")
    page.get_by_role("button", name="Find the places that help most").click()
    chosen = page.get_by_role("table", name="The new places")
    expect(chosen).to_be_visible(timeout=30_000)  # The page asks again until it has the answer.
    places = pd.read_csv(saved(page, "Download the places (CSV)", tmp_path))
    assert len(places) == chosen.locator("tbody tr").count()
    page.get_by_role("link", name="Report: print, Word or PDF").click()
    rows = tables_of(saved(page, "Download for Word (DOCX)", tmp_path))[0][1:]
    assert [row[0] for row in rows] == [
        f"{number}. {name}" for number, name in enumerate(places["name"], start=1)
    ]
    page = scriptless.open(f"{sample_site.base}/support?kind=library")
    page.locator("main a[href^='/support/']").first.click()
    page.get_by_role("link", name="What if this place closes?").click()
    told = page.get_by_role("table", name="Small areas of those").locator("tbody tr").count()
    users = pd.read_csv(saved(page, "Download every area (CSV)", tmp_path))
    assert len(users) >= told > 0
    page.get_by_role("link", name="Report: print, Word or PDF").click()
    rows = tables_of(saved(page, "Download for Word (DOCX)", tmp_path))[0][1:]
    assert len(rows) == told
