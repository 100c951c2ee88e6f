"""The HTML pages over the tiny edition, where every figure can be worked out on paper."""

import json
import re

import pytest
from starlette.testclient import TestClient

HTML = {"accept": "text/html"}
PAGES = [
    "/",
    "/areas",
    "/areas/E01000001",
    "/areas/E06000002",
    "/areas/E92000001",
    "/search",
    "/search?q=ashford",
    "/support",
    "/support?q=ashford",
    "/support?area=E06000002",
    "/support/library:ashford",
    "/areas?kind=small_area&weights=old:1,poor:3",
    "/areas/E01000001?weights=old:1,poor:3&base=local_authority",
    "/ranking-changes?weights=old:0,poor:1",
    "/method",
    "/method?index=skills",
    "/validation",
    "/data",
    "/download",
    "/help",
    "/accessibility",
    "/about",
]


def page(client: TestClient, address: str, status: int = 200) -> str:
    answer = client.get(address, headers=HTML)
    assert answer.status_code == status, answer.text[:500]
    return answer.text


def rows(html: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/areas/[^"]+">([^<]+)</a>', html)


@pytest.mark.parametrize("address", PAGES)
def test_every_page_has_title_heading_banner_and_independence(
    client: TestClient, address: str
) -> None:
    html = page(client, address)
    assert re.search(r"<title>\S.* – Exclusion Map</title>", html)
    assert len(re.findall(r"<h1[ >]", html)) == 1
    assert "none of it is real" in html
    assert "It is not part of the NHS" in html
    assert "risk, not reality" in html


@pytest.mark.parametrize("address", PAGES)
def test_no_page_needs_what_the_policy_forbids(client: TestClient, address: str) -> None:
    html = page(client, address)
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style", html)
    for script in re.findall(r"<script[^>]*>", html):
        # Blocks of data are no scripts: the policy lets them be.
        assert "src=" in script or re.search(r'type="application/(ld\+)?json"', script)
    for address in re.findall(r'(?:src|href)="(https?:[^"]+)"', html):
        assert "nhs.uk" not in address


def test_map_page_tells_the_script_where_everything_is(client: TestClient) -> None:
    html = page(client, "/")
    block = re.search(r'<script type="application/json" id="map-config">(.*?)</script>', html)
    assert block is not None
    config = json.loads(block[1])
    assert config["edition"] == "tiny"
    assert config["index"] == "risk"
    # Too few local authorities and neighbourhoods to compare: small areas at every zoom.
    assert [(level["kind"], level["minzoom"]) for level in config["levels"]] == [("small_area", 0)]
    assert len(config["layers"]["index"]) == 10
    assert config["basemap"] is None
    assert [kind["id"] for kind in config["support"]] == ["library", "gp_practice"]


def test_list_sorts_by_risk_unless_asked_otherwise(client: TestClient) -> None:
    small = "/areas?kind=small_area"
    assert rows(page(client, small))[0] == "The Môr (Bexhill 001B)"
    assert rows(page(client, f"{small}&order=desc"))[0] == "Ashford Green (Ashford 001A)"
    assert rows(page(client, f"{small}&sort=name"))[0] == "Ashford Green (Ashford 001A)"
    assert rows(page(client, f"{small}&sort=population"))[0] == "Ashford Green (Ashford 001A)"


def test_list_filters_by_place_tenth_and_view(client: TestClient) -> None:
    small = "/areas?kind=small_area"
    assert len(rows(page(client, f"{small}&within=E06000002"))) == 2
    assert len(rows(page(client, f"{small}&within=bexhill"))) == 2
    assert rows(page(client, f"{small}&decile=1")) == ["The Môr (Bexhill 001B)"]
    assert len(rows(page(client, f"{small}&bbox=-0.8,51,-0.6,51.1"))) == 2
    assert "No small areas match" in page(client, f"{small}&within=E06000001&decile=1")
    page(client, f"{small}&bbox=1,2", status=422)
    page(client, f"{small}&within=nowhere-at-all-like-this", status=404)
    page(client, "/areas?kind=planet", status=422)


def test_list_links_to_the_same_list_as_csv(client: TestClient) -> None:
    html = page(client, "/areas?kind=small_area&within=E06000002&decile=1")
    link = re.search(r'href="(/api/v1/areas\?[^"]+format=csv)"', html)
    assert link is not None
    csv = client.get(link[1].replace("&amp;", "&"))
    assert csv.status_code == 200
    assert "E01000004" in csv.text
    assert "E01000003" not in csv.text


def test_profile_says_compared_with_what_and_what_is_missing(client: TestClient) -> None:
    html = page(client, "/areas/E01000004")
    assert "compared with small areas in England" in html
    assert "Low income is missing here" in html
    assert "The Surgery" in html
    assert 'class="em-outline"' in html


def test_profile_of_a_larger_area_lists_what_is_inside(client: TestClient) -> None:
    html = page(client, "/areas/E06000002")
    assert "Which areas inside it should we look at first?" in html
    assert "/areas?within=E06000002&amp;kind=small_area" in html
    # 4,000 of 7,000 people live in the small area of the highest-risk tenth.
    assert "57%" in html
    assert "about 4,000" in html


def test_panel_is_a_fragment_for_an_area_a_feature_or_a_support_place(client: TestClient) -> None:
    by_code = page(client, "/panel?code=E01000003")
    assert "<html" not in by_code
    assert 'data-code="E01000003"' in by_code
    assert page(client, "/panel?kind=small_area&feature=2&edition=tiny") == by_code
    bounds = re.search(r'data-bounds="([^"]+)"', by_code)
    assert bounds is not None
    assert json.loads(bounds[1]) == pytest.approx([-0.8, 51, -0.7, 51.1])
    support = page(client, "/panel?support=library:ashford")
    assert "9am to 5pm" in support
    for wrong, status in {
        "": 422,
        "code=E9": 404,
        "support=no": 404,
        "kind=small_area&feature=9": 422,
        "kind=small_area&feature=1&edition=old": 404,
    }.items():
        page(client, f"/panel?{wrong}", status=status)


@pytest.mark.parametrize("path", ["/search?q=", "/support?q=", "/areas?within="])
def test_what_a_reader_types_is_never_markup(client: TestClient, path: str) -> None:
    html = client.get(f'{path}"><script>alert(1)</script>', headers=HTML).text
    assert "<script>alert" not in html


def test_names_with_markup_in_them_are_escaped(client: TestClient) -> None:
    assert "=Ashford &amp; St Mary&#39;s" in page(client, "/areas/E05000001")


def test_support_near_a_postcode_gives_distances(client: TestClient) -> None:
    html = page(client, "/support?q=ab1%201aa")
    assert "Ashford Library" in html
    assert "km away" in html or "m away" in html
    assert "There is no postcode" in page(client, "/support?q=ab1%209zz")


def test_what_newsletters_add_to_an_address_is_dropped(client: TestClient) -> None:
    sent = "/support?q=ashford&utm_source=news&fbclid=x1"
    answer = client.get(sent, headers=HTML, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (302, "/support?q=ashford")
    assert client.get("/support?utm_medium=email", follow_redirects=False).headers["location"] == (
        "/support"
    )
    assert client.get("/support?utm_source=news&wrong=1", headers=HTML).status_code == 422


def test_error_page_says_how_to_mend_it_once(client: TestClient) -> None:
    html = page(client, "/areas/E99", 404)
    assert html.count("Look the place up by name or postcode") == 1


def test_unknown_page_and_place_are_html_errors(client: TestClient) -> None:
    assert "Page not found" in page(client, "/nothing-here", status=404)
    assert "/search" in page(client, "/areas/E99999999", status=404)
    assert "no such id" in page(client, "/support/nowhere", status=404)


def test_method_page_is_made_from_the_definition(client: TestClient) -> None:
    html = page(client, "/method")
    # Weights 2 and 1.
    assert "67%" in html
    assert "33%" in html
    assert "percentile rank" in html
    assert "It shows risk, not reality." in html


def test_mark_is_drawn_in_the_colours_of_the_map(client: TestClient) -> None:
    answer = client.get("/mark.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "#972b6a" in answer.text
