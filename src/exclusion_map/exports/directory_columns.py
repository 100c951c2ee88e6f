"""Columns of places in the directory, each with its entry in the data dictionary."""

import json
from collections.abc import Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import Atlas
from exclusion_map.directory.confirming import last_checked
from exclusion_map.directory.listing import Held, Offer
from exclusion_map.exports.area_columns import number, text, whole
from exclusion_map.exports.dataset import Column
from exclusion_map.exports.support_columns import area_columns

_OFFERS = {
    "phone": ("Telephone", ""),
    "email": ("Email", ""),
    "url": ("Web page", "Web page of the place or of its provider."),
    "hours_note": ("About the hours", "Remarks on the opening hours."),
    "fees": ("Fees", "Fees as described by the source."),
}
_SEPARATOR = "; "


def directory_columns(
    atlas: Atlas, places: Sequence[Held], away: npt.NDArray[np.float64] | None = None
) -> list[Column]:
    """Return the columns of places; with ``away`` also how many metres each is."""
    listings = [place.listing for place in places]
    columns = [
        text("id", "Id", "Identifier in the directory.", [place.id for place in places]),
        text("kind", "Kind", "library, gp_practice and so on.", [one.kind for one in listings]),
        text("name", "Name", "", [one.name for one in listings]),
        text(
            "provider",
            "Provider",
            "",
            [one.provider.name if one.provider else "" for one in listings],
        ),
        text("address", "Address", "", [one.address for one in listings]),
        text("town", "Town", "", [one.city for one in listings]),
        text("postcode", "Postcode", "", [one.postcode for one in listings]),
        *_offer_columns([one.offers for one in listings]),
        text(
            "accessibility",
            "Accessibility",
            "Access features that are known.",
            [_SEPARATOR.join(one.accessibility) for one in listings],
        ),
        text("access_note", "About access", "", [one.access_note for one in listings]),
        *_sources(places),
        *area_columns(atlas, [one.area_code or "" for one in listings]),
    ]
    if away is not None:
        told = "Straight-line distance from the point searched from."
        columns.append(whole("distance_m", "Distance", told, away.round(), "metres"))
    for name, title in (("longitude", "Longitude"), ("latitude", "Latitude")):
        at = [getattr(one, name) for one in listings]
        figures = np.array([np.nan if each is None else each for each in at], dtype=np.float64)
        columns.append(number(name, title, "WGS 84.", figures, "degrees"))
    return columns


def _offer_columns(offers: Sequence[tuple[Offer, ...]]) -> list[Column]:
    columns = [
        text(
            "services",
            "Services",
            "Their names.",
            [_joined(o.name for o in each) for each in offers],
        ),
    ]
    for how, title in (("stated", "Support that is stated"), ("usual", "Support that is usual")):
        told = [
            _joined(k for o in each for k, known in o.support.items() if known == how)
            for each in offers
        ]
        note = "Terms of support." if how == "stated" else "For the kind of place; not confirmed."
        columns.append(text(f"support_{how}", title, note, told))
    hours = [next((json.dumps(o.schedule) for o in each if o.schedule), "") for each in offers]
    note = "JSON: from and to for each day, of the first service with hours; empty = not known."
    columns.append(text("opening_hours", "Opening hours", note, hours))
    costs = [_joined(o.cost for o in each if o.cost != "unknown") for each in offers]
    columns.append(text("cost", "Cost", "free or charge; empty = not known.", costs))
    spoken = [_joined(chain.from_iterable(o.languages for o in each)) for each in offers]
    columns.append(text("languages", "Languages", "ISO 639 codes; empty = not known.", spoken))
    for name, (title, note) in _OFFERS.items():
        columns.append(
            text(name, title, note, [_joined(getattr(o, name) for o in each) for each in offers])
        )
    for name, title in (("computers", "Computers"), ("staffed_hours", "Staffed hours a week")):
        columns.append(number(name, title, "Empty = not known.", _sums(offers, name)))
    return columns


def _sources(places: Sequence[Held]) -> list[Column]:
    checked = [last_checked(place) for place in places]
    confirmed = [one.confirmed_at.isoformat() if one.confirmed_at else "" for one in places]
    return [
        text("source", "Source", "Id of the list it comes from.", [one.source for one in places]),
        text(
            "as_of",
            "As of",
            "Date of the information in the list.",
            [one.listing.as_of for one in places],
        ),
        text(
            "confirmed_at",
            "Confirmed at",
            "Date on which somebody confirmed the entry here; empty = never.",
            confirmed,
        ),
        text(
            "checked_within_a_year",
            "Checked within a year",
            "yes or no, by confirmation or the date of the list.",
            ["yes" if one.recent else "no" for one in checked],
        ),
    ]


def _joined(parts: object) -> str:
    return _SEPARATOR.join(dict.fromkeys(str(part) for part in parts if part))  # type: ignore[attr-defined]


def _sums(offers: Sequence[tuple[Offer, ...]], name: str) -> npt.NDArray[np.float64]:
    """Return totals over the services of each place; NaN if no service gives a number."""
    known = [[v for o in each if (v := getattr(o, name)) is not None] for each in offers]
    return np.array([sum(values) if values else np.nan for values in known], dtype=np.float64)
