"""The layer of the map that shows risk beside the way to a library, of the edition's own list."""

from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from api.remember import Memory
from exclusion_map.access import Points, StraightLine
from exclusion_map.editions.extras import majority_at
from exclusion_map.editions.reaching import homes_of
from exclusion_map.editions.reader import Edition
from exclusion_map.targeting.crossed import crossed, risk_class, way_class
from exclusion_map.targeting.homes import points_of
from exclusion_map.terms import AreaKind, SupportKind

LAYER_THRESHOLD_M: Final = 1_000.0
_KEPT: Final = 2
Bytes = npt.NDArray[np.uint8]
_ways: Memory[Bytes] = Memory(_KEPT, heavy=True)


def gap_classes(edition: Edition, decile: Bytes, kind: AreaKind) -> Bytes:
    """Return the class of each area of a kind, from 1; 0 = no data.

    Addresses of layers hold for as long as the edition: so the places are the edition's, not those
    of the directory, which people change.
    """
    folder: Path = edition.folder
    ways = _ways.get(folder, lambda: _way_classes(edition))
    return majority_at(edition.atlas, crossed(risk_class(decile), ways), 10, kind)


def _way_classes(edition: Edition) -> Bytes:
    """Return (n,) the class of each small area by the way from its population-weighted centre."""
    small = edition.atlas.level(AreaKind.SMALL_AREA)
    places = edition.support
    counts = places.counts_by_area(small.codes)[:, list(SupportKind).index(SupportKind.LIBRARY)]
    rows = places.of_kind(SupportKind.LIBRARY)
    centres = points_of(homes_of(edition).centres)
    libraries = Points(places.longitude[rows], places.latitude[rows])
    away, _ = StraightLine().nearest(centres, libraries)
    listed = {small.nations[row] for row in np.flatnonzero(counts).tolist()}
    known = np.array([nation in listed for nation in small.nations], dtype=np.bool_)
    return way_class(np.where(known, away, np.nan), LAYER_THRESHOLD_M)
