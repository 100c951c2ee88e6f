import gzip
from pathlib import Path

import mapbox_vector_tile
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from exclusion_map.settings import DataSettings, ServiceSettings

from .conftest import publish_tiny
from .own_headers import kept

TILE = "/tiles/tiny/areas/6/31/21.mvt"


def test_a_tile_leaves_compressed_as_it_is_stored(client: TestClient) -> None:
    with client.stream("GET", TILE, headers={"Accept-Encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.status_code == 200
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert int(answer.headers["content-length"]) == len(raw)
    decoded = mapbox_vector_tile.decode(gzip.decompress(raw))
    assert set(decoded) == {"small_area"}


@pytest.mark.parametrize("accepted", ["identity", "gzip;q=0", "br, gzip; q=0.0", ""])
def test_a_client_without_gzip_gets_the_tile_plain(client: TestClient, accepted: str) -> None:
    answer = client.get(TILE, headers={"Accept-Encoding": accepted})
    assert "content-encoding" not in answer.headers
    assert answer.headers["vary"] == "Accept-Encoding"
    assert "small_area" in mapbox_vector_tile.decode(answer.content)


def test_plain_and_compressed_tiles_have_different_tags(client: TestClient) -> None:
    tags = {
        client.get(TILE, headers={"Accept-Encoding": accepted}).headers["etag"]
        for accepted in ("gzip", "identity")
    }
    assert len(tags) == 2


def test_a_tile_that_is_held_is_not_sent_again(client: TestClient) -> None:
    tag = client.get(TILE).headers["etag"]
    for sent in (tag, f'"other", W/{tag}', "*"):
        again = client.get(TILE, headers={"If-None-Match": sent})
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == tag
    assert client.get(TILE, headers={"If-None-Match": '"other"'}).status_code == 200


def test_head_tells_what_get_would_send(client: TestClient) -> None:
    got, head = client.get(TILE), client.head(TILE)
    assert head.status_code == 200
    assert head.content == b""
    assert kept(head) == kept(got)


def test_the_current_edition_has_addresses_without_its_name(client: TestClient) -> None:
    answer = client.get("/tiles/areas/6/31/21.mvt")
    assert answer.content == client.get(TILE).content
    assert answer.headers["cache-control"] == "public, max-age=300"


def test_an_empty_tile_is_204(client: TestClient) -> None:
    answer = client.get("/tiles/tiny/support/6/0/0.mvt")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    "path",
    [
        "/tiles/tiny/areas/5/0/0.mvt",
        "/tiles/tiny/areas/8/0/0.mvt",
        "/tiles/tiny/areas/6/64/0.mvt",
        "/tiles/tiny/areas/6/0/64.mvt",
        "/tiles/tiny/areas/6/-1/0.mvt",
        "/tiles/tiny/areas/6/1.0/0.mvt",
        "/tiles/tiny/areas/6/٣/0.mvt",
        "/tiles/tiny/areas/6/99999999999999999999/0.mvt",
        "/tiles/tiny/roads/6/31/21.mvt",
        "/tiles/older/areas/6/31/21.mvt",
        "/tiles/6/31/21.mvt",
        "/tiles/x/y/areas/6/31/21.mvt",
    ],
)
def test_addresses_that_are_not_tiles_are_404(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["expected"]


def test_other_methods_are_refused(client: TestClient) -> None:
    answer = client.post(TILE)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


def test_other_sites_may_read_tiles(client: TestClient) -> None:
    assert client.get(TILE).headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(("tileset", "layer"), [("areas", "small_area"), ("support", "support")])
def test_tilejson_leads_to_the_tiles(client: TestClient, tileset: str, layer: str) -> None:
    described = client.get(f"/tiles/{tileset}.json").json()
    assert described["tilejson"] == "3.0.0"
    assert (described["minzoom"], described["maxzoom"]) == (6, 7)
    assert described["bounds"] == [-1.0, 51.0, -0.6, 51.1]
    assert [one["id"] for one in described["vector_layers"]] == [layer]
    address = described["tiles"][0].format(z=6, x=31, y=21)
    assert "/tiles/tiny/" in address
    assert client.get(address).status_code == 200


def test_tilejson_of_an_unknown_tileset(client: TestClient) -> None:
    answer = client.get("/tiles/roads.json")
    assert answer.status_code == 404
    assert "areas" in answer.json()["expected"]


def test_answers_that_are_kept_do_not_outlive_their_edition(tiny: Path) -> None:
    app = create_app(ServiceSettings(), DataSettings(processed_dir=tiny))
    with TestClient(app) as client:
        path = "/tiles/areas/6/31/21.mvt"
        before = client.get(path).headers["etag"]
        assert client.get(path).headers["etag"] == before
        publish_tiny(tiny, "newer")
        app.state.holder.refresh()
        after = client.get(path).headers["etag"]
        assert after != before
        assert "newer" in after
        assert client.get(TILE).status_code == 200  # open pages still ask for the older one
        publish_tiny(tiny, "newest")
        app.state.holder.refresh()
        assert client.get(TILE).status_code == 404


def test_no_more_answers_are_kept_than_a_bound(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.routes.tiles.KEPT", 2)
    for path in (TILE, TILE.replace("31/21", "32/21"), TILE.replace("6/31/21", "7/63/42")):
        first, again = client.get(path), client.get(path)
        assert first.status_code == again.status_code == 200
        assert kept(first) == kept(again)
        assert first.content == again.content
