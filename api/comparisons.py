"""The editions of a service's folder, and any two of them compared; remembered, for it takes long.

The edition that is served is compared from memory; another one is read for it and let go again.
"""

import threading
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from starlette.datastructures import State

from api.holder import Holder
from api.memory import give_back
from api.remember import Memory
from api.service import Service
from exclusion_map.editions.compare import Side, compare_sides, open_side, side_of
from exclusion_map.editions.comparison import Comparison
from exclusion_map.editions.manifest import MANIFEST, Manifest, read_manifest
from exclusion_map.editions.source_changes import SourceChange, source_changes
from exclusion_map.editions.store import edition_path, list_editions
from exclusion_map.errors import EditionError, InvalidRequestError, NotFoundError

KEPT = 3

ONE_EDITION = (
    "This service holds one edition, so there is nothing to compare it with. Keep the folder of "
    "editions when new data are built (exclusion-map build adds an edition and leaves the old "
    "ones), or copy the folder of an earlier edition into it; both then appear here."
)


@dataclass(frozen=True, slots=True)
class EditionNote:
    """An edition that can be compared."""

    id: str
    title: str
    built: datetime
    current: bool
    indices: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Compared:
    """Two editions compared.

    Attributes:
        old: the earlier edition.
        new: the later one.
        found: what changed, area by area.
        sources: what changed in the data.
    """

    old: EditionNote
    new: EditionNote
    found: Comparison
    sources: tuple[SourceChange, ...]


class Comparisons:
    """Compares editions of one folder."""

    def __init__(self, holder: Holder) -> None:
        self._holder = holder
        self._held: Memory[Compared] = Memory(KEPT, heavy=True)

    def editions(self) -> tuple[EditionNote, ...]:
        """Return the editions of the folder, the newest first; damaged ones are left out."""
        current = self._holder.require().edition.id
        folder = self._holder.processed_dir
        found = []
        for name in list_editions(folder):
            try:
                manifest = manifest_of(edition_path(folder, name))
            except EditionError:
                continue
            indices = tuple(index.id for index in manifest.indices)
            found.append(
                EditionNote(name, manifest.title, manifest.built, name == current, indices)
            )
        return tuple(sorted(found, key=lambda one: (one.built, one.id), reverse=True))

    def pair(self, old: str, new: str) -> tuple[EditionNote, EditionNote] | None:
        """Return the editions to compare; None where the folder holds only one.

        Args:
            old: id of the earlier; the newest of the same places built before the other if empty.
            new: id of the later; the one that is served if empty.

        Raises:
            NotFoundError: there is no edition of that id.
            InvalidRequestError: both are the same.
        """
        listed = self.editions()
        after = _named(listed, new) if new else next((one for one in listed if one.current), None)
        if after is None:
            return None
        earlier = [one for one in listed if one.id != after.id and one.built <= after.built]
        alike = [one for one in earlier if one.title == after.title]
        others = [*alike, *earlier, *(one for one in listed if one.id != after.id)]
        before = _named(listed, old) if old else next(iter(others), None)
        if before is None:
            return None
        if before.id == after.id:
            raise InvalidRequestError(
                "editions", found=f"{before.id} twice", expected="two different ones"
            )
        return before, after

    def compare(self, pair: tuple[EditionNote, EditionNote], index: str) -> Compared:
        """Return two editions compared.

        Raises:
            EditionError: one is damaged.
            NotFoundError: they do not share the index, or any area.
        """
        old, new = pair
        return self._held.get((old.id, new.id, index), lambda: self._compare(old, new, index))

    def ready(self, pair: tuple[EditionNote, EditionNote], index: str) -> bool:
        """Return whether a comparison is remembered."""
        return self._held.has((pair[0].id, pair[1].id, index))

    def _compare(self, old: EditionNote, new: EditionNote, index: str) -> Compared:
        found = compare_sides(self._side(old.id, index), self._side(new.id, index), index)
        give_back()
        manifests = (
            manifest_of(edition_path(self._holder.processed_dir, one.id)) for one in (old, new)
        )
        return Compared(old, new, found, source_changes(*manifests))

    def _side(self, identity: str, index: str) -> Side:
        served: Service | None = self._holder.find(identity)
        if served is not None:
            return side_of(served.edition.manifest, served.edition.atlas, index)
        return open_side(edition_path(self._holder.processed_dir, identity), index)


def _named(listed: tuple[EditionNote, ...], identity: str) -> EditionNote:
    for one in listed:
        if one.id == identity:
            return one
    raise NotFoundError(
        f"edition {identity!r}",
        found="no such edition in the folder of editions",
        expected=f"one of: {', '.join(one.id for one in listed)}",
    )


def manifest_of(folder: Path) -> Manifest:
    """Return the manifest of an edition, read once: editions never change.

    Raises:
        EditionError: it is damaged.
    """
    return _manifest(folder, (folder / MANIFEST).stat().st_mtime_ns)


@lru_cache(maxsize=32)
def _manifest(folder: Path, _stamp: int) -> Manifest:
    return read_manifest(folder)


_making = threading.Lock()


def comparisons_of(state: State) -> Comparisons:
    """Return the comparisons of an app; they are made with its first question."""
    with _making:
        if not hasattr(state, "comparisons"):
            state.comparisons = Comparisons(state.holder)
        comparisons: Comparisons = state.comparisons
        return comparisons
