"""The map: it is painted, and can be used by mouse, by keyboard and on a phone."""

import base64
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from exclusion_map.maps.palette import DECILE_COLOURS

from .conftest import AXE, Site, Watched
from .test_pages_in_browser import RUN_AXE

pytestmark = pytest.mark.browser

COUNT_COLOURS = """async ([picture, colours]) => {
  const image = new Image();
  image.src = `data:image/png;base64,${picture}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.width;
  canvas.height = image.height;
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  const seen = new Map();
  for (let at = 0; at < data.length; at += 4) {
    const colour = (data[at] << 16) | (data[at + 1] << 8) | data[at + 2];
    seen.set(colour, (seen.get(colour) ?? 0) + 1);
  }
  return colours.map((colour) => seen.get(Number.parseInt(colour.slice(1), 16)) ?? 0);
}"""


def painted(page: Page) -> list[int]:
    """Pixels of each class on the map."""
    picture = page.locator("[data-map-canvas]").screenshot()
    return page.evaluate(COUNT_COLOURS, [base64.b64encode(picture).decode(), DECILE_COLOURS])


def state(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_map_is_painted_in_the_colours_of_the_legend_and_links_to_its_table(
    sample_site: Site, small_desktop: Watched
) -> None:
    page = small_desktop.open(f"{sample_site.base}/", map_ready=True)
    expect(page.locator("[data-map-status]")).to_have_count(0)
    expect(page.locator(".em-labels span").first).to_be_visible()
    counts = painted(page)
    assert sum(count > 200 for count in counts) >= 8, counts
    page.get_by_role("link", name="View as table").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("in the view of the map")
    assert page.locator("tbody tr").count() > 10
    assert small_desktop.faults == []


def test_keyboard_from_search_to_panel_and_back(sample_site: Site, small_desktop: Watched) -> None:
    page = small_desktop.open(f"{sample_site.base}/", map_ready=True)
    box = page.get_by_role("combobox", name="Find a postcode or place")
    box.focus()
    page.keyboard.type("samplefrd")
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    assert box.input_value() == "samplefrd"
    page.keyboard.press("ArrowDown")
    chosen = page.locator(".em-suggestion[aria-selected=true]")
    expect(chosen).to_contain_text("Sampleford")
    assert box.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    page.keyboard.press("Enter")
    panel = page.locator("[data-panel-box]")
    heading = panel.get_by_role("heading", level=2)
    expect(heading).to_be_focused()
    expect(heading).to_contain_text("Sampleford")
    expect(page.locator("[data-map-announce]")).to_contain_text("Sampleford")
    expect(panel).to_contain_text("What drives it")
    page.wait_for_url(re.compile(r"[?&]area="))
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(RUN_AXE) == []
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(box).to_be_focused()
    assert "area" not in state(page)
    assert small_desktop.faults == []


def test_enter_on_the_map_chooses_the_place_in_the_middle(
    sample_site: Site, small_desktop: Watched
) -> None:
    page = small_desktop.open(f"{sample_site.base}/", map_ready=True)
    page.locator("[data-map-canvas] canvas").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-panel-box] h2")).to_be_focused()
    assert state(page)["area"]


def test_those_who_use_keys_are_told_what_lies_in_the_middle(
    sample_site: Site, small_desktop: Watched
) -> None:
    page = small_desktop.open(f"{sample_site.base}/", map_ready=True)
    page.evaluate("document.querySelector('[data-map-canvas] canvas').focus({focusVisible: true})")
    told = page.locator("[data-map-announce]")
    expect(told).to_have_text(re.compile(r"^.+: about .+ people$"))
    expect(page.locator(".em-map-tip")).to_have_text(told.inner_text())
    name = told.inner_text().split(":")[0]
    page.keyboard.press("Enter")
    expect(page.locator("[data-panel-box] h2")).to_have_text(name)


def test_click_selects_and_the_address_brings_it_back(
    sample_site: Site, small_desktop: Watched
) -> None:
    page = small_desktop.open(f"{sample_site.base}/", map_ready=True)
    page.locator("[data-map-canvas]").click()
    heading = page.locator("[data-panel-box] h2")
    expect(heading).to_be_visible()
    name = heading.inner_text()
    page.get_by_label("Libraries").check()
    assert state(page)["layers"] == ["library"]
    address = page.url
    page.goto("about:blank")
    small_desktop.open(address, map_ready=True)
    expect(page.locator("[data-panel-box] h2")).to_have_text(name)
    expect(page.get_by_label("Libraries")).to_be_checked()
    assert small_desktop.faults == []


def test_support_places_show_and_open(sample_site: Site, small_desktop: Watched) -> None:
    base = sample_site.base
    # The support page links to a place in the middle of the map, with its layer on.
    page = small_desktop.open(f"{base}/support?q=Sampleford&kind=library")
    page.locator(".em-support-list--long a").first.click()
    name = page.locator("h1 span").inner_text()
    page.get_by_role("link", name="See it on the map").click()
    small_desktop.map_ready()
    page.locator("[data-map-canvas] canvas").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-panel-box] h2")).to_have_text(name)
    assert small_desktop.faults == []


def test_phone_stacks_map_and_panel_with_targets_large_enough(
    sample_site: Site, phone: Watched
) -> None:
    page = phone.open(f"{sample_site.base}/", map_ready=True)
    page.locator("[data-map-canvas]").tap()
    panel = page.locator("[data-panel-box]")
    expect(panel).to_be_visible()
    above, below = page.locator("[data-map]").bounding_box(), panel.bounding_box()
    assert above is not None
    assert below is not None
    assert below["y"] >= above["y"] + above["height"] - 1
    controls = page.locator(
        ".em-menu__button, .em-search__button, .maplibregl-ctrl-group button, .em-switch, "
        ".em-panel__close"
    )
    for at in range(controls.count()):
        box = controls.nth(at).bounding_box()
        assert box is not None
        assert box["height"] >= 44, controls.nth(at).inner_text()
    assert phone.faults == []
