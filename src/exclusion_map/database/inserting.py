"""Inserts that say what to do where a row is there already: both kinds of database can, apart."""

from typing import Any

from sqlalchemy.orm import Session


def insert_into(session: Session, table: Any) -> Any:
    """Return an insert of the database's own kind, with ``on_conflict_do_...``.

    Each kind is imported when it is used: the one brings along the drivers of the other.
    """
    if session.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as of_postgresql

        return of_postgresql(table)
    from sqlalchemy.dialects.sqlite import insert as of_sqlite

    return of_sqlite(table)
