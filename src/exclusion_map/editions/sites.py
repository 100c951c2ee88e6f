"""The venues of the areas of a sample: where people can be met, with address and hours."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from exclusion_map.directory.listing import Held
from exclusion_map.directory.places import Places
from exclusion_map.directory.terms import PLACES, taxonomy
from exclusion_map.editions.reader import Edition
from exclusion_map.support.opening_hours import in_words
from exclusion_map.targeting.sampling.probabilities import Rows
from exclusion_map.targeting.sampling.venues import Venue, venues_near
from exclusion_map.targeting.sites import Sites
from exclusion_map.terms import AreaKind

UNKNOWN_HOURS = "not known: ask first"


def site_venues(
    edition: Edition, sites: Sites, rows: Rows, kinds: Sequence[str], near_m: float, each: int = 3
) -> list[list[Venue]]:
    """Return the venues near each of some small areas, nearest first.

    Raises:
        InvalidRequestError: there is no such kind of place.
    """
    small = edition.atlas.level(AreaKind.SMALL_AREA)
    return venues_near(
        sites, small.longitude[rows], small.latitude[rows], kinds, each=each, farthest=near_m
    )


def venue_columns(
    edition: Edition, sites: Sites, places: Places, rows: Rows, near: Sequence[Sequence[Venue]]
) -> Mapping[str, npt.NDArray[Any] | Sequence[str]]:
    """Return one row a venue of an area: what it is, where, how far, and when it is open."""
    small = edition.atlas.level(AreaKind.SMALL_AREA)
    pairs = [(row, one) for row, found in zip(rows.tolist(), near, strict=True) for one in found]
    ids = [sites.id(one.row) for _, one in pairs]
    held = {one.id: one for one in places.held(list(dict.fromkeys(ids)))}
    hours = np.array([np.nan if one.hours is None else one.hours for _, one in pairs])
    return {
        "area_code": [small.codes[row] for row, _ in pairs],
        "area_name": [small.labels[row] for row, _ in pairs],
        "kind": [kind_words(sites, one.row) for _, one in pairs],
        "name": [sites.name(one.row) for _, one in pairs],
        "distance_m": np.array([round(one.metres) for _, one in pairs], dtype=np.float64),
        "address": [address_of(held.get(identity)) for identity in ids],
        "postcode": [held[one].listing.postcode if one in held else "" for one in ids],
        "hours": [hours_of(held.get(identity)) for identity in ids],
        "hours_a_week": hours.astype(np.float64),
        "phone": [_phone(held.get(identity)) for identity in ids],
        "longitude": np.array([sites.points.longitude[one.row] for _, one in pairs], dtype=float),
        "latitude": np.array([sites.points.latitude[one.row] for _, one in pairs], dtype=float),
        "id": ids,
    }


def kind_words(sites: Sites, row: int) -> str:
    """Return what kind of place a place is."""
    return taxonomy(PLACES).term(sites.kind(row)).name


def address_of(held: Held | None) -> str:
    """Return an address in one line; empty where none is known."""
    if held is None:
        return ""
    return ", ".join(part for part in (held.listing.address, held.listing.city) if part)


def hours_of(held: Held | None) -> str:
    """Return the opening hours of the first service of a place that has some, in words."""
    for offer in held.listing.offers if held else ():
        told = in_words(offer.schedule)
        if told:
            return "; ".join(f"{days} {hours}" for days, hours in told)
    return UNKNOWN_HOURS


def _phone(held: Held | None) -> str:
    return next((offer.phone for offer in held.listing.offers if offer.phone), "") if held else ""
