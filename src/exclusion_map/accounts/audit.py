"""The audit log: what was done with accounts. This code only adds and reads."""

from collections.abc import Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from exclusion_map.accounts.actor import Actor
from exclusion_map.accounts.tables import Audit
from exclusion_map.accounts.telling import tell_later
from exclusion_map.database import Database, now

LONGEST_DETAIL = 300


def note(session: Session, actor: Actor, what: str, on: str = "", detail: str = "") -> None:
    """Add an entry within the transaction of what it tells of: both happen, or neither.

    Of some entries the account is told by mail, where mail is sent.

    Args:
        session: that writes.
        actor: who does it.
        what: in words, such as ``role changed``.
        on: id of the account it is done to.
        detail: more in words; nothing personal.
    """
    session.add(
        Audit(
            at=now(),
            who=actor.id,
            by=actor.name,
            what=what,
            on=on,
            detail=detail[:LONGEST_DETAIL],
            request_id=actor.request_id,
        )
    )
    tell_later(session, what, on)


class AuditLog:
    """The log, to read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count(self) -> int:
        """Return how many entries there are."""
        with self._database.reading() as session:
            return session.scalar(select(func.count()).select_from(Audit)) or 0

    def about(self, account_id: str, limit: int | None = None) -> Sequence[Audit]:
        """Return what was done with or by an account, the newest first."""
        with self._database.reading() as session:
            mine = or_(Audit.on == account_id, Audit.who == account_id)
            query = select(Audit).where(mine).order_by(Audit.number.desc())
            return session.scalars(query if limit is None else query.limit(limit)).all()

    def entries(self, *, skip: int = 0, limit: int | None = None) -> Sequence[Audit]:
        """Return entries, the newest first."""
        with self._database.reading() as session:
            query = select(Audit).order_by(Audit.number.desc()).offset(skip)
            return session.scalars(query if limit is None else query.limit(limit)).all()
