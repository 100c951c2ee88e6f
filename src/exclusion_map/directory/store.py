"""The directory: add, change, confirm, take out and bring back listings, with their history."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from exclusion_map.database import Database, new_id, now
from exclusion_map.directory.listing import Held, Listing
from exclusion_map.directory.reading import read_listings
from exclusion_map.directory.rows import location_fields, rows_of, with_ids
from exclusion_map.directory.tables import Change, Location, Organization, RemoteHelp
from exclusion_map.directory.writing import clear_owned, write_rows
from exclusion_map.errors import ConflictError, NotFoundError

ADDED, CHANGED, CONFIRMED = "added", "changed", "confirmed"
REMOVED, RESTORED = "removed", "restored"
HERE = "here"
"""Source of listings that people added themselves."""


class Directory:
    """Listings in a database. Each method is one transaction: all of it happens, or nothing."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def get(self, listing_id: str, *, deleted: bool = False) -> Held:
        """Return a listing.

        Raises:
            NotFoundError: there is none of that id, or it was taken out.
        """
        with self.database.reading() as session:
            return one(session, listing_id, deleted=deleted)

    def all(self, *, deleted: bool = False) -> list[Held]:
        """Return every listing by name, without those taken out."""
        with self.database.reading() as session:
            return read_listings(session, deleted=deleted)

    def generation(self) -> int:
        """Return the number of the last change: what was read before is good while it stays."""
        with self.database.reading() as session:
            return session.scalar(select(func.max(Change.number))) or 0

    def history(self, listing_id: str) -> Sequence[Change]:
        """Return the changes of a listing, the newest first."""
        with self.database.reading() as session:
            query = select(Change).where(Change.listing_id == listing_id)
            return session.scalars(query.order_by(Change.number.desc())).all()

    def add(self, listing: Listing, *, by: str, note: str = "") -> Held:
        """Add a listing that a person made; return it as it is held."""
        with self.database.writing() as session:
            return put_new(session, [New(new_id(), listing)], by=by, note=note)[0]

    def change(
        self, listing_id: str, listing: Listing, *, version: int, by: str, note: str = ""
    ) -> Held:
        """Replace a listing by an edited one.

        Raises:
            NotFoundError: there is none of that id.
            ConflictError: it is no longer at the version that was edited.
        """
        with self.database.writing() as session:
            held = one(session, listing_id)
            expect_version(held, version)
            return put_changed(session, [(held, listing)], by=by, note=note)[0]

    def confirm(self, listing_id: str, *, by: str, note: str = "") -> Held:
        """Note that a listing was checked and is right today."""
        with self.database.writing() as session:
            return make_sure(session, one(session, listing_id), by=by, note=note)

    def remove(self, listing_id: str, *, version: int, by: str, note: str = "") -> Held:
        """Take a listing out; it stays in the database and can be brought back."""
        with self.database.writing() as session:
            held = one(session, listing_id)
            expect_version(held, version)
            return take_out(session, held, by=by, note=note)

    def restore(self, listing_id: str, *, by: str, note: str = "") -> Held:
        """Bring back a listing that was taken out."""
        with self.database.writing() as session:
            return bring_back(session, one(session, listing_id, deleted=True), by=by, note=note)


class New:
    """A listing to add, with the id it will have and where it comes from."""

    def __init__(
        self,
        listing_id: str,
        listing: Listing,
        *,
        source: str = HERE,
        source_key: str | None = None,
        confirmed_at: datetime | None = None,
    ) -> None:
        self.id = listing_id
        self.listing = with_ids(listing, listing_id)
        self.source = source
        self.source_key = source_key
        self.confirmed_at = confirmed_at


def one(session: Session, listing_id: str, *, deleted: bool = False) -> Held:
    """Return a listing within a session.

    Raises:
        NotFoundError: there is none of that id.
    """
    found = read_listings(session, [listing_id], deleted=deleted)
    if not found:
        raise NotFoundError(
            f"listing {listing_id!r}",
            found="no place of that id in the directory",
            expected="the id of a place, as /support lists them",
            mend="It may have been removed. Search for its name or postcode.",
        )
    return found[0]


def put_new(session: Session, items: Sequence[New], *, by: str, note: str = "") -> list[Held]:
    """Add listings within a session and write their history; return them as they are held."""
    moment = now()
    rows = [row for item in items for row in rows_of(item.listing, item.id)]
    write_rows(session, [row for row in rows if row[0] is Organization])
    locations = [
        {
            "id": item.id,
            **location_fields(item.listing),
            "source": item.source,
            "source_key": item.source_key,
            "source_record": None if item.source == HERE else item.listing.to_json(),
            "confirmed_at": item.confirmed_at,
            "confirmed_by": "",
            "created_at": moment,
            "updated_at": moment,
            "version": 1,
        }
        for item in items
    ]
    if locations:
        session.execute(insert(Location), locations)
    write_rows(session, rows)
    held = in_order(session, [item.id for item in items])
    record(session, [(None, new) for new in held], action=ADDED, by=by, note=note)
    return held


