"""Holds the open edition, and switches to a new one without dropping a request.

A request takes hold of a service once and keeps it to its end. A new edition is opened beside the
old one and swapped in by a single assignment; the old one is kept for the tiles that open pages
still ask for, until another takes its place.
"""

import gc
import logging
from pathlib import Path

from starlette.datastructures import State

from api.memory import give_back
from api.service import Service, open_service
from exclusion_map.editions.store import current_path
from exclusion_map.editions.verify import verify_files
from exclusion_map.errors import EditionError, ExclusionMapError, NotFoundError

logger = logging.getLogger(__name__)

KEPT = 2


class Holder:
    """The current service of an app, and the one before it."""

    def __init__(self, processed_dir: Path, state: State) -> None:
        self._processed_dir = processed_dir
        self._state = state
        self._open: dict[str, Service] = {}
        self.fault: EditionError | None = None
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
        if self.service is None:
            raise self.fault or EditionError(
                "edition", found="none open yet", expected="an open edition", mend="Try again."
            )
        return self.service

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
                found="no open edition of that id",
                expected=f"{self.require().edition.id}, the current one",
                mend="Load the page, or the TileJSON, again.",
            )
        return service

    def others(self) -> tuple[Service, ...]:
        """Return the open services beside the current one."""
        return tuple(one for one in self._open.values() if one is not self.service)

    def refresh(self) -> bool:
        """Open the edition that ``current`` names, unless it is open; whether there was a switch.

        A failure leaves the service that was open serving.
        """
        try:
            folder = current_path(self._processed_dir)
            if self.service is not None and self.service.edition.id == folder.name:
                self.fault = None
                return False
            service = open_service(folder, getattr(self._state, "directory_service", None))
        except ExclusionMapError as error:
            self._remember(error)
            return False
        except Exception as error:
            # Damage that no check foresaw must not end the process: it may serve an edition still.
            logger.exception("an edition could not be opened")
            self._remember(_unforeseen(error))
            return False
        self._open = {**dict(list(self._open.items())[1 - KEPT :]), service.edition.id: service}
        self._state.service = service
        self.fault = None
        logger.info("serving edition %s", service.edition.id)
        _settle()
        return True

    def _remember(self, error: ExclusionMapError) -> None:
        if self.fault is None or self.fault.message != error.message:
            logger.error("no edition opened: %s", error.message)
        # Whatever the reason, to those who ask it means that there is no edition.
        self.fault = EditionError(
            error.thing, found=error.found, expected=error.expected, mend=error.mend
        )

    def check(self) -> None:
        """Make sure that the service can answer: an edition is open and its files are still there.

        Raises:
            EditionError: what is wrong.
        """
        service = self.require()
        verify_files(service.edition.folder, service.edition.manifest, "quick")


def _settle() -> None:
    """Give back what opening took for a moment, some 70 MB, and what was let go of.

    What is left stays for as long as the edition does: the collector of garbage is told to leave
    it alone, for looking through it would hold up requests.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    give_back()


def _unforeseen(error: Exception) -> EditionError:
    return EditionError(
        "edition",
        found=f"{type(error).__name__} while it was opened",
        expected="an edition that can be read",
        mend="Build the edition again; the log of the service has the details.",
    )
