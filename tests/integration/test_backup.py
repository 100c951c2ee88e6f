"""Backups, restored and compared: from either database to either, damaged, killed, refused."""

import fcntl
import os
import random
import signal
import sqlite3
import stat
import sys
import threading
from itertools import count
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import Engine, event, text
from typer.testing import CliRunner

from exclusion_map.cli import app
from exclusion_map.database import Database, open_database
from exclusion_map.database.backups import Archive, backup, restore
from exclusion_map.database.backups.backup import UNFINISHED
from exclusion_map.database.migrate import current_revision, latest_revision
from exclusion_map.directory import Directory, Listing
from exclusion_map.errors import DatabaseAwayError, DatabaseError

from .released_rows import REVISIONS, all_rows, make_released

LAST = REVISIONS[-1]
FLIPS, KILLS = 40, 3


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of a SQLite database of this version with rows in every table."""
    folder = tmp_path_factory.mktemp("backups")
    database = make_released(f"sqlite:///{folder / 'source.db'}", LAST)
    backup(database, folder / "backup.zip")
    database.close()
    return folder / "backup.zip"


@pytest.fixture
def target(empty_url: str) -> Database:
    return open_database(empty_url)


def rows_in(path: Path) -> dict[str, list[bytes]]:
    held = Archive(path)
    return {table.name: list(held.lines(table.name)) for table in held.manifest.tables}


def test_everything_comes_back_from_either_kind_to_either(
    archive: Path, target: Database, tmp_path: Path
) -> None:
    told: list[str] = []
    done = restore(target, archive, tell=lambda table, _: told.append(table))
    assert (done.aside, current_revision(target)) == ("", latest_revision())
    assert len(told) == len(done.manifest.tables)
    assert all_rows(target, LAST) == rows_in(archive)
    # The other way, and on from there: the numbers that were given out stay given out.
    again = tmp_path / "again.zip"
    assert backup(target, again).tables == done.manifest.tables
    back = open_database(f"sqlite:///{tmp_path / 'back.db'}")
    restore(back, again)
    assert all_rows(back, LAST) == rows_in(archive)
    for database in (back, target):
        assert Directory(database).confirm("l-1", by="ben").version == 3
        assert Directory(database).generation() == 8
        with pytest.raises(Exception, match="only added to"), database.writing() as session:
            session.connection().exec_driver_sql("DELETE FROM audit")
        database.close()


def test_a_backup_of_an_old_version_is_brought_forward(target: Database, tmp_path: Path) -> None:
    old = make_released(f"sqlite:///{tmp_path / 'old.db'}", REVISIONS[0])
    manifest = backup(old, tmp_path / "old.zip")
    assert manifest.revision == REVISIONS[0]
    assert current_revision(old) == REVISIONS[0], "a backup changes nothing"
    old.close()
    restore(target, tmp_path / "old.zip")
    assert current_revision(target) == latest_revision()
    assert all_rows(target, REVISIONS[0]) == rows_in(tmp_path / "old.zip")
    target.close()


def test_data_is_replaced_only_when_said_and_kept_aside(archive: Path, empty_url: str) -> None:
    target = make_released(empty_url, REVISIONS[1])
    before = all_rows(target, REVISIONS[1])
    with pytest.raises(DatabaseError, match="--replace"):
        restore(target, archive)
    assert all_rows(target, REVISIONS[1]) == before
    other = open_database(empty_url)
    with other.reading() as session:
        session.connection().exec_driver_sql("SELECT count(*) FROM location")
        with pytest.raises(DatabaseError, match="Stop the service"):
            restore(target, archive, replace=True)
    other.close()
    assert all_rows(target, REVISIONS[1]) == before
    done = restore(target, archive, replace=True)
    assert all_rows(target, LAST) == rows_in(archive)
    kind, _, name = done.aside.partition(" ")
    if kind == "schema":
        query = {"options": f"-csearch_path={name}"}
        url = target.engine.url.update_query_dict(query)
        kept = open_database(url.render_as_string(hide_password=False))
    else:
        kept = open_database(f"sqlite:///{done.aside}")
    assert all_rows(kept, REVISIONS[1]) == before
    kept.close()
    target.close()


def test_a_flipped_byte_is_noticed_or_means_nothing(archive: Path, tmp_path: Path) -> None:
    whole, rows, copy = archive.read_bytes(), rows_in(archive), tmp_path / "copy.zip"
    places = random.Random(3).sample(range(len(whole)), FLIPS)
    noticed = 0
    for place in places:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << (place % 8)
        copy.write_bytes(damaged)
        try:
            Archive(copy).verify()
        except DatabaseError:
            noticed += 1
        else:
            assert rows_in(copy) == rows
    assert noticed > FLIPS // 2


def test_other_files_are_refused_and_change_nothing(archive: Path, tmp_path: Path) -> None:
    target = make_released(f"sqlite:///{tmp_path / 'target.db'}", REVISIONS[0])
    before = all_rows(target, REVISIONS[0])
    text, short, other, newer = (tmp_path / name for name in ("text", "short", "other", "newer"))
    text.write_text("no backup", encoding="utf-8")
    short.write_bytes(archive.read_bytes()[:-200])
    with ZipFile(other, "w") as held:
        held.writestr("readme", "another zip")
    with ZipFile(newer, "w") as held:
        manifest = Archive(archive).manifest.model_copy(update={"revision": "9999"})
        held.writestr("manifest.json", manifest.model_dump_json())
    for path in (text, short, other, newer, tmp_path / "absent", tmp_path):
        with pytest.raises(DatabaseError):
            restore(target, path, replace=True)
    assert all_rows(target, REVISIONS[0]) == before
    target.close()


def test_a_backup_is_private_new_and_leaves_nothing_else(target: Database, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    with pytest.raises(DatabaseError, match="no tables"):
        backup(target, folder / "empty.zip")
    assert list(folder.iterdir()) == []
    target.close()
    full = make_released(f"sqlite:///{tmp_path / 'full.db'}", LAST)
    old_mask = os.umask(0)
    try:
        backup(full, folder / "one.zip")
    finally:
        os.umask(old_mask)
    assert stat.S_IMODE((folder / "one.zip").stat().st_mode) == 0o600
    with pytest.raises(DatabaseError, match="a file of that name"):
        backup(full, folder / "one.zip")
    with pytest.raises(DatabaseError, match="No such file"):
        backup(full, folder / "absent" / "two.zip")
    assert [path.name for path in folder.iterdir()] == ["one.zip"]
    full.close()


def test_a_backup_while_others_write_is_of_one_moment(database_url: str, tmp_path: Path) -> None:
    database = open_database(database_url)
    directory = Directory(database)
    held = directory.add(Listing(name="Busy"), by="ada")
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            directory.confirm(held.id, by="ada")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        backup(database, tmp_path / "busy.zip")
    finally:
        stop.set()
        writer.join()
    other = open_database(f"sqlite:///{tmp_path / 'quiet.db'}")
    restore(other, tmp_path / "busy.zip")
    seen = Directory(other)
    assert seen.get(held.id).version == len(seen.history(held.id))
    other.close()
    database.close()


def test_a_full_disk_is_told_as_such(tmp_path: Path) -> None:
    database = make_released(f"sqlite:///{tmp_path / 'full.db'}", LAST)
    before = all_rows(database, LAST)

    @event.listens_for(database.engine, "connect")
    def no_room(connection: sqlite3.Connection, _: object) -> None:
        # What SQLite then says is what it says of a full disk.
        connection.execute("PRAGMA max_page_count = 1")

    database.engine.dispose()
    with pytest.raises(DatabaseAwayError, match="a disk that is full"):  # noqa: SIM117
        with database.writing() as session:
            session.execute(text("CREATE TABLE more AS SELECT * FROM audit"))
    assert all_rows(database, LAST) == before
    database.close()


def test_what_a_killed_backup_left_is_swept_away_and_no_other_file(
    archive: Path, tmp_path: Path
) -> None:
    database = make_released(f"sqlite:///{tmp_path / 'one.db'}", LAST)
    folder = tmp_path / "kept"
    folder.mkdir()
    left, busy = (folder / f".{name}.zip.0f{UNFINISHED}" for name in ("dead", "busy"))
    left.write_bytes(b"half a backup")
    with busy.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        backup(database, folder / "next.zip")
    assert {path.name for path in folder.iterdir()} == {"next.zip", busy.name}
    database.close()


def restore_until(url: str, archive: Path, last: int) -> None:
    """Restore, and die at a statement or at a change of the folder."""
    numbers = count()

    def die(*_: object) -> None:
        if next(numbers) == last:
            os.kill(os.getpid(), signal.SIGKILL)

    def heard(name: str, _: object) -> None:
        if name in {"os.rename", "os.link", "os.remove", "os.chmod", "os.chown"}:
            die()

    event.listen(Engine, "after_cursor_execute", die)
    event.listen(Engine, "commit", die)
    sys.addaudithook(heard)
    restore(open_database(url), archive, replace=True)


def test_a_restore_killed_anywhere_leaves_the_old_or_the_new(archive: Path, empty_url: str) -> None:
    target = make_released(empty_url, REVISIONS[1])
    old, new = all_rows(target, REVISIONS[1]), rows_in(archive)
    target.close()
    killed = 0
    for point in sorted(random.Random(5).sample(range(260), KILLS)):
        child = os.fork()
        if child == 0:
            try:
                restore_until(empty_url, archive, point)
            finally:
                os._exit(0)
        killed += os.WIFSIGNALED(os.waitpid(child, 0)[1])
        target = open_database(empty_url)
        if current_revision(target) == REVISIONS[1]:
            assert all_rows(target, REVISIONS[1]) == old
        else:
            assert all_rows(target, LAST) == new
        target.close()
    assert killed
    restore(target, archive, replace=True)
    assert all_rows(target, LAST) == new
    if target.kind == "sqlite":
        folder = Path(str(target.engine.url.database)).parent
        assert not list(folder.glob(".*"))
    target.close()


def test_the_commands(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXCLUSION_MAP_DATABASE_URL", f"sqlite:///{tmp_path / 'new.db'}")
    monkeypatch.setenv("COLUMNS", "400")
    run = CliRunner().invoke
    checked = run(app, ["restore", str(archive), "--check"])
    assert "is whole" in checked.output, checked.output
    restored = run(app, ["restore", str(archive)])
    assert restored.exit_code == 0, restored.output
    assert "works again" in restored.output
    out = tmp_path / "new.zip"
    written = run(app, ["backup", "--out", str(out)])
    assert written.exit_code == 0, written.output
    assert "hashed passwords" in written.output
    audit = rows_in(out)["audit"]
    assert b"backup restored" in audit[-1]
    assert audit[:-1] == rows_in(archive)["audit"]
    refused = run(app, ["restore", str(out)])
    assert isinstance(refused.exception, DatabaseError)
    monkeypatch.setenv("EXCLUSION_MAP_DATABASE_URL", "none")
    assert isinstance(run(app, ["backup", "--out", str(tmp_path / "x")]).exception, DatabaseError)
