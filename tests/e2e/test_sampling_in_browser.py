"""Survey sites without any script: draw, read, download, open a pack; and faults by axe-core."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from .conftest import AXE, Site, Watched

pytestmark = pytest.mark.browser


def test_a_sample_is_drawn_and_downloaded_without_scripts(
    sample_site: Site, scriptless: Watched, tmp_path: Path
) -> None:
    page = scriptless.open(f"{sample_site.base}/tools/sample")
    design = page.locator("#design")
    design.get_by_label("How many areas").fill("12")
    design.get_by_label("Divide areas by").select_option("fifth")
    design.get_by_label("Seed", exact=True).fill("7")
    page.get_by_role("button", name="Draw the sample").click()
    assert page.get_by_text("12 small areas of").first.is_visible()
    assert "seed=7" in page.url
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the areas (CSV)").click()
    saved = tmp_path / "sample.csv"
    download.value.save_as(saved)
    with saved.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["role"] for row in rows].count("main") == 12
    people = sum(float(row["design_weight"] or 0) * float(row["population"]) for row in rows)
    assert people > 100_000

    page.get_by_role("link", name="Fieldwork pack").first.click()
    assert page.get_by_role("heading", name="Where to meet people").is_visible()
    with page.expect_download() as pack:
        page.get_by_role("link", name="Save this pack as one file").click()
    kept = tmp_path / "pack.html"
    pack.value.save_as(kept)
    # It works from the disk, with no service to ask.
    page.goto(kept.as_uri())
    assert page.get_by_role("heading", name="Who lives here").is_visible()
    assert page.locator("svg").first.is_visible()


@pytest.mark.parametrize("width", [375, 1280])
def test_axe_finds_no_fault(sample_site: Site, browser: Browser, width: int) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: cd web && npm ci")
    context = browser.new_context(viewport={"width": width, "height": 800}, bypass_csp=True)
    page = context.new_page()
    for address in (
        "/tools/sample",
        "/tools/sample?go=true&areas=12&strata=fifth&seed=7",
        "/tools/sample?go=true&areas=12&strata=nothing",
        "/tools/sample/precision",
    ):
        page.goto(f"{sample_site.base}{address}")
        _faultless(page)
    page.goto(f"{sample_site.base}/tools/sample?go=true&areas=12&seed=7")
    page.get_by_role("link", name="Fieldwork pack").first.click()
    _faultless(page)
    context.close()


def _faultless(page: Page) -> None:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert [one["id"] for one in found["violations"]] == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
