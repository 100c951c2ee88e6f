"""A risk matrix without any script: ask, tick cells, take the list away; and with axe."""

import csv
import json
from pathlib import Path
from urllib.request import urlopen

import pytest

from .conftest import AXE, Site, Watched
from .test_pages_in_browser import RUN_AXE

pytestmark = pytest.mark.browser


def council_of(site: Site) -> str:
    with urlopen(f"{site.base}/api/v1/areas?kind=local_authority&size=1") as answer:
        name: str = json.load(answer)["areas"][0]["name"]
    return name


def test_cells_are_ticked_and_the_list_taken_away(
    sample_site: Site, scriptless: Watched, tmp_path: Path
) -> None:
    page = scriptless.open(f"{sample_site.base}/tools/matrix")
    page.get_by_label("Impact: how many").select_option("disabled")
    page.get_by_label("Where (place names or codes)").fill(council_of(sample_site))
    page.get_by_role("button", name="Make the matrix").click()
    assert "go=yes" in page.url
    table = page.get_by_role("table", name="Risk matrix of")
    assert table.get_by_role("checkbox", checked=True).count() == 1
    table.get_by_role("checkbox", name="List areas with high likelihood, medium impact").check()
    page.get_by_role("button", name="List the areas of the ticked cells").click()
    assert "cells=3-3,3-2" in page.url
    listed = page.get_by_role("table", name="High likelihood, high impact and").locator("tbody tr")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download this list (CSV)").click()
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)
    rows = list(csv.DictReader(saved.read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) == listed.count() > 0
    assert {row["cell"] for row in rows} == {"3-3", "3-2"}


@pytest.mark.parametrize(
    ("width", "more"), [(1280, "&draws=10"), (375, "&size=5&style=print")], ids=["wide", "narrow"]
)
def test_the_matrix_is_accessible(
    sample_site: Site, desktop: Watched, width: int, more: str
) -> None:
    desktop.page.set_viewport_size({"width": width, "height": 800})
    within = council_of(sample_site).replace(" ", "+")
    page = desktop.open(f"{sample_site.base}/tools/matrix?within={within}&go=yes{more}")
    page.wait_for_load_state("networkidle")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(RUN_AXE) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert not desktop.faults
