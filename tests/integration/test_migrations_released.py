"""Data of every released version outlives the way to this one; a kill on it leaves nothing half."""

import os
import random
import signal
import time
from collections.abc import Callable
from itertools import count

import pytest
from sqlalchemy import event, inspect

from exclusion_map.accounts import Accounts
from exclusion_map.database import Database, open_database
from exclusion_map.database.migrate import current_revision, latest_revision, upgrade
from exclusion_map.directory import Directory, prepare
from exclusion_map.directory.remote_store import RemoteHelpStore
from exclusion_map.directory.suggestions import Suggestions
from exclusion_map.errors import DatabaseError
from exclusion_map.readiness.store import Readiness

from .released_rows import REVISIONS, ROWS, all_rows, make_released

KILLS = 3
"""Moments at which a migration is killed, on each kind of database; all of them take minutes."""


def test_every_released_revision_has_rows_to_try() -> None:
    assert {path.stem for path in ROWS.glob("*.sql")} == set(REVISIONS)


@pytest.mark.parametrize("revision", REVISIONS)
def test_rows_of_a_released_version_outlive_the_migration(empty_url: str, revision: str) -> None:
    database = make_released(empty_url, revision)
    before = all_rows(database, revision)
    assert all(before.values()), "a table without rows proves nothing"
    upgrade(database)
    assert current_revision(database) == latest_revision()
    assert all_rows(database, revision) == before
    prepare(database)
    read_with_this_code(database, revision)
    database.close()


def read_with_this_code(database: Database, revision: str) -> None:
    """Read what every part of the product keeps, as far as the revision had it; and write on."""
    held = Directory(database).get("l-1")
    [offer] = held.listing.offers
    assert (held.listing.provider.name, offer.support) == (
        'O\'Brien & Sons "Trust" ☎',
        {"devices": "stated"},
    )
    assert (offer.languages, offer.phone, offer.costs[0].amount) == (("cy",), "01632 960 001", 0.2)
    changed = Directory(database).confirm("l-1", by="ben")
    assert changed.version == 3
    # Numbers that the database gives out are used up to here.
    assert Directory(database).generation() >= 7
    if revision >= "0002":
        assert Accounts(database).people.by_email("sam@example.org").name == "Sam Ó Néill"
    if revision >= "0003":
        assert Suggestions(database).get("su-1").email == "jo@example.org"
    if revision >= "0004":
        assert RemoteHelpStore(database).get("rh-1").listing.name == "Cheap line"
    if revision >= "0006":
        assert Readiness(database).mine("ac-1")[0].title == "Our place"


def in_child(work: Callable[[], None]) -> int:
    """Do some work in a child of this process; return how it ended, as a signal or a status."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    _, ended = os.waitpid(child, 0)
    return -os.WTERMSIG(ended) if os.WIFSIGNALED(ended) else os.WEXITSTATUS(ended)


def migrate_until(url: str, last: int) -> None:
    """Migrate, and die just before a statement of a number, or just after it was sent."""
    numbers = count()

    def die(*_: object) -> None:
        if next(numbers) == last:
            os.kill(os.getpid(), signal.SIGKILL)

    from sqlalchemy import Engine

    event.listen(Engine, "before_cursor_execute" if last % 2 else "after_cursor_execute", die)
    event.listen(Engine, "commit", die)
    upgrade(open_database(url))


def tables_of(database: Database) -> set[str]:
    with database.engine.connect() as connection:
        return set(inspect(connection).get_table_names())


def test_a_migration_killed_anywhere_leaves_the_old_or_the_new(empty_url: str) -> None:
    database = make_released(empty_url, REVISIONS[0])
    old_rows, old_tables = all_rows(database, REVISIONS[0]), tables_of(database)
    database.close()
    killed, points = 0, random.Random(7).sample(range(100), KILLS)
    for point in sorted(points):
        killed += in_child(lambda point=point: migrate_until(empty_url, point)) == -signal.SIGKILL
        database = open_database(empty_url)
        revision = wait_for_revision(database)
        assert revision in {REVISIONS[0], latest_revision()}
        if revision == REVISIONS[0]:
            assert tables_of(database) == old_tables
        assert all_rows(database, REVISIONS[0]) == old_rows
        database.close()
    assert killed
    # The next start goes on as if nothing had been.
    prepare(database)
    assert current_revision(database) == latest_revision()
    read_with_this_code(database, REVISIONS[0])
    database.close()


def wait_for_revision(database: Database) -> str | None:
    """Return the revision, once a server has noticed that its client died."""
    for _ in range(50):
        try:
            return current_revision(database)
        except DatabaseError:
            time.sleep(0.1)
    raise AssertionError("the database stays locked")


def test_processes_that_start_at_once_make_the_tables_once(empty_url: str) -> None:
    children = []
    for _ in range(3):
        child = os.fork()
        if child == 0:
            status = 1
            try:
                prepare(open_database(empty_url))
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 3
    database = open_database(empty_url)
    assert current_revision(database) == latest_revision()
    assert Directory(database).all() == []
    database.close()


def test_a_database_of_a_newer_version_is_left_alone(empty_url: str) -> None:
    database = make_released(empty_url, REVISIONS[0])
    with database.writing() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseError, match="'9999'"):
        prepare(database)
    assert current_revision(database) == "9999"
    database.close()
