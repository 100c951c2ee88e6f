"""Help without a place in the database: changed, confirmed, taken out, with the one history.

Versions and history are those of listings (``store``); only the row itself is another.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from exclusion_map.database import Database, new_id, now
from exclusion_map.directory.merging import merged_fields
from exclusion_map.directory.remote import HeldHelp, Help, help_id, in_order, maintained
from exclusion_map.directory.store import (
    ADDED,
    CHANGED,
    CONFIRMED,
    REMOVED,
    RESTORED,
    bump,
    expect_version,
    record,
)
from exclusion_map.directory.tables import Change, RemoteHelp
from exclusion_map.errors import NotFoundError

BY_LIST = "maintained list"
_HELD = [name for name in HeldHelp.model_fields if name != "listing"]


class RemoteHelpStore:
    """Entries in a database. Each method is one transaction."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def all(self, *, deleted: bool = False) -> list[HeldHelp]:
        """Return every entry by need and name, without those taken out."""
        with self.database.reading() as session:
            return _read(session, deleted=deleted)

    def get(self, identity: str, *, deleted: bool = False) -> HeldHelp:
        """Return an entry.

        Raises:
            NotFoundError: there is none of that id, or it was taken out.
        """
        with self.database.reading() as session:
            return _one(session, identity, deleted=deleted)

    def history(self, identity: str) -> Sequence[Change]:
        """Return the changes of an entry, the newest first."""
        with self.database.reading() as session:
            query = select(Change).where(Change.listing_id == identity)
            return session.scalars(query.order_by(Change.number.desc())).all()

    def add(self, entry: Help, *, by: str, note: str = "") -> HeldHelp:
        """Add an entry that a person made, checked by them today."""
        with self.database.writing() as session:
            return _add(session, new_id(), entry, by=by, note=note)

    def change(
        self, identity: str, entry: Help, *, version: int, by: str, note: str = ""
    ) -> HeldHelp:
        """Replace an entry by an edited one; who edits it has checked it today.

        Raises:
            NotFoundError: there is none of that id.
            ConflictError: it is no longer at the version that was edited.
        """
        fields = {**_fields(entry), "confirmed_at": now(), "confirmed_by": by}
        return self._touch(identity, fields, action=CHANGED, version=version, by=by, note=note)

    def confirm(self, identity: str, *, version: int, by: str, note: str = "") -> HeldHelp:
        """Note that an entry was checked and is right today.

        Raises:
            NotFoundError: there is none of that id.
            ConflictError: it is no longer at the version that was read.
        """
        fields = {"confirmed_at": now(), "confirmed_by": by}
        return self._touch(identity, fields, action=CONFIRMED, version=version, by=by, note=note)

    def remove(self, identity: str, *, version: int, by: str, note: str = "") -> HeldHelp:
        """Take an entry out; it can be brought back.

        Raises:
            NotFoundError: there is none of that id.
            ConflictError: it is no longer at the version that was read.
        """
        fields = {"deleted_at": now()}
        return self._touch(identity, fields, action=REMOVED, version=version, by=by, note=note)

    def restore(self, identity: str, *, by: str, note: str = "") -> HeldHelp:
        """Bring back an entry that was taken out."""
        return self._touch(identity, {"deleted_at": None}, action=RESTORED, by=by, note=note)

    def _touch(
        self,
        identity: str,
        fields: dict[str, Any],
        *,
        action: str,
        by: str,
        note: str,
        version: int | None = None,
    ) -> HeldHelp:
        with self.database.writing() as session:
            held = _one(session, identity, deleted=action == RESTORED)
            if version is not None:
                expect_version(held, version)
            return _write(session, held, fields, action=action, by=by, note=note)


def load_maintained(database: Database) -> None:
    """Bring the maintained list into a database; what people changed or took out stays so."""
    with database.writing() as session:
        held = {one.source_key: one for one in _read(session, deleted=True) if one.source_key}
        query = select(RemoteHelp.source_key, RemoteHelp.source_record)
        records: dict[str | None, Any] = {row[0]: row[1] for row in session.execute(query)}
        listed = maintained()
        for key, entry in listed.items():
            if key not in held:
                _add(session, help_id(key), entry, by=BY_LIST, source_key=key)
            elif records[key] != entry.to_json():
                _update(session, held[key], records[key], entry)
        for key in held.keys() - listed.keys():
            gone = held[key]
            if gone.deleted_at is None and gone.listing.to_json() == records[key]:
                _write(session, gone, {"deleted_at": now()}, action=REMOVED, by=BY_LIST)


def _update(session: Session, held: HeldHelp, before: dict[str, Any] | None, entry: Help) -> None:
    """Take what the list changed, but for what people changed here."""
    known = Help.model_validate(before) if before else held.listing
    merged = held.listing.model_copy(update=merged_fields(known, held.listing, entry)[0])
    fields = {**_fields(merged), "source_record": entry.to_json()}
    _write(session, held, fields, action=CHANGED, by=BY_LIST)


def _add(
    session: Session,
    identity: str,
    entry: Help,
    *,
    by: str,
    note: str = "",
    source_key: str | None = None,
) -> HeldHelp:
    moment = now()
    # The list says itself how old it is; a person who adds an entry has just checked it.
    by_hand = source_key is None
    row = {
        "id": identity,
        **_fields(entry),
        "source_key": source_key,
        "source_record": None if by_hand else entry.to_json(),
        "confirmed_at": moment if by_hand else None,
        "confirmed_by": by if by_hand else "",
        "created_at": moment,
        "updated_at": moment,
        "version": 1,
    }
    session.execute(insert(RemoteHelp), [row])
    held = _one(session, identity)
    record(session, [(None, held)], action=ADDED, by=by, note=note)
    return held


def _write(
    session: Session,
    held: HeldHelp,
    fields: dict[str, Any],
    *,
    action: str,
    by: str,
    note: str = "",
) -> HeldHelp:
    bump(session, held, fields, table=RemoteHelp)
    changed = _one(session, held.id, deleted=True)
    record(session, [(held, changed)], action=action, by=by, note=note)
    return changed


def _read(session: Session, *, deleted: bool = False) -> list[HeldHelp]:
    query = select(RemoteHelp.__table__)
    if not deleted:
        query = query.where(RemoteHelp.deleted_at.is_(None))
    return in_order(_held(row) for row in session.execute(query).mappings())


def _one(session: Session, identity: str, *, deleted: bool = False) -> HeldHelp:
    query = select(RemoteHelp.__table__).where(RemoteHelp.id == identity)
    if not deleted:
        query = query.where(RemoteHelp.deleted_at.is_(None))
    row = session.execute(query).mappings().first()
    if row is None:
        raise NotFoundError(
            f"help {identity!r}",
            found="no entry with that id",
            expected="the id of an entry, as /help-anywhere lists them",
            mend="It may have been removed.",
        )
    return _held(row)


def _held(row: Any) -> HeldHelp:
    entry = {name: row[name] for name in Help.model_fields if name != "nations"}
    nations = tuple(filter(None, row["nations"].split(",")))
    return HeldHelp(listing=Help(**entry, nations=nations), **{name: row[name] for name in _HELD})


def _fields(entry: Help) -> dict[str, Any]:
    return {**entry.model_dump(), "nations": ",".join(entry.nations)}
