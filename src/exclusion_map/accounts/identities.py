"""Who accounts are at a provider of sign-in, and who may come in that way.

An identity is bound to an account once: by an address that the provider verified and somebody here
invited, by a role that a claim gives, or by a person who is signed in. From then on issuer and
subject alone count: an address that changes hands at the provider opens nothing here.
"""

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import delete, false, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from exclusion_map.accounts.actor import Actor
from exclusion_map.accounts.audit import note
from exclusion_map.accounts.emails import checked_email
from exclusion_map.accounts.names import tidied
from exclusion_map.accounts.openid import Identity, SignedOut
from exclusion_map.accounts.openid.faults import RefusedByProviderError, refused
from exclusion_map.accounts.people import People, one_of
from exclusion_map.accounts.roles import Role
from exclusion_map.accounts.sessions import end_all_in
from exclusion_map.accounts.tables import (
    ACTIVE,
    JOIN,
    LONGEST_NAME,
    Account,
    AccountIdentity,
    AccountSession,
    Invitation,
    UsedLogout,
)
from exclusion_map.database import Database, new_id, now
from exclusion_map.errors import ConflictError, InvalidRequestError, SettingsError

ASK = "Ask an admin of this service to invite you, by the address that your organisation knows."


class Identities:
    """Identities in the database."""

    def __init__(self, database: Database, people: People) -> None:
        self._database = database
        self._people = people

    def account_of(self, who: Identity, role: Role | None, request_id: str = "") -> Account:
        """Return the account that somebody signs in to; make or bind it the first time.

        Args:
            who: as the provider says.
            role: that a claim gives them; None without.
            request_id: for the audit log.

        Raises:
            RefusedByProviderError: nobody invited them, or they may no longer sign in.
        """
        try:
            with self._database.writing() as session:
                account, managed = _found_or_made(session, who, role, request_id)
        except IntegrityError:
            raise refused("an account that was made at this very moment") from None
        if managed:
            self._follow(account, role)
        if account.state != ACTIVE:
            raise refused("an account that was stopped", "Ask an admin of this service.")
        return account

    def bind(self, actor: Actor, who: Identity) -> None:
        """Bind an identity to the actor's own account.

        Raises:
            ConflictError: it, or the account, is bound to another.
        """
        try:
            with self._database.writing() as session:
                held = session.get(AccountIdentity, (who.issuer, who.subject))
                if held is None:
                    _bind(session, who, actor.id, managed=False)
                    note(session, actor, "sign-in by provider connected", actor.id)
                elif held.account_id != actor.id:
                    raise _bound_already()
        except IntegrityError:
            raise _bound_already() from None

    def unbind(self, actor: Actor, issuer: str) -> None:
        """Take an identity off the actor's own account.

        Raises:
            ConflictError: it is the only way in.
        """
        with self._database.writing() as session:
            if not one_of(session, actor.id).password_hash:
                raise ConflictError(
                    "sign-in",
                    found="an account without a password",
                    expected="another way to sign in",
                    mend="Ask an admin for a link to set a password first.",
                )
            mine = AccountIdentity.account_id == actor.id, AccountIdentity.issuer == issuer
            if session.execute(delete(AccountIdentity).where(*mine)).rowcount:  # type: ignore[attr-defined]
                note(session, actor, "sign-in by provider disconnected", actor.id)

    def listed(self, account_id: str) -> Sequence[AccountIdentity]:
        """Return the identities of an account."""
        with self._database.reading() as session:
            mine = AccountIdentity.account_id == account_id
            return session.scalars(select(AccountIdentity).where(mine)).all()

    def is_of(self, who: Identity, account_id: str) -> bool:
        """Whether an identity is bound to an account."""
        with self._database.reading() as session:
            held = session.get(AccountIdentity, (who.issuer, who.subject))
            return held is not None and held.account_id == account_id

    def end_sessions(self, gone: SignedOut, request_id: str = "") -> int:
        """End the sessions of somebody who signed out at the provider; return how many.

        Sessions that people began with a password go on: the provider has no word in them.

        Raises:
            RefusedByProviderError: the word was taken before.
        """
        try:
            with self._database.writing() as session:
                _take_word(session, gone)
                return _end_sessions(session, gone, request_id)
        except IntegrityError:
            raise refused("a word that was taken before") from None

    def _follow(self, account: Account, role: Role | None) -> None:
        """Give an account the role that its claim gives now."""
        if role is None:
            with self._database.writing() as session:
                end_all_in(session, account.id)
            raise refused("nobody whom the claim gives a role", ASK)
        if role.value == account.role:
            return
        try:
            self._people.set_role(Actor("", "provider of sign-in"), account.id, role)
        except ConflictError:
            return  # The last admin stays.


def role_of(claims: Mapping[str, object], claim: str, roles: str) -> Role | None:
    """Return the highest role that a claim gives; None where it gives none.

    Args:
        claims: of a token.
        claim: the name of one, or a path to it with dots: ``realm_access.roles``.
        roles: what its values mean: ``editors=contributor, leads=moderator``.

    Raises:
        SettingsError: the roles are not written like that.
    """
    meanings = _meanings(roles)
    value: object = claims.get(claim)
    if value is None:
        value = claims
        for part in claim.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
    values = value if isinstance(value, list) else [value]
    given = [meanings[one] for one in values if isinstance(one, str) and one in meanings]
    return max(given, key=lambda role: role.rank, default=None)


