"""A report in a real browser: asked for without a script, read, taken home; and with axe."""

import io
import json
from pathlib import Path
from urllib.request import urlopen

import pandas as pd
import pikepdf
import pytest

from .conftest import AXE, Site, Watched
from .test_pages_in_browser import RUN_AXE

pytestmark = pytest.mark.browser


def test_two_places_side_by_side_are_read_and_taken_home(
    sample_site: Site, scriptless: Watched, desktop: Watched, tmp_path: Path
) -> None:
    with urlopen(f"{sample_site.base}/api/v1/areas?kind=local_authority&size=2") as answer:
        first, second = json.load(answer)["areas"]
    page = scriptless.open(f"{sample_site.base}/areas/{first['code']}")
    page.get_by_role("link", name="Report to print or send").click()
    page.get_by_role("heading", level=1, name=first["name"]).wait_for()
    page.get_by_label("Compare with another place").fill(second["name"])
    page.get_by_role("button", name="Add this place").click()
    page.get_by_role("heading", name="How do these places differ?").wait_for()
    table = page.get_by_role("table", name="Side by side")
    heads = table.locator("thead th").all_inner_texts()
    assert heads == ["Figure", first["name"], second["name"]]
    with page.expect_download() as download:
        page.get_by_role("link", name="Download for Excel").click()
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)
    book = pd.read_excel(saved, engine="calamine", sheet_name=None, header=2)
    assert book["Side by side"].columns.tolist() == heads
    address = page.url
    for width in (1280, 375):
        desktop.page.set_viewport_size({"width": width, "height": 800})
        shown = desktop.open(address)
        shown.wait_for_load_state("networkidle")
        shown.evaluate(AXE.read_text(encoding="utf-8"))
        assert shown.evaluate(RUN_AXE) == [], width
        assert shown.evaluate("document.documentElement.scrollWidth") <= width
    with pikepdf.open(io.BytesIO(desktop.page.pdf(prefer_css_page_size=True))) as printed:
        assert len(printed.pages) < 30
    assert not desktop.faults
