"""The directory in the service: opened without holding anybody up, loaded and kept fresh beside.

There may be no database, or none that answers: then the places of the edition are served as they
are, nobody can change them, and pages and readiness say so.
"""

import logging
import multiprocessing
import os
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from starlette.datastructures import State

from api import standing_in
from api.memory import give_back
from api.operations.rarely import Rarely
from api.service import Service
from exclusion_map.accounts.keys import keys_of
from exclusion_map.database import Database, open_database
from exclusion_map.directory import Directory, prepare
from exclusion_map.directory.loading import load, words
from exclusion_map.directory.places import DirectoryPlaces, ListedPlaces, Places
from exclusion_map.directory.places_away import RememberedPlaces, SturdyPlaces
from exclusion_map.directory.remote_store import load_maintained
from exclusion_map.directory.snapshot_patching import read_again
from exclusion_map.directory.snapshot_reading import read_snapshot
from exclusion_map.editions.reaching import listed_places
from exclusion_map.editions.reader import SUPPORT
from exclusion_map.errors import DatabaseAwayError, DatabaseError, ExclusionMapError
from exclusion_map.settings import DatabaseSettings

NO_DATABASE: Final = "none"
FEW_PLACES: Final = 2_000
"""So many are loaded in this process; more in one of their own, whose memory is given back."""
NICE: Final = 10
"""How much less of a busy processor loading gets than answering."""
NONE: Final = "The service runs without a database."
NOT_YET: Final = "The database is not open yet."
AWAY: Final = "The database does not answer now. Corrections of details are shown when it does."
TRY_AGAIN_S: Final = 4.0
"""Least time between two tries to open a database; looks come every five seconds."""
CLOSING_S: Final = 2.0
"""Most seconds that a stop waits for who reads the directory."""
LOOK_S: Final = 0.25
"""Least time between two looks at whether somebody changed the directory."""

_SPAWN: Final = multiprocessing.get_context("spawn")
logger = logging.getLogger(__name__)
_unread: Final = Rarely(logger, "the directory could not be read; what was read last stays")


