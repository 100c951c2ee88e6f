"""Several areas on the map: by mouse, by keyboard alone, by a drawn shape, on a phone, on paper."""

import re

import pytest
from playwright.sync_api import Page, expect

from .conftest import AXE, Site, Watched
from .test_map_in_browser import state
from .test_pages_in_browser import RUN_AXE

pytestmark = pytest.mark.browser

FIRST, SECOND = "E02900043", "E02900044"
PICKED_DRAWN = """() => {
  const map = document.querySelector("[data-map]").mapView.map;
  return map.querySourceFeatures("picked").length;
}"""


def chosen(page: Page) -> list[str]:
    return [code for code in state(page).get("select", [""])[0].split(",") if code]


def test_clicks_with_ctrl_select_several_and_back_undoes(
    sample_site: Site, small_desktop: Watched
) -> None:
    page = small_desktop.open(f"{sample_site.base}/", map_ready=True)
    canvas = page.locator("[data-map-canvas]")
    box = canvas.bounding_box()
    assert box is not None
    middle = {"x": box["width"] / 2, "y": box["height"] / 2}
    canvas.click(position=middle, modifiers=["Control"])
    expect(page.locator("[data-several-words]")).to_contain_text("1 neighbourhood, about")
    canvas.click(position={**middle, "x": middle["x"] + 60}, modifiers=["Shift"])
    expect(page.locator("[data-several-words]")).to_contain_text("2 neighbourhoods, about")
    expect(page.locator("[data-map-announce]")).to_contain_text("Selected: 2 neighbourhoods")
    # Neither opened the panel.
    expect(page.locator("[data-panel-box]")).to_be_hidden()
    both = chosen(page)
    assert len(both) == 2
    small_desktop.until(f"() => ({PICKED_DRAWN})() > 0")
    page.go_back()
    expect(page.locator("[data-several-words]")).to_contain_text("1 neighbourhood,")
    assert chosen(page) == both[:1]
    page.go_forward()
    expect(page.locator("[data-several-words]")).to_contain_text("2 neighbourhoods,")
    page.get_by_role("link", name="Compare").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("How do these places differ?")
    assert page.locator("table").first.locator("thead th").count() == 3
    page.go_back()
    small_desktop.map_ready()
    expect(page.locator("[data-several-words]")).to_contain_text("2 neighbourhoods,")
    page.get_by_role("button", name="Clear the selection").click()
    expect(page.locator("[data-several]")).to_be_hidden()
    assert chosen(page) == []
    assert small_desktop.faults == []


def test_keyboard_alone_selects_from_the_map_and_from_the_list(
    sample_site: Site, small_desktop: Watched
) -> None:
    page = small_desktop.open(f"{sample_site.base}/", map_ready=True)
    page.locator("[data-map-canvas] canvas").focus()
    page.keyboard.press("Space")
    expect(page.locator("[data-several-words]")).to_contain_text("1 neighbourhood,")
    page.get_by_role("button", name="List", exact=True).focus()
    page.keyboard.press("Enter")
    rows = page.locator("[data-rows-view] tbody tr")
    expect(rows.first).to_be_visible()
    assert state(page)["list"] == ["1"]
    first = rows.first.get_by_role("checkbox")
    first.focus()
    # The row that has the focus is outlined on the map.
    small_desktop.until(
        "() => document.querySelector('[data-map]').mapView.map"
        ".querySourceFeatures('hovered').length > 0"
    )
    page.keyboard.press("Space")
    expect(page.locator("[data-several-words]")).to_contain_text("2 neighbourhoods,")
    expect(first).to_be_focused()
    picked = page.locator("[data-rows-picked] tbody tr")
    expect(picked).to_have_count(2)
    # To take one out leaves the focus in the list.
    picked.nth(1).get_by_role("checkbox").focus()
    page.keyboard.press("Space")
    expect(picked).to_have_count(1)
    expect(picked.first.get_by_role("checkbox")).to_be_focused()
    by_people = page.get_by_role("button", name="People")
    by_people.focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-rows-view] th[aria-sort=descending]")).to_have_text("People")
    expect(by_people).to_be_focused()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(RUN_AXE) == []
    assert small_desktop.faults == []


def test_pointer_and_row_mark_each_other(sample_site: Site, small_desktop: Watched) -> None:
    page = small_desktop.open(f"{sample_site.base}/?list=1", map_ready=True)
    expect(page.locator("[data-rows-view] tbody tr").first).to_be_visible()
    page.locator("[data-map-canvas]").hover()
    tip = page.locator(".em-map-tip")
    expect(tip).to_contain_text("people")
    # The list opens beside the map, which moves under the pointer: both must agree in the end.
    small_desktop.until(
        """() => {
          const name = document.querySelector(".em-map-tip").textContent.split(":")[0];
          const rows = [...document.querySelectorAll("[data-rows-view] tbody tr")];
          const named = rows.filter((row) => row.textContent.includes(name));
          const marked = rows.filter((row) => row.matches(".em-row--marked"));
          return !named.length || marked.some((row) => named.includes(row));
        }"""
    )
    assert small_desktop.faults == []


