"""Values of the areas in one tile: what a map of very many areas asks for."""

import numpy as np
import pytest
from starlette.testclient import TestClient

from exclusion_map.editions.reader import open_edition
from exclusion_map.tiles.scored_wire import split_layers


def _unlist(body: bytes) -> dict[int, int]:
    """Feature ids and their bytes."""
    count = len(body) // 5
    assert len(body) == 5 * count
    ids = np.frombuffer(body[: 4 * count], "<u4").tolist()
    assert ids == sorted(set(ids))
    return dict(zip(ids, body[4 * count :], strict=True))


@pytest.fixture(scope="module")
def tiles(sample_edition) -> list[str]:
    """Tiles of zoom 10 that cover Sampleshire, with one beside it."""
    west, south, east, north = open_edition(sample_edition).tiles["areas"].info.bounds
    side = 1 << 10
    columns = [int((degrees + 180) / 360 * side) for degrees in (west, east)]
    rows = [
        int((1 - np.arcsinh(np.tan(np.radians(degrees))) / np.pi) / 2 * side)
        for degrees in (north, south)
    ]
    return [
        f"10/{x}/{y}"
        for x in range(columns[0] - 1, columns[1] + 1)
        for y in range(rows[0], rows[1] + 1)
    ]


@pytest.fixture(scope="module")
def start(sample_client: TestClient) -> str:
    edition = sample_client.get("/api/v1/edition").json()["edition"]
    return f"/api/v1/editions/{edition}"


@pytest.mark.parametrize(
    ("address", "query"),
    [
        ("values/small_area/exclusion.bin", ""),
        ("values/small_area/exclusion.bin", "measure=score"),
        ("values/neighbourhood/exclusion.bin", "weights=age:3"),
        ("values/small_area/exclusion.bin", "base=local_authority&weights=age:3"),
        ("layers/small_area/robustness.bin", ""),
        ("layers/small_area/patterns.bin", ""),
    ],
)
def test_tiles_together_tell_what_the_whole_array_tells(
    sample_client: TestClient, start: str, tiles: list[str], address: str, query: str
) -> None:
    whole = sample_client.get(f"{start}/{address}?{query}")
    told: dict[int, int] = {}
    for tile in tiles:
        answer = sample_client.get(f"{start}/{address}?{query}&tile={tile}")
        assert answer.status_code == 200
        found = _unlist(answer.content)
        assert answer.headers["exclusion-map-count"] == str(len(found))
        assert answer.headers["exclusion-map-order"] == "listed-feature-ids"
        assert answer.headers["cache-control"] == whole.headers["cache-control"]
        assert told.items() | found.items() == (told | found).items()  # never two classes
        told |= found
    assert told == dict(enumerate(whole.content))


def test_a_tile_lists_the_features_that_the_tile_has(
    sample_client: TestClient, start: str, tiles: list[str], sample_edition
) -> None:
    archive = open_edition(sample_edition).tiles["areas"]
    fullest = max(tiles, key=lambda tile: len(archive.get(*map(int, tile.split("/"))) or b""))
    drawn = sample_client.get(f"/tiles/areas/{fullest}.mvt").content
    ids = {layer.name: set(layer.ids.tolist()) for layer in split_layers(drawn)}
    for kind in ("small_area", "local_authority"):
        answer = sample_client.get(f"{start}/values/{kind}/exclusion.bin?tile={fullest}")
        assert _unlist(answer.content).keys() == ids[kind]


def test_a_tile_that_is_held_is_not_sent_again(
    sample_client: TestClient, start: str, tiles: list[str]
) -> None:
    address = f"{start}/values/small_area/exclusion.bin?tile={tiles[-1]}"
    tag = sample_client.get(address).headers["etag"]
    other = sample_client.get(address.replace(tiles[-1], tiles[-2])).headers["etag"]
    assert tag != other
    again = sample_client.get(address, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_where_nothing_is_the_list_is_empty(sample_client: TestClient, start: str) -> None:
    answer = sample_client.get(f"{start}/values/small_area/exclusion.bin?tile=10/0/0")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("tile=1/0/0", "z from"),
        ("tile=10/1024/0", "z from"),
        ("tile=23/0/0", "z from"),
        ("tile=ten", "tile"),
        ("tile=9/1/1&bits=4", "8"),
        ("tile=9/1/1/1", "tile"),
        ("tile=9/-1/1", "tile"),
    ],
)
def test_a_tile_that_cannot_be_is_told(
    sample_client: TestClient, start: str, query: str, told: str
) -> None:
    answer = sample_client.get(f"{start}/values/small_area/exclusion.bin?{query}")
    assert answer.status_code == 422
    assert told in answer.text


def test_a_kind_without_tiles_is_told(sample_client: TestClient, start: str) -> None:
    answer = sample_client.get(f"{start}/values/country/exclusion.bin?tile=9/1/1")
    assert answer.status_code in (404, 422)
