"""The second factors of accounts: set up, asked for, taken off."""

import secrets
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, delete, func, select, union, update
from sqlalchemy.orm import Session

from exclusion_map.accounts.actor import Actor
from exclusion_map.accounts.audit import note
from exclusion_map.accounts.second.codes import (
    is_app_code,
    new_key,
    new_recovery_code,
    recovery_digest,
    recovery_letters,
    step_of,
    tidied,
)
from exclusion_map.accounts.second.needed import has_one, required_of
from exclusion_map.accounts.second.sealing import PLAIN, Sealing
from exclusion_map.accounts.sessions import end_all_in
from exclusion_map.accounts.tables import Account, Passkey, RecoveryCode, SecondFactor
from exclusion_map.database import Database, new_id, now
from exclusion_map.errors import ConflictError, InvalidRequestError, NotFoundError

RECOVERY_CODES: Final = 10
SET_UP_WITHIN: Final = timedelta(minutes=30)
"""A key that was shown and not confirmed by then is not taken any more."""
APP, RECOVERY = "a code of the app", "a recovery code"


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with the second factor of an account.

    Attributes:
        since: when codes of an app were confirmed; None without them.
        used_at: when a code was taken last.
        recovery_left: recovery codes that were not used.
        keys: how many keys there are.
    """

    since: datetime | None = None
    used_at: datetime | None = None
    recovery_left: int = 0
    keys: int = 0

    @property
    def on(self) -> bool:
        """Whether anything is asked for after the password."""
        return self.since is not None or self.keys > 0


class SecondFactors:
    """Second factors in the database.

    Attributes:
        required: the lowest role that must have one; None where nobody must.
        offered: whether they can be set up.
    """

    def __init__(self, database: Database, policy: str = "offered", keys: str = "") -> None:
        self._database = database
        self._sealing = Sealing(keys)
        self.offered = policy != "off"
        self.required = required_of(policy)

    def standing(self, account_id: str) -> Standing:
        """Return how it stands with an account."""
        with self._database.reading() as session:
            held = session.get(SecondFactor, account_id)
            counted = select(func.count()).where(Passkey.account_id == account_id)
            keys, left = session.scalar(counted) or 0, _left(session, account_id)
            if held is None or held.confirmed_at is None:
                return Standing(recovery_left=left, keys=keys)
            return Standing(held.confirmed_at, held.used_at, left, keys)

    def in_use(self) -> frozenset[str]:
        """Return the ids of the accounts that have one."""
        with self._database.reading() as session:
            confirmed = SecondFactor.confirmed_at.is_not(None)
            codes = select(SecondFactor.account_id).where(confirmed)
            return frozenset(session.scalars(union(codes, select(Passkey.account_id))))

    def close_readable(self) -> int:
        """Encrypt the keys that an earlier version kept as they are; return how many."""
        if not self._sealing.closes:
            return 0
        with self._database.writing() as session:
            readable = select(SecondFactor).where(SecondFactor.secret.startswith(PLAIN))
            found = session.scalars(readable.with_for_update()).all()
            for one in found:
                one.secret = self._sealing.seal(one.secret.removeprefix(PLAIN), one.account_id)
        return len(found)

    def begin(self, actor: Actor) -> None:
        """Make a new key for the actor, to be confirmed; one that was not confirmed ends.

        Raises:
            ConflictError: there is one in use, or this service offers none.
        """
        if not self.offered:
            raise _conflict("a service without second factors", "one that offers them")
        key = self._sealing.seal(new_key(), actor.id)
        with self._database.writing() as session:
            held = session.get(SecondFactor, actor.id, with_for_update=True)
            if held is not None and held.confirmed_at is not None:
                raise _conflict("a second factor in use", "none", "Switch it off first.")
            fresh = SecondFactor(account_id=actor.id, secret=key, created_at=now(), last_step=0)
            session.merge(fresh)

    def pending(self, account_id: str) -> str:
        """Return the key that waits to be confirmed, to show it; empty without one."""
        with self._database.reading() as session:
            held = session.get(SecondFactor, account_id)
        if held is None or held.confirmed_at is not None or _too_old(held):
            return ""
        return self._sealing.open(held.secret, account_id)

    def confirm_in(
        self, session: Session, actor: Actor, typed: str, moment: float | None = None
    ) -> list[str]:
        """Take the actor's new key into use, shown by a code; return new recovery codes, once.

        Raises:
            InvalidRequestError: the code is not one of the key's, now.
            NotFoundError: there is no key to confirm.
        """
        held = session.get(SecondFactor, actor.id, with_for_update=True)
        if held is None or held.confirmed_at is not None or _too_old(held):
            raise NotFoundError(
                "second factor",
                found="no second factor waiting to be confirmed",
                expected=f"one begun in the last {SET_UP_WITHIN.seconds // 60} minutes",
                mend="Start again on your account page.",
            )
        key, code = self._sealing.open(held.secret, actor.id), tidied(typed)
        step = step_of(key, code, _at(moment)) if key and is_app_code(code) else None
        if step is None:
            raise InvalidRequestError(
                "code",
                found="a code that the app does not show now",
                expected="the six digits that it shows for this service",
                mend="Check that the phone's clock is right.",
            )
        held.confirmed_at = held.used_at = now()
        held.last_step = step
        note(session, actor, "second factor set up", actor.id)
        return new_codes_in(session, actor.id)

    def renew_codes(self, actor: Actor) -> list[str]:
        """Return new recovery codes for the actor, once; those before work no longer.

        Raises:
            NotFoundError: the actor has no second factor.
        """
        with self._database.writing() as session:
            # Of two who ask at once, the codes of one are made after those of the other.
            session.get_one(Account, actor.id, with_for_update=True)
            if not has_one(session, actor.id):
                raise NotFoundError(
                    "recovery codes", found="no second factor", expected="one that is in use"
                )
            note(session, actor, "recovery codes made anew", actor.id)
            return new_codes_in(session, actor.id)

    def accept(self, actor: Actor, typed: str, moment: float | None = None) -> str:
        """Take a code of an account, once; return which kind it was, empty where it is none.

        Of the same code at the same moment in two browsers one is taken: a statement both asks
        and notes.
        """
        tidy = tidied(typed)
        with self._database.writing() as session:
            if is_app_code(tidy):
                return APP if self._app_code(session, actor.id, tidy, _at(moment)) else ""
            if _recovery_code(session, actor.id, recovery_letters(tidy)):
                left = f"{_left(session, actor.id)} left"
                note(session, actor, "recovery code used", actor.id, left)
                return RECOVERY
        return ""

    def _app_code(self, session: Session, account_id: str, code: str, moment: float) -> bool:
        held = session.get(SecondFactor, account_id)
        if held is None or held.confirmed_at is None:
            return False
        key = self._sealing.open(held.secret, account_id)
        step = step_of(key, code, moment) if key else None
        if step is None:
            return False
        # RFC 6238, section 5.2: a code that was taken is not taken a second time. Kept anew, so
        # that a new secret of the settings closes what an older one had closed.
        later = update(SecondFactor).where(
            SecondFactor.account_id == account_id, SecondFactor.last_step < step
        )
        kept = self._sealing.seal(key, account_id)
        done = session.execute(later.values(last_step=step, used_at=now(), secret=kept))
        return bool(done.rowcount)  # type: ignore[attr-defined]

    def take_off(self, actor: Actor, account_id: str) -> None:
        """Take codes and keys off an account; its sessions end. Nothing where there are none.

        The caller has seen to it that the actor may.
        """
        with self._database.writing() as session:
            keys = session.execute(delete(Passkey).where(Passkey.account_id == account_id)).rowcount  # type: ignore[attr-defined]
            codes = _delete_key(session, account_id)
            drop_codes_in(session, account_id)
            if codes or keys:
                note(session, actor, "second factor reset", account_id)
                end_all_in(session, account_id)


def switch_off_in(session: Session, actor: Actor) -> None:
    """Switch the actor's codes off within a transaction.

    Recovery codes stay where a key is asked for.
    """
    if _delete_key(session, actor.id):
        note(session, actor, "second factor switched off", actor.id)
    if not has_one(session, actor.id):
        drop_codes_in(session, actor.id)


def drop_codes_in(session: Session, account_id: str) -> None:
    """Delete the recovery codes of an account within a transaction."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))


