"""Links that work once: to join, or to set a password anew.

Unless mail is set up, a person passes the link on by a way they trust.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from exclusion_map.accounts.actor import Actor
from exclusion_map.accounts.audit import note
from exclusion_map.accounts.emails import checked_email
from exclusion_map.accounts.keys import NO_KEYS, Keys
from exclusion_map.accounts.names import checked_name
from exclusion_map.accounts.passwords import check_password, hashed
from exclusion_map.accounts.roles import Role
from exclusion_map.accounts.secret import digest, new_secret
from exclusion_map.accounts.sessions import end_all_in
from exclusion_map.accounts.tables import (
    ACTIVE,
    JOIN,
    RESET,
    Account,
    Audit,
    Invitation,
    KnownClient,
)
from exclusion_map.database import Database, new_id, now
from exclusion_map.errors import ConflictError, InvalidRequestError, NotFoundError

DAYS, LONGEST_DAYS = 7, 30
INVITED, NEW_LINK = "invited", "new link given out"
RESET_HOURS = 24


class Invitations:
    """Invitations in the database."""

    def __init__(self, database: Database, breached: str = "", keys: Keys = NO_KEYS) -> None:
        self._database = database
        self.breached = breached
        self.keys = keys

    def invite(self, actor: Actor, email: str, role: Role, days: int = DAYS) -> str:
        """Invite somebody; return the secret of the link. An earlier link for them ends.

        Raises:
            InvalidRequestError: the address or the number of days cannot be.
            ConflictError: there is an account of that address.
        """
        address = checked_email(email)
        if not 1 <= days <= LONGEST_DAYS:
            raise InvalidRequestError(
                "days", found=str(days), expected=f"1 to {LONGEST_DAYS} days until the link ends"
            )
        with self._database.writing() as session:
            if session.scalar(select(Account.id).where(Account.email == address)):
                raise ConflictError(
                    "invitation",
                    found=f"an account of {address}",
                    expected="somebody who has no account yet",
                    mend="Change the role of the account, or create a new link for it.",
                )
            secret = self._add(session, actor, JOIN, address, role, None, timedelta(days=days))
            note(session, actor, INVITED, detail=f"{role.value}, {days} days")
        return secret

    def reset_in(self, session: Session, actor: Actor, account: Account) -> str:
        """Make a link that sets the password of an account anew; return its secret."""
        role = Role(account.role)
        ends = timedelta(hours=RESET_HOURS)
        secret = self._add(session, actor, RESET, account.email, role, account.id, ends)
        note(session, actor, NEW_LINK, account.id)
        return secret

    def find(self, secret: str) -> Invitation:
        """Return the invitation of a link.

        Raises:
            NotFoundError: there is none, or it was used, or its time is over: all the same.
        """
        with self._database.reading() as session:
            return _usable(session, secret)

    def waiting(self) -> Sequence[Invitation]:
        """Return the invitations to join that can be used, the newest first."""
        with self._database.reading() as session:
            query = select(Invitation).where(
                Invitation.purpose == JOIN,
                Invitation.used_at.is_(None),
                Invitation.expires_at > now(),
            )
            return session.scalars(query.order_by(Invitation.created_at.desc())).all()

    def withdraw(self, actor: Actor, invitation_id: str) -> None:
        """End an invitation that nobody used."""
        with self._database.writing() as session:
            _use(session, invitation_id)
            note(session, actor, "invitation withdrawn")

    def accept(self, secret: str, name: str, password: str, *, request_id: str = "") -> str:
        """Make the account, or set its password anew; return its id. The link is used up.

        Of several at once, one succeeds. A new password ends every session and every browser has
        to be made known anew; API tokens stay.

        Raises:
            NotFoundError: the link cannot be used, or can no more.
            InvalidRequestError: the name or the password cannot be taken.
            ConflictError: there is an account of that address meanwhile.
        """
        invited = self.find(secret)
        tidy = checked_name(name) if invited.purpose == JOIN else ""
        check_password(password, (tidy, invited.email), self.breached)
        password_hash = hashed(password, self.keys)
        try:
            with self._database.writing() as session:
                _use(session, invited.id)
                if invited.account_id is None:
                    return _join(session, invited, tidy, password_hash, request_id)
                return _reset(session, invited.account_id, password_hash, request_id)
        except IntegrityError:
            raise ConflictError(
                "invitation",
                found="an account with that address",
                expected="somebody who has no account yet",
                mend="Sign in with it.",
            ) from None

    def _add(
        self,
        session: Session,
        actor: Actor,
        purpose: str,
        email: str,
        role: Role,
        account_id: str | None,
        ends: timedelta,
    ) -> str:
        moment = now()
        earlier = update(Invitation).where(Invitation.email == email, Invitation.used_at.is_(None))
        session.execute(earlier.values(used_at=moment))
        secret = new_secret()
        session.add(
            Invitation(
                id=new_id(),
                token_hash=digest(secret),
                purpose=purpose,
                email=email,
                role=role.value,
                account_id=account_id,
                by=actor.name,
                created_at=moment,
                expires_at=moment + ends,
            )
        )
        return secret


def end_of_in(session: Session, account_id: str) -> None:
    """End the links that somebody gave out, within a transaction: they are an admin no longer.

    Who knows a link could else come back by it, or let others in. Links hold the name of who gave
    them out; the audit log knows all names that this account did so by.
    """
    names = select(Audit.by).where(Audit.who == account_id, Audit.what.in_((INVITED, NEW_LINK)))
    theirs = update(Invitation).where(Invitation.by.in_(names), Invitation.used_at.is_(None))
    session.execute(theirs.values(used_at=now()), execution_options={"synchronize_session": False})


def _join(
    session: Session, invited: Invitation, name: str, password_hash: str, request_id: str
) -> str:
    account = Account(
        id=new_id(),
        name=name,
        email=invited.email,
        role=invited.role,
        password_hash=password_hash,
        state=ACTIVE,
        created_at=now(),
    )
    session.add(account)
    session.flush()
    actor = Actor(account.id, name, request_id)
    note(session, actor, "invitation accepted", account.id, invited.role)
    return account.id


def _reset(session: Session, account_id: str, password_hash: str, request_id: str) -> str:
    account = session.get_one(Account, account_id)
    account.password_hash = password_hash
    end_all_in(session, account_id)
    session.execute(delete(KnownClient).where(KnownClient.account_id == account_id))
    note(session, Actor(account_id, account.name, request_id), "password set by link", account_id)
    return account_id


def _use(session: Session, invitation_id: str) -> None:
    statement = update(Invitation).where(
        Invitation.id == invitation_id,
        Invitation.used_at.is_(None),
        Invitation.expires_at > now(),
    )
    if session.execute(statement.values(used_at=now())).rowcount != 1:  # type: ignore[attr-defined]
        raise _no_invitation()


def _usable(session: Session, secret: str) -> Invitation:
    found = session.scalar(select(Invitation).where(Invitation.token_hash == digest(secret)))
    if found is None or found.used_at is not None or found.expires_at <= now():
        raise _no_invitation()
    return found


def _no_invitation() -> NotFoundError:
    return NotFoundError(
        "link",
        found="none that can be used",
        expected="an unused link that has not expired",
        mend="Ask the admin who gave it to you for a new one.",
    )
