"""A snapshot brought up to date by the few places that changed, without reading the others."""

from bisect import bisect
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from exclusion_map.directory.reading import read_listings
from exclusion_map.directory.snapshot import MOST_LANGUAGES, Bits, Rows, Snapshot
from exclusion_map.directory.snapshot_reading import read_snapshot, snapshot_of
from exclusion_map.directory.tables import Change, ServiceAtLocation

FEW = 200
"""Places that changed; beyond, reading everything anew costs no more."""
_PLACES = ("longitude", "latitude", "kind", "access")
_OFFERS = ("stated", "usual", "cost", "ages")
_SPANS = ("opens", "closes")


def read_again(session: Session, old: Snapshot) -> Snapshot:
    """Return the snapshot of a database of which an older one is held."""
    # The number is read first: a change that comes in between is then seen as new once more.
    generation = session.scalar(select(func.max(Change.number))) or 0
    if generation == old.generation:
        return old
    changed = _changed(session, old.generation)
    if generation < old.generation or len(changed) > FEW:
        return read_snapshot(session)
    held = read_listings(session, sorted(changed))
    fresh = snapshot_of((one.id, one.source_key or "", one.listing) for one in held)
    return patched(old, fresh, changed, generation)


def patched(old: Snapshot, fresh: Snapshot, changed: set[str], generation: int) -> Snapshot:
    """Return a snapshot with some places as they are now.

    Args:
        old: with all places as they were.
        fresh: with those that changed and are still there.
        changed: ids of all that changed, also of those taken out.
        generation: number of the last change it holds.
    """
    kept = np.array([key not in changed for key in old.ids], dtype=bool)
    rows = np.flatnonzero(kept)
    order = _merged(old, fresh, rows)
    # Row of a place of the old one, or of the fresh ones after them, in the new one.
    new_row = np.empty(len(old) + len(fresh), dtype=np.int64)
    new_row[np.concatenate([rows, len(old) + np.arange(len(fresh))])[order]] = np.arange(len(order))
    offers, place = _offers(old, fresh, kept, new_row)
    languages, spoken = _languages(old, fresh)
    organizations, organization = _organizations(old, fresh, offers)
    return replace(
        old,
        generation=generation,
        ids=_texts(old.ids, fresh.ids, rows, order),
        names=_texts(old.names, fresh.names, rows, order),
        area_codes=_texts(old.area_codes, fresh.area_codes, rows, order),
        keys=_keys(old, fresh, kept, new_row),
        place=place,
        offer_ids=_picked(old.offer_ids, fresh.offer_ids, offers),
        offer_names=_picked(old.offer_names, fresh.offer_names, offers),
        language=spoken[offers],
        languages=languages,
        organization=organization,
        organizations=organizations,
        **{
            name: np.concatenate([getattr(old, name)[rows], getattr(fresh, name)])[order]
            for name in _PLACES
        },
        **{
            name: np.concatenate([getattr(old, name), getattr(fresh, name)])[offers]
            for name in _OFFERS
        },
        **_spans(old, fresh, offers),
        _derived={},
    )


def _changed(session: Session, since: int) -> set[str]:
    """Return the places that changed, and those that offer the same services."""
    query = select(Change.listing_id).where(Change.number > since).distinct().limit(FEW + 1)
    found = set(session.scalars(query))
    if not found or len(found) > FEW:
        return found
    theirs = select(ServiceAtLocation.service_id).where(ServiceAtLocation.location_id.in_(found))
    others = select(ServiceAtLocation.location_id).where(ServiceAtLocation.service_id.in_(theirs))
    return found | set(session.scalars(others))


def _merged(old: Snapshot, fresh: Snapshot, rows: Rows) -> Rows:
    """Return the order by name of the places that stay, followed by the fresh ones."""
    names = [old.names[row].lower() for row in rows.tolist()]
    at = [bisect(names, name.lower()) for name in fresh.names]
    return np.insert(np.arange(len(rows)), at, len(rows) + np.arange(len(fresh)))


def _texts(old: Sequence[str], fresh: Sequence[str], rows: Rows, order: Rows) -> tuple[str, ...]:
    both = [*(old[row] for row in rows.tolist()), *fresh]
    return tuple(both[at] for at in order.tolist())


def _picked(old: Sequence[str], fresh: Sequence[str], at: Rows) -> tuple[str, ...]:
    both = [*old, *fresh]
    return tuple(both[each] for each in at.tolist())


def _keys(
    old: Snapshot, fresh: Snapshot, kept: npt.NDArray[np.bool_], new_row: Rows
) -> dict[str, int]:
    rows = new_row.tolist()
    found = {key: rows[row] for key, row in old.keys.items() if kept[row]}
    return found | {key: rows[len(old) + row] for key, row in fresh.keys.items()}


def _offers(
    old: Snapshot, fresh: Snapshot, kept: npt.NDArray[np.bool_], new_row: Rows
) -> tuple[Rows, Rows]:
    """Return which offers there are, in order, and the row of the place of each."""
    stay = np.flatnonzero(kept[old.place])
    at = np.concatenate([stay, len(old.offer_ids) + np.arange(len(fresh.offer_ids))])
    place = np.concatenate([new_row[old.place[stay]], new_row[len(old) + fresh.place]])
    order = np.argsort(place, kind="stable")
    return at[order], place[order]


def _languages(old: Snapshot, fresh: Snapshot) -> tuple[tuple[str, ...], Bits]:
    """Return the languages, and the bits of all offers by them."""
    both = tuple(dict.fromkeys([*old.languages, *fresh.languages]))[:MOST_LANGUAGES]
    moved = np.zeros(len(fresh.language), dtype=np.uint64)
    for bit, code in enumerate(fresh.languages):
        if code in both:
            says = fresh.language >> np.uint64(bit) & np.uint64(1)
            moved |= says << np.uint64(both.index(code))
    return both, np.concatenate([old.language, moved])


def _organizations(old: Snapshot, fresh: Snapshot, offers: Rows) -> tuple[tuple[str, ...], Rows]:
    """Return the organisations that offer anything, and the position of each offer's."""
    both = [*old.organizations, *fresh.organizations]
    later = np.where(fresh.organization < 0, -1, fresh.organization + len(old.organizations))
    owners = np.concatenate([old.organization, later])[offers].tolist()
    position: dict[str, int] = {}
    found = [-1 if at < 0 else position.setdefault(both[at], len(position)) for at in owners]
    return tuple(position), np.array(found, dtype=np.int64)


def _spans(old: Snapshot, fresh: Snapshot, offers: Rows) -> dict[str, Any]:
    new_offer = np.full(len(old.offer_ids) + len(fresh.offer_ids), -1, dtype=np.int64)
    new_offer[offers] = np.arange(len(offers))
    owner = np.concatenate([old.span_offer, len(old.offer_ids) + fresh.span_offer])
    owner = new_offer[owner.astype(np.int64)]
    stay = np.flatnonzero(owner >= 0)
    stay = stay[np.argsort(owner[stay], kind="stable")]
    both = {
        name: np.concatenate([getattr(old, name), getattr(fresh, name)])[stay] for name in _SPANS
    }
    return {"span_offer": owner[stay], **both}
