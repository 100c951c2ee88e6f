"""The documentation site: built strictly, whole, readable by everybody, and without a network."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from playwright.sync_api import Browser

from docs._generate.__main__ import build
from docs._generate.navigation import completed, named

from .conftest import AXE, watch

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LOADED = {("script", "src"), ("img", "src"), ("link", "href"), ("iframe", "src")}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, sample_processed: Path) -> Path:
    staged = build(tmp_path_factory.mktemp("docs"), sample_processed)
    return staged.site


class Page(HTMLParser):
    """What a page links to, loads, and can be linked to by."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.loads: set[str] = set()
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.ids.add(value or "")
            elif (tag, name) in LOADED:
                self.loads.add(value or "")
            elif (tag, name) == ("a", "href"):
                self.links.add(value or "")


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    found = site.rglob("*.html")
    return {path: Page(path.read_text(encoding="utf-8")) for path in found if path.stem != "404"}


def test_every_link_and_picture_is_there(site: Path, pages: dict[Path, Page]) -> None:
    broken = []
    for path, page in pages.items():
        for link in page.links | page.loads:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            there = target.is_file()
            if there and parts.fragment and target in pages and not parts.fragment.startswith("__"):
                there = unquote(parts.fragment) in pages[target].ids
            if not there:
                broken.append(f"{path.relative_to(site)}: {link}")
    assert not broken


def test_nothing_is_loaded_from_elsewhere(site: Path, pages: dict[Path, Page]) -> None:
    loaded = {address for page in pages.values() for address in page.loads}
    assert not {address for address in loaded if urlsplit(address).netloc}
    styles = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.css"))
    assert "@import" not in styles
    assert "url(http" not in styles


def test_every_page_is_in_the_menu(site: Path, pages: dict[Path, Page]) -> None:
    settings = yaml.safe_load((site.parent / "mkdocs.yml").read_text(encoding="utf-8"))
    listed = list(named(settings["nav"]))
    there = [str(path.relative_to(site.parent / "pages")) for path in site.parent.rglob("*.md")]
    assert sorted(listed) == sorted(there)


def test_pages_nobody_named_join_the_section_of_their_folder() -> None:
    menu = [{"Home": "index.md"}, {"A": ["a/one.md", {"B": ["a/b/two.md"]}]}, {"Last": ["z.md"]}]
    widened = completed(menu, ["a/b/three.md", "a/four.md", "lost.md", "z.md"])
    assert widened == [
        {"Home": "index.md"},
        {"A": ["a/one.md", {"B": ["a/b/two.md", "a/b/three.md"]}, "a/four.md"]},
        {"Last": ["z.md", "lost.md"]},
    ]


@pytest.mark.browser
def test_everybody_can_read_and_search_it_without_a_network(browser: Browser, site: Path) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    watched = watch(context.new_page())
    page = watched.page
    for name in ("index.html", "tutorials/share-computers.html", "reference/api/share.html"):
        page.goto((site / name).as_uri())
        page.add_script_tag(path=AXE)
        found = page.evaluate(f"axe.run({{runOnly: {WCAG}}})")["violations"]
        assert not [(one["id"], one["nodes"][0]["html"]) for one in found], name
    page.goto((site / "index.html").as_uri())
    # The index is read, and there is somebody to ask.
    page.locator("iframe[title=Search]").wait_for(state="attached")
    page.keyboard.press("/")
    page.wait_for_function("document.activeElement !== document.body")
    page.wait_for_timeout(300)
    page.keyboard.type("Webster", delay=30)
    page.get_by_text(re.compile(r"^\d+ results$")).wait_for(timeout=60_000)
    page.set_viewport_size({"width": 375, "height": 760})
    page.goto((site / "tutorials/share-computers.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    assert not watched.hosts
    context.close()
