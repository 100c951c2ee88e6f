"""Footprint in a browser, scripts off: bring a list, read, take files; and with axe."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from exclusion_map.editions.reader import open_edition

from .conftest import AXE, Site, Watched
from .test_pages_in_browser import RUN_AXE

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def messy(sample_edition: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a list as people have it."""
    index = open_edition(sample_edition).postcodes
    assert index is not None
    area, _, _, live = index.places_at(np.arange(len(index)))
    rows = np.flatnonzero((area >= 0) & live)[::7].tolist()
    codes = [index._codes[row].decode().strip() for row in rows]
    lines = ["Ref;Client post code;People"]
    lines += [f"{at};{code.lower()};{at % 5 + 3}" for at, code in enumerate(codes)]
    lines += ["", "x;not a postcode;4", f"y;{codes[0]};<5"]
    file = tmp_path_factory.mktemp("lists") / "clients.csv"
    file.write_text("\r\n".join(lines), encoding="utf-8-sig")
    return file


def test_a_list_is_brought_read_and_taken_home(
    sample_site: Site, scriptless: Watched, messy: Path, tmp_path: Path
) -> None:
    page = scriptless.open(f"{sample_site.base}/tools")
    page.get_by_role("link", name="Who does this programme serve, and who is missed?").click()
    page.get_by_label("Or a file").set_input_files(messy)
    page.get_by_label("Compare with").fill("all")
    page.get_by_role("button", name="Show who is served").click()
    assert page.url.endswith("/tools/footprint")
    assert page.get_by_text("there is no link to this result").is_visible()
    why = page.get_by_role("table", name="Rows that were not understood, and why")
    assert why.get_by_role("rowheader", name="A count that is withheld").is_visible()
    tenths = page.get_by_role("table", name="People served by tenth of risk")
    shown = tenths.locator("td[data-label='People served']").all_inner_texts()
    assert len(shown) == 11
    for part in ("NHS group", "served worst", "place of support"):
        assert page.get_by_role("table", name=part).is_visible()
    assert page.get_by_text("Inclusion health groups.").is_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Rows that were not understood (CSV)").first.click()
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)
    with saved.open(encoding="utf-8-sig", newline="") as file:
        left = list(csv.DictReader(file))
    assert left[0]["Client post code"] == "not a postcode"
    assert len(left) == 2
    with page.expect_download() as download:
        page.get_by_role("link", name="Tenths and groups for Excel").click()
    book_path = tmp_path / download.value.suggested_filename
    download.value.save_as(book_path)
    book = pd.read_excel(book_path, engine="calamine", sheet_name=None)
    told = [f"{one:,.0f}" if one == one else "withheld" for one in book["Data"]["served"][:11]]
    assert told == shown
    assert "inclusion health" in book["Notes"].to_string()


def test_an_example_has_a_link_and_what_is_wrong_is_told(
    sample_site: Site, scriptless: Watched
) -> None:
    page = scriptless.open(f"{sample_site.base}/tools/footprint")
    page.get_by_role("link", name="Try an example").click()
    assert page.get_by_role("link", name="Link to this result").is_visible()
    first = page.get_by_role("table", name="People served by tenth").inner_text()
    page.get_by_role("link", name="Link to this result").click()
    assert page.get_by_role("table", name="People served by tenth").inner_text() == first
    page.get_by_label("Postcodes, area codes").fill("nowhere at all")
    page.get_by_role("button", name="Show who is served").click()
    assert page.get_by_role("alert").is_visible()
    assert page.get_by_label("Postcodes, area codes").input_value() == "nowhere at all"


@pytest.mark.parametrize("width", [1280, 375])
def test_pages_are_accessible(sample_site: Site, desktop: Watched, messy: Path, width: int) -> None:
    page = desktop.page
    page.set_viewport_size({"width": width, "height": 800})
    desktop.open(f"{sample_site.base}/tools/footprint")
    page.get_by_label("Or a file").set_input_files(messy)
    page.get_by_role("button", name="Show who is served").click()
    page.get_by_role("heading", name="Who is missed?", exact=True).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(RUN_AXE)
    assert found == [], found
    assert not desktop.faults
