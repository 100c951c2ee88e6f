"""Accounts: everything about who may do what, in one database."""

from dataclasses import dataclass
from datetime import timedelta

from exclusion_map.accounts.actor import Actor
from exclusion_map.accounts.audit import AuditLog, note
from exclusion_map.accounts.emails import normalised
from exclusion_map.accounts.identities import Identities
from exclusion_map.accounts.invitations import Invitations
from exclusion_map.accounts.lockout import Attempt, Lockout
from exclusion_map.accounts.passwords import LONGEST, hashed, outdated, verified
from exclusion_map.accounts.people import People
from exclusion_map.accounts.sessions import Sessions
from exclusion_map.accounts.tables import ACTIVE, LONGEST_EMAIL, Account
from exclusion_map.accounts.tokens import Tokens
from exclusion_map.database import Database, now
from exclusion_map.errors import NotSignedInError
from exclusion_map.settings import AccountSettings


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a browser gets when it signs in.

    Attributes:
        account_id: whose it is.
        session: for the cookie of the session.
        device: for the cookie that makes this browser known.
    """

    account_id: str
    session: str
    device: str


class Accounts:
    """Accounts in a database whose tables are there (``database.migrate.upgrade``).

    Attributes:
        people: names, roles, passwords.
        identities: who they are at a provider of sign-in.
        invitations: links to join or to set a new password.
        sessions: browsers that are signed in.
        tokens: programs that act for a person.
        audit: what was done.
    """

    def __init__(self, database: Database, settings: AccountSettings | None = None) -> None:
        settings = settings or AccountSettings()
        self._database = database
        self._lockout = Lockout(database)
        self.invitations = Invitations(database, settings.breached_passwords)
        self.people = People(database, self.invitations)
        self.identities = Identities(database, self.people)
        self.sessions = Sessions(
            database,
            idle=timedelta(hours=settings.session_idle_hours),
            longest=timedelta(days=settings.session_days),
        )
        self.tokens = Tokens(database)
        self.audit = AuditLog(database)

    def sign_in(
        self,
        email: str,
        password: str,
        *,
        address: str,
        device: str = "",
        client: str = "",
        request_id: str = "",
    ) -> SignedIn:
        """Sign a browser in.

        Args:
            email: as typed.
            password: as typed.
            address: of the network the request comes from.
            device: what the cookie of a known browser holds; empty without one.
            client: what to call the browser in the list of sessions.
            request_id: for the audit log.

        Raises:
            NotSignedInError: no such account, wrong password, or disabled: all the same, and all
                after the same work.
            TooManyRequestsError: too soon after tries that failed.
        """
        attempt = Attempt(normalised(email), address, device)
        account, proven = self._proven(email, password, attempt)
        if account is None or not proven:
            nobody = Actor("", "nobody signed in", request_id)
            with self._database.writing() as session:
                note(session, nobody, "sign-in failed", account.id if account else "")
            raise wrong_password()
        known = self._lockout.succeeded(attempt, account.id)
        if outdated(account.password_hash):
            self.people.rehash(account.id, hashed(password))
        actor = Actor(account.id, account.name, request_id)
        with self._database.writing() as session:
            secret = self.sessions.begin_in(session, account.id, client)
            session.get_one(Account, account.id).seen_at = now()
            note(session, actor, "signed in", account.id)
        return SignedIn(account.id, secret, known)

    def sign_in_known(self, account: Account, client: str, request_id: str = "") -> str:
        """Sign a browser in to an account that a provider vouched for; return its session."""
        actor = Actor(account.id, account.name, request_id)
        with self._database.writing() as session:
            secret = self.sessions.begin_in(session, account.id, client)
            session.get_one(Account, account.id).seen_at = now()
            note(session, actor, "signed in", account.id, "by provider")
        return secret

    def prove(
        self, actor: Actor, session_id: str, password: str, *, address: str, device: str = ""
    ) -> None:
        """Have the actor show with the password that it is they, in a session that goes on.

        Raises:
            NotSignedInError: the password is wrong.
            TooManyRequestsError: too soon after tries that failed.
        """
        account = self.people.one(actor.id)
        attempt = Attempt(account.email, address, device)
        if not self._proven(account.email, password, attempt)[1]:
            with self._database.writing() as session:
                note(session, actor, "proof failed", actor.id)
            raise wrong_password()
        self._lockout.succeeded(attempt, account.id)
        self.note_proof(actor, session_id)

    def note_proof(self, actor: Actor, session_id: str, how: str = "") -> None:
        """Note that the actor showed that it is they, in a session that goes on."""
        with self._database.writing() as session:
            self.sessions.prove_in(session, actor.id, session_id)
            note(session, actor, "proved again", actor.id, how)

    def note_refusal(self, why: str, request_id: str = "") -> None:
        """Note that somebody came back from a provider and was not let in."""
        with self._database.writing() as session:
            note(session, Actor("", "nobody signed in", request_id), "sign-in failed", "", why)

    def sign_out(self, actor: Actor, session_id: str) -> None:
        """End a session of the actor's; every one where none is named."""
        if not session_id:
            self.sessions.end_all(actor.id)
        elif not self.sessions.end(actor.id, session_id):
            return
        with self._database.writing() as session:
            note(session, actor, "signed out", actor.id, "" if session_id else "everywhere")

    def change_password(
        self, actor: Actor, old: str, new: str, *, address: str, device: str = "", client: str = ""
    ) -> SignedIn:
        """Change the actor's password, end all sessions, and begin a new one here.

        Raises:
            NotSignedInError: the old password is wrong.
            TooManyRequestsError: too soon after tries that failed.
            InvalidRequestError: the new password cannot be taken.
        """
        account = self.people.one(actor.id)
        attempt = Attempt(account.email, address, device)
        if not self._proven(account.email, old, attempt)[1]:
            raise wrong_password()
        self.people.set_password(actor, new)
        known = self._lockout.succeeded(attempt, account.id)
        return SignedIn(account.id, self.sessions.begin(account.id, client), known)

    def _proven(self, email: str, password: str, attempt: Attempt) -> tuple[Account | None, bool]:
        """Return the account, and whether the password is its, after as much work in every case."""
        possible = len(email) <= LONGEST_EMAIL and len(password) <= LONGEST
        account = self.people.find(email) if possible else None
        self._lockout.begin(attempt, account.id if account else None)
        kept = account.password_hash if account else ""
        proven = verified(kept, password if possible else "")
        return account, bool(proven and account and account.state == ACTIVE)


def wrong_password() -> NotSignedInError:
    """Return the one answer to every sign-in that fails."""
    return NotSignedInError(
        "sign-in",
        found="an email address and password that do not belong together",
        expected="those of an account",
        mend="Check both. If you forgot your password, ask an admin for a new link.",
    )
