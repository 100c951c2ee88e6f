"""OGC API Features over the tiny edition: what the standards demand, worked out by hand."""

import json
import re
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from .conftest import SMALL

CRS = "http://www.opengis.net/def/crs/EPSG/0/"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
ITEMS = "/ogc/collections/small_area/items"
PAGES = [
    "/ogc/",
    "/ogc/conformance",
    "/ogc/api",
    "/ogc/collections",
    "/ogc/collections/small_area",
    "/ogc/collections/support",
    "/ogc/collections/small_area/queryables",
    "/ogc/collections/small_area/sortables",
    ITEMS,
    f"{ITEMS}/{SMALL[0]}",
    "/ogc/collections/support/items",
    "/ogc/collections/support/items/library:ashford",
    "/ogc/collections/small_area/tiles",
    "/ogc/collections/small_area/tiles/WebMercatorQuad",
    "/ogc/tileMatrixSets",
    "/ogc/tileMatrixSets/WebMercatorQuad",
]


def ids(client: TestClient, query: str, collection: str = "small_area") -> str:
    """The last figure of each id that a query finds, in order."""
    answer = client.get(f"/ogc/collections/{collection}/items?{query}")
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["numberReturned"] == len(body["features"])
    return "".join(feature["id"][-1] for feature in body["features"])


def names(client: TestClient, query: str) -> list[str]:
    """The names of the places that a query finds, in order."""
    answer = client.get(f"/ogc/collections/support/items?{query}")
    assert answer.status_code == 200, answer.text
    return [feature["properties"]["name"] for feature in answer.json()["features"]]


