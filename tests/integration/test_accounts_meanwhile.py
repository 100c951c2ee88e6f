"""What happens to an account meanwhile: between a password that is compared and a session."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from exclusion_map.accounts import COMMAND_LINE, Accounts, Actor, Role
from exclusion_map.accounts.openid import Identity
from exclusion_map.accounts.openid.faults import RefusedByProviderError
from exclusion_map.accounts.tables import Account
from exclusion_map.database import Database
from exclusion_map.errors import InvalidRequestError, NotFoundError, NotSignedInError
from exclusion_map.personal import delete_account

from .accounts_at_work import EMAIL, HERE, OTHER, PASSWORD, at_once, join

ISSUER = "https://sign-in.example.org"


def meanwhile(accounts: Accounts, done: Callable[[], object]) -> None:
    """Let something happen right after the next password was compared."""
    compare = accounts._proving.by_password

    def by_password(*given: Any) -> Any:
        found = compare(*given)
        accounts._proving.by_password = compare  # type: ignore[method-assign]
        done()
        return found

    accounts._proving.by_password = by_password  # type: ignore[method-assign]


def test_no_session_begins_by_a_password_that_was_changed_meanwhile(accounts: Accounts) -> None:
    actor = join(accounts)
    meanwhile(accounts, lambda: accounts.people.set_password(actor, OTHER))
    with pytest.raises(NotSignedInError):
        accounts.sign_in(EMAIL, PASSWORD, address=HERE)
    assert accounts.sessions.listed(actor.id) == []
    assert accounts.sign_in(EMAIL, OTHER, address=HERE)


def test_no_session_begins_in_an_account_that_was_stopped_meanwhile(accounts: Accounts) -> None:
    actor, other = join(accounts), join(accounts, "kim@example.org")
    stop = accounts.people.set_state
    meanwhile(accounts, lambda: stop(other, actor.id, active=False))
    with pytest.raises(NotSignedInError):
        accounts.sign_in(EMAIL, PASSWORD, address=HERE)
    stop(other, actor.id, active=True)
    assert accounts.sessions.listed(actor.id) == []


def test_a_password_set_by_a_link_is_not_written_over_by_who_knows_the_old_one(
    accounts: Accounts,
) -> None:
    actor = join(accounts)
    link = accounts.people.reset(COMMAND_LINE, actor.id)
    meanwhile(accounts, lambda: accounts.invitations.accept(link, "", OTHER))
    with pytest.raises(NotSignedInError):
        accounts.change_password(actor, PASSWORD, "four slow herons wading", address=HERE)
    assert accounts.sign_in(EMAIL, OTHER, address=HERE)


def test_two_who_sign_in_while_the_hash_is_renewed_both_get_in(
    accounts: Accounts, database: Database
) -> None:
    from argon2 import PasswordHasher

    actor = join(accounts)
    old = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
    with database.writing() as session:
        session.execute(update(Account).values(password_hash=old))
    ways = [lambda: accounts.sign_in(EMAIL, PASSWORD, address=HERE)] * 3
    assert not [one for one in at_once(*ways) if isinstance(one, Exception)]
    assert accounts.people.one(actor.id).password_hash != old


@pytest.mark.parametrize("way", ["role", "state", "delete"])
def test_links_of_an_admin_end_with_the_admin(
    accounts: Accounts, database: Database, way: str
) -> None:
    kim, sam = join(accounts, "kim@example.org"), join(accounts)
    accounts.people.rename(sam, "Somebody Else")
    renamed = Actor(sam.id, "Somebody Else")
    theirs = [
        accounts.invitations.invite(sam, "accomplice@example.org", Role.ADMIN),
        accounts.invitations.invite(renamed, "another@example.org", Role.ADMIN),
        accounts.people.reset(renamed, kim.id),
    ]
    mine = accounts.invitations.invite(kim, "guest@example.org", Role.VIEWER)
    if way == "role":
        accounts.people.set_role(kim, sam.id, Role.MODERATOR)
    elif way == "state":
        accounts.people.set_state(kim, sam.id, active=False)
    else:
        delete_account(database, kim, sam.id)
    for secret in theirs:
        with pytest.raises(NotFoundError):
            accounts.invitations.find(secret)
    assert accounts.invitations.find(mine).email == "guest@example.org"


def test_a_name_holds_nothing_that_nobody_sees(accounts: Accounts) -> None:
    actor = join(accounts)
    accounts.people.rename(actor, "\u202eKim\x00\u2066 Green\u2028\x1b[31m")
    assert accounts.people.one(actor.id).name == "Kim Green [31m"
    for nothing in ("\u202e\x00", " \n "):
        with pytest.raises(InvalidRequestError):
            accounts.people.rename(actor, nothing)
        with pytest.raises(InvalidRequestError):
            accounts.tokens.make(actor, nothing, Role.VIEWER, 1)


@pytest.mark.parametrize(
    "email", ["\uff53am@example.org", "sa\uff4d@example.org", "sam@example.or\uff47"]
)
def test_an_address_that_only_looks_like_another_one_opens_no_account(
    accounts: Accounts, email: str
) -> None:
    join(accounts)
    with pytest.raises(RefusedByProviderError):
        accounts.identities.account_of(Identity(ISSUER, "1", email, "Sam"), None)
    known = accounts.identities.account_of(Identity(ISSUER, "2", "Sam@Example.org", "Sam"), None)
    assert known.email == EMAIL
