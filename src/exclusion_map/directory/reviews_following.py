"""What the source of a merged listing says from then on comes into the listing it became."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, aliased

from exclusion_map.directory.listing import Held, Listing
from exclusion_map.directory.merging import merge
from exclusion_map.directory.reviews_merging import OF_LISTING, moved_id
from exclusion_map.directory.store import in_order, put_changed
from exclusion_map.directory.tables import Location, MergedPlace

NOTE = "From the list of a place that was merged into this one"


@dataclass(frozen=True)
class Merged:
    """A listing that was merged.

    Attributes:
        id: of the listing that was taken out.
        into: id of the listing that was kept.
        record: what its source said last; None once the source has it no more.
    """

    id: str
    into: str
    record: dict[str, Any] | None


def merged_places(session: Session, source: str) -> dict[str, Merged]:
    """Return the merged listings of a source by its keys; those brought back are none."""
    kept = aliased(Location)
    query = (
        select(Location.source_key, Location.id, MergedPlace.into_id, Location.source_record)
        .join(MergedPlace, MergedPlace.id == Location.id)
        .join(kept, kept.id == MergedPlace.into_id)
        .where(Location.source == source, Location.source_key.is_not(None))
        .where(Location.deleted_at.is_not(None), kept.deleted_at.is_(None))
    )
    return {row[0]: Merged(*row[1:]) for row in session.execute(query)}


def held_by_others(session: Session, ids: Collection[str]) -> set[str]:
    """Return those of the listings that a merged listing's source still has."""
    wanted = set(ids)
    query = (
        select(MergedPlace.into_id)
        .join(Location, Location.id == MergedPlace.id)
        .where(Location.deleted_at.is_not(None), Location.source_record.is_not(None))
    )
    return {into for into in session.scalars(query) if into in wanted}


def follow(
    session: Session, merged: Mapping[str, Merged], wanted: Mapping[str, Listing], *, by: str
) -> tuple[str, ...]:
    """Bring what a source says now of merged places into the listings they became.

    Args:
        session: a session that writes.
        merged: the merged places of the source, by its keys.
        wanted: what the source says now, by its keys, with ids.
        by: who reads the source.

    Returns:
        Names of the listings that changed.
    """
    names = []
    for key, place in merged.items():
        theirs = wanted.get(key)
        record = None if theirs is None else theirs.to_json()
        if record == place.record:
            continue
        if theirs is not None and place.record is not None:
            held = in_order(session, [place.into])[0]
            after = _followed(held, Listing.model_validate(place.record), theirs)
            if after != held.listing:
                put_changed(session, [(held, after)], by=by, note=NOTE)
                names.append(after.name)
        _remember(session, place.id, record)
    return tuple(names)


def _followed(held: Held, before: Listing, theirs: Listing) -> Listing:
    was, now = (_with_ids_of(held, listing) for listing in (before, theirs))
    after, _ = merge(was, held.listing, now)
    for piece in OF_LISTING:
        # A piece that people chose from the other listing stays whole.
        if any(getattr(held.listing, name) != getattr(was, name) for name in piece.fields):
            same = {name: getattr(held.listing, name) for name in piece.fields}
            after = after.model_copy(update=same)
    return after


def _with_ids_of(held: Held, listing: Listing) -> Listing:
    """Return a listing whose services carry the ids that they have in the listing it became."""
    known = {offer.id for offer in held.listing.offers}
    alone = len(known) == len(listing.offers) == 1
    offers = []
    for offer in listing.offers:
        moved = moved_id(held.id, offer.id)
        mine = held.listing.offers[0].id if alone and moved not in known else moved
        offers.append(offer.model_copy(update={"id": mine}))
    return listing.model_copy(update={"offers": tuple(offers)})


def _remember(session: Session, listing_id: str, record: dict[str, Any] | None) -> None:
    session.execute(
        update(Location)
        .where(Location.id == listing_id)
        .values(source_record=record)
        .execution_options(synchronize_session=False)
    )
