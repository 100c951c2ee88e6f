"""From the fields of a form to a listing, with a message for every field that has to be mended."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from api.pages.edit_form import (
    PLACE_TEXTS,
    POSITION_FIELDS,
    PROVIDER_TEXTS,
    services_of,
    typed_of,
)
from api.pages.edit_form import field as field_of
from api.pages.edit_offer import OfferReader, name_of, number_of, text_of
from api.pages.edit_typed import Typed
from exclusion_map.directory.checking import Fault, faults
from exclusion_map.directory.differences import POSITION
from exclusion_map.directory.importing.placing import EAST, NORTH, SOUTH, WEST, Geocoder
from exclusion_map.directory.listing import ACCESSIBILITY, Listing, Provider
from exclusion_map.directory.terms import PLACES, taxonomy
from exclusion_map.errors import InvalidRequestError
from exclusion_map.geography.postcode_index import PostcodePlace


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a form says.

    Attributes:
        listing: as typed; where a field is wrong, it holds something that stands for it.
        errors: messages by the names of fields, in the order of the form; empty where all is well.
    """

    listing: Listing
    errors: dict[str, str] = field(default_factory=dict)


def parse(typed: Typed, geocoder: Geocoder, *, before: Listing | None, form: str) -> Parsed:
    """Return the listing that a form says.

    Args:
        typed: the fields.
        geocoder: where postcodes are, and which small area a point is in.
        before: the listing as it was opened; None for a new place.
        form: id of the place, or of the form of a new one.
    """
    reader = _Reader(typed, geocoder, before, form)
    listing = reader.read()
    for fault in faults(listing, before):
        reader.errors.setdefault(_field_of(fault, typed), fault.message)
    order = {name: at for at, name in enumerate(_order(typed))}
    found = sorted(reader.errors.items(), key=lambda item: order.get(item[0], len(order)))
    return Parsed(listing, dict(found))


