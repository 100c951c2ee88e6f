"""Bring the listings of a source up to date: added, changed, gone, and edits kept."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from exclusion_map.database import now
from exclusion_map.directory.listing import Held, Listing
from exclusion_map.directory.merging import merge
from exclusion_map.directory.reviews_following import follow, held_by_others, merged_places
from exclusion_map.directory.rows import with_ids
from exclusion_map.directory.store import (
    REMOVED,
    RESTORED,
    New,
    bump,
    in_order,
    put_changed,
    put_new,
    record,
)
from exclusion_map.directory.tables import Location
from exclusion_map.directory.terms import stable_id

AT_ONCE = 1000
"""Listings written with one round of statements."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class SyncReport:
    """What bringing a source up to date did, by the names of places.

    Attributes:
        added: new places.
        changed: places that the source says something new of.
        unchanged: how many are as they were.
        gone: places the source no longer has; ``removed`` tells whether they were taken out.
        removed: whether those that are gone were taken out of the directory.
        kept: fields in which an edit made here was kept, by place.
        kept_out: places the source has and people here took out; they stay out.
        followed: places that changed since the source says something new of one merged into them.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: int
    gone: tuple[str, ...]
    removed: bool
    kept: Mapping[str, tuple[str, ...]]
    kept_out: tuple[str, ...]
    followed: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Known:
    id: str
    name: str
    record: dict[str, Any] | None
    deleted: bool


def sync(
    session: Session,
    source: str,
    listings: Mapping[str, Listing],
    *,
    by: str,
    remove_gone: bool = False,
    progress: Progress | None = None,
) -> SyncReport:
    """Bring the listings of a source up to date within a session that writes.

    Args:
        session: a session that writes; the caller commits, so all of it happens or nothing.
        source: id of the source, such as ``libraries`` or the address of a feed.
        listings: what it says now, by its own key for each place.
        by: who does it.
        remove_gone: take out places the source no longer has, unless edited here.
        progress: told how many of how many listings are done.
    """
    known = _known(session, source)
    merged = merged_places(session, source)
    known = {key: place for key, place in known.items() if key not in merged}
    wanted = {
        key: with_ids(listing, stable_id("location", source, key))
        for key, listing in listings.items()
    }
    new = [key for key in wanted if key not in known and key not in merged]
    differ = [key for key in wanted if key in known and known[key].record != wanted[key].to_json()]
    kept_out = [key for key in wanted if key in known and _taken_out_here(known[key])]
    differ = [key for key in differ if key not in set(kept_out)]
    gone = [key for key, place in known.items() if key not in wanted and not place.deleted]
    total, done = len(new) + len(differ), 0
    for keys in _chunks(new):
        _add(session, source, {key: wanted[key] for key in keys}, by=by)
        done += len(keys)
        _tell(progress, done, total)
    kept: dict[str, tuple[str, ...]] = {}
    for keys in _chunks(differ):
        kept |= _update(session, {key: (known[key], wanted[key]) for key in keys}, by=by)
        done += len(keys)
        _tell(progress, done, total)
    followed = follow(session, merged, wanted, by=by)
    if remove_gone:
        ids = [known[key].id for key in gone]
        still = held_by_others(session, ids)
        _set_deleted(session, [one for one in ids if one not in still], deleted=True, by=by)
    return SyncReport(
        added=tuple(wanted[key].name for key in new),
        changed=tuple(wanted[key].name for key in differ),
        unchanged=len(set(wanted) & set(known)) - len(differ) - len(kept_out),
        gone=tuple(known[key].name for key in gone),
        removed=remove_gone,
        kept=kept,
        kept_out=tuple(wanted[key].name for key in kept_out),
        followed=followed,
    )


def _known(session: Session, source: str) -> dict[str, _Known]:
    query = select(
        Location.id, Location.source_key, Location.name, Location.source_record, Location.deleted_at
    ).where(Location.source == source)
    return {
        row.source_key: _Known(
            id=row.id,
            name=row.name,
            record=row.source_record,
            deleted=row.deleted_at is not None,
        )
        for row in session.execute(query)
    }


def _taken_out_here(place: _Known) -> bool:
    # An import that takes a place out forgets what the source said of it; people's hands do not.
    return place.deleted and place.record is not None


def _add(session: Session, source: str, listings: Mapping[str, Listing], *, by: str) -> None:
    items = [
        New(stable_id("location", source, key), listing, source=source, source_key=key)
        for key, listing in listings.items()
    ]
    put_new(session, items, by=by)


def _update(
    session: Session, pairs: Mapping[str, tuple[_Known, Listing]], *, by: str
) -> dict[str, tuple[str, ...]]:
    """Merge what the source says now; return the edits that were kept, by name of place."""
    held = in_order(session, [known.id for known, _ in pairs.values()])
    items: list[tuple[Held, Listing]] = []
    kept: dict[str, tuple[str, ...]] = {}
    back: list[str] = []
    for here, (known, theirs) in zip(held, pairs.values(), strict=True):
        if known.record is None:
            back.append(known.id)
            items.append((here, theirs))
            continue
        merged, names = merge(Listing.model_validate(known.record), here.listing, theirs)
        items.append((here, merged))
        if names:
            kept[here.listing.name] = names
    put_changed(
        session,
        items,
        by=by,
        source_records=[theirs.to_json() for _, theirs in pairs.values()],
    )
    _set_deleted(session, back, deleted=False, by=by)
    return kept


def _set_deleted(session: Session, ids: Collection[str], *, deleted: bool, by: str) -> None:
    if not ids:
        return
    before = in_order(session, ids)
    fields: dict[str, Any] = {"deleted_at": now() if deleted else None}
    if deleted:
        fields["source_record"] = None
    for held in before:
        bump(session, held, fields)
    after = in_order(session, ids)
    action = REMOVED if deleted else RESTORED
    record(session, list(zip(before, after, strict=True)), action=action, by=by)


def _chunks(keys: Sequence[str]) -> Iterator[list[str]]:
    rest = iter(keys)
    while chunk := list(islice(rest, AT_ONCE)):
        yield chunk


def _tell(progress: Progress | None, done: int, total: int) -> None:
    if progress is not None:
        progress(done, total)
