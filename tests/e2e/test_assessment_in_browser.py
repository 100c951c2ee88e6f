"""Evidence for an impact assessment without any script: ask, read, take away; and with axe."""

import csv
import io
import json
from pathlib import Path
from urllib.request import urlopen

import docx
import pytest

from tests.pdf_checks import check_tagged

from .conftest import AXE, Site, Watched
from .test_pages_in_browser import RUN_AXE

pytestmark = pytest.mark.browser


def test_evidence_is_gathered_and_taken_home(
    sample_site: Site, scriptless: Watched, desktop: Watched, tmp_path: Path
) -> None:
    with urlopen(f"{sample_site.base}/api/v1/areas?kind=local_authority&size=1") as answer:
        name: str = json.load(answer)["areas"][0]["name"]
    page = scriptless.open(f"{sample_site.base}/tools")
    page.get_by_role("link", name="What evidence is there for an impact assessment?").click()
    page.get_by_label("Places, or a list of postcodes").fill(name)
    page.get_by_role("button", name="Gather the evidence").click()
    assert "/tools/assessment?where=" in page.url
    title = page.get_by_role("heading", level=1).inner_text()
    assert title.endswith(name)
    assert page.get_by_role("table", name="Every group").is_visible()
    assert page.get_by_role("heading", name="Religion or belief").is_visible()
    assert page.get_by_role("img", name="Bar chart:").is_visible()
    files = {}
    for link in ("Word file (DOCX)", "PDF", "Table (CSV)"):
        with page.expect_download() as download:
            page.get_by_role("link", name=link, exact=True).click()
        files[link] = tmp_path / download.value.suggested_filename
        download.value.save_as(files[link])
    word = docx.Document(str(files["Word file (DOCX)"]))
    assert word.paragraphs[0].text == title
    check_tagged(files["PDF"].read_bytes(), title=title, folder=tmp_path)
    rows = list(csv.DictReader(io.StringIO(files["Table (CSV)"].read_text(encoding="utf-8-sig"))))
    assert {"Age", "Sex workers"} <= {row["group"] for row in rows}
    seen = desktop.open(page.url)  # It holds the form, too.
    seen.evaluate(AXE.read_text(encoding="utf-8"))
    for width, height in ((1280, 900), (375, 760)):
        seen.set_viewport_size({"width": width, "height": height})
        assert seen.evaluate(RUN_AXE) == [], width
        assert seen.evaluate("document.documentElement.scrollWidth") <= width
    assert desktop.faults == []
