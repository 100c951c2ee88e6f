"""Everything the service holds of one person, as JSON (UK GDPR, articles 15 and 20)."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from exclusion_map.accounts.people import one_of
from exclusion_map.accounts.tables import (
    Account,
    AccountIdentity,
    AccountSession,
    ApiToken,
    Audit,
    Passkey,
    RecoveryCode,
    SecondFactor,
)
from exclusion_map.database import Database, now
from exclusion_map.personal.names import SIGNED, names_of, own_names
from exclusion_map.readiness.tables import ReadinessChange, ReadinessMember

_KEPT_BACK = frozenset({"token_hash", "password_hash", "secret", "code_hash"})


def held_of(database: Database, account_id: str) -> dict[str, Any]:
    """Return what is held of a person; secrets only as the fact that there are some.

    What they did is found by name: names that others have or had are told, and rows under them may
    be of those.

    Raises:
        NotFoundError: there is no such account.
    """
    with database.reading() as session:
        account = one_of(session, account_id)
        names = names_of(session, account)
        of_sign_in = (AccountSession, ApiToken, AccountIdentity, SecondFactor, RecoveryCode)
        by_id = (*of_sign_in, Passkey, ReadinessMember)
        return {
            "made_at": now().isoformat(timespec="seconds"),
            "account": {**_row(account), "has_password": bool(account.password_hash)},
            "names": sorted(names),
            "names_of_others_too": sorted(names - own_names(session, account)),
            **{table.__tablename__: _rows(session, table, account_id) for table in by_id},
            "readiness_change": [
                _row(one)
                for one in session.scalars(
                    select(ReadinessChange).where(ReadinessChange.who == account_id)
                )
            ],
            "audit": [
                _row(one)
                for one in session.scalars(
                    select(Audit)
                    .where(or_(Audit.who == account_id, Audit.on == account_id))
                    .order_by(Audit.number)
                )
            ],
            "done_by_name": _done(session, SIGNED, names),
        }


def _rows(session: Session, table: type[Any], account_id: str) -> list[dict[str, Any]]:
    found = session.scalars(select(table).where(table.account_id == account_id))
    return [_row(one) for one in found]


def _done(
    session: Session, columns: Sequence[InstrumentedAttribute[Any]], names: Iterable[str]
) -> dict[str, list[dict[str, Any]]]:
    """Return what bears a person's name, by table and column: which row, and when if it tells."""
    wanted = tuple(names)
    done = {}
    for column in columns:
        table = column.class_.__table__
        told = [one for one in table.columns if one.primary_key or one.name in _TOLD]
        rows = session.execute(select(*told).where(column.in_(wanted))).mappings()
        done[f"{table.name}.{column.key}"] = [
            {name: _plain(value) for name, value in row.items()} for row in rows
        ]
    return done


_TOLD = frozenset(
    {"at", "action", "listing_id", "version", "note", "state", "reason", "message", "created_at"}
    | {"name", "updated_at", "confirmed_at", "decided_at"}
)


def _row(one: Account | Any) -> dict[str, Any]:
    columns = one.__table__.columns
    return {
        column.name: _plain(getattr(one, column.name))
        for column in columns
        if column.name not in _KEPT_BACK
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
