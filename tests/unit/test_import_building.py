"""From rows to listings: each right, or told with its row and column; worked out by hand."""

import csv
import io

import pytest

from exclusion_map.directory import CostLine, Listing, Offer
from exclusion_map.directory.importing import (
    Built,
    ImportReport,
    Mapping,
    build,
    build_services,
    guess,
    read_table,
)

from .import_places import geocoder

TOP = "Ref,Name,Type,Address,Postcode,Lat,Long,Support,Cost,Languages,Computers,Email / phone\n"


def built(text: str, mapping: Mapping | None = None) -> Built:
    """Return what is made of a CSV."""
    table = read_table(text.encode(), "a.csv")
    return build(table, mapping or guess(table), geocoder())


def one(text: str) -> Listing:
    """Return the one listing of a CSV."""
    made = built(text)
    assert made.rejected == ()
    return next(iter(made.listings.values()))


def test_a_row_in_full() -> None:
    row = (
        'R1,Hub,Community centre,"1 High St, Ashby",ch412ab,53.391,-3.021,'
        '"Computers, wifi & SIM cards",£2 a visit,"English, Welsh and Polish",6,0151 652 1111'
    )
    made = built(f"{TOP}{row}\n")
    assert list(made.listings) == ["R1"]
    assert made.warnings == ()
    assert made.listings["R1"] == Listing(
        name="Hub",
        kind="community_venue",
        address="1 High St, Ashby",
        postcode="CH41 2AB",
        latitude=53.391,
        longitude=-3.021,
        area_code="W01",
        placed_by="coordinates",
        offers=(
            Offer(
                name="Digital support",
                support={"public_computers": "stated", "free_wifi": "stated", "data": "stated"},
                cost="charge",
                fees="£2 a visit",
                languages=("en", "cy", "pl"),
                computers=6,
                phone="0151 652 1111",
            ),
        ),
    )


def test_ticks_words_and_numbers_of_ticks() -> None:
    text = "Name,Wifi,Device loan,Step free,Hearing loop\nHub,Y,2 laptops,✓,No\n"
    listing = one(text)
    assert listing.offers[0].support == {"free_wifi": "stated", "devices": "stated"}
    assert listing.accessibility == ("step_free",)


@pytest.mark.parametrize(
    ("cost", "known"),
    [
        ("Free", "free"),
        ("free of charge", "free"),
        ("£0.00", "free"),
        ("£3", "charge"),
        ("Free, or £2 for tea", "unknown"),
        ("donation", "unknown"),
        ("", "unknown"),
    ],
)
def test_costs(cost: str, known: str) -> None:
    offer = one(f'Name,Cost\nHub,"{cost}"\n').offers[0]
    assert offer.cost == known
    assert offer.fees == ("" if known == "free" else cost)


def test_a_column_for_whom_to_ask_may_hold_anything() -> None:
    text = "Name,Phone,Contact\nHub,hub@example.org,Ada\nHall,x,0151 652 1111\nInn,,i@example.org\n"
    mapping = Mapping(columns={"name": "Name", "phone": "Phone", "contact": "Contact"})
    made = built(text, mapping)
    offers = [listing.offers[0] for listing in made.listings.values()]
    assert [(one.phone, one.email, one.contact) for one in offers] == [
        ("", "hub@example.org", "Ada"),
        ("0151 652 1111", "", ""),
        ("", "i@example.org", ""),
    ]
    assert [problem.row for problem in made.warnings] == [3]


def test_rows_that_cannot_be_taken_are_told_and_the_others_are_made() -> None:
    text = (
        "Name,Postcode,Computers,Staffed hours\n"
        "Hub,CH41 2AB,2,10\n"
        ",CH41 2AB,2,10\n"
        "Hall,CH41 2AB,lots,10\n"
        "Inn,CH41 2AB,2.5,10\n"
        "Den,CH41 2AB,2,200\n"
        "hub,ch412ab,3,10\n"
        "Long,CH41 2AB,1,1,stray\n"
    )
    made = built(text)
    assert [listing.name for listing in made.listings.values()] == ["Hub"]
    assert [(one.row, one.column) for one in made.rejected] == [
        (3, "Name"),
        (4, "Computers"),
        (5, "Computers"),
        (6, "Staffed hours"),
        (7, "Name"),
        (8, ""),
    ]
    assert "row 2 again" in made.rejected[4].found
    assert made.rejected_rows == 6


def test_rows_to_mend_come_back_as_they_stood() -> None:
    text = 'Name,Notes,Computers\nHub,"a, ""b""",2\nHall,=1+1,lots\n'
    made = built(text)
    report = ImportReport("s", made)
    rows = list(csv.reader(io.StringIO(report.rejected_csv().removeprefix("\ufeff"))))
    assert rows[0][:3] == ["Name", "Notes", "Computers"]
    assert rows[1][:3] == ["Hall", "'=1+1", "lots"]
    assert "a number from 0 to 10000" in rows[1][3]
    again = built(report.rejected_csv().replace("lots", "4"))
    assert again.listings["hall:"].offers[0].computers == 4
    assert again.listings["hall:"].description == "=1+1"


def test_services_of_one_place_come_together() -> None:
    text = (
        "Id,Venue,Postcode,Service,Mon\n"
        "7,Hub,CH41 2AB,Drop-in,9-12\n"
        "7,Hub,CH41 2AB,Course,\n"
        "7,Hub,CH41 2AB,Course,\n"
        "7,Other,CH41 2AB,Third,\n"
    )
    mapping = Mapping(
        columns={
            "id": "Id", "name": "Venue", "postcode": "Postcode", "service": "Service",
            "hours.mon": "Mon",
        }
    )  # fmt: skip
    made = built(text, mapping)
    offers = made.listings["7"].offers
    assert [offer.name for offer in offers] == ["Drop-in", "Course"]
    assert (offers[0].schedule, offers[1].schedule) == ({"mon": [["09:00", "12:00"]]}, None)
    assert made.rows_of == {"7": (2, 3)}
    assert [problem.row for problem in made.rejected] == [4, 5]


