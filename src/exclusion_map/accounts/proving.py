"""Proving who one is: a password, a code, what a key signed. Every try is counted first."""

from exclusion_map.accounts.actor import Actor
from exclusion_map.accounts.audit import note
from exclusion_map.accounts.keys import Keys
from exclusion_map.accounts.lockout import Attempt, Lockout
from exclusion_map.accounts.passkeys.challenges import Purpose
from exclusion_map.accounts.passkeys.store import KeyAnswer, Passkeys
from exclusion_map.accounts.passwords import LONGEST_TYPED, verified
from exclusion_map.accounts.people import People
from exclusion_map.accounts.second.store import SecondFactors
from exclusion_map.accounts.tables import ACTIVE, LONGEST_EMAIL, Account
from exclusion_map.accounts.telling import tell_of_guesses
from exclusion_map.database import Database
from exclusion_map.errors import NotSignedInError, TooManyRequestsError


class WrongCodeError(NotSignedInError):
    """The second factor was not right."""


class Proving:
    """Judges passwords and second factors, and minds how often somebody tries."""

    def __init__(
        self,
        database: Database,
        keys: Keys,
        people: People,
        second: SecondFactors,
        passkeys: Passkeys,
    ) -> None:
        self._database = database
        self._keys = keys
        self._people = people
        self._second = second
        self._passkeys = passkeys
        self._lockout = Lockout(database)

    def by_password(
        self, email: str, password: str, attempt: Attempt
    ) -> tuple[Account | None, bool]:
        """Return the account, and whether the password is its, after as much work in every case."""
        possible = len(email) <= LONGEST_EMAIL and len(password) <= LONGEST_TYPED
        possible = possible and email.strip().isprintable()
        account = self._people.find(email) if possible else None
        try:
            self._lockout.begin(attempt, account.id if account else None)
        except TooManyRequestsError:
            tell_of_guesses(self._database, account)
            raise
        kept = account.password_hash if account else ""
        proven = verified(kept, password if possible else "", self._keys)
        return account, bool(proven and account and account.state == ACTIVE)

    def by_second(
        self, actor: Actor, shown: str | KeyAnswer, purpose: Purpose, address: str, device: str
    ) -> str:
        """Take a code of the actor's second factor, or what a key signed; return which it was.

        Raises:
            WrongCodeError: it is none, or was used before.
            TooManyRequestsError: too soon after tries that failed.
        """
        attempt = Attempt(actor.id, address, device, second=True)
        self._lockout.begin(attempt, actor.id)
        by_key = isinstance(shown, KeyAnswer)
        if isinstance(shown, KeyAnswer):
            how = self._passkeys.accept(actor, purpose, shown)
        else:
            how = self._second.accept(actor, shown)
        if not how:
            with self._database.writing() as session:
                note(session, actor, "second factor failed", actor.id, "a key" if by_key else "")
            raise _wrong_key() if by_key else _wrong_code()
        self._lockout.forgive(attempt, actor.id)
        return how


def _wrong_code() -> WrongCodeError:
    return WrongCodeError(
        "code",
        found="one that is not right, or was used before",
        expected="the six digits that the app shows now, or a recovery code",
        mend="Wait for the next code, and check that the phone's clock is right.",
    )


def _wrong_key() -> WrongCodeError:
    return WrongCodeError(
        "key",
        found="an answer that is not right, or was used before",
        expected="one of a key of the account, made just now in this browser",
        mend="Try again.",
    )
