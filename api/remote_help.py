"""Help without a place, as the service has it now: of the database, or of the list it brings."""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.datastructures import State

from api.operations.rarely import Rarely
from exclusion_map.directory.remote import HeldHelp, listed_help
from exclusion_map.directory.remote_store import RemoteHelpStore
from exclusion_map.errors import NotFoundError

FRESH_S: Final = 5.0
"""So long what was read is taken to be so: every profile shows some of it."""
logger = logging.getLogger(__name__)
_unread: Final = Rarely(logger, "help without a place could not be read; what was read last stays")
_making = threading.Lock()


@dataclass(eq=False)
class RemoteShelf:
    """The entries an app read last."""

    entries: Sequence[HeldHelp] = ()
    read_at: float = -FRESH_S
    directory: Any = None

    def forget(self) -> None:
        """Read anew next time: somebody changed an entry."""
        self.read_at = -FRESH_S


def shelf_of(state: State) -> RemoteShelf:
    """Return the shelf of an app."""
    with _making:
        if not hasattr(state, "remote_shelf"):
            state.remote_shelf = RemoteShelf()
    shelf: RemoteShelf = state.remote_shelf
    return shelf


def help_entries(state: State) -> Sequence[HeldHelp]:
    """Return all entries; a database that does not answer now gives those read last."""
    shelf, directory = shelf_of(state), state.directory
    if directory is None:
        return listed_help()
    moment = time.monotonic()
    if shelf.directory is directory and moment - shelf.read_at < FRESH_S:
        return shelf.entries
    try:
        shelf.entries = RemoteHelpStore(directory.database).all()
    except Exception as error:
        # Public pages must not fail because the database does.
        _unread.tell(error)
        shelf.entries = shelf.entries or listed_help()
    shelf.directory, shelf.read_at = directory, moment
    return shelf.entries


def help_entry(state: State, identity: str) -> HeldHelp:
    """Return an entry.

    Raises:
        NotFoundError: there is none of that id.
    """
    for held in help_entries(state):
        if identity in (held.id, held.source_key):
            return held
    raise NotFoundError(
        f"help {identity!r}",
        found="no entry with that id",
        expected="the id of an entry, as /help-anywhere lists them",
        mend="It may have been removed.",
    )


def store_of(state: State) -> RemoteHelpStore:
    """Return where entries are changed.

    Raises:
        DatabaseError: there is no database.
    """
    return RemoteHelpStore(state.directory_service.require().database)
