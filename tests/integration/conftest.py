"""Fixtures of tests with real parts beneath."""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from exclusion_map.accounts import Accounts, passwords
from exclusion_map.database import Database, open_database
from exclusion_map.database.migrate import upgrade


@pytest.fixture
def accounts_database(database_url: str) -> Iterator[Database]:
    """A database with the tables of this version."""
    database = open_database(database_url)
    upgrade(database)
    yield database
    database.close()


@pytest.fixture
def accounts(accounts_database: Database, monkeypatch: pytest.MonkeyPatch) -> Accounts:
    """Accounts that hash as always but at a lower cost: tests sign in some hundred times."""
    cheap = PasswordHasher(time_cost=1, memory_cost=256, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", cheap)
    passwords._nobodys.cache_clear()
    return Accounts(accounts_database)
