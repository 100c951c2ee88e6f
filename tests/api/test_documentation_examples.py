"""Examples of the API reference work, and tutorials say what the pages say."""

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from docs._generate.api import operations
from docs._generate.examples import Examples
from exclusion_map.editions import current_id
from exclusion_map.settings import DataSettings, ServiceSettings

TUTORIALS = Path(__file__).resolve().parents[2] / "docs" / "tutorials"
LINK = re.compile(r"\]\(http://localhost:8000(/[^)\s]*)\)")
BOLD = re.compile(r"\*\*([^*]+)\*\*")
NOT_ON_SCREEN = re.compile(r"bold words|missing is missing", re.IGNORECASE)
DEAR = {f"GET /api/v1/{name}" for name in ("indices", "uncertainty", "access", "changes")}
DEAR |= {"GET /openreferral/export.json"}
"""They take seconds on the national edition, and tests of their own ask them."""

pytestmark = pytest.mark.national


@pytest.fixture(scope="module")
def national(national_processed: Path) -> Iterator[TestClient]:
    app = create_app(ServiceSettings(), DataSettings(processed_dir=national_processed))
    with TestClient(app) as made:
        yield made


def test_every_example_is_answered(national: TestClient, national_processed: Path) -> None:
    examples = Examples.read()
    every = operations(national.get("/api/v1/openapi.json").json())
    requests = {one.key: examples.request(one) for one in every}
    without = [key for key, one in requests.items() if one is None and key.startswith("GET ")]
    assert not without, "say values for these in docs/_generate/examples.toml"
    assert not examples.named - set(requests), "these are no addresses any more"
    edition = current_id(national_processed)
    failed = []
    for key, one in requests.items():
        if one is None or key in DEAR or "$ID" in one.target or "$TAG" in one.target:
            continue
        target = one.target.replace("$EDITION", edition)
        answer = national.request(one.method, target, json=one.body)
        # What is kept in the database is asked for in tests of its own.
        if not answer.is_success and "no-database" not in answer.text:
            failed.append((key, target, answer.status_code, answer.text[:200]))
    assert not failed


@pytest.mark.parametrize("path", sorted(TUTORIALS.glob("*.md")), ids=lambda path: path.stem)
def test_a_tutorial_says_what_is_on_the_screen(national: TestClient, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    linked = dict.fromkeys(LINK.findall(text))
    screen = _plain(" ".join(_page(national, address) for address in linked)).casefold()
    said = [_plain(bold.replace("\n> ", " ")).casefold() for bold in BOLD.findall(text)]
    absent = [words for words in said if words not in screen]
    assert not [words for words in absent if not NOT_ON_SCREEN.search(words)]


def _page(client: TestClient, address: str) -> str:
    answer = client.get(address, headers={"Accept": "text/html"})
    assert answer.status_code == 200, address
    return answer.text


def _plain(text: str) -> str:
    """Return text as people read it: without markup, spaces as one."""
    bare = re.sub(r"<(script|style)\b.*?</\1>", " ", text, flags=re.DOTALL)
    bare = html.unescape(re.sub(r"<[^>]+>", " ", bare))
    return re.sub(r"\s+([.,;:)])", r"\1", re.sub(r"\s+", " ", bare)).strip()
