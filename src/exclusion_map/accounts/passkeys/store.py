"""The keys of accounts: registered, named, removed, asked to sign."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from exclusion_map.accounts.actor import Actor
from exclusion_map.accounts.audit import note
from exclusion_map.accounts.names import tidied
from exclusion_map.accounts.passkeys import answers
from exclusion_map.accounts.passkeys.answers import Party, Said
from exclusion_map.accounts.passkeys.challenges import Purpose, issue_in, take_in
from exclusion_map.accounts.second.needed import has_one
from exclusion_map.accounts.second.store import drop_codes_in, new_codes_in
from exclusion_map.accounts.tables import (
    LONGEST_CREDENTIAL,
    LONGEST_NAME,
    LONGEST_PUBLIC_KEY,
    Account,
    Passkey,
)
from exclusion_map.database import Database, new_id, now
from exclusion_map.database.inserting import insert_into
from exclusion_map.errors import ConflictError, InvalidRequestError, NotFoundError

MOST_KEYS: Final = 20
KEY: Final = "a key"


@dataclass(frozen=True, slots=True)
class KeyAnswer:
    """What a browser brought that had a key sign.

    Attributes:
        answer: JSON, as the browser made it.
        party: for whom it had to sign.
        bound_to: what the browser showed beside it, which the challenge was made for.
    """

    answer: str
    party: Party
    bound_to: str


class Passkeys:
    """Keys in the database."""

    def __init__(self, database: Database, *, offered: bool = True) -> None:
        self._database = database
        self._offered = offered

    def listed(self, account_id: str) -> Sequence[Passkey]:
        """Return the keys of an account, the first one first."""
        with self._database.reading() as session:
            return _of(session, account_id)

    def begin(self, actor: Actor, party: Party, bound_to: str) -> dict[str, Any]:
        """Return what the actor's browser needs to have a new key made.

        Raises:
            ConflictError: there are as many as an account may have, or this service offers none.
        """
        with self._database.writing() as session:
            account = session.get_one(Account, actor.id)
            have = _of(session, actor.id)
            self._expect_room(len(have))
            challenge = issue_in(session, actor.id, Purpose.REGISTER, bound_to)
            return answers.creation_options(
                party, account.id, account.email, account.name, challenge, have
            )

    def register_in(
        self, session: Session, actor: Actor, name: str, brought: KeyAnswer
    ) -> list[str]:
        """Register the actor's new key within a transaction.

        Returns:
            Recovery codes, to show once; none where the account has some from before.

        Raises:
            InvalidRequestError: the name cannot be taken, or the answer is not right.
            ConflictError: the key is registered already, or there are too many.
        """
        called = _name(name)
        self._expect_room(len(_of(session, actor.id)))
        said = answers.said_in(brought.answer)
        taken = said is not None and take_in(
            session, said.challenge, actor.id, Purpose.REGISTER, brought.bound_to
        )
        found = (
            answers.registered(brought.answer, brought.party, said.challenge)
            if said is not None and taken
            else None
        )
        if said is None or found is None or _too_long(found):
            raise InvalidRequestError(
                "key",
                found="an answer that is not right, or came too late",
                expected="one of a key of this browser for this service, made just now",
                mend="Try again.",
            )
        session.get_one(Account, actor.id, with_for_update=True)
        first = not has_one(session, actor.id)
        _insert(session, actor.id, called, brought.party, said, found)
        note(session, actor, "key registered", actor.id)
        return new_codes_in(session, actor.id) if first else []

    def rename(self, actor: Actor, key_id: str, name: str) -> None:
        """Give a key of the actor's another name.

        Raises:
            InvalidRequestError: the name cannot be taken.
            NotFoundError: the actor has no such key.
        """
        called = _name(name)
        with self._database.writing() as session:
            _one(session, actor.id, key_id).name = called

    def remove_in(self, session: Session, actor: Actor, key_id: str) -> None:
        """Remove a key of the actor's within a transaction; with the last factor its codes go.

        Raises:
            NotFoundError: the actor has no such key.
        """
        session.delete(_one(session, actor.id, key_id))
        session.flush()
        note(session, actor, "key removed", actor.id)
        if not has_one(session, actor.id):
            drop_codes_in(session, actor.id)

    def ask(self, account_id: str, purpose: Purpose, party: Party, bound_to: str) -> dict[str, Any]:
        """Return what a browser needs to have a key of an account sign.

        Raises:
            NotFoundError: the account has none for this service.
        """
        with self._database.writing() as session:
            have = [key for key in _of(session, account_id) if key.rp_id == party.id]
            if not have:
                raise NotFoundError("key", found="none for this address", expected="one at least")
            challenge = issue_in(session, account_id, purpose, bound_to)
            return answers.request_options(party, challenge, have)

    def accept(self, actor: Actor, purpose: Purpose, brought: KeyAnswer) -> str:
        """Take what a key of the actor's signed, once; say what it was, empty where it is wrong.

        The challenge is used up either way. A counter that did not go up may mean that there is a
        copy of the key (WebAuthn, section 6.1.1): then it is refused and noted.
        """
        said = answers.said_in(brought.answer)
        with self._database.writing() as session:
            if said is None or not take_in(
                session, said.challenge, actor.id, purpose, brought.bound_to
            ):
                return ""
            key = session.scalar(_by_credential(actor.id, said.credential))
            if key is None or said.holder not in ("", actor.id):
                return ""
            return KEY if _signed(session, actor, key, brought, said.challenge) else ""

    def _expect_room(self, have: int) -> None:
        if not self._offered:
            raise ConflictError(
                "key", found="a service without second factors", expected="one that offers them"
            )
        if have >= MOST_KEYS:
            raise ConflictError(
                "keys",
                found=f"{have}",
                expected=f"at most {MOST_KEYS}",
                mend="Remove one that is not needed.",
            )


def _signed(
    session: Session, actor: Actor, key: Passkey, brought: KeyAnswer, challenge: bytes
) -> bool:
    count = answers.signed(brought.answer, brought.party, challenge, key)
    if count is None:
        return False
    # Both asks and notes: of two answers with the same count at the same moment one is taken.
    unused = (Passkey.sign_count == 0) if count == 0 else (Passkey.sign_count < count)
    use = update(Passkey).where(Passkey.id == key.id, unused)
    done = session.execute(use.values(sign_count=count, used_at=now()))
    if done.rowcount:  # type: ignore[attr-defined]
        return True
    told = f"{key.id[:8]}: {key.sign_count} before, {count} now"
    note(session, actor, "key refused, its counter went back", actor.id, told)
    return False


def _insert(
    session: Session, account_id: str, name: str, party: Party, said: Said, found: answers.Fresh
) -> None:
    row = insert_into(session, Passkey).values(
        id=new_id(),
        account_id=account_id,
        credential_id=found.credential,
        public_key=found.public_key,
        sign_count=found.count,
        name=name,
        transports=said.transports,
        rp_id=party.id,
        synced=found.synced,
        created_at=now(),
    )
    fresh = row.on_conflict_do_nothing(index_elements=["credential_id"]).returning(Passkey.id)
    if session.scalar(fresh) is None:
        raise ConflictError("key", found="one that is registered already", expected="a new one")


def _name(typed: str) -> str:
    name = tidied(typed)
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidRequestError(
            "name of a key",
            found=f"{len(name)} characters" if name.isprintable() else "characters without a shape",
            expected=f"1 to {LONGEST_NAME} characters by which you know the key",
        )
    return name


def _too_long(found: answers.Fresh) -> bool:
    return len(found.credential) > LONGEST_CREDENTIAL or len(found.public_key) > LONGEST_PUBLIC_KEY


def _of(session: Session, account_id: str) -> Sequence[Passkey]:
    mine = select(Passkey).where(Passkey.account_id == account_id)
    return session.scalars(mine.order_by(Passkey.created_at, Passkey.id)).all()


def _one(session: Session, account_id: str, key_id: str) -> Passkey:
    mine = select(Passkey).where(Passkey.account_id == account_id, Passkey.id == key_id)
    found = session.scalar(mine)
    if found is None:
        raise NotFoundError("key", found=f"{key_id[:40]!r}", expected="one of your own")
    return found


def _by_credential(account_id: str, credential: str) -> Any:
    return select(Passkey).where(
        Passkey.account_id == account_id, Passkey.credential_id == credential
    )
