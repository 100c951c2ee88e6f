"""Save what a person edited: the change, that it was checked, and the suggestion it answers.

Each function is one transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from exclusion_map.database import Database
from exclusion_map.directory.listing import Held, Listing
from exclusion_map.directory.reading import read_listings
from exclusion_map.directory.rows import with_ids
from exclusion_map.directory.store import (
    New,
    bring_back,
    expect_version,
    make_sure,
    one,
    put_changed,
    put_new,
)
from exclusion_map.directory.suggestions import note_done
from exclusion_map.directory.tables import Change
from exclusion_map.errors import NotFoundError


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What a person wants to save.

    Attributes:
        listing: as it should be.
        by: the person.
        note: why, in words.
        checked: whether all the rest was checked, too.
        suggestion: id of the suggestion that it answers; empty for none.
    """

    listing: Listing
    by: str
    note: str = ""
    checked: bool = False
    suggestion: str = ""


def save_new(database: Database, identity: str, edit: Edit) -> Held:
    """Add a listing under an id; who sends the same form twice adds it once.

    Raises:
        ConflictError: somebody else decided the suggestion.
    """
    with database.writing() as session:
        there = read_listings(session, [identity], deleted=True)
        if there:
            return there[0]
        held = put_new(session, [New(identity, edit.listing)], by=edit.by, note=edit.note)[0]
        if edit.suggestion:
            note_done(session, edit.suggestion, held, by=edit.by)
        return make_sure(session, held, by=edit.by) if edit.checked else held


def save_change(database: Database, identity: str, version: int, edit: Edit) -> Held:
    """Change a listing that was edited at a version; nothing is written where nothing changed.

    Raises:
        NotFoundError: there is none of that id.
        ConflictError: it is no longer at that version, or somebody else decided the suggestion.
    """
    with database.writing() as session:
        held = one(session, identity)
        if with_ids(edit.listing, identity) != held.listing:
            expect_version(held, version)
            held = put_changed(session, [(held, edit.listing)], by=edit.by, note=edit.note)[0]
        if edit.suggestion:
            note_done(session, edit.suggestion, held, by=edit.by)
        return make_sure(session, held, by=edit.by) if edit.checked else held


def put_back(database: Database, identity: str, to: int, *, version: int, by: str) -> Held:
    """Make a listing what it was at an earlier version; it comes back if it was taken out.

    Raises:
        NotFoundError: there is none of that id, or it never had such a version.
        ConflictError: it is no longer at the version that was seen.
    """
    earlier = listing_at(database, identity, to)
    with database.writing() as session:
        held = one(session, identity, deleted=True)
        expect_version(held, version)
        note = f"Put back to version {to}."
        if held.deleted_at is not None:
            held = bring_back(session, held, by=by, note=note)
        if with_ids(earlier, identity) == held.listing:
            return held
        return put_changed(session, [(held, earlier)], by=by, note=note)[0]


def listing_at(database: Database, identity: str, version: int) -> Listing:
    """Return a listing as it was at a version.

    Raises:
        NotFoundError: it never had such a version.
    """
    query = select(Change.after).where(Change.listing_id == identity, Change.version == version)
    with database.reading() as session:
        found: Mapping[str, Any] | None = session.scalar(query)
        held = None if found is not None else read_listings(session, [identity], deleted=True)
    if found is not None:
        return Listing.model_validate(found)
    if held and held[0].version == version:
        return held[0].listing
    raise NotFoundError(
        f"version {version} of listing {identity!r}",
        found="no such version in its history",
        expected="a version listed in its history",
    )
