"""OGC API Tiles: the layer of a collection alone, where the archive has it."""

import gzip

import mapbox_vector_tile
import pytest
from starlette.testclient import TestClient

from exclusion_map.features.mvt import layer_of

BASE = "/ogc/collections/small_area/tiles/WebMercatorQuad"


def test_rows_come_before_columns(client: TestClient) -> None:
    answer = client.get(f"{BASE}/6/21/31")
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert set(mapbox_vector_tile.decode(answer.content)) == {"small_area"}
    assert answer.headers["access-control-allow-origin"] == "*"
    held = client.get(f"{BASE}/6/21/31", headers={"If-None-Match": answer.headers["etag"]})
    assert held.status_code == 304
    plain = client.get(f"{BASE}/6/21/31", headers={"Accept-Encoding": "identity"})
    assert plain.content == answer.content
    assert "content-encoding" not in plain.headers


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("6/31/21", 204),
        ("0/0/0", 204),
        ("24/0/0", 204),
        ("6/64/0", 404),
        ("6/0/64", 404),
        ("25/0/0", 400),
        ("x/0/0", 400),
        ("6/-1/0", 400),
        ("6/21/31?f=png", 400),
        ("6/21/31?bogus=1", 400),
    ],
)
def test_other_addresses(client: TestClient, path: str, status: int) -> None:
    assert client.get(f"{BASE}/{path}").status_code == status


def test_a_tileset_tells_where_its_tiles_are(client: TestClient) -> None:
    told = client.get(BASE).json()
    limits = {one["tileMatrix"]: one for one in told["tileMatrixSetLimits"]}
    assert limits["6"]["minTileRow"] == limits["6"]["maxTileRow"] == 21
    assert limits["6"]["minTileCol"] == limits["6"]["maxTileCol"] == 31
    assert told["layers"][0]["id"] == "small_area"
    template = next(link for link in told["links"] if link["rel"] == "item")
    assert template["href"].endswith("/{tileMatrix}/{tileRow}/{tileCol}")
    listed = client.get("/ogc/collections/small_area/tiles").json()["tilesets"]
    assert [one["tileMatrixSetURI"] for one in listed] == [told["tileMatrixSetURI"]]


def tile(*names: str) -> bytes:
    square = "POLYGON((0 0, 9 0, 9 9, 0 0))"
    features = [{"geometry": square, "properties": {"a": 1}, "id": 7}]
    return bytes(
        mapbox_vector_tile.encode([{"name": name, "features": features} for name in names])
    )


def test_one_layer_is_taken_out_of_many() -> None:
    whole = tile("ward", "small_area", "icb")
    for name in ("ward", "small_area", "icb"):
        assert layer_of(whole, name) == tile(name)
    assert layer_of(whole, "small") == b""
    assert layer_of(b"", "ward") == b""


@pytest.mark.parametrize("damaged", [tile("ward")[:-4], b"\x1a\xff", b"\xff" * 12, b"\x0b\x01"])
def test_damaged_tiles_are_not_read_past_their_end(damaged: bytes) -> None:
    with pytest.raises(ValueError, match="vector tile"):
        layer_of(damaged, "ward")


def test_tiles_are_small_again_when_they_leave(client: TestClient) -> None:
    with client.stream("GET", f"{BASE}/6/21/31", headers={"Accept-Encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert mapbox_vector_tile.decode(gzip.decompress(raw))
