"""What the Open Referral UK API is asked, and which offers and places of a snapshot answer."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from fastapi import Query
from pydantic import Field

from api.dependencies import Params
from api.service import Service
from exclusion_map.directory.selecting import nearest_first
from exclusion_map.directory.snapshot import DAY_MINUTES, Rows, Snapshot, week_minute
from exclusion_map.directory.terms import PLACES, SUPPORT, taxonomy
from exclusion_map.errors import InvalidRequestError
from exclusion_map.support.opening_hours import DAY_NAMES, DAYS

MOST = 500
"""Most entries of a page."""
DEFAULT_PROXIMITY_M = 5_000.0
FAR = 1_000_000.0

Json = dict[str, Any]


class Paged(Params):
    """Which page of a list."""

    page: int = Field(default=1, ge=1, le=1_000_000, description="Page number, from 1.")
    per_page: int = Field(default=50, ge=1, le=MOST, description="Entries per page.")


class ServiceQuery(Paged):
    """Parameters of lists of services, as the standard names them."""

    search: str = Field(
        default="", max_length=100, description="Words in the name of a service or a place."
    )
    taxonomy_term_id: str = Field(default="", max_length=60, description="Id of a term.")
    taxonomy_id: str = Field(default="", max_length=60, description="Id of a taxonomy.")
    organization_id: str = Field(default="", max_length=60, description="Id of the organisation.")
    minimum_age: float | None = Field(
        default=None, ge=0, description="Services whose minimum age is at least this."
    )
    maximum_age: float | None = Field(
        default=None, ge=0, description="Services whose maximum age is at most this."
    )
    day: str = Field(
        default="", max_length=9, description="MO to SU, or the name of a day.", examples=["MO"]
    )
    start_time: str = Field(
        default="",
        max_length=8,
        pattern=r"^$|^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$",
        description="Services that open at this time or later.",
        examples=["09:00"],
    )
    end_time: str = Field(
        default="",
        max_length=8,
        pattern=r"^$|^([01]\d|2[0-4]):[0-5]\d(:[0-5]\d)?$",
        description="Services that close at this time or earlier.",
        examples=["17:00"],
    )


class LocationQuery(ServiceQuery):
    """Parameters of lists of services at locations."""

    postcode: str = Field(
        default="", max_length=10, description="Postcode to measure distance from."
    )
    proximity: float | None = Field(
        default=None, gt=0, le=FAR, description="With postcode: straight-line distance in metres."
    )


ServiceQuestion = Annotated[ServiceQuery, Query()]
LocationQuestion = Annotated[LocationQuery, Query()]
PageQuestion = Annotated[Paged, Query()]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list that has so many entries in all."""

    number: int
    size: int
    total: int

    @property
    def part(self) -> slice:
        """Where its entries stand in the list."""
        return slice((self.number - 1) * self.size, self.number * self.size)

    def filled(self, contents: Sequence[Json]) -> Mapping[str, Any]:
        """Return the page as the standard's JSON."""
        pages = math.ceil(self.total / self.size)
        return {
            "total_items": self.total,
            "total_pages": pages,
            "page_number": self.number,
            "size": len(contents),
            "first_page": self.number == 1,
            "last_page": self.number >= pages,
            "empty": not contents,
            "contents": contents,
        }


def page_of(asked: Paged, total: int) -> Page:
    """Return the page that is asked for."""
    return Page(asked.page, asked.per_page, total)


def offers_for(service: Service, snapshot: Snapshot, asked: ServiceQuery) -> Rows:
    """Return positions of the offers that answer, by name of place; nearest first with a postcode.

    Raises:
        InvalidRequestError: a value is none that there is.
    """
    fits = _by_term(snapshot, asked) & _by_age(snapshot, asked) & _by_time(snapshot, asked)
    if asked.organization_id:
        known = {identity: at for at, identity in enumerate(snapshot.organizations)}
        fits &= snapshot.organization == known.get(asked.organization_id, -2)
    if asked.search.strip():
        fits &= _by_words(snapshot, asked.search.casefold().split())
    offers = np.flatnonzero(fits)
    if isinstance(asked, LocationQuery) and (asked.postcode or asked.proximity is not None):
        return _near(service, snapshot, offers, asked)
    return offers


