"""Change what counts: by keyboard, in the address, on a phone, without scripts; other layers."""

import re

import pytest
from playwright.sync_api import Page, expect

from .conftest import AXE, Site, Watched
from .test_map_in_browser import painted, state
from .test_pages_in_browser import RUN_AXE

pytestmark = pytest.mark.browser


def opened(page: Page) -> Page:
    page.get_by_text("Change what counts").click()
    return page


def test_slider_by_keyboard_repaints_and_the_link_brings_it_back(
    sample_site: Site, small_desktop: Watched
) -> None:
    page = opened(small_desktop.open(f"{sample_site.base}/", map_ready=True))
    before = painted(page)
    slider = page.get_by_role("slider", name="Older people")
    slider.focus()
    page.keyboard.press("Home")
    expect(page.locator("output").first).to_have_text("0 · 0%")
    page.wait_for_url(re.compile("weights="))
    changes = page.locator("[data-lens-changes]")
    expect(changes).to_contain_text("the highest-risk tenth")
    expect(changes.get_by_role("link", name="More about what changes")).to_be_visible()
    small_desktop.map_ready()
    after = painted(page)
    assert after != before
    assert state(page)["weights"][0].startswith("age:0,")
    assert "weights=" in page.get_by_role("link", name="View as table").get_attribute("href")
    address = page.url
    page.goto("about:blank")
    small_desktop.open(address, map_ready=True)
    expect(page.get_by_role("slider", name="Older people")).to_have_value("0")
    expect(changes).to_contain_text("the highest-risk tenth")
    again = painted(page)
    assert [abs(a - b) < 0.1 * max(a, b, 300) for a, b in zip(again, after, strict=True)] == (
        [True] * 10
    )
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(RUN_AXE) == []
    assert small_desktop.faults == []


def test_all_sliders_at_0_are_refused_and_reset_leads_back(
    sample_site: Site, small_desktop: Watched
) -> None:
    page = opened(small_desktop.open(f"{sample_site.base}/", map_ready=True))
    sliders = page.get_by_role("slider")
    for at in range(sliders.count()):
        sliders.nth(at).focus()
        page.keyboard.press("Home")
    expect(page.get_by_text("At least one part must count")).to_be_visible()
    sliders.last.press("ArrowRight")
    expect(page.get_by_text("At least one part must count")).to_be_hidden()
    page.get_by_role("link", name="Reset to the published score").click()
    expect(sliders.first).to_have_value("4")
    small_desktop.until("() => !location.search.includes('weights')")
    expect(page.locator("[data-lens-changes]")).to_be_hidden()
    assert small_desktop.faults == []


def test_preset_and_base_change_panel_and_address(
    sample_site: Site, small_desktop: Watched
) -> None:
    page = opened(small_desktop.open(f"{sample_site.base}/", map_ready=True))
    page.locator("[data-map-canvas]").click()
    expect(page.locator("[data-panel-box] h2")).to_be_visible()
    page.get_by_label("Start from").focus()
    page.get_by_label("Start from").select_option("skills")
    expect(page.get_by_role("slider", name="Older people")).to_have_count(0)
    expect(page.get_by_label("Start from")).to_be_focused()
    page.get_by_label("Compare each small area with").select_option("local_authority")
    page.wait_for_url(re.compile("index=skills.*base=local_authority"))
    expect(page.locator("[data-panel-box]")).to_contain_text("by your settings")
    expect(page.locator("[data-top-table]")).to_contain_text("its own local authority")
    assert small_desktop.faults == []


def test_other_layers_are_one_click_away(sample_site: Site, small_desktop: Watched) -> None:
    page = small_desktop.open(f"{sample_site.base}/", map_ready=True)
    page.get_by_role("radio", name="How sure we are").check()
    legend = page.locator("[data-legend-layer=robustness]")
    expect(legend).to_be_visible()
    expect(legend).to_contain_text("Depends on judgement")
    assert state(page)["show"] == ["robustness"]
    page.get_by_role("radio", name="Modelled estimate").check()
    expect(page.locator("[data-legend-layer=estimate]")).to_contain_text("Modelled, not counted")
    address = page.url
    page.goto("about:blank")
    small_desktop.open(address, map_ready=True)
    expect(page.get_by_role("radio", name="Modelled estimate")).to_be_checked()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(RUN_AXE) == []
    assert small_desktop.faults == []


def test_phone_has_room_for_fingers(sample_site: Site, phone: Watched) -> None:
    page = opened(phone.open(f"{sample_site.base}/", map_ready=True))
    controls = page.locator(
        ".em-lens__summary, .em-slider input, .em-lens select, .em-lens button, .em-lens__reset, "
        ".em-shades .em-switch"
    )
    assert controls.count() > 10
    for at in range(controls.count()):
        box = controls.nth(at).bounding_box()
        assert box is not None
        assert box["height"] >= 44
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    assert phone.faults == []


def test_form_works_without_scripts(sample_site: Site, scriptless: Watched) -> None:
    page = opened(scriptless.open(f"{sample_site.base}/"))
    page.get_by_role("slider", name="Older people").fill("0")
    page.get_by_label("Compare each small area with").select_option("nation")
    page.get_by_role("button", name="Show as a list").click()
    expect(page.get_by_text("Ranked with changed weights")).to_be_visible()
    assert state(page)["base"] == ["nation"]
    assert state(page)["weights"][0].startswith("age:0,")
    page.get_by_text("Change what counts").click()
    page.get_by_role("link", name="What changes in the ranking?").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What changes in the ranking?")
    assert page.locator(".em-movers li").count() == 10


@pytest.mark.parametrize(
    "path",
    [
        "/ranking-changes?weights=age:0,english:9",
        "/areas?kind=small_area&base=local_authority",
        "/method?index=exclusion-calibrated",
    ],
)
def test_new_pages_are_sound(path: str, sample_site: Site, desktop: Watched) -> None:
    page = desktop.open(sample_site.base + path)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for width in (1280, 375):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(RUN_AXE) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert desktop.faults == []
