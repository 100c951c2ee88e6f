"""What is killed while it works on a database: a migration, an import, a backup, a restore."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from exclusion_map.database import Database, open_database
from exclusion_map.database.backups import Archive, backup, restore
from exclusion_map.database.migrate import current_revision, latest_revision, upgrade
from exclusion_map.directory import Directory, prepare
from exclusion_map.directory.importing import build as build_list
from exclusion_map.directory.importing import guess, load, read_table
from exclusion_map.directory.importing.problems import Built
from exclusion_map.editions.geocoding import geocoder_of
from exclusion_map.editions.reader import open_edition
from tests.integration.killing.databases import Kind
from tests.integration.killing.scenes import NEW, OLD, hidden
from tests.integration.released_rows import REVISIONS, all_rows, make_released

FIRST, SECOND, LAST = REVISIONS[0], REVISIONS[1], REVISIONS[-1]
Rows = dict[str, list[bytes]]


class OfDatabase:
    """A scene whose folder has a database."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind

    def copy(self, template: Path, folder: Path) -> None:
        self.kind.copy(template, folder)

    def drop(self, folder: Path) -> None:
        self.kind.drop(folder)

    def leftovers(self, folder: Path) -> list[str]:
        return sorted({path.name for path in folder.iterdir()} - self.kind.own_files())

    @contextmanager
    def database(self, folder: Path) -> Iterator[Database]:
        made = open_database(self.kind.url(folder))
        try:
            yield made
        finally:
            made.close()

    def sound(self, folder: Path) -> None:
        """Fail where a file of SQLite is damaged."""
        if "d.db" in self.kind.own_files():
            with closing(sqlite3.connect(folder / "d.db")) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)

    def released(self, folder: Path, revision: str) -> Rows:
        """Make the database of a released version in a new folder; return its rows."""
        self.kind.begin(folder)
        made = make_released(self.kind.url(folder), revision)
        rows = all_rows(made, revision)
        made.close()
        return rows


class Migrating(OfDatabase):
    """The first released version, with rows in every table, is brought to this one."""

    def prepare(self, folder: Path) -> None:
        self._rows = self.released(folder, FIRST)

    def work(self, folder: Path) -> None:
        with self.database(folder) as database:
            upgrade(database)

    def state(self, folder: Path) -> str:
        self.sound(folder)
        with self.database(folder) as database:
            held = current_revision(database)
            assert held in {FIRST, latest_revision()}, f"stopped half way, at {held}"
            assert all_rows(database, FIRST) == self._rows, "other rows than before"
        return OLD if held == FIRST else NEW

    def leftovers(self, folder: Path) -> list[str]:
        with self.database(folder) as database:
            prepare(database)
            assert Directory(database).get("l-1").listing.offers
        return super().leftovers(folder)


class Importing(OfDatabase):
    """A list of places is brought up to date: added, changed, taken out."""

    def __init__(self, kind: Kind, edition: Path) -> None:
        super().__init__(kind)
        geocoder = geocoder_of(open_edition(edition))
        self._built: dict[str, Built] = {}
        for word, numbers in ((OLD, range(20)), (NEW, range(5, 30))):
            text = "Id,Name,Postcode,Phone\n" + "".join(
                f"{number},Hub {number} {word},,01632 960{number:03d}\n" for number in numbers
            )
            table = read_table(text.encode(), "hubs.csv")
            self._built[word] = build_list(table, guess(table), geocoder)

    def prepare(self, folder: Path) -> None:
        self.kind.begin(folder)
        self._load(folder, OLD)

    def work(self, folder: Path) -> None:
        self._load(folder, NEW)

    def state(self, folder: Path) -> str:
        self.sound(folder)
        with self.database(folder) as database:
            names = {held.listing.name for held in Directory(database).all()}
        for word, built in self._built.items():
            if names == {listing.name for listing in built.listings.values()}:
                return word
        raise AssertionError(f"half a list: {len(names)} places")

    def _load(self, folder: Path, word: str) -> None:
        with self.database(folder) as database:
            prepare(database)
            done = load(Directory(database), self._built[word], "hubs", by="ada", remove_gone=True)
            assert done.loaded


class BackingUp(OfDatabase):
    """A second backup is written beside the first."""

    def prepare(self, folder: Path) -> None:
        self._rows = self.released(folder, LAST)
        self._backup(folder, OLD)

    def work(self, folder: Path) -> None:
        if not (folder / f"{NEW}.zip").exists():
            self._backup(folder, NEW)

    def state(self, folder: Path) -> str:
        self._expect_whole(folder / f"{OLD}.zip")
        if not (folder / f"{NEW}.zip").exists():
            return OLD
        self._expect_whole(folder / f"{NEW}.zip")
        return NEW

    def leftovers(self, folder: Path) -> list[str]:
        # What a killed backup left is swept away by the next one.
        self._backup(folder, "third")
        mine = {f"{word}.zip" for word in (OLD, NEW, "third")}
        return [name for name in super().leftovers(folder) if name not in mine]

    def _backup(self, folder: Path, word: str) -> None:
        with self.database(folder) as database:
            backup(database, folder / f"{word}.zip")

    def _expect_whole(self, path: Path) -> None:
        held = Archive(path)
        held.verify()
        rows = {facts.name: list(held.lines(facts.name)) for facts in held.manifest.tables}
        assert rows == self._rows, f"{path.name} holds something else"


class Restoring(OfDatabase):
    """A backup takes the place of a database that is full."""

    def prepare(self, folder: Path) -> None:
        source = folder.with_name(f"{folder.name}-source")
        self._new = self.released(source, LAST)
        self._old = self.released(folder, SECOND)
        with self.database(source) as database:
            backup(database, folder / "backup.zip")
        self.drop(source)

    def work(self, folder: Path) -> None:
        with self.database(folder) as database:
            restore(database, folder / "backup.zip", replace=True)

    def state(self, folder: Path) -> str:
        with self.database(folder) as database:
            held = current_revision(database)
            expected = self._old if held == SECOND else self._new
            assert all_rows(database, held or "") == expected, "other rows than the old or the new"
        self.sound(folder)
        return OLD if held == SECOND else NEW

    def leftovers(self, folder: Path) -> list[str]:
        return hidden(folder)