def put_changed(
    session: Session,
    items: Sequence[tuple[Held, Listing]],
    *,
    by: str,
    note: str = "",
    source_records: Iterable[dict[str, Any] | None] | None = None,
) -> list[Held]:
    """Replace listings within a session and write their history; return them as they are held.

    Args:
        session: a session that writes.
        items: each listing as it is held, and as it shall be.
        by: who does it.
        note: why, in words.
        source_records: what the source says of each now, where an import makes the change.
    """
    records = list(source_records) if source_records is not None else [None] * len(items)
    listings = [with_ids(listing, held.id) for held, listing in items]
    rows = [
        row
        for (held, _), listing in zip(items, listings, strict=True)
        for row in rows_of(listing, held.id)
    ]
    write_rows(session, [row for row in rows if row[0] is Organization])
    clear_owned(session, [held.id for held, _ in items])
    for (held, _), listing, source_record in zip(items, listings, records, strict=True):
        fields = location_fields(listing)
        if source_record is not None:
            fields["source_record"] = source_record
        bump(session, held, fields)
    write_rows(session, rows)
    changed = in_order(session, [held.id for held, _ in items])
    before = [held for held, _ in items]
    record(session, list(zip(before, changed, strict=True)), action=CHANGED, by=by, note=note)
    return changed


class Recorded(Protocol):
    """What has versions and a history: a place, or help without one."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def version(self) -> int:
        """How often it was changed, from 1."""

    @property
    def listing(self) -> "Told":
        """What it says."""


class Told(Protocol):
    """What an entry of the directory says."""

    @property
    def name(self) -> str:
        """What it is called."""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON's own types."""


def bump(
    session: Session,
    held: Recorded,
    fields: dict[str, Any],
    table: type[Location] | type[RemoteHelp] = Location,
) -> None:
    """Change fields of a row, as a rule of a location, and count its version on.

    Raises:
        ConflictError: somebody else changed it since it was read.
    """
    statement = (
        update(table)
        .where(table.id == held.id, table.version == held.version)
        .values(**fields, version=held.version + 1, updated_at=now())
        .execution_options(synchronize_session=False)
    )
    if session.execute(statement).rowcount != 1:  # type: ignore[attr-defined]
        raise _conflict(held, held.version)


def in_order(session: Session, ids: Collection[str]) -> list[Held]:
    """Return listings in the order of the ids that are given."""
    found = {held.id: held for held in read_listings(session, ids, deleted=True)}
    return [found[listing_id] for listing_id in ids]


def make_sure(session: Session, held: Held, *, by: str, note: str = "") -> Held:
    """Note within a session that a listing was checked and is right today."""
    fields = {"confirmed_at": now(), "confirmed_by": by}
    return _touch(session, held, fields, action=CONFIRMED, by=by, note=note)


def bring_back(session: Session, held: Held, *, by: str, note: str = "") -> Held:
    """Bring back within a session a listing that was taken out."""
    return _touch(session, held, {"deleted_at": None}, action=RESTORED, by=by, note=note)


def take_out(session: Session, held: Held, *, by: str, note: str = "") -> Held:
    """Take a listing out within a session and write its history."""
    return _touch(session, held, {"deleted_at": now()}, action=REMOVED, by=by, note=note)


def _touch(
    session: Session, held: Held, fields: dict[str, Any], *, action: str, by: str, note: str
) -> Held:
    """Change fields of a location alone; its services stay as they are."""
    bump(session, held, fields)
    changed = one(session, held.id, deleted=True)
    record(session, [(held, changed)], action=action, by=by, note=note)
    return changed


def record(
    session: Session,
    pairs: Sequence[tuple[Recorded | None, Recorded]],
    *,
    action: str,
    by: str,
    note: str = "",
) -> None:
    """Write the history of listings, each as it was and as it is."""
    moment = now()
    rows = [
        {
            "at": moment,
            "by": by,
            "action": action,
            "listing_id": after.id,
            "version": after.version,
            "note": note,
            "before": None if before is None else before.listing.to_json(),
            "after": after.listing.to_json(),
        }
        for before, after in pairs
    ]
    if rows:
        session.execute(insert(Change), rows)


def expect_version(held: Recorded, version: int) -> None:
    """Make sure that a listing is still at the version that somebody edited.

    Raises:
        ConflictError: it is not.
    """
    if held.version != version:
        raise _conflict(held, version)


def _conflict(held: Recorded, version: int) -> ConflictError:
    return ConflictError(
        f"the listing of {held.listing.name}",
        found=f"version {held.version}, changed since you opened it",
        expected=f"version {version}",
        mend="Open it again, look at what changed, and make your change again.",
    )
