"""A saved map in a real browser without a network: layers, keyboard, popups, small screens."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from exclusion_map.editions.mapping import risk_map
from exclusion_map.editions.reader import open_edition
from exclusion_map.maps import folium_page
from exclusion_map.maps.folium_page import page_text
from exclusion_map.terms import AreaKind

from .conftest import AXE, watch

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def saved(sample_edition: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (folium_page.ASSETS / "folium.js").is_file():
        pytest.skip("the assets of maps are not built: run make assets")
    edition = open_edition(sample_edition)
    path = tmp_path_factory.mktemp("map") / "map.html"
    code = edition.atlas.level(AreaKind.LOCAL_AUTHORITY).codes[0]
    path.write_text(page_text(risk_map(edition, code)), encoding="utf-8")
    return path


def opened(browser: Browser, saved: Path, width: int) -> tuple[Page, list[str], set[str]]:
    context = browser.new_context(viewport={"width": width, "height": 900}, offline=True)
    watched = watch(context.new_page())
    page = watched.open(saved.as_uri())
    page.wait_for_selector("path.leaflet-interactive")
    return page, watched.faults, watched.hosts


def test_it_opens_offline_and_layers_go_on_and_off(browser: Browser, saved: Path) -> None:
    page, faults, hosts = opened(browser, saved, 1280)
    areas = page.locator("path.leaflet-interactive")
    assert areas.count() > 20
    libraries = page.get_by_label("Libraries (", exact=False)
    libraries.focus()
    page.keyboard.press("Space")
    page.wait_for_selector(".leaflet-marker-icon .em-sign")
    page.keyboard.press("Space")
    page.wait_for_selector(".leaflet-marker-icon", state="detached")
    page.get_by_label("heat", exact=False).check()
    page.wait_for_selector("canvas.leaflet-heatmap-layer")
    page.get_by_label("Risk of digital exclusion").uncheck()
    assert areas.count() == 0
    page.get_by_label("Risk of digital exclusion").check()
    assert page.locator('path[tabindex="0"]').count() == 1
    assert not faults
    assert not hosts
    page.context.close()


def test_areas_are_read_by_keyboard(browser: Browser, saved: Path) -> None:
    page, faults, _ = opened(browser, saved, 1280)
    page.focus('path[tabindex="0"]')
    first = page.evaluate("document.activeElement.getAttribute('aria-label')")
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
        if page.evaluate("document.activeElement.getAttribute('aria-label')") != first:
            break
    name = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert name != first
    page.keyboard.press("Enter")
    popup = page.locator(".leaflet-popup-content")
    popup.wait_for()
    assert name.split(":")[0] in popup.inner_text()
    assert "people live here" in popup.inner_text()
    page.keyboard.press("Escape")
    popup.wait_for(state="detached")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == name
    assert not faults
    page.context.close()


def test_a_phone_shows_the_map_free_of_its_switches(browser: Browser, saved: Path) -> None:
    page, faults, _ = opened(browser, saved, 375)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    frame = page.locator(".folium-map").bounding_box()
    switches = page.locator(".leaflet-control-layers").bounding_box()
    assert frame is not None
    assert switches is not None
    assert switches["y"] >= frame["y"] + frame["height"]
    page.get_by_text("Table of the").click()
    assert page.locator(".em-table tbody tr").count() > 20
    assert not faults
    page.context.close()


def test_axe_finds_no_fault(browser: Browser, saved: Path) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: run npm ci in web/")
    page, _, _ = opened(browser, saved, 1280)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
    )
    assert [(one["id"], one["nodes"][0]["html"][:120]) for one in found["violations"]] == []
    page.context.close()
