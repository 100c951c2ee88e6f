"""Links with which somebody joins a team: once, within a week, while signed in.

Nothing is mailed, and nobody is looked up by address: an owner passes a link on by a way they
trust. So nobody learns who has an account.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from exclusion_map.accounts import Actor
from exclusion_map.accounts.audit import note
from exclusion_map.accounts.secret import digest, new_secret
from exclusion_map.accounts.tables import LONGEST_NAME
from exclusion_map.database import Database, new_id, now
from exclusion_map.errors import ConflictError, InvalidRequestError, NotFoundError
from exclusion_map.readiness.holding import access_in, locked, no_assessment, record
from exclusion_map.readiness.models import Access, tidy
from exclusion_map.readiness.tables import (
    ReadinessAssessment,
    ReadinessInvitation,
    ReadinessMember,
)

DAYS: Final = 7
MOST_MEMBERS: Final = 100
MOST_WAITING: Final = 20
INVITED, WITHDRAWN, JOINED = "invited", "invitation withdrawn", "joined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """What a link is for, as the person sees it who opens it."""

    assessment_id: str
    title: str
    by: str
    access: Access
    expires_at: datetime


class Links:
    """Links in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def waiting(self, account_id: str, assessment_id: str) -> Sequence[ReadinessInvitation]:
        """Return the links that can still be used, the newest first.

        Raises:
            NotFoundError: there is no such assessment for the account.
        """
        with self._database.reading() as session:
            access_in(session, account_id, assessment_id)
            return waiting_in(session, assessment_id)

    def invite(self, actor: Actor, assessment_id: str, access: Access, invitee: str) -> str:
        """Return the secret of a link with which somebody joins once, within a week.

        Args:
            actor: an owner.
            assessment_id: of the assessment.
            access: what they may do.
            invitee: for whom it is, in words, for the list of links.

        Raises:
            NotFoundError: there is no such assessment for the actor.
            ForbiddenError: the actor is no owner.
            InvalidRequestError: it is not said for whom, or there are too many.
        """
        name = " ".join(tidy(invitee).split())
        if not 1 <= len(name) <= LONGEST_NAME:
            raise InvalidRequestError(
                "invitee", found=f"{len(name)} characters", expected="who the link is for"
            )
        secret = new_secret()
        with self._database.writing() as session:
            locked(session, actor.id, assessment_id, Access.OWNER)
            if len(waiting_in(session, assessment_id)) >= MOST_WAITING:
                raise InvalidRequestError(
                    "invitee",
                    found=f"{MOST_WAITING} links that wait",
                    expected="fewer",
                    mend="Withdraw links that are not needed.",
                )
            moment = now()
            session.add(
                ReadinessInvitation(
                    id=new_id(),
                    assessment_id=assessment_id,
                    token_hash=digest(secret),
                    access=access,
                    invitee=name,
                    by=actor.name,
                    created_at=moment,
                    expires_at=moment + timedelta(days=DAYS),
                )
            )
            told = {"name": name, "access": access.value}
            record(session, actor, assessment_id, INVITED, after=told)
            note(session, actor, "assessment: link made", assessment_id, access.value)
        return secret

    def withdraw(self, actor: Actor, assessment_id: str, invitation_id: str) -> None:
        """End a link that nobody used.

        Raises:
            NotFoundError: there is no such assessment for the actor, or no such link.
            ForbiddenError: the actor is no owner.
        """
        with self._database.writing() as session:
            locked(session, actor.id, assessment_id, Access.OWNER)
            held = session.get(ReadinessInvitation, invitation_id)
            if held is None or held.assessment_id != assessment_id or held.used_at is not None:
                raise _no_link()
            held.used_at = now()
            record(session, actor, assessment_id, WITHDRAWN, before={"name": held.invitee})
            note(session, actor, "assessment: link withdrawn", assessment_id)

    def find(self, secret: str) -> Invited:
        """Return what a link is for.

        Raises:
            NotFoundError: it cannot be used, or can no more: all the same.
        """
        with self._database.reading() as session:
            held = _usable(session, secret)
            return Invited(
                assessment_id=held.assessment_id,
                title=session.get_one(ReadinessAssessment, held.assessment_id).title,
                by=held.by,
                access=Access(held.access),
                expires_at=held.expires_at,
            )

    def join(self, actor: Actor, secret: str) -> str:
        """Join a team by a link, which is used up; return the id of the assessment.

        Of several at once, one succeeds. Who belongs already keeps at least what they may do.

        Raises:
            NotFoundError: the link cannot be used.
            ConflictError: the team is full.
        """
        with self._database.writing() as session:
            held = _usable(session, secret)
            lock(session, held.assessment_id)
            _use(session, held.id)
            mine = session.get(ReadinessMember, (held.assessment_id, actor.id))
            access = Access(held.access)
            if mine is None:
                _full(session, held.assessment_id)
                session.add(
                    ReadinessMember(
                        assessment_id=held.assessment_id,
                        account_id=actor.id,
                        access=access,
                        added_at=now(),
                    )
                )
            elif access.allows(Access(mine.access)):
                mine.access = access
            told = {"name": actor.name, "access": access.value}
            record(session, actor, held.assessment_id, JOINED, after=told)
            note(session, actor, "assessment: joined", held.assessment_id, access.value)
            return held.assessment_id


def waiting_in(session: Session, assessment_id: str) -> Sequence[ReadinessInvitation]:
    """Return the links of an assessment that can still be used, the newest first."""
    query = select(ReadinessInvitation).where(
        ReadinessInvitation.assessment_id == assessment_id,
        ReadinessInvitation.used_at.is_(None),
        ReadinessInvitation.expires_at > now(),
    )
    return session.scalars(query.order_by(ReadinessInvitation.created_at.desc())).all()


def lock(session: Session, assessment_id: str) -> None:
    """Let others who change an assessment wait; the same row first everywhere, so none deadlock."""
    query = select(ReadinessAssessment.id).where(ReadinessAssessment.id == assessment_id)
    if session.scalar(query.with_for_update()) is None:
        raise no_assessment()


def _usable(session: Session, secret: str) -> ReadinessInvitation:
    found = session.scalar(
        select(ReadinessInvitation).where(ReadinessInvitation.token_hash == digest(secret))
    )
    if found is None or found.used_at is not None or found.expires_at <= now():
        raise _no_link()
    return found


def _use(session: Session, invitation_id: str) -> None:
    statement = update(ReadinessInvitation).where(
        ReadinessInvitation.id == invitation_id, ReadinessInvitation.used_at.is_(None)
    )
    if session.execute(statement.values(used_at=now())).rowcount != 1:  # type: ignore[attr-defined]
        raise _no_link()


def _full(session: Session, assessment_id: str) -> None:
    count = select(func.count()).where(ReadinessMember.assessment_id == assessment_id)
    if (session.scalar(count) or 0) >= MOST_MEMBERS:
        raise ConflictError(
            "team",
            found=f"{MOST_MEMBERS} members",
            expected=f"at most {MOST_MEMBERS}",
            mend="An owner can remove somebody.",
        )


def _no_link() -> NotFoundError:
    return NotFoundError(
        "link",
        found="none that can be used",
        expected="an unused link that is less than a week old",
        mend="Ask the owner who gave it to you for a new one.",
    )
