"""What must be well for the service to take requests, each looked at now, with reasons.

The database gets some seconds to answer and is asked once in a while, however often readiness is;
nothing here waits for the threads that requests use.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final

import anyio
import anyio.to_thread
from sqlalchemy import make_url, text
from starlette.datastructures import State

from api.directory_service import NO_DATABASE, DirectoryService, directory_of
from api.errors import NotReadyError
from api.holder import Holder
from api.operations.stopping import is_stopping
from api.work import Pool
from exclusion_map.errors import DatabaseError, ExclusionMapError
from exclusion_map.settings import DatabaseSettings, ImportSettings, OperationsSettings

WELL: Final = "well"
CHECKS: Final = ("stopping", "edition", "database", "disk", "work", "age")
DATABASE_S: Final = 3.0
"""Seconds in which the database must answer."""
ASK_AGAIN_S: Final = 2.0
"""Least seconds between two questions to the database."""
MEGA: Final = 1_000_000


@dataclass
class Condition:
    """What is not well.

    Attributes:
        faults: by the name of the check; those that make the service not ready first.
        needed: names of the checks that must be well.
    """

    needed: frozenset[str]
    faults: dict[str, ExclusionMapError] = field(default_factory=dict)

    @property
    def failing(self) -> dict[str, ExclusionMapError]:
        """Faults because of which the service is not ready."""
        return {name: fault for name, fault in self.faults.items() if name in self.needed}

    def words(self) -> dict[str, str]:
        """Return what is to be said of each check."""
        return {name: self.faults[name].message if name in self.faults else WELL for name in CHECKS}


class Checks:
    """Looks whether the service of an app can answer."""

    def __init__(
        self, state: State, settings: OperationsSettings, database: DatabaseSettings
    ) -> None:
        self._state = state
        self._settings = settings
        self._folders = tuple(_folders(database.database_url))
        self._url = database.database_url
        self._threads = anyio.CapacityLimiter(2)
        self._asked = -ASK_AGAIN_S
        self._database: ExclusionMapError | None = None
        wanted = {part.strip() for part in settings.ready_needs.split(",")} - {""}
        self._needed = frozenset(wanted | {"stopping"})

    @property
    def database_up(self) -> bool:
        """Whether the database answered when it was asked last."""
        return self._url != NO_DATABASE and self._database is None

    async def look(self) -> Condition:
        """Return what is not well now."""
        found = Condition(self._needed)
        if is_stopping(self._state):
            found.faults["stopping"] = _stopping()
        for name, look in (("edition", self._edition), ("disk", self._disk)):
            fault = await anyio.to_thread.run_sync(look, limiter=self._threads)
            if fault is not None:
                found.faults[name] = fault
        await self.ask_database()
        if self._database is not None:
            found.faults["database"] = self._database
        if (stuck := self._work()) is not None:
            found.faults["work"] = stuck
        if (old := self._age()) is not None:
            found.faults["age"] = old
        return found

    async def ask_database(self) -> None:
        """Look whether the database answers, unless that was looked at a moment ago."""
        if self._url == NO_DATABASE or time.monotonic() - self._asked < ASK_AGAIN_S:
            return
        self._asked = time.monotonic()
        fault: ExclusionMapError | None = _slow()
        with anyio.move_on_after(DATABASE_S):
            fault = await anyio.to_thread.run_sync(
                _database_fault,
                directory_of(self._state),
                limiter=self._threads,
                abandon_on_cancel=True,
            )
        self._database = fault

    def _edition(self) -> ExclusionMapError | None:
        holder: Holder = self._state.holder
        try:
            holder.check()
        except ExclusionMapError as error:
            return error
        return None

    def _age(self) -> ExclusionMapError | None:
        """Return whether what is served is so old that somebody forgot to build anew."""
        service, most = self._state.holder.service, self._settings.edition_days
        if service is None or not most:
            return None
        days = (datetime.now(UTC) - service.edition.manifest.built).days
        if days < most:
            return None
        return NotReadyError(
            f"edition {service.edition.id}",
            found=f"built {days} days ago",
            expected=f"one of the last {most} days",
            mend="Fetch the sources and build a new one; see docs/how-to/refresh-data.md.",
        )

    def _disk(self) -> ExclusionMapError | None:
        least = self._settings.disk_free_mb
        for what, folder in self._folders:
            free = shutil.disk_usage(_existing(folder)).free // MEGA
            if free < least:
                return NotReadyError(
                    f"the disk of {what}",
                    found=f"{free} MB free",
                    expected=f"at least {least} MB",
                    mend="Make room; see docs/operations.md.",
                )
        return None

    def _work(self) -> ExclusionMapError | None:
        pools: dict[str, Pool] = getattr(self._state, "work_pools", {})
        for pool in tuple(pools.values()):
            if pool.still_s > self._settings.work_stuck_seconds:
                return NotReadyError(
                    f"heavy work ({pool.name})",
                    found=f"{pool.running} pieces, none of which ended for {pool.still_s:.0f} s",
                    expected="work that finishes",
                    mend="Restart this process; see docs/operations.md.",
                )
        return None


def checks_of(state: State) -> Checks:
    """Return the checks of an app."""
    checks: Checks = state.checks
    return checks


def _database_fault(service: DirectoryService) -> ExclusionMapError | None:
    """Return why what people write cannot be kept now; None where it can, or is not known yet."""
    directory = service.directory
    if directory is None:
        return (service.error or _no_database(service.fault)) if service.tried else None
    try:
        with directory.database.reading() as session:
            held = session.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except Exception as error:
        # Drivers raise what they like; their words may hold the address with its password.
        return _no_database(f"no answer ({type(error).__name__})")
    if held == _latest():
        return None
    return DatabaseError(
        "database",
        found=f"tables of revision {held!r}",
        expected=f"revision {_latest()!r}, which this version works with",
        mend="Restart this version to migrate the tables, or run the version that made them.",
    )


@cache
def _latest() -> str:
    from exclusion_map.database.migrate import latest_revision

    return latest_revision()


def _no_database(found: str) -> DatabaseError:
    return DatabaseError(
        "database",
        found=found,
        expected="a database that answers",
        mend="See whether it runs and can be reached; reading goes on meanwhile.",
    )


def _slow() -> DatabaseError:
    return _no_database(f"no answer in {DATABASE_S:.0f} seconds")


def _stopping() -> NotReadyError:
    return NotReadyError(
        "this process",
        found="it was told to stop",
        expected="one that keeps running",
        mend="Use another one, or try this address again in a moment.",
    )


def _folders(url: str) -> Iterator[tuple[str, Path]]:
    """Yield the folders that are written to, and what for."""
    if url.startswith("sqlite"):
        file = make_url(url).database
        if file and file != ":memory:":
            yield "the database", Path(file).parent
    yield "uploads", Path(ImportSettings().import_dir or tempfile.gettempdir())


def _existing(folder: Path) -> Path:
    """Return a folder, or the nearest one above it that is there."""
    folder = folder.absolute()
    return next((one for one in (folder, *folder.parents) if one.is_dir()), Path("/"))
