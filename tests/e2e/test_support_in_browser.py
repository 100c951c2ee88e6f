"""Support in a real browser: layers, filters and list on the map, by keyboard, and sound pages."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Route, expect

from exclusion_map.directory import Listing, Offer

from .conftest import AXE, Watched
from .directory_site import directory_site
from .test_pages_in_browser import RUN_AXE

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def hub() -> Listing:
    return Listing(
        name="Zebra Hub",
        kind="community_venue",
        accessibility=("step_free",),
        offers=(
            Offer(
                name="Get online",
                support={"drop_in_help": "stated"},
                cost="free",
                languages=("pl",),
                schedule={"mon": [["10:00", "12:00"]]},
            ),
        ),
    )


@pytest.fixture(scope="module")
def base(
    sample_processed: Path, hub: Listing, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The service over Sampleshire with a directory, and one place that a person added."""
    url = f"sqlite:///{tmp_path_factory.mktemp('directory') / 'd.db'}"
    with directory_site(sample_processed, url) as (address, app):
        with urlopen(f"{address}/api/v1/support?kind=library&limit=1") as answer:
            [library] = json.load(answer)["features"]
        longitude, latitude = library["geometry"]["coordinates"]
        place = hub.model_copy(
            update={
                "longitude": longitude,
                "latitude": latitude + 0.002,
                "area_code": library["properties"]["area_code"],
            }
        )
        app.state.directory.add(place, by="ada")
        app.state.directory_service.refresh()
        yield address


def place_of(base: str) -> dict:
    with urlopen(f"{base}/api/v1/support?words=zebra&format=json") as answer:
        [place] = json.load(answer)["places"]
    return place


def test_a_place_that_was_added_is_on_the_map_and_in_the_list(
    base: str, small_desktop: Watched
) -> None:
    place = place_of(base)
    at = f"{place['latitude']:.5f},{place['longitude']:.5f}"
    page = small_desktop.open(f"{base}/?at={at}&z=14&layers=community_venue", map_ready=True)
    listed = page.locator("[data-support-list] a")
    expect(listed).to_have_text(["Zebra Hub"])
    # By keyboard: Enter on the map chooses what is in its middle.
    small_desktop.until(
        "() => document.querySelector('[data-map]').mapView.map"
        ".queryRenderedFeatures({layers: ['support']}).length === 1"
    )
    page.locator("[data-map-canvas] canvas").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-panel-box] h2")).to_have_text("Zebra Hub")
    page.keyboard.press("Escape")
    listed.focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-panel-box] h2")).to_be_focused()
    assert small_desktop.faults == []


def test_filters_change_map_list_and_address(base: str, small_desktop: Watched) -> None:
    place = place_of(base)
    at = f"{place['latitude']:.5f},{place['longitude']:.5f}"
    address = f"{base}/?at={at}&z=14&layers=community_venue,library"
    page = small_desktop.open(address, map_ready=True)
    listed = page.locator("[data-support-list] a")
    expect(listed.first).to_be_visible()
    before = listed.count()
    assert before >= 2
    page.get_by_text("Filter these places").click()
    page.get_by_label("Kind of support").select_option("drop_in_help")
    expect(listed).to_have_text(["Zebra Hub"])
    assert "support=drop_in_help" in page.url
    page.get_by_label("Language").select_option("pl")
    expect(listed).to_have_text(["Zebra Hub"])
    small_desktop.open(page.url, map_ready=True)
    expect(page.locator("[data-support-list] a")).to_have_text(["Zebra Hub"])
    assert page.get_by_label("Language").input_value() == "pl"
    assert small_desktop.faults == []


def test_late_answers_to_an_earlier_question_change_nothing(
    base: str, small_desktop: Watched
) -> None:
    """On a slow connection the tiles of the filters before arrive after those of now."""
    place = place_of(base)
    page = small_desktop.page
    asked: list[str] = []

    def late(route: Route) -> None:
        asked.append(route.request.url)
        if "language=pl" not in route.request.url:
            page.wait_for_timeout(1500)
        route.continue_()

    page.route("**/tiles/directory/**/*.mvt*", late)
    at = f"{place['latitude']:.5f},{place['longitude']:.5f}"
    small_desktop.open(f"{base}/?at={at}&z=14&layers=community_venue,library")
    page.wait_for_selector(".em-map-frame--ready")
    page.get_by_text("Filter these places").click()
    page.get_by_label("Language").select_option("pl")
    small_desktop.until(
        "() => document.querySelector('[data-map]').mapView.map"
        ".queryRenderedFeatures({layers: ['support']}).length === 1"
    )
    page.wait_for_timeout(2000)
    shown = page.evaluate(
        "() => document.querySelector('[data-map]').mapView.map"
        ".queryRenderedFeatures({layers: ['support']}).map((each) => each.properties.name)"
    )
    assert shown == ["Zebra Hub"]
    assert any("language=pl" not in each for each in asked)
    assert not any("/tiles/directory/0/" in each for each in asked)


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (375, 760)])
def test_pages_of_support_are_sound(base: str, desktop: Watched, width: int, height: int) -> None:
    page = desktop.page
    page.set_viewport_size({"width": width, "height": height})
    place = place_of(base)
    where = f"/support?area={place['area_code']}"
    for path in (
        f"{where}&open=at&day=mon&time=10:30&support=drop_in_help",
        f"{where}&kind=library&support=free_wifi",
        place["page"],
        f"{place['page']}/history",
    ):
        desktop.open(f"{base}{path}")
        page.evaluate(AXE.read_text(encoding="utf-8"))
        assert page.evaluate(RUN_AXE) == [], path
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), path
    assert desktop.faults == []


def test_without_javascript_places_are_found_by_filters(base: str, scriptless: Watched) -> None:
    place = place_of(base)
    page = scriptless.open(f"{base}/support?area={place['area_code']}")
    page.locator("main summary").click()
    page.get_by_label("Kind of support").select_option("drop_in_help")
    page.get_by_label("Open", exact=True).select_option("at")
    page.get_by_label("Day").select_option("mon")
    page.get_by_label("Time").fill("10:30")
    page.get_by_role("button", name="Search with these filters").click()
    expect(page.locator(".em-support-list--long a")).to_have_text(["Zebra Hub"])
    page.get_by_role("link", name="Zebra Hub").click()
    expect(page.get_by_text("Drop-in help")).to_be_visible()
