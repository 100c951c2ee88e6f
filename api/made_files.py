"""Files without a name, made once and sent to any number of readers.

Tables of the whole directory take seconds to write. What was written is kept until the directory
changes, on the disk and not in memory; a file is gone with the last who reads it.
"""

import os
import tempfile
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Final

from starlette.datastructures import State

from api.directory_service import directory_of

_PART: Final = 256 * 1024


class MadeFile:
    """A file that any number of readers send from its start; closed with the last of them.

    Attributes:
        name: what readers may call it.
        size: in bytes.
    """

    def __init__(self, name: str, parts: Iterable[bytes]) -> None:
        """Write the file.

        Raises:
            OSError: there is no room for it.
        """
        self.name = name
        self._file = tempfile.TemporaryFile(prefix="exclusion-map-")  # noqa: SIM115 - see __del__
        self._file.writelines(parts)
        self._file.flush()
        self.size = self._file.tell()

    def parts(self) -> Iterator[bytes]:
        """Yield the file; readers do not disturb each other."""
        at = 0
        while part := os.pread(self._file.fileno(), _PART, at):
            at += len(part)
            yield part

    def __del__(self) -> None:
        """Give its room back."""
        if hasattr(self, "_file"):
            self._file.close()


def kept_file(state: State, kind: str, key: Hashable, make: Callable[[], MadeFile]) -> MadeFile:
    """Return the file of the whole directory, of which the last of each kind is kept.

    Args:
        state: of the app.
        kind: of file.
        key: all that decides what is in it.
        make: writes it.
    """
    held: dict[str, tuple[Hashable, MadeFile]] = getattr(state, "kept_files", {})
    state.kept_files = held
    known, file = held.get(kind, (None, None))
    if file is not None and known == key:
        return file
    made = make()
    # What stands in for a database that does not answer is not what the directory says.
    if directory_of(state).status == "ready":
        held[kind] = (key, made)
    return made
