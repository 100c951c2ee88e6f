"""Open Referral UK: what we write is what its schemas ask for, and comes back as it went out."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from exclusion_map.directory import CostLine, Held, Listing, Offer, Provider, taxonomy
from exclusion_map.directory.openreferral import (
    listings_of,
    organization_json,
    service_at_location_json,
    service_json,
    taxonomy_json,
    term_json,
)
from exclusion_map.directory.rows import with_ids

PUBLISHED = Path(__file__).resolve().parents[3] / "shared" / "data" / "open-referral-uk"
PLACE = "3a19ff88-4620-4d17-9830-ac1d859eb5d5"


def held(listing: Listing) -> Held:
    moment = datetime(2026, 11, 1, 12, tzinfo=UTC)
    return Held(
        id=PLACE,
        version=3,
        listing=with_ids(listing, PLACE),
        source="here",
        source_key=None,
        confirmed_at=moment,
        confirmed_by="ada",
        created_at=moment,
        updated_at=moment,
        deleted_at=None,
    )


FULL = held(
    Listing(
        name="Ashby Library",
        kind="library",
        description="In the old town hall.",
        provider=Provider(name="Sampleshire Council", email="help@example.org"),
        address="1 High Street",
        city="Ashby",
        postcode="SA1 1AA",
        latitude=52.5,
        longitude=-1.25,
        accessibility=("step_free",),
        access_note="Ring the bell.",
        offers=(
            Offer(
                name="Computers",
                support={"public_computers": "stated", "free_wifi": "usual"},
                cost="free",
                fees="Free",
                costs=(CostLine(option="Printing", amount=0.2, amount_description="a page"),),
                languages=("en", "pl"),
                minimum_age=8,
                url="https://example.org/computers",
                email="desk@example.org",
                phone="01632 960001",
                contact="The desk",
                schedule={
                    "mon": [["09:00", "12:30"], ["13:30", "17:00"]],
                    "tue": [["09:00", "12:30"]],
                },
                hours_note="Closed on bank holidays.",
            ),
        ),
        as_of="2026-11-01",
    )
)
BARE = held(Listing(name="Hall", offers=(Offer(name="Help"),)))


def schema(name: str) -> dict[str, Any]:
    path = PUBLISHED / "schema" / "compiled" / f"{name}.json"
    if not path.is_file():
        pytest.skip("the published schemas of Open Referral UK are not here")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def check(document: dict[str, Any], name: str) -> None:
    validator = Draft202012Validator(
        schema(name), format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    assert [error.message for error in validator.iter_errors(document)] == []


@pytest.mark.parametrize("place", [FULL, BARE], ids=["full", "bare"])
def test_services_are_what_the_published_schema_asks_for(place: Held) -> None:
    check(service_json(place, place.listing.offers[0]), "service_with_definitions")
    check(service_json(place, place.listing.offers[0], whole=False), "service_list")
    check(service_at_location_json(place, place.listing.offers[0]), "service_at_location")


def test_organisations_are_what_the_published_schema_asks_for() -> None:
    assert FULL.listing.provider is not None
    check(organization_json(FULL.listing.provider), "organization")


def test_terms_name_their_taxonomy() -> None:
    support = taxonomy("support")
    term = term_json(support, "free_wifi")
    assert term["taxonomy_id"] == taxonomy_json(support)["id"]
    assert (term["name"], term["term"]) == ("Free Wi-Fi", "free_wifi")


@pytest.mark.parametrize("place", [FULL, BARE], ids=["full", "bare"])
def test_what_goes_out_comes_back(place: Held) -> None:
    [(key, listing)] = listings_of(service_json(place, place.listing.offers[0]))
    assert key.endswith(PLACE)
    again = held(listing.model_copy(update={"as_of": place.listing.as_of}))
    assert bare_of(again) == bare_of(place)


def bare_of(place: Held) -> Listing:
    offers = tuple(offer.model_copy(update={"id": ""}) for offer in place.listing.offers)
    return place.listing.model_copy(update={"offers": offers})


def test_the_published_example_is_read() -> None:
    path = PUBLISHED / "examples" / "service_full.json"
    if not path.is_file():
        pytest.skip("the published examples of Open Referral UK are not here")
    example = json.loads(path.read_text())
    # The example stands at 100 degrees north: the position is put right, the rest is as published.
    example["service_at_locations"][0]["location"] |= {"latitude": 51.5, "longitude": -0.1}
    [(key, listing)] = listings_of(example)
    offer = listing.offers[0]
    assert key == f"{example['id']}:{PLACE}"
    assert listing.name == "MyCity Civic Center"
    assert listing.provider is not None
    assert listing.provider.name == "Example Organization Inc."
    assert offer.name == "Community Counselling"
    assert offer.schedule == {"thu": [["10:00", "18:00"]], "fri": [["10:00", "18:00"]]}
    assert offer.costs[0].amount == 35


def test_a_service_without_a_place_is_help_that_has_none() -> None:
    [(key, listing)] = listings_of({"id": "1", "name": "Helpline", "status": "active"})
    assert (key, listing.name, listing.latitude) == ("1", "Helpline", None)


def test_rhythms_a_week_cannot_hold_stay_in_words() -> None:
    schedule = {"freq": "MONTHLY", "byday": "MO", "opens_at": "09:00", "closes_at": "10:00"}
    [(_, listing)] = listings_of(
        {"id": "1", "name": "Club", "schedules": [{**schedule, "notes": "First Monday."}]}
    )
    assert listing.offers[0].schedule is None
    assert listing.offers[0].hours_note == "First Monday."
