"""Teams: who belongs to an assessment, and what each may do. Somebody always owns it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from exclusion_map.accounts import Actor
from exclusion_map.accounts.audit import note
from exclusion_map.accounts.tables import ACTIVE, Account
from exclusion_map.database import now
from exclusion_map.errors import ConflictError, NotFoundError
from exclusion_map.readiness.holding import access_in, locked, record
from exclusion_map.readiness.links import Links, lock, waiting_in
from exclusion_map.readiness.models import Access
from exclusion_map.readiness.tables import ReadinessMember

CHANGED, LEFT, HANDED_OVER = "access changed", "left the team", "handed over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody of a team.

    Attributes:
        active: whether the account can sign in.
    """

    account_id: str
    name: str
    access: Access
    added_at: datetime
    active: bool


class Teams(Links):
    """Teams in a database, and the links with which they grow."""

    def members(self, account_id: str, assessment_id: str) -> list[Member]:
        """Return the team, owners first.

        Raises:
            NotFoundError: there is no such assessment for the account.
        """
        with self._database.reading() as session:
            access_in(session, account_id, assessment_id)
            found = [
                Member(
                    account_id=account.id,
                    name=account.name,
                    access=Access(member.access),
                    added_at=member.added_at,
                    active=account.state == ACTIVE,
                )
                for member, account in session.execute(
                    select(ReadinessMember, Account)
                    .join(Account, Account.id == ReadinessMember.account_id)
                    .where(ReadinessMember.assessment_id == assessment_id)
                )
            ]
        order = list(reversed(Access))
        return sorted(found, key=lambda one: (order.index(one.access), one.name.casefold()))

    def set_access(self, actor: Actor, assessment_id: str, account_id: str, access: Access) -> None:
        """Change what a member may do.

        Raises:
            NotFoundError: there is no such assessment for the actor, or no such member.
            ForbiddenError: the actor is no owner.
            ConflictError: it would leave no owner.
        """
        with self._database.writing() as session:
            locked(session, actor.id, assessment_id, Access.OWNER)
            member = _member(session, assessment_id, account_id)
            if member.access == access:
                return
            _leave_an_owner(session, member, gone=access is not Access.OWNER)
            _end_links_of(session, member)
            name = session.get_one(Account, account_id).name
            told = {"name": name, "access": member.access}
            member.access = access
            record(
                session,
                actor,
                assessment_id,
                CHANGED,
                before=told,
                after={**told, "access": access.value},
            )
            note(session, actor, "assessment: access changed", account_id, access.value)

    def remove(self, actor: Actor, assessment_id: str, account_id: str) -> None:
        """Take somebody out of the team; anybody may leave it themselves.

        Raises:
            NotFoundError: there is no such assessment for the actor, or no such member.
            ForbiddenError: the actor is no owner, and it is somebody else.
            ConflictError: it would leave no owner.
        """
        least = Access.VIEW if account_id == actor.id else Access.OWNER
        with self._database.writing() as session:
            locked(session, actor.id, assessment_id, least)
            member = _member(session, assessment_id, account_id)
            _leave_an_owner(session, member, gone=True)
            _end_links_of(session, member)
            name = session.get_one(Account, account_id).name
            session.delete(member)
            record(session, actor, assessment_id, LEFT, before={"name": name})
            note(session, actor, "assessment: left the team", account_id)

    def hand_over(self, actor: Actor, assessment_id: str, account_id: str) -> None:
        """Make an account an owner, whoever asks: for who runs the service, when owners are gone.

        Raises:
            NotFoundError: there is no such assessment.
        """
        with self._database.writing() as session:
            lock(session, assessment_id)
            member = session.get(ReadinessMember, (assessment_id, account_id))
            if member is None:
                member = ReadinessMember(
                    assessment_id=assessment_id, account_id=account_id, added_at=now()
                )
                session.add(member)
            member.access = Access.OWNER
            told = {"name": session.get_one(Account, account_id).name, "access": "owner"}
            record(session, actor, assessment_id, HANDED_OVER, after=told)
            note(session, actor, "assessment: handed over", account_id, assessment_id)


def _end_links_of(session: Session, member: ReadinessMember) -> None:
    """End the links that wait where an owner goes or becomes less: they may know some of them."""
    if member.access == Access.OWNER:
        for one in waiting_in(session, member.assessment_id):
            one.used_at = now()


def _member(session: Session, assessment_id: str, account_id: str) -> ReadinessMember:
    found = session.get(ReadinessMember, (assessment_id, account_id))
    if found is None:
        raise NotFoundError(
            "member", found="nobody with that id in the team", expected="a member of the team"
        )
    return found


def _leave_an_owner(session: Session, member: ReadinessMember, *, gone: bool) -> None:
    """Refuse to take the last owner away who can sign in; the assessment is locked."""
    if not gone or member.access != Access.OWNER:
        return
    others = (
        select(func.count())
        .select_from(ReadinessMember)
        .join(Account, Account.id == ReadinessMember.account_id)
        .where(
            ReadinessMember.assessment_id == member.assessment_id,
            ReadinessMember.account_id != member.account_id,
            ReadinessMember.access == Access.OWNER,
            Account.state == ACTIVE,
        )
    )
    if not session.scalar(others):
        raise ConflictError(
            "team",
            found="the last owner",
            expected="at least one owner who can sign in",
            mend="Make somebody else an owner first, or delete the assessment.",
        )
