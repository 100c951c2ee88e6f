"""The Open Referral UK API over Sampleshire's lists: real pages against the published schemas."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient

from exclusion_map.directory import taxonomy
from exclusion_map.directory.openreferral import listings_of

from .directory_apps import directory_client

SCHEMAS = Path(__file__).resolve().parents[3] / "shared" / "data" / "open-referral-uk" / "schema"


@pytest.fixture(scope="module")
def site(sample_processed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    url = f"sqlite:///{tmp_path_factory.mktemp('directory') / 'd.db'}"
    with directory_client(sample_processed, url) as made:
        yield made


def ask(client: TestClient, path: str) -> Any:
    answer = client.get(f"/openreferral{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def check(document: Any, name: str) -> None:
    path = SCHEMAS / f"{name}.json"
    if not path.is_file():
        pytest.skip("the published schemas of Open Referral UK are not here")
    validator = Draft202012Validator(
        json.loads(path.read_text()), format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    assert [error.message for error in validator.iter_errors(document)] == []


def test_every_page_of_services_holds_to_the_schema(site: TestClient) -> None:
    seen: list[str] = []
    number = 1
    while True:
        page = ask(site, f"/services?page={number}&per_page=40")
        for one in page["contents"]:
            check(one, "compiled/service_list")
        seen += [one["id"] for one in page["contents"]]
        assert page["size"] == len(page["contents"])
        if page["last_page"]:
            break
        number += 1
    assert len(seen) == len(set(seen)) == page["total_items"] == 102
    assert (number, page["total_pages"]) == (3, 3)


def test_whole_services_and_services_at_locations_hold_to_the_schemas(site: TestClient) -> None:
    for one in ask(site, "/services?per_page=20")["contents"]:
        check(ask(site, f"/services/{one['id']}"), "compiled/service_with_definitions")
    for one in ask(site, "/service_at_locations?per_page=20")["contents"]:
        check(one, "compiled/service_at_location_list")
    whole = ask(site, f"/service_at_locations/{one['id']}")
    check(whole, "compiled/service_at_location")
    assert whole["id"] == one["id"]


def test_taxonomies_and_terms(site: TestClient) -> None:
    page = ask(site, "/taxonomies")
    assert [one["name"] for one in page["contents"]] == ["Digital support", "Kinds of place"]
    terms = ask(site, "/taxonomy_terms?per_page=100")["contents"]
    for one in page["contents"]:
        check(one, "taxonomy")
        assert ask(site, f"/taxonomies/{one['id']}") == one
    for one in terms:
        check(one, "taxonomy_term")
    assert ask(site, f"/taxonomy_terms/{terms[0]['id']}") == terms[0]
    assert ask(site, "/")["version"] == "HSDS-UK-3.0"


def test_services_are_found_by_term_word_and_hours(site: TestClient) -> None:
    libraries = ask(site, f"/services?taxonomy_term_id={taxonomy('places').term_id('library')}")
    computers = taxonomy("support").term_id("public_computers")
    assert (
        ask(site, f"/services?taxonomy_term_id={computers}")["total_items"]
        == (libraries["total_items"])
    )
    assert 0 < libraries["total_items"] < 102
    assert ask(site, "/services?taxonomy_id=nothing")["empty"]
    first = ask(site, "/service_at_locations?per_page=1")["contents"][0]
    word = first["location"]["name"].split()[0]
    assert ask(site, f"/services?search={word}")["total_items"] >= 1
    monday = ask(site, "/services?day=MO")["total_items"]
    assert 0 < ask(site, "/services?day=MO&start_time=09:30&end_time=17:00")["total_items"] < monday


def test_near_a_postcode_the_nearest_come_first(site: TestClient) -> None:
    listed = ask(site, "/service_at_locations?per_page=100")["contents"]
    postcode = next(
        one["location"]["addresses"][0]["postal_code"]
        for one in listed
        if one["location"].get("addresses")
    )
    near = ask(site, f"/service_at_locations?postcode={postcode}&proximity=3000&per_page=100")
    assert 0 < near["total_items"] < 102
    assert near["contents"][0]["location"]["addresses"][0]["postal_code"] == postcode
    wider = ask(site, f"/service_at_locations?postcode={postcode}&proximity=100000")
    assert wider["total_items"] > near["total_items"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/services/none", 404),
        ("/service_at_locations/none", 404),
        ("/organizations/none", 404),
        ("/taxonomies/none", 404),
        ("/taxonomy_terms/none", 404),
        ("/services?page=0", 422),
        ("/services?per_page=100000", 422),
        ("/services?day=Someday", 422),
        ("/services?start_time=9", 422),
        ("/services?postcode=ZS1+1AA", 422),
        ("/service_at_locations?proximity=5", 422),
        ("/service_at_locations?postcode=nowhere", 422),
    ],
)
def test_wrong_questions(site: TestClient, path: str, status: int) -> None:
    answer = site.get(f"/openreferral{path}")
    assert answer.status_code == status, answer.text
    assert answer.json()["expected"]


def test_what_is_exported_can_be_read_again(site: TestClient) -> None:
    answer = site.get("/openreferral/export.json?kind=library")
    assert "attachment" in answer.headers["content-disposition"]
    services = answer.json()
    by_name = {
        place["name"]: place
        for place in site.get("/api/v1/support?kind=library&format=json&limit=200").json()["places"]
    }
    assert len(services) == len(by_name)
    for service in services:
        [(_, listing)] = listings_of(service)
        told = by_name[listing.name]
        assert listing.kind == "library"
        assert (listing.postcode, listing.latitude) == (told["postcode"], told["latitude"])
        opened = {day: spans for day, spans in (told["opening_hours"] or {}).items() if spans}
        assert (listing.offers[0].schedule or {}) == opened
        assert listing.offers[0].support == dict.fromkeys(told["support_usual"], "usual")
