"""Dragging a slider over a slow line: the map follows, ends at the newest weights, and what was
overtaken is broken off.
"""

from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Request

from .conftest import Site, Watched

pytestmark = pytest.mark.browser

MOVES, NEWEST = 6, "age:9"
SLOW = {"offline": False, "latency": 400, "downloadThroughput": -1, "uploadThroughput": -1}
HELD = """kind => {
  const { values } = document.querySelector("[data-map]").mapView;
  return [...values.classes(kind)];
}"""
DRAG = """() => {
  const slider = document.querySelector("[data-lens-part]");
  for (const value of [0, 1, 2, 6, 7, 9]) {
    slider.value = `${value}`;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  }
}"""


def test_only_the_newest_counts(sample_site: Site, small_desktop: Watched) -> None:
    page = small_desktop.open(f"{sample_site.base}/", map_ready=True)
    answered: list[str] = []
    broken: list[str] = []

    def finished(request: Request) -> None:
        if "/values/" in request.url:
            answered.append(request.url)

    def failed(request: Request) -> None:
        if "/values/" in request.url:
            broken.append(request.url)

    page.on("requestfailed", failed)
    page.on("requestfinished", finished)
    page.get_by_text("Change what counts").click()
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SLOW)
    page.evaluate(DRAG)
    for _ in range(100):
        if any(NEWEST in unquote(one) for one in answered):
            break
        page.wait_for_timeout(100)
    small_desktop.map_ready()
    assert len(answered) <= 2, "the oldest on its way and the newest; none in between"
    assert len(broken) >= MOVES - 2
    newest = next(one for one in answered if NEWEST in unquote(one))
    kind = urlsplit(newest).path.split("/")[-2]
    plain = page.request.get(newest.replace("bits=4", "bits=8")).body()
    assert page.evaluate(HELD, kind) == list(plain)
    assert small_desktop.faults == []
