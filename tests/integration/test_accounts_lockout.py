"""Guessing passwords is slow in SQLite and in PostgreSQL, and keeps no owner out."""

import pytest
from sqlalchemy import update

from exclusion_map.accounts import Accounts, Role
from exclusion_map.accounts.lockout import BY_ACCOUNT, BY_BOTH, BY_CLIENT
from exclusion_map.accounts.tables import SignInAttempts
from exclusion_map.database import Database
from exclusion_map.errors import NotSignedInError, TooManyRequestsError

from .accounts_at_work import ELSEWHERE, EMAIL, HERE, PASSWORD, at_once, join


def fail(accounts: Accounts, *, address: str = ELSEWHERE, device: str = "") -> None:
    with pytest.raises(NotSignedInError):
        accounts.sign_in(EMAIL, "wrong", address=address, device=device)


def test_guessing_gets_slow_for_one_client_and_stays_free_for_another(accounts: Accounts) -> None:
    join(accounts)
    for _ in range(BY_BOTH.free):
        fail(accounts)
    with pytest.raises(TooManyRequestsError) as error:
        accounts.sign_in(EMAIL, PASSWORD, address=ELSEWHERE)
    assert 0 < error.value.wait_s <= 1
    accounts.sign_in(EMAIL, PASSWORD, address=HERE)


def test_an_unknown_address_is_slowed_in_the_same_way(accounts: Accounts) -> None:
    for _ in range(BY_BOTH.free):
        with pytest.raises(NotSignedInError):
            accounts.sign_in("nobody@example.org", "wrong", address=HERE)
    with pytest.raises(TooManyRequestsError):
        accounts.sign_in("nobody@example.org", "wrong", address=HERE)


def test_nobody_can_keep_the_owner_out(accounts: Accounts, database: Database) -> None:
    join(accounts)
    device = accounts.sign_in(EMAIL, PASSWORD, address=HERE).device
    # Guesses from everywhere, as a botnet makes them: the account itself waits by now.
    with database.writing() as session:
        session.execute(update(SignInAttempts).values(failures=10_000))
    for number in range(BY_ACCOUNT.free):
        fail(accounts, address=f"198.51.100.{number}")
    with pytest.raises(TooManyRequestsError) as error:
        accounts.sign_in(EMAIL, PASSWORD, address="203.0.113.7")
    assert error.value.wait_s <= BY_ACCOUNT.longest_s
    # The browser that was here before is let in, even from an address that is slowed.
    accounts.sign_in(EMAIL, PASSWORD, address="203.0.113.7", device=device)
    for _ in range(BY_BOTH.free):
        fail(accounts, device=device)
    with pytest.raises(TooManyRequestsError):
        accounts.sign_in(EMAIL, PASSWORD, address=HERE, device=device)


def test_an_account_of_ones_own_does_not_wipe_off_guesses_at_others(accounts: Accounts) -> None:
    join(accounts)
    join(accounts, "mallory@example.org", Role.VIEWER)
    for number in range(BY_CLIENT.free):
        with pytest.raises(NotSignedInError):
            accounts.sign_in(f"guess{number}@example.org", "wrong", address=ELSEWHERE)
        if number < BY_CLIENT.free - 1:
            accounts.sign_in("mallory@example.org", PASSWORD, address=ELSEWHERE)
    with pytest.raises(TooManyRequestsError):
        accounts.sign_in("mallory@example.org", PASSWORD, address=ELSEWHERE)


def test_many_guesses_at_once_gain_nothing(accounts: Accounts) -> None:
    join(accounts)
    results = at_once(
        *(lambda: accounts.sign_in(EMAIL, "wrong", address=ELSEWHERE) for _ in range(12))
    )
    judged = sum(isinstance(result, NotSignedInError) for result in results)
    refused = sum(isinstance(result, TooManyRequestsError) for result in results)
    assert judged + refused == 12, results
    assert judged <= BY_BOTH.free + 1
