"""Challenges for keys to sign: random, for a few minutes, for one browser and purpose, once."""

import secrets
from datetime import timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from exclusion_map.accounts.secret import BYTES, digest
from exclusion_map.accounts.tables import PasskeyChallenge
from exclusion_map.database import now

SIGN_WITHIN: Final = timedelta(minutes=5)
"""How long a browser waits for a key; WebAuthn (level 3, section 15.1) has 5 to 10 minutes."""
_ON_THE_WAY: Final = timedelta(seconds=30)


class Purpose(StrEnum):
    """What a key signs for; what was signed for one purpose serves no other."""

    REGISTER = "register"
    SIGN_IN = "sign in"
    PROVE = "prove"


def issue_in(session: Session, account_id: str, purpose: Purpose, bound_to: str) -> bytes:
    """Return a new challenge within a transaction; those that are over are cleared away.

    Args:
        session: that writes.
        account_id: whose keys may answer.
        purpose: what for.
        bound_to: what only the browser has that may bring the answer.
    """
    moment, challenge = now(), secrets.token_bytes(BYTES)
    session.execute(delete(PasskeyChallenge).where(PasskeyChallenge.expires_at < moment))
    session.add(
        PasskeyChallenge(
            key=_key(challenge),
            account_id=account_id,
            bound_to=_binding(purpose, bound_to),
            expires_at=moment + SIGN_WITHIN + _ON_THE_WAY,
        )
    )
    return challenge


def take_in(
    session: Session, challenge: bytes, account_id: str, purpose: Purpose, bound_to: str
) -> bool:
    """Use a challenge up within a transaction; say whether it could be used for this.

    A challenge that somebody brings from elsewhere stays as it is.
    """
    statement = delete(PasskeyChallenge).where(
        PasskeyChallenge.key == _key(challenge),
        PasskeyChallenge.account_id == account_id,
        PasskeyChallenge.bound_to == _binding(purpose, bound_to),
        PasskeyChallenge.expires_at > now(),
    )
    return bool(session.execute(statement).rowcount)  # type: ignore[attr-defined]


def _key(challenge: bytes) -> str:
    return digest(challenge.hex())


def _binding(purpose: Purpose, bound_to: str) -> str:
    return digest(f"{purpose}\x00{bound_to}")