def _by_term(snapshot: Snapshot, asked: ServiceQuery) -> Any:
    fits = np.ones(len(snapshot.offer_ids), dtype=bool)
    has = snapshot.stated | snapshot.usual
    if asked.taxonomy_id:
        if asked.taxonomy_id == taxonomy(SUPPORT).id:
            fits &= has != 0
        elif asked.taxonomy_id != taxonomy(PLACES).id:
            fits &= False
    if asked.taxonomy_term_id:
        fits &= _term(snapshot, has, asked.taxonomy_term_id)
    return fits


def _term(snapshot: Snapshot, has: Any, term_id: str) -> Any:
    for key in (SUPPORT, PLACES):
        held = taxonomy(key)
        for at, term in enumerate(held.term_keys):
            if held.term_id(term) == term_id:
                if key == SUPPORT:
                    return has >> np.uint64(at) & np.uint64(1) != 0
                return snapshot.kind[snapshot.place] == at
    return np.zeros(len(snapshot.offer_ids), dtype=bool)


def _by_age(snapshot: Snapshot, asked: ServiceQuery) -> Any:
    fits = np.ones(len(snapshot.offer_ids), dtype=bool)
    if asked.minimum_age is not None:
        fits &= snapshot.ages[:, 0] >= asked.minimum_age
    if asked.maximum_age is not None:
        fits &= snapshot.ages[:, 1] <= asked.maximum_age
    return fits


def _by_time(snapshot: Snapshot, asked: ServiceQuery) -> Any:
    """Return which offers have a span on the day within the times."""
    if not (asked.day or asked.start_time or asked.end_time):
        return np.ones(len(snapshot.offer_ids), dtype=bool)
    spans = np.ones(len(snapshot.opens), dtype=bool)
    start = DAYS.index(day_of(asked.day)) * DAY_MINUTES if asked.day else None
    if start is not None:
        spans &= snapshot.opens // DAY_MINUTES == start // DAY_MINUTES
    begins = snapshot.opens % DAY_MINUTES
    ends = begins + snapshot.closes - snapshot.opens
    if asked.start_time:
        spans &= begins >= week_minute(DAYS[0], asked.start_time)
    if asked.end_time:
        spans &= ends <= week_minute(DAYS[0], asked.end_time)
    fits = np.zeros(len(snapshot.offer_ids), dtype=bool)
    fits[snapshot.span_offer[spans]] = True
    return fits


def day_of(text: str) -> str:
    """Return a day ("mon" to "sun") of ``MO``, ``mon`` or ``Monday``.

    Raises:
        InvalidRequestError: it is none.
    """
    asked = text.strip().casefold()
    for day, name in DAY_NAMES.items():
        if asked in (day, day[:2], name.casefold()):
            return day
    raise InvalidRequestError("day", found=repr(text), expected="MO, TU, WE, TH, FR, SA or SU")


def _by_words(snapshot: Snapshot, words: Sequence[str]) -> Any:
    said = [
        f"{name} {snapshot.names[place]}".casefold()
        for name, place in zip(snapshot.offer_names, snapshot.place.tolist(), strict=True)
    ]
    return np.array([all(word in text for word in words) for text in said], dtype=bool)


def _near(service: Service, snapshot: Snapshot, offers: Rows, asked: LocationQuery) -> Rows:
    if not asked.postcode:
        raise InvalidRequestError("proximity", found="it alone", expected="a postcode as well")
    answer = service.search(asked.postcode, 1)
    best = answer.results[0] if answer.results else None
    if best is None or not best.matched.startswith("postcode"):
        raise InvalidRequestError(
            "postcode", found=repr(asked.postcode), expected="a postcode of the area covered"
        )
    places = np.unique(snapshot.place[offers])
    within = asked.proximity or DEFAULT_PROXIMITY_M
    near, _ = nearest_first(snapshot, places, *best.point, within)
    order = np.full(len(snapshot), -1, dtype=np.int64)
    order[near] = np.arange(len(near))
    rank = order[snapshot.place[offers]]
    kept = offers[rank >= 0]
    return kept[np.argsort(rank[rank >= 0], kind="stable")]
