"""A listing that is shown in its form and sent back unchanged is the same listing."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from api.pages.edit_form import typed_of
from api.pages.edit_hours import day_words, parse_day_words
from api.pages.edit_parsing import parse
from api.pages.edit_typed import Typed
from exclusion_map.directory import ACCESSIBILITY, CostLine, Listing, Offer, Provider
from exclusion_map.directory.differences import combine, differences
from exclusion_map.directory.languages import LANGUAGES
from exclusion_map.directory.terms import PLACES, SUPPORT, taxonomy
from exclusion_map.support.opening_hours import DAYS


class Nowhere:
    postcodes = None

    @staticmethod
    def areas_at(longitude: np.ndarray, _latitude: np.ndarray) -> np.ndarray:
        return np.full(len(longitude), -1, dtype=np.int32)

    @staticmethod
    def code(_area: int) -> None:
        return None


NOWHERE = Nowhere()
SIGNS = st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"])
words = st.text(SIGNS, max_size=40).map(str.strip)
names = st.text(SIGNS, min_size=1, max_size=60).map(str.strip).filter(bool)
lines = st.lists(words, max_size=3).map("\n".join).map(str.strip)
minutes = st.integers(0, 24 * 60)


def clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


@st.composite
def spans(draw: st.DrawFn) -> list[list[str]]:
    times = sorted(draw(st.lists(minutes, unique=True, max_size=6)))
    pairs = zip(times[::2], times[1::2], strict=False)
    return [[clock(opens), clock(closes)] for opens, closes in pairs]


offers = st.builds(
    Offer,
    id=st.uuids().map(str),
    name=names,
    description=lines,
    support=st.dictionaries(
        st.sampled_from(taxonomy(SUPPORT).term_keys), st.sampled_from(["stated", "usual"])
    ),
    status=st.sampled_from(["active", "inactive", "defunct", "temporarily closed"]),
    cost=st.sampled_from(["free", "charge", "unknown"]),
    fees=lines,
    costs=st.lists(
        st.builds(
            CostLine,
            option=words,
            amount=st.none() | st.floats(0, 1e5, allow_subnormal=False),
            amount_description=words,
        ),
        max_size=4,
    ).map(tuple),
    languages=st.lists(
        st.sampled_from([*LANGUAGES, "yi", "hak", "zh-Hant"]), unique=True, max_size=6
    ).map(tuple),
    minimum_age=st.none() | st.integers(0, 20),
    maximum_age=st.none() | st.integers(20, 120),
    url=words,
    email=words,
    phone=words,
    contact=words,
    alert=lines,
    schedule=st.none() | st.dictionaries(st.sampled_from(DAYS), spans()),
    hours_note=lines,
    computers=st.none() | st.integers(0, 10_000),
    staffed_hours=st.none() | st.floats(0, 168),
)
listings = st.builds(
    Listing,
    name=names,
    kind=st.sampled_from(taxonomy(PLACES).term_keys),
    description=lines,
    provider=st.none()
    | st.builds(Provider, name=names, description=lines, email=words, website=words),
    address=lines,
    city=words,
    postcode=words,
    latitude=st.none() | st.floats(-90, 90),
    longitude=st.none() | st.floats(-180, 180),
    area_code=st.none() | st.just("E01000001"),
    placed_by=st.sampled_from(["", "postcode", "coordinates"]),
    accessibility=st.lists(st.sampled_from(list(ACCESSIBILITY)), unique=True).map(tuple),
    access_note=lines,
    offers=st.lists(offers, max_size=3, unique_by=lambda offer: offer.id).map(tuple),
    as_of=words,
)


def as_browsers_send(typed: Typed) -> Typed:
    """Return what comes back of a form: areas of text with CRLF, single lines without breaks."""
    areas = ("description", "address", "access-note", "fees", "alert", "hours-note")

    def sent(name: str, text: str) -> str:
        if name.endswith(areas):
            return text.replace("\n", "\r\n").replace("\r\n", "\n")
        return text.replace("\n", "")

    return Typed(
        {name: tuple(sent(name, text) for text in texts) for name, texts in typed.pairs_by_name()}
    )


@settings(max_examples=150, deadline=None)
@given(listings)
def test_a_listing_comes_back_from_its_form_as_it_was(listing: Listing) -> None:
    parsed = parse(as_browsers_send(typed_of(listing)), NOWHERE, before=listing, form="x")
    assert parsed.errors == {}
    assert parsed.listing == listing


@settings(max_examples=100, deadline=None)
@given(listings, listings)
def test_taking_every_difference_gives_the_other_state(one: Listing, other: Listing) -> None:
    found = differences(one, other)
    taken = {each.key: True for each in found}
    assert combine(one, other, taken) == other.model_copy(update={"offers": other.offers})
    assert combine(one, other, {}) == one
    assert (found == []) is (one == other)


@given(spans())
def test_hours_in_words_are_read_as_they_were(day: list[list[str]]) -> None:
    assert parse_day_words(day_words(day)) == day