def _delete_key(session: Session, account_id: str) -> bool:
    mine = delete(SecondFactor).where(SecondFactor.account_id == account_id)
    return bool(session.execute(mine).rowcount)  # type: ignore[attr-defined]


def _unused(account_id: str) -> Select[RecoveryCode]:
    return select(RecoveryCode).where(
        RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None)
    )


def _left(session: Session, account_id: str) -> int:
    return len(session.scalars(_unused(account_id)).all())


def new_codes_in(session: Session, account_id: str) -> list[str]:
    """Make recovery codes anew within a transaction; return them, once."""
    drop_codes_in(session, account_id)
    codes = [new_recovery_code() for _ in range(RECOVERY_CODES)]
    for code in codes:
        identity = new_id()
        kept = recovery_digest(identity, tidied(code))
        session.add(RecoveryCode(id=identity, account_id=account_id, code_hash=kept))
    return codes


def _recovery_code(session: Session, account_id: str, letters: str) -> bool:
    if not letters:
        return False
    for one in session.scalars(_unused(account_id)).all():
        if secrets.compare_digest(one.code_hash, recovery_digest(one.id, letters)):
            use = update(RecoveryCode).where(
                RecoveryCode.id == one.id, RecoveryCode.used_at.is_(None)
            )
            return bool(session.execute(use.values(used_at=now())).rowcount)  # type: ignore[attr-defined]
    return False


def _too_old(held: SecondFactor) -> bool:
    return now() - held.created_at > SET_UP_WITHIN


def _at(moment: float | None) -> float:
    return time.time() if moment is None else moment


def _conflict(found: str, expected: str, mend: str = "") -> ConflictError:
    return ConflictError("second factor", found=found, expected=expected, mend=mend)
