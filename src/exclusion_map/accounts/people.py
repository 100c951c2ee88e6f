"""The people who have accounts: their names, passwords, roles, and who may no longer sign in."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from exclusion_map.accounts.actor import Actor
from exclusion_map.accounts.audit import note
from exclusion_map.accounts.emails import normalised
from exclusion_map.accounts.invitations import Invitations, end_of_in
from exclusion_map.accounts.keys import Keys
from exclusion_map.accounts.names import checked_name
from exclusion_map.accounts.passwords import check_password, hashed, verified
from exclusion_map.accounts.roles import Role
from exclusion_map.accounts.sessions import end_all_in
from exclusion_map.accounts.tables import ACTIVE, DISABLED, Account
from exclusion_map.database import Database
from exclusion_map.errors import ConflictError, NotFoundError, NotSignedInError


class People:
    """Accounts in the database."""

    def __init__(self, database: Database, invitations: Invitations) -> None:
        self._database = database
        self._invitations = invitations

    def all(self) -> Sequence[Account]:
        """Return every account by name."""
        with self._database.reading() as session:
            return session.scalars(select(Account).order_by(Account.name, Account.id)).all()

    def one(self, account_id: str) -> Account:
        """Return an account.

        Raises:
            NotFoundError: there is none of that id.
        """
        with self._database.reading() as session:
            return one_of(session, account_id)

    def by_email(self, email: str) -> Account:
        """Return the account of an address.

        Raises:
            NotFoundError: there is none.
        """
        found = self.find(email)
        if found is None:
            raise NotFoundError(
                f"account {normalised(email)!r}",
                found="nobody with that address",
                expected="the address of an account",
                mend="To list all accounts: exclusion-map account list.",
            )
        return found

    def find(self, email: str) -> Account | None:
        """Return the account of an address, None where there is none."""
        with self._database.reading() as session:
            return session.scalar(select(Account).where(Account.email == normalised(email)))

    def rename(self, actor: Actor, name: str) -> None:
        """Change the actor's own name.

        Raises:
            InvalidRequestError: the name cannot be.
        """
        tidy = checked_name(name)
        with self._database.writing() as session:
            one_of(session, actor.id).name = tidy
            note(session, actor, "name changed", actor.id, f"to {tidy}")

    def set_password(self, actor: Actor, password: str, old: tuple[str, str] | None = None) -> None:
        """Change the actor's own password; all their sessions end.

        Args:
            actor: whose it is.
            password: the new one.
            old: the hash that was compared with the old password, and that password.

        Raises:
            InvalidRequestError: the password cannot be taken.
            NotSignedInError: it was changed meanwhile, and the old one is not right any more.
        """
        account = self.one(actor.id)
        check_password(password, (account.name, account.email), self._invitations.breached)
        password_hash = hashed(password, self._invitations.keys)
        with self._database.writing() as session:
            if old is not None:
                still_in(session, actor.id, *old, self._invitations.keys)
            one_of(session, actor.id).password_hash = password_hash
            end_all_in(session, actor.id)
            note(session, actor, "password changed", actor.id)

    def set_role(self, actor: Actor, account_id: str, role: Role) -> None:
        """Change a role; the sessions of the account end, so that new ones are made.

        Links that an admin gave out end with the role.

        Raises:
            ConflictError: it is the last admin.
            NotFoundError: there is no such account.
        """
        with self._database.writing() as session:
            account = one_of(session, account_id)
            if account.role == role.value:
                return
            if role is not Role.ADMIN:
                leave_an_admin(session, account)
                end_of_in(session, account_id)
            before, account.role = account.role, role.value
            end_all_in(session, account_id)
            note(session, actor, "role changed", account_id, f"{before} to {role.value}")

    def set_state(self, actor: Actor, account_id: str, *, active: bool) -> None:
        """Let an account sign in, or no longer; then its sessions end and its tokens stop.

        Raises:
            ConflictError: it is the last admin.
            NotFoundError: there is no such account.
        """
        with self._database.writing() as session:
            account = one_of(session, account_id)
            state = ACTIVE if active else DISABLED
            if account.state == state:
                return
            if not active:
                leave_an_admin(session, account)
                end_of_in(session, account_id)
                end_all_in(session, account_id)
            account.state = state
            note(session, actor, "enabled" if active else "disabled", account_id)

    def reset(self, actor: Actor, account_id: str) -> str:
        """Return the secret of a link with which the person sets a new password."""
        with self._database.writing() as session:
            return self._invitations.reset_in(session, actor, one_of(session, account_id))


def one_of(session: Session, account_id: str) -> Account:
    """Return an account within a transaction.

    Raises:
        NotFoundError: there is none of that id.
    """
    found = session.get(Account, account_id)
    if found is None:
        raise NotFoundError(
            f"account {account_id!r}",
            found="nobody with that id",
            expected="the id of an account",
        )
    return found


def still_in(session: Session, account_id: str, kept: str, password: str, keys: Keys) -> Account:
    """Return an account within a transaction, locked, if a password that was compared still fits.

    Comparing takes a while, and is done before: meanwhile somebody may have changed the password,
    which ends all sessions, and none may begin by the old one after that.

    Args:
        session: that writes.
        account_id: of the account.
        kept: the hash that was compared.
        password: as typed.
        keys: of the service.

    Raises:
        NotSignedInError: the password fits no longer, or the account was stopped.
    """
    account = session.get(Account, account_id, with_for_update=True)
    if account is None or account.state != ACTIVE:
        raise wrong_password()
    # A sign-in at the same moment may have renewed the hash of the same password.
    if account.password_hash != kept and not verified(account.password_hash, password, keys):
        raise wrong_password()
    return account


def wrong_password() -> NotSignedInError:
    """Return the one answer to every sign-in that fails."""
    return NotSignedInError(
        "sign-in",
        found="an email address and password that do not match",
        expected="those of an account",
        mend="Check both. If you forgot your password, ask an admin for a new link.",
    )


def leave_an_admin(session: Session, account: Account) -> None:
    """Refuse to take the last admin away, within a transaction.

    The rows are locked: of two admins who take each other's role at once, the second waits and
    then finds itself the last.

    Raises:
        ConflictError: it is the last one.
    """
    query = select(Account.id).where(Account.role == Role.ADMIN.value, Account.state == ACTIVE)
    admins = session.scalars(query.order_by(Account.id).with_for_update()).all()
    if list(admins) == [account.id]:
        raise ConflictError(
            "role",
            found="the last admin",
            expected="at least one admin who can sign in",
            mend="Make somebody else an admin first.",
        )
