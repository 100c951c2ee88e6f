"""What the first view of the map weighs on the wire, counted where it leaves the service."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from .conftest import Site, watch

pytestmark = pytest.mark.browser

BUDGET = 500_000
"""Bytes of the first view with gzip, tiles included."""


@pytest.fixture
def gzip_only(national_site: Site) -> Iterator[Site]:
    national_site.meter.coding = "gzip"
    yield national_site
    national_site.meter.coding = None


@pytest.mark.national
@pytest.mark.parametrize(("width", "height"), [(1280, 900), (1920, 1080), (375, 760)])
def test_first_national_view_is_light(
    width: int, height: int, gzip_only: Site, browser: Browser
) -> None:
    # A new context has an empty cache.
    context = browser.new_context(viewport={"width": width, "height": height})
    watched = watch(context.new_page())
    answers = gzip_only.meter.answers
    answers.clear()
    page = watched.open(f"{gzip_only.base}/", map_ready=True)
    page.wait_for_selector(".em-labels span")
    page.wait_for_load_state("networkidle")
    watched.map_ready()
    total = sum(size for _, size in answers)
    context.close()
    listed = "\n".join(f"{size:>9,} {path}" for path, size in answers)
    print(f"{width} x {height}: {total:,} bytes\n{listed}")
    assert any(path.startswith("/tiles/") and path.endswith(".mvt") for path, _ in answers)
    assert total < BUDGET, listed
    assert watched.faults == []
    assert watched.hosts == {"127.0.0.1"}
