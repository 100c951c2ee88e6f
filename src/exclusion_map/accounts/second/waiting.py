"""Sign-ins half done: the password was right, the second factor is asked for."""

from datetime import timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from exclusion_map.accounts.secret import digest, new_secret
from exclusion_map.accounts.tables import ACTIVE, Account, SignInWaiting
from exclusion_map.database import now
from exclusion_map.errors import NotSignedInError

WAIT: Final = timedelta(minutes=10)


class WaitingOverError(NotSignedInError):
    """Nothing waits for a code: it took too long, or was finished, or its account changed."""


def begin_in(session: Session, account_id: str) -> str:
    """Begin to wait within a transaction; return what the cookie of the browser holds."""
    secret, moment = new_secret(), now()
    session.execute(delete(SignInWaiting).where(SignInWaiting.expires_at < moment))
    waiting = SignInWaiting(
        token_hash=digest(secret), account_id=account_id, expires_at=moment + WAIT
    )
    session.add(waiting)
    return secret


def account_of(session: Session, secret: str) -> Account:
    """Return whose sign-in waits in a browser.

    Raises:
        WaitingOverError: none does, or the account may no longer sign in.
    """
    found = session.scalar(
        select(Account)
        .join(SignInWaiting, SignInWaiting.account_id == Account.id)
        .where(
            SignInWaiting.token_hash == digest(secret),
            SignInWaiting.expires_at > now(),
            Account.state == ACTIVE,
        )
    )
    if found is None:
        raise _over()
    return found


def end_in(session: Session, secret: str) -> None:
    """End the wait within a transaction: of two who finish it at once, one does.

    Raises:
        WaitingOverError: it ended meanwhile.
    """
    mine = delete(SignInWaiting).where(SignInWaiting.token_hash == digest(secret))
    if session.execute(mine).rowcount != 1:  # type: ignore[attr-defined]
        raise _over()


def _over() -> WaitingOverError:
    return WaitingOverError(
        "sign-in",
        found="no sign-in waiting for a code",
        expected=f"one whose password was shown in the last {WAIT.seconds // 60} minutes",
        mend="Sign in again.",
    )
