"""Which pairs of places are told to be likely one: hand-made cases, each taken from a real list."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exclusion_map.directory import Listing, Offer
from exclusion_map.directory.duplicates import Finder, Suspect, find_duplicates
from exclusion_map.directory.duplicates_cards import Card, card_of, plain_phone, plain_site
from exclusion_map.directory.duplicates_names import NameWeights, telling_words, words_of
from exclusion_map.directory.duplicates_pairs import FEW, worth_comparing

ELSEWHERE = tuple(
    card_of(f"chain-{number}", "pharmacies", Listing(name="Boots", kind="pharmacy"))
    for number in range(2_000)
)
"""A chain: what is called like it is not thereby the same shop."""


def card(
    identity: str,
    name: str,
    *,
    source: str = "",
    kind: str = "library",
    address: str = "",
    postcode: str = "",
    at: tuple[float, float] | None = None,
    phone: str = "",
    url: str = "",
) -> Card:
    longitude, latitude = at or (None, None)
    offer = Offer(name="What is there", phone=phone, url=url)
    listing = Listing(
        name=name,
        kind=kind,
        address=address,
        postcode=postcode,
        longitude=longitude,
        latitude=latitude,
        offers=(offer,),
    )
    return card_of(identity, source or identity, listing)


def found(*cards: Card) -> list[Suspect]:
    return find_duplicates(cards)


def test_one_library_in_two_lists() -> None:
    a = card("a", "Sale Library", address="Sale Waterside", postcode="M33 7ZF", at=(-2.323, 53.424))
    b = card("b", "SALE PUBLIC LIBRARY", postcode="m337zf", at=(-2.3231, 53.424))
    (suspect,) = found(a, b)
    assert (suspect.a, suspect.b) == ("a", "b")
    assert suspect.score > 0.9
    assert suspect.reasons == ("the same name", "the same postcode", "at the same spot")
    assert suspect.against == ()
    # 0.0001 degrees of longitude at 53.4 degrees north.
    assert suspect.distance_m == pytest.approx(
        111_195 * 0.0001 * math.cos(math.radians(53.424)), 1e-3
    )


def test_a_practice_above_a_library_is_another_place() -> None:
    shared = {"address": "Town Hall, High Street", "postcode": "SA1 1AA", "at": (-2.0, 53.0)}
    assert not found(
        card("a", "Ashby Library", kind="library", **shared),
        card("b", "Ashby Surgery", kind="gp_practice", **shared),
        card("c", "Ashby Pharmacy", kind="pharmacy", **shared),
    )


def test_practices_that_share_a_health_centre_are_two() -> None:
    shared = {
        "kind": "gp_practice",
        "source": "practices",
        "address": "Stuart Crescent Health Centre, 8 Stuart Crescent, London",
        "postcode": "N22 5NJ",
        "at": (-0.11, 51.6),
    }
    assert not found(
        card("a", "High Road Surgery", phone="020 8888 1111", **shared),
        card("b", "Myddleton Medical Practice", phone="020 8888 2222", **shared),
    )


def test_two_pharmacies_at_one_address_are_two_and_one_under_two_names_is_told() -> None:
    shared = {
        "kind": "pharmacy",
        "source": "pharmacies",
        "address": "121-125 Mitcham Lane, London",
        "postcode": "SW16 6LY",
        "at": (-0.14, 51.42),
    }
    a = card("a", "Markrise Pharmacy", phone="020 8769 3000", **shared)
    other = card("b", "Superdrug", phone="020 8769 4000", **shared)
    same = card("c", "Markrise Limited", phone="020 8769 3000", **shared)
    assert [(one.a, one.b) for one in found(a, other, same)] == [("a", "c")]


def test_two_shops_of_a_chain_in_a_street_are_two() -> None:
    shared = {"kind": "pharmacy", "postcode": "M1 1AA"}
    a = card("a", "Boots", address="12 High Street", at=(-2.0, 53.0), **shared)
    b = card("b", "Boots", address="45 High Street", at=(-2.001, 53.0), **shared)
    assert not find_duplicates([*ELSEWHERE, a, b], {"a", "b"})
    # The same word says much where one place carries it.
    assert found(a, b)[0].reasons[0] == "the same name"


def test_branches_of_one_service_are_different() -> None:
    a = card("a", "Chorlton Library", postcode="M21 9PN", at=(-2.277, 53.442))
    b = card("b", "Didsbury Library", postcode="M20 2DN", at=(-2.277, 53.4435))
    assert not found(a, b)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Smithy Bridge Library", "Smithybridge Library"),
        ("St. Mary's Library", "Saint Marys Public Library"),
        ("Levenshulme Library", "Levenshume library"),
        ("Hunmanby Community Library", "Hunmanby Library"),
    ],
)
def test_names_in_two_spellings(one: str, other: str) -> None:
    assert NameWeights([one, other]).compare(one, other).same


def test_words_that_tell_nothing() -> None:
    assert telling_words("The Central Library") == frozenset()
    assert words_of("Café & Centre, St Street") == ("cafe", "and", "center", "st", "st")
    assert NameWeights(["The Library"]).compare("The Library", "Library Services").silent


def test_a_place_put_on_the_map_wrongly_is_found_by_its_postcode() -> None:
    shared = {"address": "St Peters Square, City Centre", "postcode": "M2 5PD"}
    a = card("a", "City Library", at=(-2.2445, 53.478), url="manchester.gov.uk/x", **shared)
    b = card(
        "b", "Central Library", at=(-2.23, 53.44), url="https://manchester.gov.uk/x/", **shared
    )
    (suspect,) = found(a, b)
    assert "4.3 km apart" in suspect.against
    assert "the same web address" in suspect.reasons


def test_places_without_a_position_are_compared_too() -> None:
    a = card("a", "Wythenshawe Good Neighbours", kind="charity", phone="+44 (0)161 912 3189")
    b = card("b", "Wythenshawe Good Neighbours", kind="community_venue", phone="0161 9123189")
    (suspect,) = found(a, b)
    assert suspect.distance_m is None
    assert suspect.against == ("listed as different kinds of place",)


def test_a_switchboard_is_no_evidence() -> None:
    cards = [
        card(f"{number}", f"Branch {'abcdefghijk'[number] * 6}", phone="0300 123 4567")
        for number in range(FEW + 1)
    ]
    assert not len(worth_comparing(cards))


def test_only_pairs_with_a_new_place_are_looked_at() -> None:
    at = {"postcode": "M33 7ZF", "at": (-2.3, 53.4)}
    cards = [card(key, "Sale Library", **at) for key in "abc"]
    assert len(find_duplicates(cards)) == 3
    assert [(one.a, one.b) for one in find_duplicates(cards, {"c"})] == [("a", "c"), ("b", "c")]
    assert find_duplicates(cards, set()) == []
    assert find_duplicates([]) == []


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("0161 912 3189", "1619123189"),
        ("+44 (0)161 912 3189", "1619123189"),
        ("0044 161 912 3189", "1619123189"),
        ("01524 62345", "152462345"),
        ("999", ""),
        ("ask at the desk", ""),
    ],
)
def test_phone_numbers(text: str, plain: str) -> None:
    assert plain_phone(text) == plain


def test_web_addresses() -> None:
    assert plain_site("HTTPS://www.Example.org/Sale/#hours") == "example.org/sale"


NAMES = st.text(alphabet="abc é'&1", max_size=12).filter(str.strip)


@given(NAMES, NAMES)
def test_order_makes_no_difference(one: str, other: str) -> None:
    a = card("a", one, postcode="M1 1AA", at=(-2.0, 53.0))
    b = card("b", other, postcode="M1 1AA", at=(-2.0, 53.0))
    finder = Finder([a, b])
    there, back = (finder.compare(*pair, distance_m=0.0) for pair in ((a, b), (b, a)))
    assert there is not None
    assert there == back
    assert 0 <= there.score <= 1


@given(st.lists(st.sampled_from(["Sale Library", "Hale Library", "Boots"]), max_size=12))
def test_blocks_leave_no_near_pair_out(names: list[str]) -> None:
    cards = [card(f"{row:02}", name, at=(-2.0, 53.0)) for row, name in enumerate(names)]
    pairs = worth_comparing(cards)
    assert len(pairs) == len(names) * (len(names) - 1) // 2
    assert np.all(pairs[:, 0] < pairs[:, 1])
