"""Tiles of the directory as it is now: single places close by, counts of them from afar.

Clusters are the places in a cell of a grid that divides tiles evenly, so none lies in two tiles and
their counts add up; each is drawn at the middle of its places. A cell with one place shows it.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from exclusion_map.directory.selecting import support_at
from exclusion_map.directory.snapshot import Rows, Snapshot
from exclusion_map.directory.terms import PLACES, taxonomy
from exclusion_map.tiles.encoding import Attributes, encode_points
from exclusion_map.tiles.grid import EXTENT

PLACES_LAYER, CLUSTERS_LAYER = "places", "clusters"
SINGLE_ZOOM = 12
"""From here on every place stands for itself."""
MAX_ZOOM = 14
CELLS = 8
"""Cells across a tile: 64 CSS pixels each, room for a mark with a number."""
_POLE = 85.051129

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class DirectoryLayer:
    """Chosen places of a snapshot, placed in the square of Web Mercator (0 to 1, y down)."""

    snapshot: Snapshot
    rows: Rows
    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]

    @classmethod
    def of(cls, snapshot: Snapshot, rows: Rows) -> Self:
        """Return the layer of rows; those that are not on the map are left out."""
        placed = rows[~np.isnan(snapshot.longitude[rows])]
        latitude = np.clip(snapshot.latitude[placed], -_POLE, _POLE)
        x = snapshot.longitude[placed] / 360 + 0.5
        y = 0.5 - np.arctanh(np.sin(np.radians(latitude))) / (2 * np.pi)
        return cls(snapshot, placed, x, y)

    def tile(self, zoom: int, column: int, row: int) -> bytes:
        """Return a tile; empty where nothing is."""
        scale = 2.0**zoom * EXTENT
        east, south = self.x * scale, self.y * scale
        left, top = column * EXTENT, row * EXTENT
        inside = np.flatnonzero(
            (east >= left) & (east < left + EXTENT) & (south >= top) & (south < top + EXTENT)
        )
        if not len(inside):
            return b""
        at = np.stack([east[inside] - left, south[inside] - top], axis=-1)
        whole = np.floor(at).astype(np.int64)
        if zoom >= SINGLE_ZOOM:
            return self._single(inside, whole)
        return self._clustered(inside, at, whole)

    def _single(self, inside: Ints, whole: Ints) -> bytes:
        told = [self._told(row) for row in self.rows[inside].tolist()]
        return encode_points(PLACES_LAYER, self.rows[inside], whole, told)

    def _clustered(self, inside: Ints, at: npt.NDArray[np.float64], whole: Ints) -> bytes:
        cell = whole // (EXTENT // CELLS)
        number = cell[:, 1] * CELLS + cell[:, 0]
        count = np.bincount(number, minlength=CELLS * CELLS)
        alone = count[number] == 1
        made = self._single(inside[alone], whole[alone]) if alone.any() else b""
        cells = np.flatnonzero(count > 1)
        if not len(cells):
            return made
        middle = [np.bincount(number, at[:, axis], len(count))[cells] for axis in (0, 1)]
        points = np.floor(np.stack(middle, axis=-1) / count[cells, None]).astype(np.int64)
        told: list[Attributes] = [{"count": size} for size in count[cells].tolist()]
        return made + encode_points(CLUSTERS_LAYER, cells, points, told)

    def _told(self, row: int) -> Attributes:
        snapshot = self.snapshot
        stated, usual = support_at(snapshot, row)
        told = {
            "sid": snapshot.ids[row],
            "name": snapshot.names[row],
            "kind": taxonomy(PLACES).term_keys[int(snapshot.kind[row])],
        }
        if stated:
            told["stated"] = ",".join(stated)
        if usual:
            told["usual"] = ",".join(usual)
        return told
