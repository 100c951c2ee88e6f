"""A listing as the fields of its form. What :mod:`api.pages.edit_parsing` reads is written here."""

from collections.abc import Iterator, Sequence
from typing import Final

from api.pages.edit_hours import day_words
from api.pages.edit_typed import Typed
from exclusion_map.directory.languages import LANGUAGES
from exclusion_map.directory.listing import Listing, Offer
from exclusion_map.support.opening_hours import DAYS

PLACE_TEXTS: Final = ("name", "description", "address", "city", "postcode")
PROVIDER_TEXTS: Final = ("name", "website", "email")
OFFER_TEXTS: Final = (
    "name",
    "description",
    "fees",
    "url",
    "email",
    "phone",
    "contact",
    "alert",
    "hours_note",
)
OFFER_NUMBERS: Final = ("minimum_age", "maximum_age", "computers", "staffed_hours")
PRICE_TEXTS: Final = ("option", "amount", "amount_description")
BLANK_PRICES: Final = 2
POSITION_FIELDS: Final = ("place-by", "latitude", "longitude")
FIRST: Final = "0"

Fields = dict[str, Sequence[str]]


def field(name: str) -> str:
    """Return a name as fields write it: ``hours_note`` is ``hours-note``."""
    return name.replace("_", "-")


def number(value: float | None) -> str:
    """Return a number as the form shows it; empty where there is none."""
    if value is None:
        return ""
    return str(int(value)) if float(value).is_integer() else repr(value)


def typed_of(listing: Listing) -> Typed:
    """Return the fields that show a listing."""
    fields: Fields = {name: (getattr(listing, name),) for name in PLACE_TEXTS}
    fields["kind"] = (listing.kind,)
    fields |= _position(listing)
    for name in PROVIDER_TEXTS:
        text = getattr(listing.provider, name) if listing.provider else ""
        fields[f"provider-{name}"] = (text,)
    fields["accessibility"] = listing.accessibility
    fields["access-note"] = (listing.access_note,)
    fields["service"] = tuple(str(at) for at in range(len(listing.offers)))
    for at, offer in enumerate(listing.offers):
        fields |= {f"s{at}-{name}": texts for name, texts in offer_fields(offer)}
    return Typed(fields)


def blank(kind: str = "") -> Typed:
    """Return the fields of a place that nobody has told anything of, with one service."""
    fields: Fields = {"kind": (kind,), "place-by": ("postcode",)}
    return with_service(Typed(fields), "0")


def services_of(typed: Typed) -> list[str]:
    """Return the indexes of the services of a form, in its order."""
    return [index for index in dict.fromkeys(typed.all("service")) if index.isdecimal()]


def with_service(typed: Typed, key: str) -> Typed:
    """Return fields with one more service; ``key`` tells it from others that were added."""
    taken = [int(index) for index in services_of(typed)]
    index = str(max(taken, default=-1) + 1)
    added: Fields = {"service": (*typed.all("service"), index), f"s{index}-key": (f"new-{key}",)}
    return typed.merged({**added, f"s{index}-cost": ("unknown",), f"s{index}-status": ("active",)})


def without_service(typed: Typed, index: str) -> Typed:
    """Return fields without a service."""
    left = tuple(each for each in typed.all("service") if each != index)
    return typed.without(f"s{index}-").merged({"service": left})


def offer_fields(offer: Offer) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield the fields of a service, without what they begin with."""
    yield "key", (offer.id,)
    for name in OFFER_TEXTS:
        yield field(name), (getattr(offer, name),)
    for name in OFFER_NUMBERS:
        yield field(name), (number(getattr(offer, name)),)
    yield "status", (offer.status,)
    yield "cost", (offer.cost,)
    yield "support", tuple(key for key, how in offer.support.items() if how == "stated")
    for key, how in offer.support.items():
        if how == "usual":
            yield f"usual-{key}", ("usual",)
    yield from prices(offer)
    yield "language", tuple(code for code in offer.languages if code in LANGUAGES)
    yield "other-languages", (", ".join(code for code in offer.languages if code not in LANGUAGES),)
    for day in DAYS:
        yield day, (day_words((offer.schedule or {}).get(day)),)


def prices(offer: Offer) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield the fields of the prices of a service."""
    for at, line in enumerate(offer.costs):
        yield f"price{at}-option", (line.option,)
        yield f"price{at}-amount", (number(line.amount),)
        yield f"price{at}-amount-description", (line.amount_description,)


def _position(listing: Listing) -> Fields:
    placed = listing.latitude is not None and listing.longitude is not None
    how = listing.placed_by or ("coordinates" if placed else "none")
    return {
        "place-by": (how,),
        "latitude": (number(listing.latitude),),
        "longitude": (number(listing.longitude),),
    }
