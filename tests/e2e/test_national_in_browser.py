"""Three real places in a real browser: a northern city, a Welsh island, an inner London borough."""

import pytest
from playwright.sync_api import expect

from .conftest import AXE, Site, Watched
from .test_map_in_browser import painted
from .test_pages_in_browser import RUN_AXE

pytestmark = [pytest.mark.browser, pytest.mark.national]


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("E08000012", "Liverpool"),
        ("W06000001", "Isle of Anglesey"),
        ("E09000030", "Tower Hamlets"),
    ],
)
def test_real_place_on_the_map_and_in_its_profile(
    code: str, name: str, national_site: Site, small_desktop: Watched
) -> None:
    page = small_desktop.open(f"{national_site.base}/?area={code}", map_ready=True)
    expect(page.locator("[data-panel-box] h2")).to_have_text(name)
    # Flown to: close enough for the parts of a local authority to show.
    small_desktop.until("() => Number(new URLSearchParams(location.search).get('z')) > 8")
    small_desktop.map_ready()
    assert sum(count > 100 for count in painted(page)) >= 4
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(RUN_AXE) == []
    page.get_by_role("link", name="Full profile").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(RUN_AXE) == []
    assert page.get_by_text("none of it is real").count() == 0
    assert small_desktop.faults == []
    assert small_desktop.hosts == {"127.0.0.1"}
