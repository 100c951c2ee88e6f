"""Raster tiles, legends, static maps and styles over the tiny edition: addresses and refusals."""

import io
import json

import pytest
from PIL import Image
from starlette.testclient import TestClient

from api.painting import RASTER_LEVELS
from exclusion_map.maps.legend_image_sheet import EDGE, INK, PAPER
from exclusion_map.maps.palette import DECILE_COLOURS, PALETTES, PaletteName, contrast_ratio

from .own_headers import kept

TILE = "/tiles/tiny/risk/6/31/21.png"
MAP = "/api/v1/static-map"


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGBA")


@pytest.mark.parametrize(("double", "size"), [("", 256), ("@2x", 512)])
def test_a_tile_is_a_picture(client: TestClient, double: str, size: int) -> None:
    answer = client.get(f"/tiles/tiny/risk/6/31/21{double}.png")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "content-encoding" not in answer.headers
    assert opened(answer.content).size == (size, size)


def test_the_current_edition_has_addresses_without_its_name(client: TestClient) -> None:
    answer = client.get("/tiles/risk/6/31/21.png")
    assert answer.content == client.get(TILE).content
    assert answer.headers["cache-control"] == "public, max-age=300"


def test_a_tile_that_is_held_is_not_sent_again(client: TestClient) -> None:
    tag = client.get(TILE).headers["etag"]
    again = client.get(TILE, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    others = ("?palette=greys", "?measure=score", "?weights=old:1", "?base=region", "?lines=true")
    tags = {client.get(TILE + other).headers["etag"] for other in others}
    assert len(tags | {tag}) == len(others) + 1


def test_head_tells_what_get_would_send(client: TestClient) -> None:
    got, head = client.get(TILE), client.head(TILE)
    assert (head.status_code, head.content) == (200, b"")
    assert kept(head) == kept(got)


def test_an_empty_tile_is_a_transparent_picture(client: TestClient) -> None:
    answer = client.get("/tiles/risk/9/3/3.png")
    assert answer.status_code == 200
    assert opened(answer.content).getextrema()[3] == (0, 0)


@pytest.mark.parametrize(
    "path",
    [
        "/tiles/risk/18/0/0.png",
        "/tiles/risk/6/64/0.png",
        "/tiles/risk/6/0/64.png",
        "/tiles/risk/6/0/-1.png",
        "/tiles/risk/6/0/1.5.png",
        "/tiles/risk/6/0/1@3x.png",
        "/tiles/risk/6/0/٣.png",
        "/tiles/risk/6/0/9999999999999999.png",
        "/tiles/none/6/31/21.png",
        "/tiles/older/risk/6/31/21.png",
        "/tiles/none/raster.json",
        "/legends/none.svg",
        "/styles/none.json",
        "/styles/risk.json?level=region",
        f"{MAP}.png?area=E99999999",
        f"{MAP}.svg?index=none",
    ],
)
def test_what_is_not_there_is_404(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["expected"]


@pytest.mark.parametrize(
    "path",
    [
        f"{TILE}?weights=old",
        f"{TILE}?weights=street:1",
        f"{TILE}?base=street",
        f"{TILE}?base=selection",
        f"{TILE}?palette=rainbow",
        f"{TILE}?colour=red",
        f"{TILE}?level=street",
        "/tiles/risk/six/31/21.png",
        "/tiles/risk/raster.json?weights=street:1",
        "/legends/risk.gif",
        "/legends/risk.png?scale=9",
        "/legends/risk.json?weights=street:1",
        "/styles/risk.json?weights=street:1",
        f"{MAP}.png?bbox=1,2,3",
        f"{MAP}.png?bbox=2,51,1,52",
        f"{MAP}.png?bbox=0,51,0,nan",
        f"{MAP}.png?bbox=0,51,1,52&area=E06000001",
        f"{MAP}.png?width=4000&height=4000",
        f"{MAP}.png?width=10",
        f"{MAP}.png?width=200&height=400",
        f"{MAP}.svg?width=300&height=200&title=" + "long%20" * 25,
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 422, answer.text
    assert answer.json()["expected"]


def test_tilejson_leads_to_the_tiles_and_the_legend(client: TestClient) -> None:
    described = client.get("/tiles/risk/raster.json?weights=old:1&palette=greys&lines=true").json()
    assert described["tilejson"] == "3.0.0"
    assert described["bounds"] == [-1.0, 51.0, -0.6, 51.1]
    assert described["version"] == "tiny"
    assert "Source: ONS" in described["attribution"]
    address = described["tiles"][0].format(z=6, x=31, y=21)
    assert "/tiles/tiny/risk/6/31/21.png?weights=old:1&palette=greys&lines=true" in address
    assert client.get(address).headers["content-type"] == "image/png"
    legend = client.get(described["legend"])
    assert legend.content == client.get("/legends/risk.png?weights=old:1&palette=greys").content


def test_levels_follow_the_zoom_where_there_is_enough_to_compare(client: TestClient) -> None:
    assert [low for _, low in RASTER_LEVELS] == sorted(low for _, low in RASTER_LEVELS)
    # Four small areas and two authorities: the widest is shown only when asked for.
    small, larger = (client.get(f"{TILE}?level={k}") for k in ("small_area", "local_authority"))
    assert small.content == client.get(TILE).content
    assert larger.headers["etag"] != small.headers["etag"]


@pytest.mark.parametrize("scale", [1, 2])
def test_the_legend_holds_every_colour(client: TestClient, scale: int) -> None:
    answer = client.get(f"/legends/risk.png?scale={scale}&palette=cividis")
    picture = opened(answer.content)
    assert picture.width == 260 * scale
    seen = {colour for _, colour in picture.getcolors(1_000_000)}
    for colour in PALETTES[PaletteName.CIVIDIS]:
        assert (*bytes.fromhex(colour[1:]), 255) in seen


def test_the_legend_in_words(client: TestClient) -> None:
    words = client.get("/legends/risk.json?base=region&level=small_area").json()
    assert words["title"] == "Risk"
    assert words["note"] == (
        "Tenths of small areas by risk, compared within each region by itself."
    )
    assert [one["number"] for one in words["classes"]] == [*range(1, 11), 0]
    assert words["classes"][0]["words"] == "1  highest-risk tenth"
    assert words["classes"][0]["colour"] == DECILE_COLOURS[0]
    assert words["classes"][-1]["words"] == "no data"
    for part in ("Risk, not reality", "edition tiny", "no data", "a made-up place"):
        assert part in words["alt"]
    scores = client.get("/legends/risk.json?measure=score").json()
    assert scores["classes"][0]["words"] == "98 to 100"
    assert scores["classes"][-2]["words"] == "0 to 2"


def test_the_legend_as_svg_has_words_for_those_who_do_not_see_it(client: TestClient) -> None:
    answer = client.get("/legends/risk.svg")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    text = answer.text
    assert 'role="img"' in text
    assert "<title" in text
    assert "<desc" in text
    assert all(colour in text for colour in DECILE_COLOURS)
    assert "url(#missing)" in text


def test_words_and_edges_can_be_seen_by_all() -> None:
    assert contrast_ratio(INK, PAPER) >= 7
    assert contrast_ratio(EDGE, PAPER) >= 4.5


def test_a_static_map_in_words(client: TestClient) -> None:
    told = client.get(f"{MAP}.json?area=E06000001").json()
    assert told["title"] == "Risk: Ashford"
    assert told["level"] == "small_area"
    west, south, east, north = told["bounds"]
    assert west < -1.0 < -0.8 < east
    assert south < 51.0 < 51.1 < north
    assert "2 small areas are coloured" in told["alt"]
    for part in ("edition tiny", "Risk, not reality", "Source: ONS", "A made-up place"):
        assert part in told["credit"]


def test_a_static_map_holds_its_words_and_its_size(client: TestClient) -> None:
    answer = client.get(f"{MAP}.png?area=E06000001&width=700&height=500&scale=2&title=Our%20map")
    picture = Image.open(io.BytesIO(answer.content))
    assert picture.size == (1400, 1000)
    assert picture.info["Title"] == "Our map"
    assert "Source: ONS" in picture.info["Copyright"]
    assert "2 small areas" in picture.info["Description"]
    assert picture.info["dpi"] == pytest.approx((192, 192), abs=0.1)
    tag = answer.headers["etag"]
    address = f"{MAP}.png?area=E06000001&width=700&height=500&scale=2&title=Our%20map"
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304


def test_an_svg_map_draws_the_areas_and_escapes_words(client: TestClient) -> None:
    text = client.get(f"{MAP}.svg?area=E06000001&title=%3Cscript%3E%20%26").text
    assert "<script" not in text
    assert "&lt;script&gt; &amp;" in text
    # A has decile 10 and B 8; C and D lie outside the area that was asked for.
    for colour, drawn in zip(DECILE_COLOURS, [0, 0, 0, 0, 0, 0, 0, 1, 0, 1], strict=True):
        assert text.count(f'<path fill="{colour}"') == drawn
    everything = client.get(f"{MAP}.svg?area=E06000001&surroundings=true&legend=false").text
    assert f'<path fill="{DECILE_COLOURS[3]}"' in everything


def test_a_style_names_no_other_site(client: TestClient) -> None:
    style = client.get("/styles/risk.json?weights=old:2&base=region").json()
    assert style["version"] == 8
    source = style["sources"]["risk"]
    assert source["tiles"] == [
        "http://testserver/tiles/risk/{z}/{x}/{y}.mvt?weights=old%3A2&base=region"
    ]
    assert "glyphs" not in style
    assert style["sprite"] == "http://testserver/styles/sprite"
    addresses = [part for part in json.dumps(style).split('"') if part.startswith("http")]
    assert all(address.startswith("http://testserver/") for address in addresses)
    fills = [layer for layer in style["layers"] if layer["id"].endswith("-risk")]
    colours = fills[0]["paint"]["fill-color"]
    assert colours[:2] == ["match", ["get", "decile"]]
    assert tuple(colours[3:-1:2]) == DECILE_COLOURS


@pytest.mark.parametrize("double", ["", "@2x"])
def test_the_sprite_of_styles(client: TestClient, double: str) -> None:
    index = client.get(f"/styles/sprite{double}.json")
    assert index.headers["access-control-allow-origin"] == "*"
    entry = index.json()["missing"]
    picture = opened(client.get(f"/styles/sprite{double}.png").content)
    assert picture.size == (entry["width"], entry["height"])
    assert entry["pixelRatio"] == (2 if double else 1)


def test_every_address_is_described(client: TestClient) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    for path in (
        "/tiles/{index}/{z}/{x}/{y}.png",
        "/tiles/{edition}/{index}/{z}/{x}/{y}.png",
        "/tiles/{index}/raster.json",
        "/legends/{index}.{form}",
        "/api/v1/static-map.{form}",
        "/styles/{index}.json",
    ):
        assert paths[path]["get"]["summary"]