@dataclass
class _Reader:
    typed: Typed
    geocoder: Geocoder
    before: Listing | None
    form: str
    errors: dict[str, str] = field(default_factory=dict)

    def read(self) -> Listing:
        values: dict[str, Any] = {name: self.text(name) for name in PLACE_TEXTS}
        values["name"], told = name_of(values["name"], "Enter the name of the place")
        if told:
            self.errors["name"] = told
        kind = self.typed.one("kind")
        if kind not in taxonomy(PLACES).term_keys:
            self.errors["kind"] = "Select what kind of place it is"
            kind = "other"
        known = {offer.id: offer for offer in self.before.offers} if self.before else {}
        offers = [
            OfferReader(
                self.typed,
                index,
                known.pop(self.typed.one(f"s{index}-key"), None),
                self.form,
                self.errors,
            ).read()
            for index in services_of(self.typed)
        ]
        values |= self.position(values["postcode"])
        return Listing(
            kind=kind,
            provider=self.provider(),
            accessibility=tuple(
                key for key in self.typed.all("accessibility") if key in ACCESSIBILITY
            ),
            access_note=self.text("access_note"),
            offers=tuple(offers),
            as_of=self.before.as_of if self.before else "",
            **values,
        )

    def text(self, name: str) -> str:
        held = getattr(self.before, name) if self.before else None
        return text_of(self.typed.one(field_of(name)), held)

    def provider(self) -> Provider | None:
        held = self.before.provider if self.before else None
        said = {
            name: text_of(self.typed.one(f"provider-{name}"), getattr(held, name) if held else None)
            for name in PROVIDER_TEXTS
        }
        if not any(said.values()):
            return None
        said["name"], told = name_of(said["name"], "Enter the name of the organisation")
        if told:
            self.errors["provider-name"] = told
        same = held is not None and held.name.casefold() == said["name"].casefold()
        kept = {"id": held.id, "description": held.description} if held and same else {}
        return Provider(**said, **kept)

    def position(self, postcode: str) -> dict[str, Any]:
        how = self.typed.one("place-by")
        if self.before is not None and self._stays(how, postcode):
            held = {name: getattr(self.before, name) for name in POSITION}
            return {**held, "postcode": self.before.postcode} if how == "postcode" else held
        if how == "coordinates":
            return {**self._known(postcode), **self._at_point()}
        if how == "none":
            return self._known(postcode)
        return self._at_postcode(postcode)

    def _stays(self, how: str, postcode: str) -> bool:
        assert self.before is not None  # noqa: S101
        shown = typed_of(self.before)
        same = all(self.typed.one(name).strip() == shown.one(name) for name in POSITION_FIELDS)
        return same and (how != "postcode" or postcode == self.before.postcode)

    def _known(self, postcode: str) -> dict[str, Any]:
        """Return a postcode as it is written where one knows it; it places nothing."""
        found = self._look_up(postcode) if postcode else None
        return {"postcode": found.pretty if found else postcode}

    def _look_up(self, postcode: str) -> PostcodePlace | None:
        if self.before is not None and postcode == self.before.postcode:
            return None
        try:
            return self.geocoder.postcodes.find(postcode) if self.geocoder.postcodes else None
        except InvalidRequestError:
            self.errors["postcode"] = "Enter a full UK postcode, like CH41 2AB"
            return None

    def _at_postcode(self, postcode: str) -> dict[str, Any]:
        if not postcode:
            told = "Enter a postcode, or choose another way to put the place on the map"
            self.errors["postcode"] = told
            return {}
        try:
            found = self.geocoder.postcodes.find(postcode) if self.geocoder.postcodes else None
        except InvalidRequestError:
            self.errors["postcode"] = "Enter a full UK postcode, like CH41 2AB"
            return {}
        if found is None or found.latitude is None or found.area < 0:
            told = "is not one we know" if found is None else "lies outside the area of this map"
            self.errors["postcode"] = f"{postcode[:10]} {told}: check it, or give coordinates"
            return {}
        return {
            "postcode": found.pretty,
            "latitude": found.latitude,
            "longitude": found.longitude,
            "area_code": self.geocoder.code(found.area),
            "placed_by": "postcode",
        }

    def _at_point(self) -> dict[str, Any]:
        latitude = self._degrees("latitude", SOUTH, NORTH)
        longitude = self._degrees("longitude", WEST, EAST)
        if latitude is None or longitude is None:
            return {}
        [area] = self.geocoder.areas_at(np.array([longitude]), np.array([latitude]))
        return {
            "latitude": latitude,
            "longitude": longitude,
            "area_code": self.geocoder.code(int(area)),
            "placed_by": "coordinates",
        }

    def _degrees(self, name: str, low: float, high: float) -> float | None:
        try:
            value = number_of(self.typed.one(name), low, high)
        except ValueError:
            value = None
        if value is None:
            like = "53.39012" if name == "latitude" else "-3.02345"
            told = f"Enter the {name} in degrees, from {low:g} to {high:g}, like {like}"
            self.errors[name] = told
        return value


def _field_of(fault: Fault, typed: Typed) -> str:
    """Return the field of the form that a fault is about."""
    first, *rest = fault.where
    if first == "provider":
        return f"provider-{field_of(str(rest[0]))}"
    if first != "offers":
        return field_of(str(first))
    if not rest:
        return "add-service"
    index = services_of(typed)[int(rest[0])]
    if rest[1] == "costs":
        at, part = (rest[2], str(rest[3])) if len(rest) > 2 else (0, "option")
        return f"s{index}-price{at}-{field_of(part)}"
    part = "other-languages" if rest[1] == "languages" else str(rest[-1])
    return f"s{index}-{field_of(part)}"


def _order(typed: Typed) -> list[str]:
    """Return the names of fields in the order of the page."""
    offers = ("name", "description", "support", "week", "mon", "tue", "wed", "thu", "fri", "sat")
    more = ("sun", "hours-note", "cost", "fees", "phone", "email", "url", "contact", "alert")
    last = ("other-languages", "minimum-age", "maximum-age", "computers", "staffed-hours")
    place = ("name", "kind", "description", "address", "city", "postcode", *POSITION_FIELDS)
    rest = ("provider-name", "provider-website", "provider-email", "access-note")
    services = [f"s{at}-{name}" for at in services_of(typed) for name in (*offers, *more, *last)]
    return [*place, *rest, *services]
