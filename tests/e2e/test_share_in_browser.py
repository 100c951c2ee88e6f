"""Sharing a total without any script: ask, read, change, download; and with axe."""

import json
from pathlib import Path
from urllib.request import urlopen

import pandas as pd
import pytest

from .conftest import AXE, Site, Watched
from .test_pages_in_browser import RUN_AXE

pytestmark = pytest.mark.browser


def council_of(site: Site) -> str:
    with urlopen(f"{site.base}/api/v1/areas?kind=local_authority&size=1") as answer:
        name: str = json.load(answer)["areas"][0]["name"]
    return name


def test_computers_are_shared_and_the_paper_taken_home(
    sample_site: Site, scriptless: Watched, tmp_path: Path
) -> None:
    page = scriptless.open(f"{sample_site.base}/tools")
    page.get_by_role("link", name="How do we divide 150 computers?").click()
    page.get_by_label("How much there is").fill("150")
    page.get_by_label("Of what").fill("computers")
    page.get_by_label("Where (place names or codes)").fill(council_of(sample_site))
    page.get_by_label("In proportion to").select_option("people")
    page.get_by_text("Partners of your own, minimum and maximum").click()
    page.get_by_label("Each gets at least").fill("2")
    page.get_by_role("button", name="Share it out").click()
    assert "/tools/share?total=150" in page.url
    assert "minimum=2" in page.url
    table = page.get_by_role("table", name="Who gets how many, and why")
    given = [int(cell) for cell in table.locator("td[data-label=Gets]").all_inner_texts()]
    assert sum(given) == 150
    assert min(given) >= 2
    assert page.get_by_role("table", name="The same total, bounds and rounding").is_visible()
    assert page.get_by_role("heading", name="Text for a paper").is_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download for Excel, with notes").click()
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)
    book = pd.read_excel(saved, engine="calamine", sheet_name=None)
    assert sorted(book["Data"]["given"].tolist()) == sorted(given)
    assert "Webster" in book["Notes"].to_string()
    address = page.url
    again = scriptless.open(address)
    assert [int(cell) for cell in again.locator("td[data-label=Gets]").all_inner_texts()] == given


def test_partners_from_a_file_are_told_what_cannot_be_read(
    sample_site: Site, scriptless: Watched, tmp_path: Path
) -> None:
    with urlopen(f"{sample_site.base}/api/v1/areas?kind=ward&size=2") as answer:
        first, second = (area["code"] for area in json.load(answer)["areas"])
    file = tmp_path / "partners.csv"
    file.write_text(f"partner,code,received\nLibrary,{first},lots\nCharity,{second},\n")
    page = scriptless.open(f"{sample_site.base}/tools/share")
    page.get_by_label("How much there is").fill("20")
    page.get_by_text("Partners of your own, minimum and maximum").click()
    page.get_by_label("Or a file with such a table").set_input_files(file)
    page.get_by_role("button", name="Share it out").click()
    assert page.get_by_role("alert").get_by_text("line 2").is_visible()
    box = page.get_by_label("Partners, or numbers for the areas above")
    box.fill(box.input_value().replace("lots", "3"))
    page.get_by_role("button", name="Share it out").click()
    assert page.get_by_role("rowheader", name="Library").is_visible()
    assert page.get_by_role("columnheader", name="Has already").is_visible()


@pytest.mark.parametrize("width", [1280, 375])
def test_pages_of_tools_are_accessible(sample_site: Site, desktop: Watched, width: int) -> None:
    desktop.page.set_viewport_size({"width": width, "height": 800})
    asked = f"/tools/share?total=150&within={council_of(sample_site).replace(' ', '+')}&draws=20"
    for address in ("/tools", "/tools/share", asked):
        page = desktop.open(sample_site.base + address)
        page.wait_for_load_state("networkidle")
        page.evaluate(AXE.read_text(encoding="utf-8"))
        assert page.evaluate(RUN_AXE) == [], (address, width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert not desktop.faults