class DirectoryService:
    """The directory of an app. ``state.directory`` is the directory itself, None without one.

    Attributes:
        fault: why there is no directory, in words; empty where there is one.
        error: the same where it is one of ours; None else.
        loading: whether the lists of the edition are being loaded now.
    """

    def __init__(self, settings: DatabaseSettings, state: State) -> None:
        self._url = settings.database_url
        self._state = state
        self._places: DirectoryPlaces | None = None
        self._listed: dict[str, ListedPlaces] = {}
        self._sturdy: tuple[Service, SturdyPlaces] | None = None
        self._loaded = ""
        self._looked = 0.0
        self._tried = -TRY_AGAIN_S
        self._reading = threading.Lock()
        self._listing = threading.Lock()
        self._stopped = threading.Event()
        self._child: Any = None
        self.loading = False
        self.error: ExclusionMapError | None = None
        self.fault = NONE if self._url == NO_DATABASE else NOT_YET
        state.directory = None

    @property
    def status(self) -> str:
        """``ready``, ``loading``, or ``read-only`` with the reason."""
        if self.fault and self.fault != NOT_YET:
            return f"read-only: {self.fault}"
        return "ready" if self.loaded and not self.loading else "loading"

    @property
    def tried(self) -> bool:
        """Whether it was tried to open the database, with or without success."""
        return self.directory is not None or self.fault != NOT_YET

    @property
    def loaded(self) -> bool:
        """Whether the lists of the open edition are in the directory."""
        return bool(self._loaded)

    @property
    def directory(self) -> Directory | None:
        """The directory; None where there is no database that answers."""
        directory: Directory | None = self._state.directory
        return directory

    def look(self, service: Service | None) -> None:
        """Open the database, load the lists of a new edition, read what changed: what is due."""
        if self.directory is None:
            self._open()
        if self.directory is None or self._stopped.is_set():
            return
        self.refresh()
        if service is not None and self._loaded != service.edition.id:
            self._load(service)
            self.refresh()
            self._loaded = service.edition.id

    def places(self, service: Service) -> Places:
        """Return the places as they are now: of the directory, or of the edition without one."""
        directory = self.directory
        if directory is None or self._places is None:
            if self.fault not in (NOT_YET, NONE):
                standing_in.note("edition")
            return self._edition_places(service)
        if time.monotonic() - self._looked > LOOK_S:
            self.refresh(wait=False)
        if not len(self._places.snapshot) and not self._loaded:
            return self._edition_places(service)
        sturdy = self._sturdy_places(service, self._places)
        if self.fault == AWAY:
            standing_in.note("remembered")
            return sturdy.instead
        self._listed = {}  # Not needed while there is a directory: 90 MB.
        return sturdy

    def require(self) -> Directory:
        """Return the directory, for those who want to change it.

        Raises:
            DatabaseError: there is none.
        """
        if self.directory is None:
            raise DatabaseError(
                "directory",
                found=self.fault,
                expected="a database that answers",
                mend="Set EXCLUSION_MAP_DATABASE_URL; see docs/reference/settings.md.",
            )
        return self.directory

    def refresh(self, *, wait: bool = True) -> None:
        """Read the directory anew if it changed.

        Args:
            wait: for another thread that reads now; else what was read before holds meanwhile.
        """
        directory = self.directory
        if directory is None or not self._reading.acquire(blocking=wait):
            return
        try:
            if self._stopped.is_set():
                return
            self._looked = time.monotonic()
            held = self._places
            unchanged = held is not None and directory.generation() == held.snapshot.generation
            self._back()
            if unchanged:
                return
            with directory.database.reading() as session:
                if held is None:
                    snapshot = read_snapshot(session)
                else:
                    snapshot = read_again(session, held.snapshot)
            self._places = DirectoryPlaces(directory.database, snapshot)
        except DatabaseAwayError as error:
            self._lost(error)
        except Exception as error:
            # What was read last is better than an error page; the watcher tries again.
            _unread.tell(error)
        finally:
            self._reading.release()

    def close(self) -> None:
        """Stop loading and close the database."""
        self._stopped.set()
        child = self._child
        if child is not None and child.is_alive():
            child.kill()
        if self.directory is None:
            return
        # Who reads now gives its connection back first, or nobody would close it.
        waited = self._reading.acquire(timeout=CLOSING_S)
        try:
            self.directory.database.close()
        finally:
            if waited:
                self._reading.release()

    def _open(self) -> None:
        due = time.monotonic() - self._tried >= TRY_AGAIN_S
        if self._url == NO_DATABASE or not due:
            return
        self._tried = time.monotonic()
        database = self._prepared()
        if database is None:
            return
        try:
            load_maintained(database)
        except Exception:
            # Another process may bring it in at this moment; what is held is good meanwhile.
            logger.exception("the list of help without a place was not brought up to date")
        self.fault, self.error = "", None
        self._state.directory = Directory(database)
        _look_for_secret(database, self._state)

    def _prepared(self) -> Database | None:
        """Return the database with the tables of this version; None, and why, without one."""
        database = None
        try:
            database = open_database(self._url)
            prepare(database)
        except Exception as error:
            if database is not None:
                database.close()  # It is tried again soon: connections must not pile up.
            if isinstance(error, ExclusionMapError):
                self._failed(error.message, error)
            else:
                # Drivers raise what they like; their words may hold the address with its password.
                self._failed(f"The database could not be opened ({type(error).__name__}).")
            return None
        return database

    def _lost(self, error: DatabaseAwayError) -> None:
        """Note that the database is away; what was read last is served meanwhile."""
        self._looked = time.monotonic()  # Whoever waited in vain is not followed by all others.
        if self.fault != AWAY:
            logger.error("the directory cannot be read: %s What was read last stays.", error.found)
        self.fault = AWAY

    def _back(self) -> None:
        if self.fault == AWAY:
            logger.info("the directory can be read again")
            self.fault = ""

    def _failed(self, words_of_it: str, error: ExclusionMapError | None = None) -> None:
        self.error = error
        if self.fault != words_of_it:
            logger.error("no directory: %s The places of the edition are served.", words_of_it)
        self.fault = words_of_it

    def _sturdy_places(self, service: Service, places: DirectoryPlaces) -> SturdyPlaces:
        held = self._sturdy
        if held is not None and held[0] is service and held[1].snapshot is places.snapshot:
            return held[1]
        stated = {} if held is None else held[1].instead.stated
        instead = RememberedPlaces(places.snapshot, lambda: self._published(service), stated)
        made = SturdyPlaces(places.database, places.snapshot, instead=instead)
        self._sturdy = (service, made)
        return made

    def _published(self, service: Service) -> Places:
        """Return the published lists, for details that the database does not tell now."""
        standing_in.note("remembered")
        return self._edition_places(service)

    def _edition_places(self, service: Service) -> Places:
        name = service.edition.id
        # Two editions are open after a switch: who asks for one must not wait for the other.
        if (held := self._listed.get(name)) is not None:
            return held
        with self._listing:
            if (held := self._listed.get(name)) is None:
                held = listed_places(service.edition)
                last = dict(list(self._listed.items())[-1:])
                self._listed = {**last, name: held}
                give_back()
            return held

    def _load(self, service: Service) -> None:
        path = service.edition.folder / SUPPORT
        synthetic = service.edition.manifest.synthetic
        self.loading = True
        try:
            if len(service.edition.support) <= FEW_PLACES:
                database = self.require().database
                for source, report in load(database, path, synthetic=synthetic).items():
                    logger.info("%s", words(source, report))
            else:
                self._load_apart(path, synthetic=synthetic)
        except Exception:
            logger.exception("the lists of edition %s were not loaded", service.edition.id)
        finally:
            self.loading = False

    def _load_apart(self, path: Path, *, synthetic: bool) -> None:
        ours, theirs = _SPAWN.Pipe(duplex=False)
        child = _SPAWN.Process(target=_work, args=(theirs, self._url, path, synthetic), daemon=True)
        child.start()
        self._child = child
        theirs.close()
        try:
            while True:
                logger.info("%s", ours.recv())
        except EOFError:
            child.join()
        finally:
            ours.close()
            self._child = None
        if child.exitcode and not self._stopped.is_set():
            raise RuntimeError(f"the process that loads lists ended with {child.exitcode}")


def _work(told: Connection, url: str, path: Path, synthetic: bool) -> None:
    """Load lists in a process of its own, behind whoever asks for tiles meanwhile."""
    os.nice(NICE)
    database: Database = open_database(url)
    with database.patient() as patient:
        for source, report in load(patient, path, synthetic=synthetic).items():
            told.send(words(source, report))
    database.close()
    told.close()


def directory_of(state: State) -> DirectoryService:
    """Return the directory service of an app."""
    service: DirectoryService = state.directory_service
    return service


def _look_for_secret(database: Database, state: State) -> None:
    """Make the key file, or tell at once, not at the first sign-in, that it cannot be."""
    try:
        keys_of(database, state.account_settings)
    except ExclusionMapError as error:
        logger.error("nobody can sign in: %s", error)
