"""The directory as a table of services, one row each, under the headings that an import reads."""

from collections.abc import Callable, Sequence
from operator import attrgetter

import numpy as np
import numpy.typing as npt

from exclusion_map.directory.importing.fields import FIELDS
from exclusion_map.directory.listing import Held, Listing, Offer
from exclusion_map.exports.area_columns import number, text, whole
from exclusion_map.exports.dataset import Column
from exclusion_map.support.opening_hours import DAYS, Spans

_BETWEEN = "; "
_PLACE = ("name", "kind", "description", "address", "city", "postcode", "access_note", "as_of")
_OFFER = ("fees", "alert", "hours_note", "phone", "email", "url", "contact")
_COUNTS = ("computers", "minimum_age", "maximum_age")
Pair = tuple[Held, Offer | None]


def service_rows(places: Sequence[Held]) -> list[Pair]:
    """Return a pair for each service of each place; places without services appear once."""
    return [(held, offer) for held in places for offer in held.listing.offers or (None,)]


def service_columns(rows: Sequence[Pair]) -> list[Column]:
    """Return the columns of places with their services, as an import takes them back."""
    columns = [_of_place(rows, key, attrgetter(key)) for key in _PLACE]
    columns[2:2] = [
        _of_place(rows, "organisation", lambda one: one.provider.name if one.provider else ""),
        _of_place(
            rows, "organisation_website", lambda one: one.provider.website if one.provider else ""
        ),
    ]
    columns += [
        _of_place(rows, "accessibility", lambda one: _BETWEEN.join(one.accessibility)),
        _of_offer(rows, "service", lambda one: one.name),
        _of_offer(rows, "service_description", lambda one: one.description),
        _of_offer(rows, "services", lambda one: _support(one, "stated")),
        _of_offer(rows, "services_usual", lambda one: _support(one, "usual")),
        _of_offer(rows, "status", lambda one: one.status),
        _of_offer(rows, "cost", lambda one: "" if one.cost == "unknown" else one.cost),
        _of_offer(rows, "languages", lambda one: _BETWEEN.join(one.languages)),
        *(_of_offer(rows, key, attrgetter(key)) for key in _OFFER),
        *(_day(rows, day) for day in DAYS),
        *(whole(key, *_told(key), _figures(rows, key)) for key in _COUNTS),
        number("staffed_hours", *_told("staffed_hours"), _figures(rows, "staffed_hours")),
    ]
    return [
        text("id", *_told("id"), [held.id for held, _ in rows]),
        *columns,
        text("source", "Source", "List it comes from.", [held.source for held, _ in rows]),
        text(
            "area_code",
            "Small area",
            "Code of the small area that contains it.",
            [held.listing.area_code or "" for held, _ in rows],
        ),
        *(
            number(
                key,
                *_told(key),
                _known([getattr(held.listing, key) for held, _ in rows]),
                "degrees",
            )
            for key in ("longitude", "latitude")
        ),
    ]


def _told(key: str) -> tuple[str, str]:
    return FIELDS[key].title, FIELDS[key].help


def _of_place(rows: Sequence[Pair], key: str, say: Callable[[Listing], str]) -> Column:
    return text(key, *_told(key), [say(held.listing) for held, _ in rows])


def _of_offer(rows: Sequence[Pair], key: str, say: Callable[[Offer], str]) -> Column:
    return text(key, *_told(key), [say(offer) if offer else "" for _, offer in rows])


def _support(offer: Offer, how: str) -> str:
    return _BETWEEN.join(key for key, known in offer.support.items() if known == how)


def _day(rows: Sequence[Pair], day: str) -> Column:
    spans = [(offer.schedule or {}).get(day) if offer else None for _, offer in rows]
    return text(f"hours_{day}", *_told(f"hours.{day}"), [_hours(one) for one in spans])


def _hours(spans: Spans | None) -> str:
    if spans is None:
        return ""
    return ", ".join(f"{opens}-{closes}" for opens, closes in spans) or "closed"


def _figures(rows: Sequence[Pair], key: str) -> npt.NDArray[np.float64]:
    """Return a numeric attribute of the services; NaN if not given."""
    return _known([getattr(offer, key, None) for _, offer in rows])


def _known(values: Sequence[float | None]) -> npt.NDArray[np.float64]:
    return np.array([np.nan if one is None else one for one in values], dtype=np.float64)