def _meanings(roles: str) -> dict[str, Role]:
    try:
        pairs = [part.rpartition("=") for part in roles.split(",") if part.strip()]
        return {name.strip(): Role(role.strip()) for name, _, role in pairs}
    except ValueError:
        raise SettingsError(
            "EXCLUSION_MAP_OPENID_ROLES",
            found=repr(roles[:100]),
            expected=f"value=role, value=role with roles of {', '.join(Role)}",
        ) from None


def _take_word(session: Session, gone: SignedOut) -> None:
    session.execute(delete(UsedLogout).where(UsedLogout.expires_at < now()))
    key = hashlib.sha256(f"{gone.issuer}\x00{gone.word}".encode()).hexdigest()
    until = datetime.fromtimestamp(gone.until, UTC)
    session.add(UsedLogout(key=key, expires_at=until))
    session.flush()


def _end_sessions(session: Session, gone: SignedOut, request_id: str) -> int:
    wanted = [AccountSession.issuer == gone.issuer]
    if gone.subject:
        held = session.get(AccountIdentity, (gone.issuer, gone.subject))
        if held is None:
            return 0
        wanted.append(AccountSession.account_id == held.account_id)
    if gone.session:
        same = AccountSession.provider_session == gone.session
        # Where the sign-in did not tell its session, the person must do.
        untold = AccountSession.provider_session.is_(None) if gone.subject else false()
        wanted.append(or_(same, untold))
    ended = session.scalars(select(AccountSession).where(*wanted)).all()
    for one in ended:
        session.delete(one)
        actor = Actor("", "provider of sign-in", request_id)
        note(session, actor, "signed out", one.account_id, "at the provider")
    return len(ended)


def _found_or_made(
    session: Session, who: Identity, role: Role | None, request_id: str
) -> tuple[Account, bool]:
    held = session.get(AccountIdentity, (who.issuer, who.subject))
    if held is not None:
        held.used_at = now()
        return session.get_one(Account, held.account_id), held.managed
    email = _email(who)
    account = session.scalar(select(Account).where(Account.email == email))
    managed = False
    if account is None:
        account, managed = _joined(session, who, email, role)
    elif _is_bound(session, who.issuer, account.id):
        # An address that changed hands at the provider, or somebody who has two accounts there.
        raise refused("an address whose account here belongs to somebody else there", ASK)
    _bind(session, who, account.id, managed=managed)
    actor = Actor(account.id, account.name, request_id)
    note(session, actor, "sign-in by provider connected", account.id, "by address")
    return account, managed


def _joined(session: Session, who: Identity, email: str, role: Role | None) -> tuple[Account, bool]:
    """Make the account of somebody who was invited, or to whom a claim gives a role."""
    moment = now()
    invited = session.scalar(
        select(Invitation).where(
            Invitation.email == email,
            Invitation.purpose == JOIN,
            Invitation.used_at.is_(None),
            Invitation.expires_at > moment,
        )
    )
    if invited is None and role is None:
        raise refused("somebody whom nobody invited here", ASK)
    name = tidied(who.name)[:LONGEST_NAME] or email.partition("@")[0]
    account = Account(
        id=new_id(),
        name=name,
        email=email,
        role=invited.role if invited else str(role),
        password_hash="",
        state=ACTIVE,
        created_at=moment,
    )
    session.add(account)
    session.flush()
    if invited is not None:
        invited.used_at = moment
    said = "invitation accepted" if invited else "account made by a claim"
    note(session, Actor(account.id, name), said, account.id, account.role)
    return account, invited is None


def _bind(session: Session, who: Identity, account_id: str, *, managed: bool) -> None:
    moment = now()
    session.add(
        AccountIdentity(
            issuer=who.issuer,
            subject=who.subject,
            account_id=account_id,
            managed=managed,
            created_at=moment,
            used_at=moment,
        )
    )
    session.flush()


def _is_bound(session: Session, issuer: str, account_id: str) -> bool:
    query = select(AccountIdentity.subject).where(
        AccountIdentity.issuer == issuer, AccountIdentity.account_id == account_id
    )
    return session.scalar(query) is not None


def _email(who: Identity) -> str:
    fault: RefusedByProviderError = refused(
        "nobody whose address the provider has verified",
        "Sign in with your password, then connect the two on the page of your account.",
    )
    if not who.email:
        raise fault
    # Two addresses there that differ in the form of their letters would be one here.
    if unicodedata.normalize("NFKC", who.email) != who.email:
        raise fault
    try:
        return checked_email(who.email)
    except InvalidRequestError:
        raise fault from None


def _bound_already() -> ConflictError:
    return ConflictError(
        "sign-in",
        found="a connection that exists already",
        expected="one account here for one account at the provider",
        mend="Remove the other connection first.",
    )