@pytest.mark.parametrize("path", PAGES)
def test_every_address_has_json_and_a_page(client: TestClient, path: str) -> None:
    plain = client.get(path)
    assert plain.status_code == 200
    assert "json" in plain.headers["content-type"]
    assert plain.headers["access-control-allow-origin"] == "*"
    page = client.get(path, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert page.headers["content-type"].startswith("text/html")
    assert "<h1" in page.text
    assert client.get(f"{path}?f=html").text.count("<h1") == 1
    assert client.get(f"{path}?f=json", headers={"Accept": "text/html"}).json()
    head = client.head(path)
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize("path", PAGES)
def test_what_a_link_promises_is_there(client: TestClient, path: str) -> None:
    for link in links_in(client.get(path).json()):
        if link.get("templated") or link["rel"] == "license":
            continue
        answer = client.get(link["href"])
        assert answer.status_code == 200, link
        if "type" in link:
            assert answer.headers["content-type"].startswith(link["type"].split(";")[0]), link


def links_in(node: object) -> list[dict[str, str]]:
    if isinstance(node, list):
        return [link for each in node for link in links_in(each)]
    if not isinstance(node, dict):
        return []
    own = [node] if {"href", "rel"} <= set(node) else []
    return own + [link for each in node.values() for link in links_in(each)]


@pytest.mark.parametrize("path", PAGES)
def test_an_unknown_parameter_is_refused(client: TestClient, path: str) -> None:
    answer = client.get(f"{path}?bogus=1")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert "bogus" in answer.json()["detail"]
    assert client.get(f"{path}?f=xml").status_code == 400
    assert client.get(f"{path}?f=json&f=html").status_code == 400
    assert client.get(path, headers={"Accept": "image/png"}).status_code == 406


def test_the_landing_page_leads_everywhere(client: TestClient) -> None:
    links = {link["rel"]: link for link in client.get("/ogc").json()["links"]}
    assert {"self", "alternate", "service-desc", "service-doc", "conformance", "data"} <= set(links)
    assert links["service-desc"]["type"] == "application/vnd.oai.openapi+json;version=3.0"


def test_features_tell_what_the_rest_of_the_service_tells(client: TestClient) -> None:
    feature = client.get(f"{ITEMS}/{SMALL[3]}").json()
    assert feature["geometry"]["type"] == "MultiPolygon"
    assert feature["geometry"]["coordinates"][0][0][0] in ([-0.6, 51.0], [-0.7, 51.0])
    told = feature["properties"]
    assert told["name"] == "Bexhill 001B"
    assert told["label"] == "The Môr (Bexhill 001B)"
    assert (told["local_authority"], told["local_authority_code"]) == ("Bexhill", "E06000002")
    assert told["icb"] is None
    assert (told["population"], told["households"]) == (4000, 2000)
    assert (told["score"], told["rank"], told["decile"]) == (100.0, 1, 1)
    assert (told["old"], told["poor"]) == (40.0, None)


def test_other_weights_give_other_scores(client: TestClient) -> None:
    query = "weights=old:1,poor:0&base=local_authority&properties=rank,base_group"
    body = client.get(f"{ITEMS}?{query}").json()
    told = [list(feature["properties"].values()) for feature in body["features"]]
    assert told == [[2, "Ashford"], [1, "Ashford"], [2, "Bexhill"], [1, "Bexhill"]]
    assert body["provenance"]["weights"]["poor"] == 0
    same = client.get(f"/api/v1/scores?{query.split('&properties')[0]}").json()["areas"]
    assert [area["rank"] for area in same] == [2, 1, 2, 1]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "1234"),
        ("limit=2", "12"),
        ("limit=2&offset=3", "4"),
        ("limit=1000000", "1234"),
        ("bbox=-0.85,51,-0.75,51.2", "23"),
        ("bbox=-0.85,51,-5,-0.75,51.2,5", "23"),
        (f"bbox=51,-0.85,51.2,-0.75&bbox-crs={CRS}4326", "23"),
        ("bbox=-0.75,51,-0.85,51.2", "1234"),  # Round the other side of the world.
        ("bbox=170,-10,-170,10", ""),
        ("datetime=2021-03-21", "1234"),
        ("datetime=../2021-03-21T00:00:00Z", "1234"),
        ("local_authority=Bexhill", "34"),
        ("decile=1", "4"),
        ("local_authority=Bexhill&decile=4", "3"),
        ("poor=15", "3"),
        ("within=E06000001", "12"),
        ("where=E01000001,E01000003", "13"),
        ("sortby=-score", "4321"),
        ("sortby=-local_authority,decile", "4321"),
        ("sortby=poor", "1234"),
        ("sortby=-poor", "3214"),
        ("filter=decile <= 4", "34"),
        ("filter=poor IS NULL", "4"),
        ("filter=icb IS NULL", "34"),
        ("filter=rural_urban <> 'Urban'", "3"),
        ("filter=old BETWEEN 20 AND 30 AND local_authority = 'Ashford'", "2"),
        ("filter=NOT (old = 10 OR local_authority LIKE 'B%25')", "2"),
        ("filter=S_INTERSECTS(geometry, POINT(-0.75 51.05))", "3"),
        (f"filter=S_INTERSECTS(geometry, POINT(51.05 -0.75))&filter-crs={CRS}4326", "3"),
        ("filter=decile = 1&filter-lang=cql2-text", "4"),
        ("filter=" + quote('{"op":"=","args":[{"property":"decile"},1]}'), "4"),
        (
            "filter-lang=cql2-json&filter="
            + quote('{"op":"in","args":[{"property":"decile"},[1,4]]}'),
            "34",
        ),
        ("filter=decile <= 4&bbox=-0.75,51,-0.72,51.2&local_authority=Bexhill", "3"),
    ],
)
def test_queries_find_what_they_should_by_hand(client: TestClient, query: str, found: str) -> None:
    assert ids(client, query) == found


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("limit=0", "limit"),
        ("limit=ten", "limit"),
        ("offset=-1", "offset"),
        ("bbox=1,2,3", "bbox"),
        ("bbox=1,2,3,x", "bbox"),
        ("bbox=0,52,1,51", "bbox"),
        ("bbox=0,51,1,99", "coordinates"),
        ("bbox=0,0,1,1&bbox-crs=EPSG:9999", "bbox-crs"),
        ("crs=http://www.opengis.net/def/crs/EPSG/0/2154", "crs"),
        ("datetime=yesterday", "datetime"),
        ("filter=decile %3C", "filter, character 9"),
        ("filter=nothing = 1", "'nothing'"),
        ("filter=decile = 1&filter-lang=cql9", "filter-lang"),
        ("filter-crs=x&filter=S_INTERSECTS(geometry, POINT(1 1))", "filter-crs"),
        ("sortby=nothing", "sortby"),
        ("properties=nothing", "properties"),
        ("decile=one", "a number"),
        ("weights=old:x", "weights"),
        ("weights=nothing:1", "nothing"),
        ("base=nothing", "base"),
        ("limit=1&limit=2", "more than one"),
    ],
)
def test_bad_queries_are_told_so(client: TestClient, query: str, detail: str) -> None:
    answer = client.get(f"{ITEMS}?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert detail in answer.json()["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "/ogc/collections/nothing",
        "/ogc/collections/nothing/items",
        "/ogc/collections/nothing/queryables",
        f"{ITEMS}/E99999999",
        "/ogc/collections/ward/tiles",
        "/ogc/tileMatrixSets/nothing",
        "/ogc/nothing",
    ],
)
def test_what_is_not_there_is_404(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_pages_follow_one_another(client: TestClient) -> None:
    some = quote("name LIKE '%0%'")
    address = f"{ITEMS}?limit=3&sortby=-score&filter={some}"
    seen, forms = [], []
    while address:
        answer = client.get(address)
        body = answer.json()
        assert body["numberMatched"] == 4
        seen += [feature["id"][-1] for feature in body["features"]]
        links = {link["rel"]: link["href"] for link in body["links"]}
        pairs = re.findall(r'<([^>]+)>; rel="(\w+)"', answer.headers["link"])
        told = {rel: href for href, rel in pairs}
        assert told == links
        forms.append("prev" in links)
        address = links.get("next", "")
    assert ("".join(seen), forms) == ("4321", [False, True])


@pytest.mark.parametrize(
    ("crs", "lowest", "decimals"),
    [
        (CRS84, (-1.0, 51.0), 7),
        (f"{CRS}4326", (51.0, -1.0), 7),
        (f"{CRS}27700", (470267.34, 122765.54), 0),
        (f"{CRS}3857", (-111319.49, 6621293.72), 2),
    ],
)
def test_coordinates_come_in_the_system_asked_for(
    client: TestClient, crs: str, lowest: tuple[float, float], decimals: int
) -> None:
    """Expected figures: pyproj 3.7 on 51 N 1 W; National Grid to a metre."""
    answer = client.get(f"{ITEMS}/{SMALL[0]}?crs={crs}")
    assert answer.headers["content-crs"] == f"<{crs}>"
    ring = answer.json()["geometry"]["coordinates"][0][0]
    south_west = min(ring, key=sum)
    tolerance = 1.0 if decimals == 0 else 10.0**-decimals
    assert south_west == pytest.approx(lowest, abs=tolerance)
    named = answer.json().get("crs", {}).get("properties", {}).get("name")
    assert named == (None if decimals == 7 else f"urn:ogc:def:crs:EPSG::{crs.rsplit('/')[-1]}")


def test_geometry_and_properties_can_be_left_out(client: TestClient) -> None:
    body = client.get(f"{ITEMS}?skipGeometry=true&properties=decile,name").json()
    assert [feature["geometry"] for feature in body["features"]] == [None] * 4
    assert body["features"][0]["properties"] == {"decile": 10, "name": "Ashford 001A"}


def test_an_answer_that_is_held_is_not_sent_again(client: TestClient) -> None:
    first = client.get(ITEMS)
    again = client.get(ITEMS, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get(f"{ITEMS}?limit=1")
    assert other.headers["etag"] != first.headers["etag"]


def test_support_locations_have_the_areas_they_lie_in(client: TestClient) -> None:
    assert names(client, "kind=library") == ["Ashford Library", "Bexhill Library"]
    found = names(client, "filter=local_authority = 'Bexhill' AND kind = 'gp_practice'")
    assert found == ["The Surgery"]
    assert names(client, "bbox=-0.8,51,-0.7,51.1") == ["Bexhill Library"]
    told = client.get("/ogc/collections/support/items/library:ashford").json()
    assert told["geometry"] == {"type": "Point", "coordinates": [-0.95, 51.05]}
    assert told["properties"]["address"] == "1 High Street"
    assert told["properties"]["ward"] == "=Ashford & St Mary's"
    refused = client.get("/ogc/collections/support/items?index=risk")
    assert refused.status_code == 400
    assert "places have no score" in refused.json()["detail"]


def test_queryables_are_what_features_have(client: TestClient) -> None:
    for name in ("small_area", "nation", "support"):
        schema = client.get(f"/ogc/collections/{name}/queryables").json()
        feature = client.get(f"/ogc/collections/{name}/items?limit=1").json()["features"][0]
        assert set(schema["properties"]) == {"geometry", *feature["properties"]}
        for key, value in feature["properties"].items():
            kinds = {"string": str, "integer": int, "number": (int, float)}
            kind = kinds[schema["properties"][key]["type"]]
            assert value is None or isinstance(value, kind), key


def test_the_page_of_features_is_safe_and_says_what_is_missing(client: TestClient) -> None:
    attack = quote("name <> '\"><script>alert(1)</script>'")
    page = client.get(f"{ITEMS}?f=html&filter={attack}")
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    odd = client.get("/ogc/collections/ward/items?f=html").text
    assert "=Ashford &amp; St Mary" in odd
    assert "no data" in client.get(f"{ITEMS}/{SMALL[3]}?f=html").text
    assert "No features match" in client.get(f"{ITEMS}?f=html&decile=7").text
    told = client.get(f"{ITEMS}?f=html&filter=decile {quote('<')}").text
    assert "character 9" in told


def test_a_long_page_is_whole_json(client: TestClient) -> None:
    for name in ("small_area", "neighbourhood", "local_authority", "nation", "support"):
        body = client.get(f"/ogc/collections/{name}/items?limit=10000").text
        assert len(json.loads(body)["features"]) == json.loads(body)["numberReturned"]