@pytest.mark.parametrize("shape", ["Circle", "Outline"])
def test_a_drawn_shape_selects_what_lies_inside(
    shape: str, sample_site: Site, small_desktop: Watched
) -> None:
    sample_site.meter.answers.clear()
    page = small_desktop.open(f"{sample_site.base}/", map_ready=True)
    assert not any("drawing" in path for path, _ in sample_site.meter.answers)
    box = page.locator("[data-map-canvas]").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.get_by_role("button", name="Draw").click()
    page.get_by_role("button", name=shape).click()
    expect(page.locator("[data-shape-hint]")).to_contain_text("Click")
    corners = [(0, 0), (110, 90)] if shape == "Circle" else [(-120, -80), (120, -80), (0, 110)]
    for right, down in corners:
        page.mouse.move(x + right, y + down, steps=3)
        page.mouse.click(x + right, y + down)
    if shape == "Outline":
        page.keyboard.press("Enter")
    expect(page.locator("[data-several-words]")).to_contain_text("neighbourhoods, about")
    assert len(chosen(page)) > 2
    expect(page.locator("[data-shapes]")).to_be_hidden()
    expect(page.locator("[data-panel-box]")).to_be_hidden()
    page.get_by_role("button", name="Summary of the shape itself").click()
    expect(page.locator(".em-lede")).to_contain_text("small areas, where about")
    assert small_desktop.faults == []


def test_escape_puts_the_pen_away(sample_site: Site, small_desktop: Watched) -> None:
    page = small_desktop.open(f"{sample_site.base}/", map_ready=True)
    opener = page.get_by_role("button", name="Draw")
    opener.click()
    page.get_by_role("button", name="Rectangle").click()
    expect(page.locator("[data-shape-hint]")).to_contain_text("corner")
    page.keyboard.press("Escape")
    expect(page.locator("[data-shapes]")).to_be_hidden()
    expect(opener).to_be_focused()
    page.locator("[data-map-canvas]").click()
    expect(page.locator("[data-panel-box] h2")).to_be_visible()


def test_phone_selects_by_touch(sample_site: Site, phone: Watched) -> None:
    page = phone.open(f"{sample_site.base}/", map_ready=True)
    page.get_by_role("button", name="Select several").tap()
    page.locator("[data-map-canvas]").tap()
    expect(page.locator("[data-several-words]")).to_contain_text("1 neighbourhood,")
    expect(page.locator("[data-panel-box]")).to_be_hidden()
    controls = page.locator(".em-tools > button, .em-several a, .em-several__actions button")
    for at in range(controls.count()):
        box = controls.nth(at).bounding_box()
        if box is not None:
            assert box["height"] >= 44, controls.nth(at).inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(RUN_AXE) == []
    assert phone.faults == []


def test_an_address_that_makes_no_sense_still_brings_a_map(
    sample_site: Site, small_desktop: Watched
) -> None:
    wrong = (
        f"at=999,abc&z=-4&select=E99999999,{FIRST},%3Cb%3E,{SECOND}&show=nothing&layers=x&list=7"
    )
    page = small_desktop.open(f"{sample_site.base}/?{wrong}", map_ready=True)
    expect(page.locator("[data-several-words]")).to_contain_text("2 neighbourhoods,")
    page.wait_for_url(re.compile(rf"select={FIRST},{SECOND}(&|$)"))
    page.goto(f"{sample_site.base}/?select=E99999999")
    small_desktop.map_ready()
    expect(page.locator("[data-several]")).to_be_hidden()


def test_paper_holds_map_legend_and_the_areas_selected(
    sample_site: Site, small_desktop: Watched
) -> None:
    page = small_desktop.open(f"{sample_site.base}/?select={FIRST},{SECOND}", map_ready=True)
    expect(page.locator("[data-rows-picked] tbody tr")).to_have_count(2)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    paper = page.locator("[data-print-map]")
    expect(paper).to_be_visible()
    colours = """(canvas) => {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      const seen = new Set();
      for (let at = 0; at < data.length; at += 4 * 97) seen.add(data.slice(at, at + 3).join());
      return seen.size;
    }"""
    assert paper.evaluate(colours) > 8
    expect(page.locator(".em-legend:not([hidden])")).to_be_visible()
    expect(page.locator("[data-rows-picked] table")).to_be_visible()
    expect(page.locator("[data-print-address]")).to_contain_text(FIRST)
    for hidden in (".em-tools", ".em-lens", ".em-layers", "[data-map]"):
        expect(page.locator(hidden).first).to_be_hidden()
