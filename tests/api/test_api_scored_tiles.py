"""Tiles with scores as attributes: the numbers of /api/v1/scores in the outlines of plain tiles."""

import gzip
import json
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import numpy as np
import pyarrow as pa
import pytest
from mapbox_vector_tile.Mapbox.vector_tile_pb2 import tile as VectorTile  # noqa: N812
from starlette.testclient import TestClient

from api.app import create_app
from exclusion_map.settings import DataSettings, ServiceSettings
from exclusion_map.terms import AreaKind
from tests.benchmarks.grid import Place, tile_at

from .own_headers import kept

TILE = "/tiles/tiny/risk/6/31/21.mvt"
PROBLEM = "application/problem+json"


def properties(client: TestClient, address: str) -> dict[str, Any]:
    """What a tile of the tiny edition says of its one area."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    (feature,) = mapbox_vector_tile.decode(answer.content)["small_area"]["features"]
    assert feature["id"] == 0
    return dict(feature["properties"])


def test_a_tile_tells_code_name_score_rank_and_decile(client: TestClient) -> None:
    # A has the lowest share of old people and of low incomes: score 0, last rank, last tenth.
    assert properties(client, TILE) == {
        "code": "E01000001",
        "name": "Ashford Green (Ashford 001A)",
        "score": 0.0,
        "rank": 4,
        "decile": 10,
    }


def test_base_and_areas_of_the_question_count(client: TestClient) -> None:
    # Of the 3,000 people of its authority the middle of its 1,000 is at 2,500: the ninth tenth.
    within = properties(client, f"{TILE}?base=local_authority")
    assert (within["rank"], within["decile"]) == (2, 9)
    assert set(properties(client, f"{TILE}?where=E06000002")) == {"code", "name"}
    assert properties(client, f"{TILE}?where=E06000001")["rank"] == 4
    chosen = properties(client, f"{TILE}?base=selection&within=E06000001&level=small_area")
    assert chosen["rank"] == 2


def test_a_tile_leaves_compressed_or_plain_and_is_kept_for_ever(client: TestClient) -> None:
    with client.stream("GET", TILE, headers={"Accept-Encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
    plain = client.get(TILE, headers={"Accept-Encoding": "identity"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(raw) == plain.content
    assert answer.headers["etag"] != plain.headers["etag"]
    for one, size in ((answer, len(raw)), (plain, len(plain.content))):
        assert one.headers["content-type"] == "application/vnd.mapbox-vector-tile"
        assert one.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert int(one.headers["content-length"]) == size
        assert one.headers["vary"] == "Accept-Encoding"
        assert one.headers["access-control-allow-origin"] == "*"


def test_the_current_edition_has_addresses_without_its_name(client: TestClient) -> None:
    answer = client.get("/tiles/risk/6/31/21.mvt")
    assert answer.content == client.get(TILE).content
    assert answer.headers["cache-control"] == "public, max-age=300"


def test_a_definition_that_is_not_of_the_edition_is_not_kept_for_ever(client: TestClient) -> None:
    indices = [one["id"] for one in client.get("/api/v1/indices").json()["indices"]]
    answers = [client.get(f"/tiles/tiny/{one}/6/31/21.mvt") for one in indices if one != "risk"]
    kept = {a.headers["cache-control"] for a in answers if a.status_code == 200}
    assert kept <= {"public, max-age=300"}
    assert {a.status_code for a in answers} <= {200, 422}


def test_the_tag_names_the_question_however_it_is_spelt(client: TestClient) -> None:
    def tag(query: str) -> str:
        return client.get(f"{TILE}?{query}").headers["etag"]

    assert tag("weights=old:1,poor:2") == tag("weights=poor:2.0,%20old:1&base=all")
    others = {tag("weights=old:2,poor:1.5"), tag("base=region"), tag("level=small_area"), tag("")}
    assert len(others) == 4


def test_a_tile_that_is_held_is_not_sent_again(client: TestClient) -> None:
    tag = client.get(TILE).headers["etag"]
    for sent in (tag, f'"other", W/{tag}', "*"):
        again = client.get(TILE, headers={"If-None-Match": sent})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    assert client.get(TILE, headers={"If-None-Match": '"other"'}).status_code == 200


def test_head_tells_what_get_would_send(client: TestClient) -> None:
    got, head = client.get(TILE), client.head(TILE)
    assert (head.status_code, head.content) == (200, b"")
    assert kept(head) == kept(got)


@pytest.mark.parametrize("path", [TILE, "/tiles/tiny/areas/6/31/21.mvt", "/tiles/risk.json"])
def test_other_sites_may_ask_first(client: TestClient, path: str) -> None:
    asked = {"Origin": "https://example.org", "Access-Control-Request-Method": "GET"}
    answer = client.options(path, headers=asked)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "GET" in answer.headers["access-control-allow-methods"]


def test_other_methods_are_refused(client: TestClient) -> None:
    answer = client.post(TILE)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    assert answer.headers["content-type"] == PROBLEM


def test_empty_tiles_are_204(client: TestClient) -> None:
    for address in ("/tiles/tiny/risk/6/0/0.mvt", "/tiles/tiny/risk/6/0/0.mvt?level=small_area"):
        answer = client.get(address)
        assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/tiles/nothing/6/31/21.mvt", 404, "areas, support"),
        ("/tiles/tiny/nothing/6/31/21.mvt", 404, "risk"),
        ("/tiles/older/risk/6/31/21.mvt", 404, "edition"),
        ("/tiles/tiny/risk/5/0/0.mvt", 404, "zooms 6 to 7"),
        ("/tiles/tiny/risk/6/64/0.mvt", 404, "zooms 6 to 7"),
        (f"{TILE}?level=ward", 404, "small_area"),
        (f"{TILE}?where=E99999999", 404, "code"),
        (f"{TILE}?weights=nothing:1", 422, "old"),
        (f"{TILE}?weights=old:-1", 422, "numbers from 0"),
        (f"{TILE}?weights=old:0,poor:0", 422, "weight"),
        (f"{TILE}?weights=old:1&weights=old:2", 422, "once"),
        (f"{TILE}?base=planet", 422, "'all'"),
        (f"{TILE}?base=selection", 422, "codes of areas"),
        (f"{TILE}?level=street", 422, "small_area"),
        (f"{TILE}?where=E06000001&within=E06000001", 422, "one"),
        (f"{TILE}?index=risk", 422, "weights, base"),
        (f"{TILE}?weights={'x' * 5000}", 422, "4000"),
        ("/tiles/nothing.json", 404, "areas, support"),
        ("/tiles/risk.json?weights=nothing:1", 422, "old"),
        ("/tiles/risk.json?colour=red", 422, "weights, base"),
    ],
)
def test_bad_requests_are_told_what_is_wrong(
    client: TestClient, path: str, status: int, told: str
) -> None:
    for _ in range(2):  # the second time nothing wrong may have been remembered
        answer = client.get(path)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == PROBLEM
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert told in answer.json()["expected"] + answer.json()["detail"]


def test_tilejson_leads_to_the_tiles_and_keeps_the_query(client: TestClient) -> None:
    query = "weights=old:2,poor:1&base=region&level=small_area"
    described = client.get(f"/tiles/risk.json?{query}").json()
    assert described["tilejson"] == "3.0.0"
    assert described["tiles"] == [
        f"http://testserver/tiles/tiny/risk/{{z}}/{{x}}/{{y}}.mvt?{query}"
    ]
    assert (described["minzoom"], described["maxzoom"]) == (6, 7)
    (layer,) = described["vector_layers"]
    assert layer["id"] == "small_area"
    assert list(layer["fields"]) == ["code", "name", "score", "rank", "decile"]
    found = properties(client, described["tiles"][0].format(z=6, x=31, y=21))
    assert set(found) == set(layer["fields"])


def test_plain_tiles_keep_their_addresses(client: TestClient) -> None:
    assert client.get("/tiles/areas.json").json()["vector_layers"][0]["fields"] == {}
    (feature,) = mapbox_vector_tile.decode(client.get("/tiles/areas/6/31/21.mvt").content)[
        "small_area"
    ]["features"]
    assert feature["properties"] == {}


def test_scored_tiles_are_described(client: TestClient) -> None:
    schema = client.get("/api/v1/openapi.json").json()
    for path in (
        "/tiles/{tileset}.json",
        "/tiles/{tileset}/{z}/{x}/{y}.mvt",
        "/tiles/{edition}/{tileset}/{z}/{x}/{y}.mvt",
    ):
        operation = schema["paths"][path]["get"]
        names = [one["name"] for one in operation["parameters"]]
        assert {"weights", "base", "where", "within", "level"} <= set(names)
        assert "index" in operation["description"]
        assert "422" in operation["responses"]
    referred = json.dumps(schema["paths"])
    assert "BaseName" not in referred or "BaseName" in schema["components"]["schemas"]


@dataclass(frozen=True)
class World:
    """A service over a whole edition, and tiles of it worth looking at."""

    client: TestClient
    places: tuple[Place, ...]

    @property
    def indicators(self) -> list[str]:
        index = self.client.get("/api/v1/indices/exclusion").json()["definition"]
        return [child["id"] for child in index["children"]]

    def level(self, kind: str, params: dict[str, str]) -> dict[str, dict[str, Any]]:
        """Every area of a kind by its code, as the API tells it."""
        asked = {**params, "index": "exclusion", "level": kind, "format": "arrow"}
        body = self.client.get("/api/v1/scores", params=asked).content
        columns = ["code", "name", "score", "rank", "decile"]
        rows = pa.ipc.open_stream(body).read_all().select(columns).to_pylist()
        return {one["code"]: one for one in rows}


@pytest.fixture(
    scope="module", params=["sample", pytest.param("national", marks=pytest.mark.national)]
)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    processed: Path = request.getfixturevalue(f"{request.param}_processed")
    app = create_app(ServiceSettings(), DataSettings(processed_dir=processed))
    with TestClient(app) as client:
        edition = app.state.service.edition
        small = edition.atlas.level(AreaKind.SMALL_AREA)
        chance = random.Random(7)
        rows = [chance.randrange(len(small)) for _ in range(3)]
        places = [
            tile_at(small.longitude[row], small.latitude[row], zoom)[0]
            for row, zoom in zip(rows, (12, 11, 10), strict=True)
        ]
        west, south, east, north = edition.manifest.bounds
        yield World(client, (*places, tile_at((west + east) / 2, (south + north) / 2, 5)[0]))


def questions(world: World) -> list[dict[str, str]]:
    """Weights and bases drawn at random, the plain question, and one about a selection."""
    chance = random.Random(2026)
    bases = ["all", "nation", "region", "local_authority", "rural_urban"]
    drawn = [
        {
            "weights": ",".join(f"{one}:{chance.randint(0, 9)}" for one in world.indicators),
            "base": base,
        }
        for base in chance.sample(bases, 2)
    ]
    council = next(iter(world.level("local_authority", {})))
    return [{}, *drawn, {"base": "selection", "where": council}, {"within": council}]


def test_tiles_hold_the_numbers_of_the_api(world: World) -> None:
    gaps = scored = 0
    for params in questions(world):
        expected: dict[str, dict[str, dict[str, Any]]] = {}
        for place in world.places:
            address = f"/tiles/exclusion/{'/'.join(map(str, place))}.mvt"
            answer = world.client.get(address, params=params)
            assert answer.status_code == 200
            for kind, layer in mapbox_vector_tile.decode(answer.content).items():
                known = expected.setdefault(kind, world.level(kind, params))
                for feature in layer["features"]:
                    found = feature["properties"]
                    area = known.get(found["code"])
                    if area is None or area["score"] is None:
                        assert set(found) == {"code", "name"}
                        gaps += 1
                        continue
                    assert found["score"] == float(np.float32(area["score"]))
                    assert {k: found[k] for k in ("name", "rank", "decile")} == {
                        k: area[k] for k in ("name", "rank", "decile")
                    }
                    scored += 1
    assert scored > 100
    assert gaps > 10


def test_outlines_are_those_of_plain_tiles(world: World) -> None:
    for place in world.places:
        at = "/".join(map(str, place))
        plain = VectorTile.FromString(world.client.get(f"/tiles/areas/{at}.mvt").content)
        answer = world.client.get(f"/tiles/exclusion/{at}.mvt?base=local_authority")
        written = VectorTile.FromString(answer.content)
        for before, after in zip(plain.layers, written.layers, strict=True):
            assert (before.name, before.extent) == (after.name, after.extent)
            for old, new in zip(before.features, after.features, strict=True):
                assert (old.id, old.type) == (new.id, new.type)
                assert old.geometry == new.geometry


def test_many_questions_at_once_are_not_mixed_up(sample_processed: Path) -> None:
    """Threads ask a cold service for tiles of several questions; each gets its own, and whole."""
    data = DataSettings(processed_dir=sample_processed)
    with TestClient(create_app(ServiceSettings(scored_tiles_mb=1), data)) as client:
        small = client.app.state.service.edition.atlas.level(AreaKind.SMALL_AREA)
        rows = range(0, len(small), max(1, len(small) // 6))
        places = [tile_at(small.longitude[row], small.latitude[row], 11)[0] for row in rows]
        addresses = [
            f"/tiles/exclusion/{z}/{x}/{y}.mvt?{query}"
            for z, x, y in places
            for query in ("", "weights=age:9", "base=local_authority", "weights=age:0&base=nation")
        ]
        with ThreadPoolExecutor(8) as pool:
            at_once = list(pool.map(client.get, addresses * 2))
        one_by_one = [client.get(address) for address in addresses] * 2
    assert {answer.status_code for answer in at_once} == {200}
    assert [a.content for a in at_once] == [a.content for a in one_by_one]
    assert [a.headers["etag"] for a in at_once] == [a.headers["etag"] for a in one_by_one]
    assert len({a.content for a in at_once}) == len(set(places)) * 4
