"""Holds the open edition, and switches to a new one without dropping a request.

A request takes hold of a service once and keeps it to its end. A new edition is opened beside the
old one and swapped in by a single assignment; the old one is kept for the tiles that open pages
still ask for, until another takes its place.

Every byte of an edition is checked before it is served. One that is damaged is never served: the
one that is open goes on, or, at a start, the last good one takes its place, and readiness, pages
and the log say so (``api.fallback``).
"""

import asyncio
import logging
import threading
import time
from pathlib import Path

from starlette.datastructures import State

from api.fallback import Notice, Refused, lost_id
from api.memory import give_back, keep, uncollected
from api.service import Service, open_service
from exclusion_map.editions.store import current_path, edition_path, fallbacks
from exclusion_map.editions.verify import Stamp, stamp_of, verify_files
from exclusion_map.errors import EditionError, ExclusionMapError, NotFoundError

logger = logging.getLogger(__name__)

KEPT = 2
LEAST_S = 0.25
"""Seconds between two looks at which edition is current, however many ask for one not open."""
OPENED_S = 15.0
"""Seconds that a request waits at most for the edition it names to be opened."""
CHECK_AGAIN_S = 6 * 3600.0
"""Seconds between full checks of an edition that is being served: disks fail slowly."""


class Holder:
    """The current service of an app, and the one before it."""

    def __init__(self, processed_dir: Path, state: State) -> None:
        self._processed_dir = processed_dir
        self._state = state
        self._open: dict[str, Service] = {}
        self._checked: dict[str, tuple[Stamp, float]] = {}
        self._refused = Refused()
        self._turn = threading.Lock()
        self._named: tuple[float, str | None] = (-LEAST_S, None)
        self._opening: tuple[float, asyncio.Task[None]] | None = None
        self.fault: EditionError | None = None
        """Why the current edition is not served; None where it is."""
        self.notice: Notice | None = None
        """What is served in its place; None where it is served itself, or nothing is."""
        state.service = None

    @property
    def processed_dir(self) -> Path:
        """The folder of editions."""
        return self._processed_dir

    @property
    def service(self) -> Service | None:
        """The service of the current edition; None when none could be opened."""
        service: Service | None = self._state.service
        return service

    def require(self) -> Service:
        """Return the current service.

        Raises:
            EditionError: why there is none.
        """
        service = self.service
        if service is None:
            raise self.fault or EditionError(
                "edition", found="none open yet", expected="an open edition", mend="Try again."
            )
        return service

    def find(self, edition_id: str) -> Service | None:
        """Return the open service of an edition, current or the one before."""
        return self._open.get(edition_id)

    def named(self, edition_id: str) -> Service:
        """Return the open service of an edition, current or the one before.

        Raises:
            NotFoundError: that edition is not open.
            EditionError: none is.
        """
        service = self.find(edition_id)
        if service is None:
            raise NotFoundError(
                f"edition {edition_id!r}",
                found="no open edition with that id",
                expected=f"{self.require().edition.id}, the current one",
                mend="Reload the page or the TileJSON.",
            )
        return service

    def others(self) -> tuple[Service, ...]:
        """Return the open services beside the current one."""
        return tuple(one for one in self._open.values() if one is not self.service)

    def refresh(self) -> bool:
        """Serve the edition that ``current`` names, unless it is; whether there was a switch.

        One that cannot be opened leaves the one that is open serving; where none is, the best of
        the others is opened.
        """
        with self._turn:
            before = self.service
            self._let_go_of_damaged()
            fault = self._serve_current()
            if fault is not None and self.service is None:
                self._serve_another()
            self._remember(fault)
            return self.service is not None and self.service is not before

    async def look_for(self, edition_id: str) -> None:
        """Open an edition that a request names, if it has become the current one.

        Every process looks for itself every few seconds. Another may have opened the new edition
        already and sent its name out: whoever comes here with it waits for it to be opened here.
        """
        if edition_id in self._open or edition_id != self._current_name():
            return
        begun, task = self._opening or (-LEAST_S, None)
        if task is None or (task.done() and time.monotonic() - begun > LEAST_S):
            task = asyncio.create_task(self._look_now())
            self._opening = time.monotonic(), task
        await asyncio.wait({task}, timeout=OPENED_S)

    async def _look_now(self) -> None:
        try:
            await asyncio.to_thread(self.refresh)
        except Exception:
            logger.exception("looking for a new edition failed; the open one stays")

    def _current_name(self) -> str | None:
        when, name = self._named
        if time.monotonic() - when > LEAST_S:
            name = lost_id(self._processed_dir)
            self._named = time.monotonic(), name
        return name

    def check(self) -> None:
        """Make sure that the service can answer: an edition is open and its files are still there.

        Raises:
            EditionError: what is wrong.
        """
        service = self.require()
        verify_files(service.edition.folder, service.edition.manifest, "quick")

    def _serve_current(self) -> EditionError | None:
        """Serve the current edition; returns why it cannot be."""
        try:
            folder = current_path(self._processed_dir)
        except ExclusionMapError as error:
            return _as_edition_error(error)
        return self._serve(folder)

    def _serve_another(self) -> None:
        for edition_id in fallbacks(self._processed_dir, lost_id(self._processed_dir)):
            if self._serve(edition_path(self._processed_dir, edition_id)) is None:
                return

    def _serve(self, folder: Path) -> EditionError | None:
        """Open an edition, unless it is open, and serve it; returns why it cannot be."""
        if self.service is not None and self.service.edition.id == folder.name:
            return None
        stamp = stamp_of(folder)
        known = self._refused.why(folder.name, stamp)
        if known is not None:
            return known
        try:
            service = self._open.get(folder.name) or self._opened(folder)
        except ExclusionMapError as error:
            fault = _as_edition_error(error)
        except Exception as error:
            # Damage that no check foresaw must not end the process: it may serve an edition still.
            logger.exception("an edition could not be opened")
            fault = _unforeseen(error)
        else:
            self._take(service, stamp)
            return None
        self._refused.add(folder.name, stamp, fault)
        return fault

    def _opened(self, folder: Path) -> Service:
        with uncollected():
            service = open_service(folder, getattr(self._state, "directory_service", None))
            if self.service is not None:
                # Nobody waits for it yet: it is swapped in when it is as quick as the one before.
                service.warm()
                _rehearse(service)
        return service

    def warm(self) -> None:
        """Make ready what a start left out, if there is an edition."""
        service = self.service
        if service is not None:
            service.warm()
            keep()

    def _take(self, service: Service, stamp: Stamp) -> None:
        name, first = service.edition.id, not self._open
        others = {key: one for key, one in self._open.items() if key != name}
        self._open = {**dict(list(others.items())[1 - KEPT :]), name: service}
        self._checked = {key: seen for key, seen in self._checked.items() if key in self._open}
        self._checked.setdefault(name, (stamp, time.monotonic()))
        self._state.service = service
        logger.info("serving edition %s", name)
        # A start leaves the collector switched off; later ones look through what they made.
        keep() if first else give_back()

    def _let_go_of_damaged(self) -> None:
        """Stop serving an open edition whose files were changed, or have gone bad on the disk."""
        for name, service in tuple(self._open.items()):
            folder = service.edition.folder
            stamp, then = stamp_of(folder), time.monotonic()
            seen, when = self._checked[name]
            if stamp == seen and then - when < CHECK_AGAIN_S:
                continue
            try:
                verify_files(folder, service.edition.manifest, "full")
            except EditionError as fault:
                level = logging.ERROR if service is self.service else logging.WARNING
                logger.log(level, "no longer served: %s", fault.message)
                self._refused.add(name, stamp, fault)
                self._open = {key: one for key, one in self._open.items() if key != name}
                if service is self.service:
                    self._state.service = None
            else:
                self._checked[name] = (stamp, then)

    def _remember(self, fault: EditionError | None) -> None:
        """Keep why the current edition is not served, and say it once."""
        before, self.fault = self.fault, fault
        self.notice = None
        if fault is not None and self.service is not None:
            serving = self.service.edition.id
            self.notice = Notice(serving, lost_id(self._processed_dir), fault)
        if fault is None or (before is not None and before.message == fault.message):
            return
        instead = "none" if self.service is None else self.service.edition.id
        logger.error("current edition refused, serving %s: %s", instead, fault.message)


def _rehearse(service: Service) -> None:
    try:
        service.rehearse()
    except Exception:
        logger.exception("warming up failed; the first readers of the new edition wait")


def _as_edition_error(error: ExclusionMapError) -> EditionError:
    """Whatever the reason, to those who ask it means that there is no edition."""
    return EditionError(error.thing, found=error.found, expected=error.expected, mend=error.mend)


def _unforeseen(error: Exception) -> EditionError:
    return EditionError(
        "edition",
        found=f"{type(error).__name__} while it was opened",
        expected="an edition that can be read",
        mend="Build the edition again; the log of the service has the details.",
    )
