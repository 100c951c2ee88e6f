"""Fixtures of tests with real parts beneath."""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from exclusion_map.accounts import Accounts, passwords
from exclusion_map.database import Database, open_database
from exclusion_map.directory import Directory


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with the tables of this version."""
    database = open_database(database_url)
    yield database
    database.close()


@pytest.fixture
def directory(database: Database) -> Directory:
    """An empty directory."""
    return Directory(database)


@pytest.fixture
def accounts(database: Database, monkeypatch: pytest.MonkeyPatch) -> Accounts:
    """Accounts that hash as always but at a lower cost: tests sign in some hundred times."""
    cheap = PasswordHasher(time_cost=1, memory_cost=256, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", cheap)
    passwords._nobodys.cache_clear()
    return Accounts(database)
