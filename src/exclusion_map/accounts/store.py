"""Accounts: everything about who may do what, in one database."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from exclusion_map.accounts.actor import Actor
from exclusion_map.accounts.audit import AuditLog, note
from exclusion_map.accounts.emails import normalised
from exclusion_map.accounts.identities import Identities
from exclusion_map.accounts.invitations import Invitations
from exclusion_map.accounts.keys import keys_of
from exclusion_map.accounts.lockout import Attempt, Lockout
from exclusion_map.accounts.passkeys.challenges import Purpose
from exclusion_map.accounts.passkeys.store import KeyAnswer, Passkeys
from exclusion_map.accounts.passwords import hashed, outdated
from exclusion_map.accounts.people import People, still_in, wrong_password
from exclusion_map.accounts.proving import Proving
from exclusion_map.accounts.second import waiting
from exclusion_map.accounts.second.needed import has_one
from exclusion_map.accounts.second.store import SecondFactors, switch_off_in
from exclusion_map.accounts.sessions import Sessions, Vouched
from exclusion_map.accounts.tables import Account
from exclusion_map.accounts.tokens import Tokens
from exclusion_map.database import Database, now
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


@dataclass(frozen=True, slots=True)
class HalfSignedIn:
    """What a browser gets whose password was right, where a second factor is asked for.

    Attributes:
        waiting: for the cookie that goes on with it.
    """

    waiting: str


class Accounts:
    """Accounts in a database whose tables are there (``database.migrate.upgrade``).

    Attributes:
        people: names, roles, passwords.
        identities: who they are at a provider of sign-in.
        invitations: links to join or to set a new password.
        sessions: browsers that are signed in.
        tokens: programs that act for a person.
        second: one-time codes beside the password.
        passkeys: security keys and passkeys beside the password.
        audit: what was done.
    """

    def __init__(self, database: Database, settings: AccountSettings | None = None) -> None:
        settings = settings or AccountSettings()
        self._database = database
        self._lockout = Lockout(database)
        self._keys = keys_of(database, settings)
        self.invitations = Invitations(database, settings.breached_passwords, self._keys)
        self.people = People(database, self.invitations)
        self.identities = Identities(database, self.people)
        self.second = SecondFactors(database, settings.second_factor, self._keys.text)
        self.passkeys = Passkeys(database, offered=self.second.offered)
        self._proving = Proving(database, self._keys, self.people, self.second, self.passkeys)
        self.sessions = Sessions(
            database,
            idle=timedelta(hours=settings.session_idle_hours),
            longest=timedelta(days=settings.session_days),
            second_factor=self.second.required,
        )
        self.tokens = Tokens(database, self.second.required)
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
    ) -> SignedIn | HalfSignedIn:
        """Sign a browser in, or halfway where the account has a second factor.

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
        account, proven = self._proving.by_password(email, password, attempt)
        if account is None or not proven:
            nobody = Actor("", "nobody signed in", request_id)
            with self._database.writing() as session:
                note(session, nobody, "sign-in failed", account.id if account else "")
            raise wrong_password()
        kept = account.password_hash
        renewed = hashed(password, self._keys) if outdated(kept, self._keys) else ""
        actor = Actor(account.id, account.name, request_id)
        with self._database.writing() as session:
            # Comparing took a while: the password may have been changed, or the account stopped.
            held = still_in(session, account.id, kept, password, self._keys)
            if renewed and held.password_hash == kept:
                held.password_hash = renewed
            if has_one(session, account.id):
                # Tries are not forgotten yet, and the browser is not known: that is half the way.
                return HalfSignedIn(waiting.begin_in(session, account.id))
            secret = self._begun(session, actor, client)
        return SignedIn(account.id, secret, self._lockout.succeeded(attempt, account.id))

    def finish_sign_in(
        self,
        waits: str,
        shown: str | KeyAnswer,
        *,
        address: str,
        device: str = "",
        client: str = "",
        request_id: str = "",
    ) -> SignedIn:
        """Finish a sign-in that waits for a second factor.

        Args:
            waits: what the cookie of the half-done sign-in holds.
            shown: a code as typed, of the app or for recovery; or what a key signed.
            address: of the network the request comes from.
            device: what the cookie of a known browser holds; empty without one.
            client: what to call the browser in the list of sessions.
            request_id: for the audit log.

        Raises:
            WaitingOverError: none waits any more.
            WrongCodeError: the code or key is not right, or was used before.
            TooManyRequestsError: too soon after tries that failed.
        """
        with self._database.reading() as session:
            account = waiting.account_of(session, waits)
        actor = Actor(account.id, account.name, request_id)
        how = self._proving.by_second(actor, shown, Purpose.SIGN_IN, address, device)
        with self._database.writing() as session:
            waiting.end_in(session, waits)
            secret = self._begun(session, actor, client, f"with {how}")
        known = self._lockout.succeeded(Attempt(account.email, address, device), account.id)
        return SignedIn(account.id, secret, known)

    def half_signed_in(self, waits: str) -> str:
        """Return the account whose sign-in waits for a second factor in a browser.

        Raises:
            WaitingOverError: none waits any more.
        """
        with self._database.reading() as session:
            return waiting.account_of(session, waits).id

    def sign_in_known(
        self, account: Account, by: Vouched, client: str, request_id: str = ""
    ) -> str:
        """Sign a browser in to an account that a provider vouched for; return its session."""
        actor = Actor(account.id, account.name, request_id)
        with self._database.writing() as session:
            return self._begun(session, actor, client, "by provider", by)

    def prove(
        self,
        actor: Actor,
        session_id: str,
        password: str,
        shown: str | KeyAnswer = "",
        *,
        address: str,
        device: str = "",
    ) -> None:
        """Have the actor show again that it is they, in a session that goes on.

        By the password, and by a code or key too where the account has a second factor.

        Raises:
            WrongCodeError: the password is right, the code or key is not.
            NotSignedInError: the password is wrong.
            TooManyRequestsError: too soon after tries that failed.
        """
        account = self.people.one(actor.id)
        attempt = Attempt(account.email, address, device)
        if not self._proving.by_password(account.email, password, attempt)[1]:
            with self._database.writing() as session:
                note(session, actor, "proof failed", actor.id)
            raise wrong_password()
        if self.second.standing(account.id).on:
            self._proving.by_second(actor, shown, Purpose.PROVE, address, device)
        self._lockout.succeeded(attempt, account.id)
        self.note_proof(actor, session_id)

    def confirm_second_factor(
        self, actor: Actor, session_id: str, code: str, *, address: str, device: str = ""
    ) -> tuple[str, list[str]]:
        """Take the actor's new key into use; their other sessions end.

        Returns:
            The new secret of the session that goes on, and the recovery codes.

        Raises:
            InvalidRequestError: the code is not one of the key's, now.
            NotFoundError: there is no key to confirm.
            TooManyRequestsError: too soon after tries that failed.
        """
        attempt = Attempt(actor.id, address, device, second=True)
        self._lockout.begin(attempt, actor.id)
        with self._database.writing() as session:
            codes = self.second.confirm_in(session, actor, code)
            secret = self.sessions.renew_in(session, actor.id, session_id)
        self._lockout.forgive(attempt, actor.id)
        return secret, codes

    def drop_second_factor(self, actor: Actor, session_id: str) -> str:
        """Switch the actor's own codes off; return the new secret of their session.

        Their other sessions end. The caller has seen to it that they showed just now who they are.
        """
        with self._database.writing() as session:
            switch_off_in(session, actor)
            return self.sessions.renew_in(session, actor.id, session_id)

    def register_key(
        self, actor: Actor, session_id: str, name: str, brought: KeyAnswer
    ) -> tuple[str, list[str]]:
        """Register the actor's new key; with their first factor their other sessions end.

        Returns:
            The new secret of the session that goes on, and the recovery codes; both empty where
            they had a second factor before.

        Raises:
            InvalidRequestError: the name cannot be taken, or the answer is not right.
            ConflictError: the key is registered already, or there are too many.
        """
        with self._database.writing() as session:
            codes = self.passkeys.register_in(session, actor, name, brought)
            secret = self.sessions.renew_in(session, actor.id, session_id) if codes else ""
        return secret, codes

    def remove_key(self, actor: Actor, session_id: str, key_id: str) -> str:
        """Remove a key of the actor's, who may have lost it; return their session's new secret.

        Their other sessions end. The caller has seen to it that they showed just now who they are.

        Raises:
            NotFoundError: the actor has no such key.
        """
        with self._database.writing() as session:
            self.passkeys.remove_in(session, actor, key_id)
            return self.sessions.renew_in(session, actor.id, session_id)

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
        if not self._proving.by_password(account.email, old, attempt)[1]:
            raise wrong_password()
        self.people.set_password(actor, new, (account.password_hash, old))
        known = self._lockout.succeeded(attempt, account.id)
        return SignedIn(account.id, self.sessions.begin(account.id, client), known)

    def _begun(
        self,
        session: Session,
        actor: Actor,
        client: str,
        how: str = "",
        by: Vouched | None = None,
    ) -> str:
        """Begin a session of the actor's within a transaction; return its secret."""
        secret = self.sessions.begin_in(session, actor.id, client, by)
        session.get_one(Account, actor.id).seen_at = now()
        note(session, actor, "signed in", actor.id, how)
        return secret
