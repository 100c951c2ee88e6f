"""Tokens with which programs act for a person: shown once, with an end, of no higher role."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, select, update

from exclusion_map.accounts.actor import Actor
from exclusion_map.accounts.audit import note
from exclusion_map.accounts.names import checked_name
from exclusion_map.accounts.noting import note_softly
from exclusion_map.accounts.roles import Role
from exclusion_map.accounts.second.needed import lacks_one
from exclusion_map.accounts.secret import TOKEN_PREFIX, digest, new_secret
from exclusion_map.accounts.sessions import NOTE_USE_EVERY, Known
from exclusion_map.accounts.tables import ACTIVE, Account, ApiToken
from exclusion_map.database import Database, new_id, now
from exclusion_map.errors import InvalidRequestError, NotFoundError

LONGEST_DAYS = 365
MOST_TOKENS = 20


class Tokens:
    """API tokens in the database."""

    def __init__(self, database: Database, second_factor: Role | None = None) -> None:
        self._database = database
        self._second_factor = second_factor

    def make(self, actor: Actor, name: str, role: Role, days: int) -> str:
        """Return a new token of the actor's; it is not to be had again.

        Raises:
            InvalidRequestError: no name, a role above the account's own, too long, too many.
        """
        if not 1 <= days <= LONGEST_DAYS:
            raise InvalidRequestError(
                "days", found=str(days), expected=f"1 to {LONGEST_DAYS} days until the token ends"
            )
        tidy = checked_name(name, "token name", "which say what the token is for")
        secret = new_secret(TOKEN_PREFIX)
        with self._database.writing() as session:
            account = session.get_one(Account, actor.id)
            if not Role(account.role).allows(role):
                raise InvalidRequestError(
                    "role", found=role.value, expected=f"a role up to your own, {account.role}"
                )
            held = session.scalars(_live(actor.id, now())).all()
            if len(held) >= MOST_TOKENS:
                raise InvalidRequestError(
                    "tokens",
                    found=f"{len(held)} that are in use",
                    expected=f"at most {MOST_TOKENS}",
                    mend="Revoke one that is not needed.",
                )
            moment = now()
            session.add(
                ApiToken(
                    id=new_id(),
                    token_hash=digest(secret),
                    account_id=actor.id,
                    name=tidy,
                    role=role.value,
                    created_at=moment,
                    expires_at=moment + timedelta(days=days),
                )
            )
            note(session, actor, "token made", actor.id, f"{role.value}, {days} days")
        return secret

    def find(self, secret: str) -> Known | None:
        """Return who a token acts for; its role is the lower of its own and the account's."""
        if not secret.startswith(TOKEN_PREFIX):
            return None
        with self._database.reading() as session:
            found = session.execute(
                select(ApiToken, Account)
                .join(Account, Account.id == ApiToken.account_id)
                .where(ApiToken.token_hash == digest(secret))
            ).one_or_none()
            if found is None:
                return None
            held, account = found
            # Made by somebody who came with a password alone, before that was too little.
            held_back = bool(account.password_hash) and lacks_one(
                session, account, self._second_factor
            )
        moment = now()
        if held.revoked_at is not None or moment >= held.expires_at or account.state != ACTIVE:
            return None
        if held.used_at is None or moment - held.used_at > NOTE_USE_EVERY:
            mine = update(ApiToken).where(ApiToken.id == held.id).values(used_at=moment)
            note_softly(self._database, (mine,))
        role = min(Role(held.role), Role(account.role), key=lambda one: one.rank)
        return Known(account.id, account.name, account.email, role, held.id, held_back=held_back)

    def listed(self, account_id: str) -> Sequence[ApiToken]:
        """Return the tokens of an account that work, the newest first."""
        with self._database.reading() as session:
            return session.scalars(
                _live(account_id, now()).order_by(ApiToken.created_at.desc())
            ).all()

    def revoke(self, actor: Actor, account_id: str, token_id: str) -> None:
        """End a token of an account.

        Raises:
            NotFoundError: the account has none of that id that works.
        """
        with self._database.writing() as session:
            statement = update(ApiToken).where(
                ApiToken.account_id == account_id,
                ApiToken.id == token_id,
                ApiToken.revoked_at.is_(None),
            )
            changed = session.execute(statement.values(revoked_at=now()))
            if not changed.rowcount:  # type: ignore[attr-defined]
                raise NotFoundError(
                    f"token {token_id!r}",
                    found="no working token with that id",
                    expected="the id of one of the tokens of this account",
                )
            note(session, actor, "token revoked", account_id)


def _live(account_id: str, moment: datetime) -> Select[ApiToken]:
    return select(ApiToken).where(
        ApiToken.account_id == account_id,
        ApiToken.revoked_at.is_(None),
        ApiToken.expires_at > moment,
    )