def test_places_that_are_closed_are_left_out_and_counted() -> None:
    made = built("Name,Status\nHub,Open\nHall,Closed\nInn,Temporarily closed\n")
    assert [one.offers[0].status for one in made.listings.values()] == [
        "active",
        "temporarily closed",
    ]
    assert "1 row of a place that is closed was left out." in made.notes


PLACED = {
    # Coordinates within 2 km of the postcode are the more exact.
    "CH41 2AB,53.391,-3.021": ("coordinates", 53.391, "W01", 0),
    # Further away, the postcode is believed.
    "CH41 2AB,53.58,-2.43": ("postcode", 53.39, "W01", 1),
    # No coordinates; no longer in use; in small letters without a space.
    ",,": ("", None, None, 0),
    "CH41 6AX,,": ("postcode", 53.395, "W01", 1),
    "bl11sa,,": ("postcode", 53.58, "W02", 0),
    # The wrong way round; off the country; at zero; on the map but in no area.
    ",-3.021,53.391": ("coordinates", 53.391, "W01", 1),
    ",48.85,2.35": ("", None, None, 1),
    "CH41 2AB,0,0": ("postcode", 53.39, "W01", 1),
    ",55.9,-3.2": ("coordinates", 55.9, None, 1),
    # Of the right form and none that exists; no postcode at all.
    "CH99 9ZZ,,": ("", None, None, 0),
    "Ashby,,": ("", None, None, 0),
    "CH99 9ZZ,53.391,-3.021": ("coordinates", 53.391, "W01", 1),
}


@pytest.mark.parametrize("text", PLACED)
def test_where_places_are(text: str) -> None:
    mapping = Mapping(
        columns={"name": "Name", "postcode": "P", "latitude": "Lat", "longitude": "Long"}
    )
    made = built(f"Name,P,Lat,Long\nHub,{text}\n", mapping)
    (listing,) = made.listings.values()
    by, latitude, area, warnings = PLACED[text]
    assert (listing.placed_by, listing.latitude, listing.area_code) == (by, latitude, area)
    assert len(made.warnings) == warnings
    assert len(made.not_placed) == (0 if by else 1)
    assert all(problem.row == 2 and problem.name == "Hub" for problem in made.warnings)


def test_the_national_grid() -> None:
    listing = one("Name,Easting,Northing\nHub,332500,388600\n")
    # Birkenhead, by the Ordnance Survey's converter: 53.3890 N, 3.0165 W.
    assert listing.latitude == pytest.approx(53.389, abs=0.001)
    assert listing.longitude == pytest.approx(-3.016, abs=0.001)
    assert built("Name,Easting,Northing\nHub,3325,9999999\n").warnings[0].column == "Easting"


def test_without_postcodes_only_coordinates_place() -> None:
    table = read_table(b"Name,Postcode\nHub,CH41 2AB\n", "a.csv")
    bare = geocoder()
    none = type(bare)(None, bare.codes, bare.areas_at)
    made = build(table, guess(table), none)
    assert len(made.not_placed) == 1
    assert next(iter(made.listings.values())).postcode == "CH41 2AB"


def service(identity: str, *locations: dict[str, object], **more: object) -> dict[str, object]:
    at = [{"id": f"{identity}-{one['id']}", "location": one} for one in locations]
    return {"id": identity, "name": identity, "service_at_locations": at, **more}


def test_open_referral_makes_a_listing_of_each_location() -> None:
    hub = {"id": "l1", "name": "Hub", "latitude": 53.391, "longitude": -3.021}
    hall = {"id": "l2", "name": "Hall", "addresses": [{"postal_code": "BL1 1SA"}]}
    cost = [{"option": "Adults", "amount": 2}]
    made = build_services(
        [
            service("s1", hub, hall, fees="Free"),
            service("s2", hub, cost_options=cost, languages=[{"name": "Welsh"}]),
            service("s3"),
            {"id": "s4", "name": "", "service_at_locations": [{"location": {"id": "l4"}}]},
            service("s5", {"id": "l5", "name": "Odd", "latitude": 100, "longitude": 101}),
        ],
        geocoder(),
    )
    assert {key: [o.name for o in one.offers] for key, one in made.listings.items()} == {
        "l1": ["s1", "s2"],
        "l2": ["s1"],
        "s3": ["s3"],
        "l5": ["s5"],
    }
    assert made.listings["l1"].area_code == "W01"
    assert made.listings["l2"].placed_by == "postcode"
    assert made.listings["l1"].offers[1].costs == (CostLine(option="Adults", amount=2),)
    assert made.listings["l1"].offers[1].languages == ("cy",)
    assert [problem.row for problem in made.rejected] == [4]
    assert [problem.row for problem in made.not_placed] == [3, 5]
    assert made.rows == 5


def test_many_problems_are_told_by_what_they_have_in_common() -> None:
    rows = "".join(f"Hub {n},CH99 9ZZ,Pub\n" for n in range(20))
    made = built(f"Name,Postcode,Type\n{rows},,Pub\n")
    text = ImportReport("s", made).text()
    assert "To look at (20):\n  20 times, column 'Type', as in rows 2, 3, 4: found 'Pub'" in text
    assert "Not on the map (20):\n  20 times, column 'Postcode', as in rows 2, 3, 4" in text
    assert "Left out (1):\n  Row 22, column 'Name': found nothing" in text
