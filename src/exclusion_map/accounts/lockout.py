"""Make guessing passwords slow, without letting a guesser keep the owner out.

Failures are counted under three keys: the client, the account from this client, and the account
from anywhere. Some are free, then each doubles the wait, up to a limit; nothing locks for good. A
browser that signed in to the account before holds a cookie for it (a "device cookie", as OWASP's
Authentication Cheat Sheet describes) and does not wait for what others do to the account.

A try is counted before the password is looked at, in one transaction: many at once gain nothing.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from exclusion_map.accounts.secret import digest, new_secret
from exclusion_map.accounts.tables import KnownClient, SignInAttempts
from exclusion_map.database import Database, now
from exclusion_map.database.inserting import insert_into
from exclusion_map.errors import TooManyRequestsError

FORGET = timedelta(hours=24)
KNOWN_FOR = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Rule:
    """How many failures are free under a key, and how long the longest wait is, in seconds."""

    free: int
    longest_s: float


BY_CLIENT = Rule(free=20, longest_s=900)
BY_BOTH = Rule(free=5, longest_s=900)
BY_ACCOUNT = Rule(free=30, longest_s=60)
BY_ACCOUNT_SECOND = Rule(free=10, longest_s=3_600)
"""Of six digits there are few. Who guesses them has the password already: the wait may be long."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to sign in: for which address, from where, by a browser that was here before?

    ``second``: whether it is with the second factor, which is counted apart.
    """

    email: str
    client: str
    device: str = ""
    second: bool = False

    def keys(self, *, known: bool) -> dict[str, Rule]:
        """Return what the try counts under."""
        who = f"second factor of {self.email}" if self.second else self.email
        both = ("device", who, self.device) if known else ("both", who, self.client)
        keys = {_key(*both): BY_BOTH}
        if not known:
            keys[_key("client", self.client)] = BY_CLIENT
            keys[_key("account", who)] = BY_ACCOUNT_SECOND if self.second else BY_ACCOUNT
        return keys


class Lockout:
    """Counts failures in the database, so that all processes of the service count together."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, attempt: Attempt, account_id: str | None) -> None:
        """Count a try before it is judged.

        Raises:
            TooManyRequestsError: it comes too soon after others that failed.
        """
        with self._database.writing() as session:
            keys = attempt.keys(known=_is_known(session, attempt.device, account_id))
            rows = _rows(session, keys)
            moment = now()
            _refuse_early([row.wait_until for row in rows.values()], moment)
            for key, row in rows.items():
                fresh = moment - row.last_at > FORGET
                row.failures = 1 if fresh else row.failures + 1
                row.last_at = moment
                row.wait_until = moment + timedelta(seconds=wait_s(row.failures, keys[key]))

    def forgive(self, attempt: Attempt, account_id: str) -> None:
        """Forget the failures of an account, for it was who they said."""
        with self._database.writing() as session:
            _forgive(session, attempt, account_id)

    def succeeded(self, attempt: Attempt, account_id: str) -> str:
        """Forget the failures of an account; return the cookie that makes this browser known."""
        with self._database.writing() as session:
            known = _forgive(session, attempt, account_id)
            old = now() - FORGET
            session.execute(delete(SignInAttempts).where(SignInAttempts.last_at < old))
            unused = now() - KNOWN_FOR
            session.execute(delete(KnownClient).where(KnownClient.used_at < unused))
            device = attempt.device if known else new_secret()
            session.merge(
                KnownClient(token_hash=digest(device), account_id=account_id, used_at=now())
            )
        return device


def wait_s(failures: int, rule: Rule) -> float:
    """Return how long to wait after so many failures, in seconds."""
    beyond = failures - rule.free
    return 0.0 if beyond < 0 else min(rule.longest_s, 2.0 ** min(beyond, 20))


def _refuse_early(waits: list[datetime], moment: datetime) -> None:
    left = max(((until - moment).total_seconds() for until in waits), default=0.0)
    if left > 0:
        raise TooManyRequestsError(
            "signing in",
            found="too many failed attempts",
            expected=f"the next one in {round(left) + 1} seconds",
            mend="Wait, then try again. If you forgot your password, ask an admin for a new link.",
            wait_s=left,
        )


def _rows(session: Session, keys: Iterable[str]) -> dict[str, SignInAttempts]:
    """Return the row of each key, locked, made where there was none.

    In one order everywhere: else two tries at once could each wait for the other.
    """
    ordered = sorted(keys)
    long_ago = datetime(2000, 1, 1, tzinfo=UTC)
    fresh = [
        {"key": key, "failures": 0, "last_at": long_ago, "wait_until": long_ago} for key in ordered
    ]
    session.execute(insert_into(session, SignInAttempts).on_conflict_do_nothing(), fresh)
    query = select(SignInAttempts).where(SignInAttempts.key.in_(ordered))
    found = session.scalars(query.order_by(SignInAttempts.key).with_for_update())
    return {row.key: row for row in found}


def _forgive(session: Session, attempt: Attempt, account_id: str) -> bool:
    """Forget failures within a transaction; say whether the browser was known."""
    known = _is_known(session, attempt.device, account_id)
    for key, rule in attempt.keys(known=known).items():
        if rule is BY_CLIENT:
            # Who has an account could else wipe off their guesses at other accounts.
            one = update(SignInAttempts).where(SignInAttempts.key == key)
            less = SignInAttempts.failures - 1
            session.execute(one.values(failures=less, wait_until=now()))
        else:
            session.execute(delete(SignInAttempts).where(SignInAttempts.key == key))
    return known


def _is_known(session: Session, device: str, account_id: str | None) -> bool:
    if not device or account_id is None:
        return False
    known = session.get(KnownClient, digest(device))
    return (
        known is not None and known.account_id == account_id and now() - known.used_at < KNOWN_FOR
    )


def _key(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()
