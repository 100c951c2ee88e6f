"""Fixtures of tests with real parts beneath."""

from collections.abc import Iterator

import pytest

from exclusion_map.accounts import Accounts
from exclusion_map.database import Database, open_database
from exclusion_map.directory import Directory
from tests.cheap_hashes import cheap_hashes


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
def accounts(database: Database) -> Iterator[Accounts]:
    """Accounts that hash as always but at a lower cost."""
    with cheap_hashes():
        yield Accounts(database)
