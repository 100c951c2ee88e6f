"""A map of very many areas asks for the classes of what is in view, tile by tile."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from exclusion_map.editions.reader import open_edition
from exclusion_map.settings import ServiceSettings

from .conftest import Site, Watched, running

pytestmark = pytest.mark.browser

# What MapLibre itself holds of what it has drawn.
DRAWN = """() => {
  const { map } = document.querySelector("[data-map]").mapView;
  const features = map.queryRenderedFeatures({ layers: ["fill-small_area"] });
  return features.map(({ id, state }) => [id, state.class ?? null]);
}"""
TOLD = """kind => {
  const { map, values } = document.querySelector("[data-map]").mapView;
  const classes = [...values.classes(kind)];
  return classes.map((_, id) =>
    map.getFeatureState({ source: "areas", sourceLayer: kind, id }).class ?? null);
}"""
AGE = """value => {
  const slider = document.querySelector("[data-lens-part]");
  slider.value = `${value}`;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
}"""


@pytest.fixture(scope="module")
def site_of_many(sample_processed: Path) -> Iterator[Site]:
    """Sampleshire, as if it had too many areas of any kind to be fetched at once."""
    with running(sample_processed, ServiceSettings(whole_values=0)) as site:
        yield site


@pytest.fixture(scope="module")
def middle(sample_edition: Path) -> str:
    """The middle of Sampleshire, as an address names it."""
    west, south, east, north = open_edition(sample_edition).tiles["areas"].info.bounds
    return f"at={(south + north) / 2:.4f},{(west + east) / 2:.4f}"


def whole(page: Page, site: Site, address: str) -> list[int]:
    edition = page.request.get(f"{site.base}/api/v1/edition").json()["edition"]
    return list(page.request.get(f"{site.base}/api/v1/editions/{edition}/{address}").body())


def drawn(page: Page) -> dict[int, int | None]:
    return {int(area): held for area, held in page.evaluate(DRAWN)}


def test_the_map_asks_for_tiles_in_view_and_paints_what_the_whole_array_says(
    site_of_many: Site, middle: str, small_desktop: Watched
) -> None:
    asked: list[str] = []
    page = small_desktop.page
    page.on("request", lambda request: asked.append(request.url) if ".bin" in request.url else None)
    small_desktop.open(f"{site_of_many.base}/?{middle}&z=12.5", map_ready=True)
    expected = whole(page, site_of_many, "values/small_area/exclusion.bin")
    first = drawn(page)
    assert first == {area: expected[area] for area in first}
    assert 0 < len(first) < len(expected)
    assert asked
    assert all("tile=12/" in one for one in asked), "never the whole array"

    # other weights: what is in view changes, what is not is forgotten
    page.get_by_text("Change what counts").click()
    with page.expect_response(lambda answer: "weights=" in answer.url and ".bin" in answer.url):
        page.evaluate(AGE, 9)
    page.wait_for_timeout(300)
    small_desktop.map_ready()
    weights = next(one for one in reversed(asked) if "weights=" in one).split("weights=")[1]
    by_age = whole(
        page, site_of_many, f"values/small_area/exclusion.bin?weights={weights.split('&')[0]}"
    )
    second = drawn(page)
    assert second.keys() == first.keys()
    assert second == {area: by_age[area] for area in second}
    assert second != first

    # elsewhere: only the tiles that are new
    before = len(asked)
    page.evaluate(
        "() => document.querySelector('[data-map]').mapView.map.panBy([900, 0], { animate: false })"
    )
    page.wait_for_timeout(500)
    small_desktop.map_ready()
    third = drawn(page)
    assert third == {area: by_age[area] for area in third}
    assert third.keys() - first.keys()
    assert len(asked) > before
    assert set(asked[before:]).isdisjoint(asked[:before])
    told = page.evaluate(TOLD, "small_area")
    assert all(held in (None, by_age[area]) for area, held in enumerate(told))
    assert small_desktop.faults == []


def test_other_layers_are_asked_for_by_tile_too(
    site_of_many: Site, middle: str, small_desktop: Watched
) -> None:
    asked: list[str] = []
    page = small_desktop.page
    page.on("request", lambda request: asked.append(request.url) if ".bin" in request.url else None)
    small_desktop.open(f"{site_of_many.base}/?show=robustness&{middle}&z=11", map_ready=True)
    small_desktop.map_ready()
    expected = whole(page, site_of_many, "layers/small_area/robustness.bin")
    found = drawn(page)
    assert found
    assert found == {area: expected[area] for area in found}
    assert all("/layers/small_area/robustness.bin?tile=" in one for one in asked)
    assert small_desktop.faults == []
