"""Delete an account: what is about the person goes, what they did for the directory stays.

Gone: the account, address, password, second factor, keys, sessions, tokens, known browsers,
connections with a provider, memberships. Assessments that nobody else is in go too; of others,
somebody of the team becomes the owner if there is no other. What they added and decided stays,
under a name that tells nothing but that it was one hand. The audit log cannot be altered: it keeps
name and id, for admins alone.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from exclusion_map.accounts.actor import Actor
from exclusion_map.accounts.audit import note
from exclusion_map.accounts.invitations import end_of_in
from exclusion_map.accounts.people import leave_an_admin, one_of
from exclusion_map.accounts.tables import (
    Account,
    AccountIdentity,
    AccountSession,
    ApiToken,
    Invitation,
    KnownClient,
    Passkey,
    PasskeyChallenge,
    RecoveryCode,
    SecondFactor,
    SignInWaiting,
)
from exclusion_map.database import Database
from exclusion_map.directory.tables import Change
from exclusion_map.personal.names import SIGNED, names_of, own_names
from exclusion_map.readiness.holding import delete_all
from exclusion_map.readiness.models import Access
from exclusion_map.readiness.tables import ReadinessChange, ReadinessMember

OF_ONE: Final = (
    AccountSession,
    ApiToken,
    KnownClient,
    AccountIdentity,
    SecondFactor,
    RecoveryCode,
    Passkey,
    PasskeyChallenge,
    SignInWaiting,
)
"""Tables whose rows are about one account and go with it."""


@dataclass(frozen=True, slots=True)
class Left:
    """What stays when an account is deleted.

    Attributes:
        name: that stands now where the person's stood.
        shared: names that stay, because others have or had them.
    """

    name: str
    shared: tuple[str, ...]


def delete_account(database: Database, actor: Actor, account_id: str) -> Left:
    """Delete an account for good, all in one transaction.

    Raises:
        NotFoundError: there is none of that id.
        ConflictError: it is the last admin.
    """
    with database.writing() as session:
        account = one_of(session, account_id)
        leave_an_admin(session, account)
        end_of_in(session, account_id)
        own = own_names(session, account)
        shared = tuple(sorted(names_of(session, account) - own))
        name = former_name(account_id)
        _rename(session, account_id, own, name)
        _leave_teams(session, account_id)
        for table in OF_ONE:
            session.execute(delete(table).where(table.account_id == account_id))
        invited = or_(Invitation.account_id == account_id, Invitation.email == account.email)
        session.execute(delete(Invitation).where(invited))
        session.execute(delete(Account).where(Account.id == account_id))
        note(session, actor, "account deleted", account_id)
    return Left(name, shared)


def former_name(account_id: str) -> str:
    """Return the name that stands for an account that is gone: the same everywhere."""
    return f"former member {hashlib.sha256(account_id.encode()).hexdigest()[:6]}"


def _rename(session: Session, account_id: str, names: set[str], new: str) -> None:
    for column in SIGNED:
        signed = update(column.class_).where(column.in_(names)).values({column: new})
        session.execute(signed.execution_options(synchronize_session=False))
    mine = update(ReadinessChange).where(ReadinessChange.who == account_id)
    session.execute(mine.values(by=new).execution_options(synchronize_session=False))
    teams = select(ReadinessMember.assessment_id).where(ReadinessMember.account_id == account_id)
    of_teams = select(ReadinessChange).where(ReadinessChange.assessment_id.in_(teams))
    for change in session.scalars(of_teams):
        change.before = _without(change.before, names, new)
        change.after = _without(change.after, names, new)
    for name in names:
        # As the directory words it in the note of a change that was suggested.
        old, told = f"Suggested by {name} on ", f"Suggested by {new} on "
        noted = update(Change).where(Change.note.contains(old, autoescape=True))
        noted = noted.values(note=func.replace(Change.note, old, told))
        session.execute(noted.execution_options(synchronize_session=False))


def _leave_teams(session: Session, account_id: str) -> None:
    mine = select(ReadinessMember).where(ReadinessMember.account_id == account_id)
    for member in session.scalars(mine.order_by(ReadinessMember.assessment_id)).all():
        identity = member.assessment_id
        team = select(ReadinessMember).where(
            ReadinessMember.assessment_id == identity, ReadinessMember.account_id != account_id
        )
        others = session.scalars(team.order_by(ReadinessMember.added_at).with_for_update()).all()
        session.delete(member)
        session.flush()
        if not others:
            delete_all(session, identity)
        elif not any(one.access == Access.OWNER for one in others):
            _next_owner(others).access = Access.OWNER


def _next_owner(others: Sequence[ReadinessMember]) -> ReadinessMember:
    """Return who of a team has been in it longest, of those who edit if there are any."""
    editors = [one for one in others if one.access == Access.EDIT]
    return (editors or list(others))[0]


def _without(told: dict[str, Any] | None, names: set[str], new: str) -> dict[str, Any] | None:
    """Return what the history of a team tells of a change, without the name of who left."""
    return {**told, "name": new} if told and told.get("name") in names else told
