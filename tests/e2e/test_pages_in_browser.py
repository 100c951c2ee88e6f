"""Every page: nothing serious for axe, a clean console, no other host, no sideways scrolling."""

import pytest

from .conftest import AXE, Site, Watched

pytestmark = pytest.mark.browser

PAGES = {
    "map": "/",
    "search": "/search?q=sample",
    "areas": "/areas?kind=small_area&decile=1",
    "areas inside": "/areas?within=Sampleford",
    "area": "/areas/{small}",
    "wide area": "/areas/{wide}",
    "support": "/support?q=Sampleford",
    "support place": "/support/{place}",
    "patterns": "/patterns",
    "gaps": "/gaps",
    "siting": "/tools/siting",
    "sited": "/tools/siting?go=true&grid=2000&k=2",
    "closing": "/tools/closing?place={place}",
    "spread": "/spread?kind=neighbourhood",
    "roll-up": "/rollup",
    "rolled up": "/rollup?where={wide},{small},nowhere",
    "changes": "/changes",
    "method": "/method",
    "validation": "/validation",
    "data": "/data",
    "download": "/download",
    "download offer": "/download?format=gpkg&columns=scores&columns=indicators&place={wide}",
    "help": "/help",
    "accessibility": "/accessibility",
    "about": "/about",
    "ogc landing": "/ogc/?f=html",
    "ogc properties": "/ogc/collections/small_area/queryables?f=html",
    "ogc list": "/ogc/collections/local_authority/items?f=html&limit=5",
    "ogc feature": "/ogc/collections/small_area/items/{small}?f=html",
    "ogc api": "/ogc/api?f=html",
}
SIZES = {"desktop": (1280, 900), "phone": (375, 760)}
RUN_AXE = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).slice(0, 3).join(" | ")}`);
}"""


@pytest.fixture(scope="session")
def addresses(sample_site: Site) -> dict[str, str]:
    """Codes of places that exist, to fill into addresses."""
    import json
    from urllib.request import urlopen

    def ask(path: str) -> dict:
        with urlopen(sample_site.base + path) as answer:
            return json.load(answer)

    small = ask("/api/v1/areas?kind=small_area")
    wide = ask("/api/v1/areas?kind=local_authority")
    code = small["areas"][0]["code"]
    place = ask(f"/api/v1/areas/{code}")["nearest_support"][0]["id"]
    return {"small": code, "wide": wide["areas"][0]["code"], "place": place}


@pytest.mark.parametrize("name", PAGES)
def test_page_is_sound_on_desktop_and_phone(
    name: str, sample_site: Site, desktop: Watched, addresses: dict[str, str]
) -> None:
    address = sample_site.base + PAGES[name].format(**addresses)
    page = desktop.open(address, map_ready=name == "map")
    # Injected past the page's policy, which allows no script but the page's own.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(RUN_AXE) == [], size
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{size}: content is {wide} px wide"
    assert page.locator("h1").count() == 1
    assert page.get_by_text("none of it is real").is_visible()
    assert page.get_by_text("It is not part of the NHS").is_visible()
    assert desktop.faults == []
    assert desktop.hosts == {"127.0.0.1"}


def test_error_page_says_what_to_do(sample_site: Site, desktop: Watched) -> None:
    page = desktop.open(f"{sample_site.base}/areas/E99999999")
    assert page.get_by_role("heading", level=1).inner_text() == "Not found"
    assert page.get_by_role("link", name="search for a postcode or place").is_visible()


def test_pages_print_without_controls(sample_site: Site, desktop: Watched) -> None:
    page = desktop.open(f"{sample_site.base}/areas")
    page.emulate_media(media="print")
    assert not page.locator(".em-nav").is_visible()
    assert page.locator("table").is_visible()
