"""The file of a backup: a ZIP of one text file a table and a manifest with their checksums."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Literal, Self
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile
from zlib import error as ZlibError  # noqa: N812

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from exclusion_map.errors import DatabaseError

MANIFEST = "manifest.json"
FORMAT: Literal["exclusion-map-backup-1"] = "exclusion-map-backup-1"
LONGEST_LINE = 64_000_000
"""Bytes of the longest row that is read; a damaged file must not take all memory."""
_DAMAGE = (BadZipFile, ZlibError, EOFError, KeyError, NotImplementedError, RuntimeError)

Told = Callable[[str, int], None]
"""Told the name of a table and how many rows it has."""


class TableFacts(BaseModel):
    """What a backup holds of one table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    columns: tuple[str, ...]
    rows: int = Field(ge=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$", description="Of its lines.")


class Manifest(BaseModel):
    """What a backup is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["exclusion-map-backup-1"] = FORMAT
    code: str = Field(description="Version of Exclusion Map that made it.")
    revision: str = Field(description="Revision of the tables.")
    made_at: str = Field(description="Moment in UTC, ISO 8601.")
    made_from: str = Field(description="Kind of the database.")
    tables: tuple[TableFacts, ...]

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables)


class Counted:
    """Lines that are counted and summed up as they pass."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = lines
        self._sum = hashlib.sha256()
        self.rows = 0

    def __iter__(self) -> Iterator[bytes]:
        for line in self._lines:
            self._sum.update(line)
            self.rows += 1
            yield line

    def facts(self, name: str, columns: Iterable[str]) -> TableFacts:
        """Return what passed, once all of it did."""
        return TableFacts(
            name=name, columns=tuple(columns), rows=self.rows, sha256=self._sum.hexdigest()
        )

    def drained(self, name: str, columns: Iterable[str]) -> TableFacts:
        """Let everything pass, and return what it was."""
        for _ in self:
            pass
        return self.facts(name, columns)


class ArchiveWriter:
    """Writes the tables of a backup one after the other, then the manifest."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = ZipFile(file, "w", ZIP_DEFLATED, compresslevel=6)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def add(self, name: str, columns: Iterable[str], lines: Iterable[bytes]) -> TableFacts:
        """Write a table; return what was written."""
        counted = Counted(lines)
        with self._zip.open(_member(name), "w", force_zip64=True) as member:
            for line in counted:
                member.write(line)
        return counted.facts(name, columns)

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest."""
        self._zip.writestr(MANIFEST, manifest.model_dump_json(indent=1))


class Archive:
    """A backup to read.

    Attributes:
        path: of the file.
        manifest: what it is.
    """

    def __init__(self, path: Path) -> None:
        """Open the file and read what it says it is.

        Raises:
            DatabaseError: it is no backup, or is damaged.
        """
        self.path = path
        try:
            with ZipFile(path) as held, held.open(MANIFEST) as member:
                self.manifest = Manifest.model_validate_json(member.read(LONGEST_LINE))
        except (*_DAMAGE, OSError, ValidationError) as error:
            raise self._wrong(f"{type(error).__name__}") from error

    def lines(self, table: str) -> Iterator[bytes]:
        """Yield the lines of a table.

        Raises:
            DatabaseError: the file is damaged there.
        """
        try:
            with ZipFile(self.path) as held, held.open(_member(table)) as member:
                while line := member.readline(LONGEST_LINE):
                    yield line
        except (*_DAMAGE, OSError) as error:
            raise self._wrong(f"damage in {table} ({type(error).__name__})") from error

    def verify(self, tell: Told | None = None) -> None:
        """Read everything and compare it to the checksums.

        Raises:
            DatabaseError: something is not what was written.
        """
        for facts in self.manifest.tables:
            counted = Counted(self._parsed(facts.name, len(facts.columns)))
            if counted.drained(facts.name, facts.columns) != facts:
                raise self._wrong(f"another content of {facts.name} than was written")
            if tell is not None:
                tell(facts.name, facts.rows)

    def _parsed(self, table: str, width: int) -> Iterator[bytes]:
        for line in self.lines(table):
            try:
                row = json.loads(line)
                whole = isinstance(row, list) and len(row) == width
            except (ValueError, RecursionError):
                whole = False
            if not whole:
                raise self._wrong(f"a broken row in {table}")
            yield line

    def _wrong(self, found: str) -> DatabaseError:
        return DatabaseError(
            str(self.path),
            found=found,
            expected="a complete backup made by `exclusion-map backup`",
            mend="Use another copy; this one cannot be trusted.",
        )


def _member(table: str) -> str:
    return f"tables/{table}.jsonl"
