"""Names of areas and places that attack: no page runs them, no spreadsheet takes them for formulas.

Every page, picture and file that the route table knows is asked for, over an edition whose names
hold scripts, quotes, ends of blocks, templates and bidirectional marks, and begin like formulas.
"""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from exclusion_map.accounts import Role
from tests.fuzz.described import description

from .directory_apps import directory_client
from .hostile_edition import FORMULAS, MARKUP, hostile, publish_hostile
from .route_table import addresses
from .signed_in import Browser, sign_in

HTML = {"accept": "text/html"}
LOCAL, SMALL = "local_authority", "small_area"
SCRIPT = "<script>alert(7)"
DATA_SCRIPTS = ("application/json", "application/ld+json")
SHEETS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


class Found(HTMLParser):
    """What of a page a browser would run."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.blocks: list[str] = []
        self._block: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        if tag == "script":
            if held.get("type") in DATA_SCRIPTS:
                self._block = []
            elif not str(held.get("src", "")).startswith("/static/"):
                self.wrong.append(f"a script {held}")
        self.wrong += [f"{tag} {name}" for name in held if name.startswith("on")]
        self.wrong += [f"{tag} style" for name in held if name == "style"]
        for name in ("href", "src", "action", "formaction"):
            address = (held.get(name) or "").strip().casefold()
            if address.startswith(("javascript:", "data:text/html", "vbscript:")) or address == "x":
                self.wrong.append(f"{tag} {name}={address[:40]}")

    def handle_data(self, data: str) -> None:
        if self._block is not None:
            self._block.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self._block is not None:
            self.blocks.append("".join(self._block))
            self._block = None


@pytest.fixture(scope="module")
def client(
    sample_processed: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("hostile")
    processed = publish_hostile(sample_processed, folder / "processed")
    with directory_client(processed, f"sqlite:///{folder / 'x.db'}") as made:
        yield made


@pytest.fixture(scope="module")
def admin(client: TestClient) -> Browser:
    return sign_in(client, Role.ADMIN)


@pytest.fixture(scope="module")
def there(client: TestClient) -> dict[str, str]:
    """Something that is there for each parameter of an address."""
    small = client.get(f"/api/v1/areas?kind={SMALL}").json()["areas"][0]
    support = client.get("/api/v1/support?limit=1").json()["features"][0]
    assert small["name"].endswith(MARKUP)
    assert support["properties"]["name"].endswith(MARKUP)
    anywhere = client.get("/api/v1/help-anywhere").json()
    return {
        "code": small["code"],
        "identity": support["id"],
        "place": support["id"],
        "anywhere": next(iter(next(v for v in anywhere.values() if isinstance(v, list))))["id"],
        "edition": "hostile",
        "index": "exclusion",
        "kind": SMALL,
        "feature": "0",
        "layer": "index",
        "form": "json",
        "ending": "csv",
        "collectionId": LOCAL,
        "featureId": client.get(f"/api/v1/areas?kind={LOCAL}").json()["areas"][0]["code"],
        "tileMatrixSetId": "WebMercatorQuad",
        "lists": "own",
    }


def fill(path: str, there: dict[str, str]) -> str:
    if path.startswith(("/help-anywhere", "/api/v1/help-anywhere")):
        there = {**there, "identity": there["anywhere"]}
    return re.sub(r"\{(\w+)\}", lambda m: there.get(m[1], "none"), path)


def check_page(text: str, where: str) -> None:
    found = Found()
    found.feed(text)
    assert not found.wrong, f"{where}: {found.wrong[:5]}"
    assert SCRIPT not in text, where
    for block in found.blocks:
        json.loads(block)
        assert "<" not in block.replace("\\u003c", ""), where


def pages_of(client: TestClient) -> list[str]:
    table: Any = client.app
    return [
        one.path
        for one in addresses(table)
        if one.method == "GET" and not one.path.endswith(("/*", ".mvt", ".png", ".bin", ".pmtiles"))
    ]


MORE_PAGES = (
    "/areas?kind=small_area",
    "/areas?kind=ward",
    "/search?q=sampl",
    "/support?q=sampl",
    "/panel?code={code}",
    "/panel?support={identity}",
    "/compare?areas={code},{featureId}",
    "/rollup?where={code}",
    "/gaps?within={featureId}",
    "/tools/siting?within={featureId}&k=2",
    "/tools/footprint?where={code}",
    "/tools/assessment?where={code}",
    "/tools/matrix?within={featureId}",
    "/reports?subject={featureId}",
    "/reports?code={featureId}",
    "/ogc/collections/{collectionId}/items?f=html",
    "/ogc/collections/support/items?f=html",
    "/ogc/collections/{collectionId}/items/{featureId}?f=html",
)


def test_no_page_runs_a_name(client: TestClient, admin: Browser, there: dict[str, str]) -> None:
    seen = 0
    for path in [*pages_of(client), *MORE_PAGES]:
        address = fill(path, there)
        answer = client.get(address, headers=HTML, follow_redirects=False)
        seen += check_answer(answer, address)
        if answer.headers.get("location", "").startswith("/sign-in"):
            seen += check_answer(admin.get(address), address)
    assert seen > 80


def check_answer(answer: Any, address: str) -> bool:
    """Check a page or picture; return whether it is a page that was found."""
    assert answer.status_code != 500, address
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy, address
    assert "default-src 'none'" in policy, address
    kind = answer.headers.get("content-type", "")
    if "svg" in kind:
        check_svg(answer.text, address)
    saved = answer.headers.get("content-disposition", "").startswith("attachment")
    if not kind.startswith("text/html") or saved:
        return False
    check_page(answer.text, address)
    return bool(answer.status_code == 200)


def check_svg(text: str, where: str) -> None:
    for element in ET.fromstring(text).iter():  # noqa: S314 - our own  # noqa: S314
        tag = str(element.tag).rpartition("}")[2]
        assert tag not in ("script", "foreignObject", "img"), where
        assert not [name for name in element.attrib if name.startswith("on")], where


def test_a_name_in_a_picture_is_text(client: TestClient, there: dict[str, str]) -> None:
    for path in (
        "/api/v1/static-map.svg?title={}&width=400&height=300",
        "/legends/exclusion.svg?title={}",
    ):
        answer = client.get(path.format(hostile("x", 0).replace("#", "%23").replace("+", "%2B")))
        if answer.status_code == 200:
            check_svg(answer.text, path)
        else:
            assert answer.status_code == 422


def test_the_folium_map_runs_no_name(client: TestClient) -> None:
    answer = client.get("/api/v1/download/map.html")
    assert answer.status_code == 200, answer.text[:300]
    # A file to keep: its scripts are within, so it is handed over as a download, not as a page.
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert SCRIPT not in answer.text
    assert "<img src=x" not in answer.text
    assert "alert(7)" in answer.text


def tables() -> list[str]:
    """Return every address that answers with CSV, as its description says."""
    found = []
    for path, methods in description()["paths"].items():
        told = methods.get("get", {})
        if "text/csv" not in told.get("responses", {}).get("200", {}).get("content", {}):
            continue
        choice = [q["name"] for q in told.get("parameters", ()) if q["name"] in ("format", "f")]
        named = path.endswith(("{ending}", "{form}"))
        found.append(path if named or not choice else f"{path}?{choice[0]}=csv")
    return found


QUESTIONS = {
    "/api/v1/areas": "kind=small_area",
    "/api/v1/rollup": "where={code}",
    "/api/v1/share": "total=10",
    "/api/v1/siting": "k=2",
    "/api/v1/assessment": "where={featureId}",
    "/api/v1/footprint": "where={code}",
    "/api/v1/sample": "areas=4",
    "/api/v1/reports.{form}": "codes={featureId}",
}
OTHER_TABLES = ("/compare.csv?areas={code},{featureId}", "/audit.csv")


def check_csv(text: str, where: str) -> int:
    """Check that no cell of a CSV is run; return how many cells hold a hostile name."""
    hostile_cells = 0
    for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")):
        for cell in row:
            hostile_cells += MARKUP[:20] in cell
            if cell.startswith(FORMULAS):
                try:
                    float(cell)
                except ValueError:
                    pytest.fail(f"{where}: {cell[:60]!r}")
    return hostile_cells


def test_no_csv_holds_a_formula(client: TestClient, admin: Browser, there: dict[str, str]) -> None:
    answered, hostile_in = [], []
    for one in [*tables(), *OTHER_TABLES]:
        path, _, query = one.partition("?")
        asked = "&".join(part for part in (query, QUESTIONS.get(path, "")) if part)
        answer = admin.client.get(fill(f"{path}?{asked}", {**there, "form": "csv"}))
        if answer.status_code == 200 and "csv" in answer.headers["content-type"]:
            answered.append(path)
            if check_csv(answer.text, path):
                hostile_in.append(path)
        else:
            print("not answered:", path, asked, answer.status_code, answer.text[:200])
    assert len(answered) > 15, answered
    assert len(hostile_in) > 8, hostile_in


@pytest.mark.parametrize("path", ["areas.xlsx?kind=small_area", "support.xlsx", "directory.xlsx"])
def test_no_workbook_holds_a_formula(client: TestClient, path: str) -> None:
    answer = client.get(f"/api/v1/download/{path}")
    assert answer.status_code == 200, answer.text[:300]
    check_workbook(answer.content)


def check_workbook(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        names = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        texts = "".join(book.read(n).decode() for n in book.namelist() if n.endswith(".xml"))
        for name in names:
            root = ET.fromstring(book.read(name))  # noqa: S314 - our own  # noqa: S314
            assert not root.findall(f".//{SHEETS}f"), name
            assert not root.findall(f".//{SHEETS}hyperlink"), name
    assert "alert(7)" in texts


def test_what_people_type_breaks_no_file(client: TestClient, there: dict[str, str]) -> None:
    typed = "a\x01\x0b\ufffe\u202e]]><b>=1+1"
    drawn = client.get("/api/v1/static-map.svg", params={"area": there["code"], "title": typed})
    assert drawn.status_code == 200, drawn.text
    assert "a ]]><b>=1+1" in "".join(ET.fromstring(drawn.content).itertext())  # noqa: S314 - ours
    asked = {"where": there["code"], "name": typed, "format": "docx"}
    word = client.get("/api/v1/assessment", params=asked)
    assert word.status_code == 200, word.text
    with zipfile.ZipFile(io.BytesIO(word.content)) as parts:
        ET.fromstring(parts.read("word/document.xml"))  # noqa: S314 - ours
