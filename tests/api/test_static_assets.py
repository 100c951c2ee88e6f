"""Static files go out as compressed at build time, by what the client takes."""

import gzip
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from api.pages.templating import Assets, script_json
from api.static_files import StaticAssets

PLAIN = b"const answer = 42;" * 100


@pytest.fixture
def statics(tmp_path: Path) -> TestClient:
    assets = tmp_path / "assets"
    assets.mkdir()
    (assets / "a-1.js").write_bytes(PLAIN)
    (assets / "a-1.js.gz").write_bytes(gzip.compress(PLAIN))
    (assets / "a-1.js.br").write_bytes(b"brotli")
    (tmp_path / "licences.txt").write_bytes(b"MIT")
    return TestClient(Starlette(routes=[Mount("/static", StaticAssets(tmp_path))]))


@pytest.mark.parametrize(
    ("accepted", "coding", "length"),
    [
        ("gzip, br", "br", 6),
        ("gzip", "gzip", len(gzip.compress(PLAIN))),
        ("gzip, br;q=0", "gzip", len(gzip.compress(PLAIN))),
        ("identity", None, len(PLAIN)),
    ],
)
def test_the_best_twin_the_client_takes_is_sent(
    statics: TestClient, accepted: str, coding: str | None, length: int
) -> None:
    with statics.stream(
        "GET", "/static/assets/a-1.js", headers={"accept-encoding": accepted}
    ) as got:
        assert got.status_code == 200
        assert got.headers.get("content-encoding") == coding
        assert int(got.headers["content-length"]) == length
        assert got.headers["content-type"].startswith("text/javascript")
        assert got.headers["vary"] == "Accept-Encoding"
        assert got.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_names_without_a_hash_are_not_cached_for_ever(statics: TestClient) -> None:
    assert statics.get("/static/licences.txt").headers["cache-control"] == "public, max-age=3600"


@pytest.mark.parametrize("path", ["assets/none.js", "../secret", "assets/%2e%2e/%2e%2e/etc/passwd"])
def test_nothing_outside_is_served(statics: TestClient, path: str) -> None:
    assert statics.get(f"/static/{path}").status_code == 404


def test_asset_addresses_follow_the_latest_build(tmp_path: Path) -> None:
    assets = Assets(tmp_path)
    assert assets.url("src/map.ts") == ""
    manifest = tmp_path / ".vite" / "manifest.json"
    manifest.parent.mkdir()
    manifest.write_text('{"src/map.ts": {"file": "assets/map-1.js"}}')
    assert assets.url("src/map.ts") == "/static/assets/map-1.js"
    assert assets.url("src/other.ts") == ""


def test_json_in_a_page_cannot_end_its_block() -> None:
    assert "</script" not in script_json({"name": "</script><script>alert(1)"})
