"""A listing: a place with what is offered there, as people and importers hand it in and get it."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from exclusion_map.directory.terms import PLACES, SUPPORT, taxonomy
from exclusion_map.support.opening_hours import DAYS, Schedule

Cost = Literal["free", "charge", "unknown"]
Status = Literal["active", "inactive", "defunct", "temporarily closed"]
How = Literal["stated", "usual"]

ACCESSIBILITY = {
    "step_free": "Step-free entrance",
    "accessible_toilet": "Accessible toilet",
    "hearing_loop": "Hearing loop",
    "lift": "Lift",
    "parking": "Accessible parking",
    "quiet_space": "Quiet space",
    "large_print": "Large print or Braille",
    "bsl": "British Sign Language",
    "assistive_technology": "Screen reader or magnifier on computers",
}
"""What a location may say of its accessibility."""


def _known_kind(value: str) -> str:
    if value not in taxonomy(PLACES).term_keys:
        raise ValueError(f"{value!r} is not one of {', '.join(taxonomy(PLACES).term_keys)}")
    return value


def known_only(values: tuple[str, ...], known: Collection[str]) -> tuple[str, ...]:
    """Return values once each and in the order that is known.

    Raises:
        ValueError: one of them is not known.
    """
    unknown = [value for value in values if value not in known]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is not one of {', '.join(known)}")
    return tuple(value for value in known if value in values)


class Part(BaseModel):
    """What every part shares: frozen, and nothing unknown in it."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class CostLine(Part):
    """Cost of a service and who pays it; the amount is in pounds."""

    option: str = ""
    amount: float | None = Field(None, ge=0)
    amount_description: str = ""


class Offer(Part):
    """A service at the place.

    Attributes:
        id: the service's id; empty before it is stored.
        support: terms of digital support it offers, each with how that is known.
        languages: ISO 639 codes; empty means nobody said.
        schedule: hours by day ("mon" to "sun"); a missing day is not known, an empty one closed;
            None where nothing is known.
        computers: how many the public may use.
        staffed_hours: hours a week with staff present.
    """

    id: str = ""
    name: str = Field(min_length=1, max_length=300)
    description: str = ""
    support: dict[str, How] = {}
    status: Status = "active"
    cost: Cost = "unknown"
    fees: str = ""
    costs: tuple[CostLine, ...] = ()
    languages: tuple[str, ...] = ()
    minimum_age: int | None = Field(None, ge=0, le=120)
    maximum_age: int | None = Field(None, ge=0, le=120)
    url: str = ""
    email: str = ""
    phone: str = ""
    contact: str = ""
    alert: str = ""
    schedule: Schedule | None = None
    hours_note: str = ""
    computers: int | None = Field(None, ge=0, le=10_000)
    staffed_hours: float | None = Field(None, ge=0, le=168)

    @field_validator("support")
    @classmethod
    def _terms(cls, value: dict[str, How]) -> dict[str, How]:
        known = taxonomy(SUPPORT).term_keys
        unknown = [key for key in value if key not in known]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is not one of {', '.join(known)}")
        return {key: value[key] for key in known if key in value}

    @field_validator("schedule")
    @classmethod
    def _days(cls, value: Schedule | None) -> Schedule | None:
        if value is None:
            return None
        unknown = [day for day in value if day not in DAYS]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is not a day: one of {', '.join(DAYS)}")
        return {day: value[day] for day in DAYS if day in value}


class Provider(Part):
    """The organisation behind a listing."""

    id: str = ""
    name: str = Field(min_length=1, max_length=300)
    description: str = ""
    email: str = ""
    website: str = ""


class Listing(Part):
    """A place with its services.

    Coordinates are degrees (WGS 84), None where the place could not be put on the map.
    """

    name: str = Field(min_length=1, max_length=300)
    kind: Annotated[str, AfterValidator(_known_kind)] = "other"
    description: str = ""
    provider: Provider | None = None
    address: str = ""
    city: str = ""
    postcode: str = ""
    latitude: float | None = Field(None, ge=-90, le=90)
    longitude: float | None = Field(None, ge=-180, le=180)
    area_code: str | None = None
    placed_by: Literal["", "postcode", "coordinates"] = ""
    accessibility: tuple[str, ...] = ()
    access_note: str = ""
    offers: tuple[Offer, ...] = ()
    as_of: str = ""

    @field_validator("accessibility")
    @classmethod
    def _features(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return known_only(value, ACCESSIBILITY)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON's own types."""
        return self.model_dump(mode="json")


class Held(Part):
    """A stored listing with its version."""

    id: str
    version: int
    listing: Listing
    source: str
    source_key: str | None
    confirmed_at: datetime | None
    confirmed_by: str
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
