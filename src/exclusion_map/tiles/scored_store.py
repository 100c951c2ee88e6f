"""Templates of scored tiles: made from an archive when first asked for, and bounded in bytes."""

import gzip
import threading
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from typing import Generic, TypeVar

import numpy as np

from exclusion_map.areas.atlas import Level, Rows
from exclusion_map.terms import AreaKind
from exclusion_map.tiles.archive import TileArchive
from exclusion_map.tiles.pack import Place
from exclusion_map.tiles.scored import LevelValues, TileTemplate, make_template
from exclusion_map.tiles.scored_wire import PlainLayer, split_layers

Values = Mapping[AreaKind, LevelValues]
_Ids = tuple[tuple[AreaKind, Rows], ...]


Thing = TypeVar("Thing")


class SizedCache(Generic[Thing]):
    """Things within a limit of bytes; what was used longest ago goes first."""

    def __init__(self, limit: int) -> None:
        """Hold things that take at most ``limit`` bytes of memory together."""
        self._limit = limit
        self._held: OrderedDict[Hashable, tuple[Thing, int]] = OrderedDict()
        self._lock = threading.Lock()
        self.nbytes = 0
        """Bytes that all of them take."""

    def get(self, key: Hashable) -> Thing | None:
        """Return what is held under a key."""
        with self._lock:
            found = self._held.get(key)
            if found is None:
                return None
            self._held.move_to_end(key)
        return found[0]

    def keep(self, key: Hashable, made: Thing, size: int) -> None:
        """Hold a thing of a size in bytes; the newest one even if it is larger than the limit."""
        with self._lock:
            self.nbytes += size - self._held.pop(key, (made, 0))[1]
            self._held[key] = (made, size)
            while self.nbytes > self._limit and len(self._held) > 1:
                self.nbytes -= self._held.popitem(last=False)[1][1]


class TemplateStore:
    """The templates of one archive of areas, made when first asked for.

    Safe to share between threads. Two who ask for the same new one at once both make it.
    """

    def __init__(
        self,
        archive: TileArchive,
        levels: Mapping[AreaKind, Level],
        cache: SizedCache[TileTemplate],
    ) -> None:
        """Remember where templates come from.

        Args:
            archive: plain tiles whose layers are named after kinds of area.
            levels: codes and names of the areas by kind.
            cache: holds what was made.
        """
        self.archive = archive
        self.kinds = area_layers(archive, levels)
        self._levels = levels
        self._cache = cache
        self._ids: dict[Place, _Ids] = {}
        """Features of tiles met with gaps in the scores; a row number each, so never much."""

    def find(self, place: Place, values: Values) -> TileTemplate | None:
        """Return a template that is there already; takes microseconds."""
        gaps: Hashable = None
        if not all(each.complete for each in values.values()):
            ids = self._ids.get(place)
            if ids is None:
                return None
            gaps = _gaps(ids, values)
        return self._cache.get((self.archive.path, place, gaps))

    def make(self, place: Place, values: Values) -> TileTemplate | None:
        """Return the template of a tile, made now; None where the archive has no such tile.

        Takes milliseconds, for a tile with thousands of areas tens of them.

        Raises:
            EditionError: the tile is damaged.
        """
        stored = self.archive.get(*place)
        if stored is None:
            return None
        raw = gzip.decompress(stored) if self.archive.info.gzipped else stored
        layers = [layer for layer in split_layers(raw) if layer.name in self.kinds]
        made = make_template(layers, self._levels, values)
        gaps: Hashable = None
        if not all(each.complete for each in values.values()):
            ids = _ids_of(layers)
            gaps = _gaps(ids, values)
            self._ids[place] = ids
        self._cache.keep((self.archive.path, place, gaps), made, made.nbytes)
        return made


def area_layers(archive: TileArchive, levels: Mapping[AreaKind, Level]) -> tuple[AreaKind, ...]:
    """Return the layers of an archive that are kinds of area with a level, as it declares them."""
    named = [str(layer["id"]) for layer in archive.metadata.get("vector_layers", ())]
    return tuple(AreaKind(name) for name in named if name in levels)


def _ids_of(layers: list[PlainLayer]) -> _Ids:
    return tuple((AreaKind(layer.name), layer.ids) for layer in layers)


def _gaps(ids: _Ids, values: Values) -> Hashable:
    """Return which areas of a tile have a score, as a key; None where all do."""
    scored = [values[kind].scored[rows] for kind, rows in ids]
    if all(each.all() for each in scored):
        return None
    return tuple(np.packbits(each).tobytes() for each in scored)
