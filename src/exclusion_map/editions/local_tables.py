"""Tables of an edition on where risk lies together, and how unevenly inside wider areas.

Older editions lack them; then there are no patterns, and spreads are worked out from the scores.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import Atlas, Floats
from exclusion_map.areas.hotspots import Pattern
from exclusion_map.areas.spread import level_spreads
from exclusion_map.areas.spread_listing import SpreadTable
from exclusion_map.editions.columns import floats, read_columns, texts
from exclusion_map.editions.ordered import check_order, split_by
from exclusion_map.errors import InvalidRequestError
from exclusion_map.geography.contiguity import CONTIGUITY, Contiguity, read_contiguity
from exclusion_map.terms import AreaKind

HOTSPOTS: Final = "hotspots.parquet"
SPREAD: Final = "spread.parquet"
_NUMBERS: Final = (
    *("local_moran", "gi_star", "neighbour_mean", "p", "p_adjusted", "gi_star_p_normal"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternTable:
    """Local patterns of the small areas, (n,) each in feature order; see `areas.hotspots`."""

    pattern: npt.NDArray[np.uint8]
    hot: npt.NDArray[np.int8]
    local_moran: Floats
    gi_star: Floats
    neighbour_mean: Floats
    p: Floats
    p_adjusted: Floats
    gi_star_p_normal: Floats


@dataclass(frozen=True)
class Spreads:
    """The spread inside larger areas: as the edition holds it, or worked out when asked for."""

    atlas: Atlas
    held: dict[tuple[str, AreaKind], SpreadTable] = field(default_factory=dict)

    def of(self, index: str, kind: AreaKind) -> SpreadTable:
        """Return the spread inside every area of a larger kind, in feature order.

        Raises:
            InvalidRequestError: the kind is that of small areas.
            NotFoundError: the edition has no such index or kind.
        """
        if kind is AreaKind.SMALL_AREA:
            raise InvalidRequestError(
                "kind", found=kind.value, expected="a wider kind: there is no spread in one area"
            )
        key = (index, kind)
        if key not in self.held:
            found = level_spreads(self.atlas, index, kind)
            columns = {
                one.name: np.array([getattr(each, one.name) for each in found])
                for one in fields(SpreadTable)
            }
            self.held[key] = SpreadTable(**columns)
        return self.held[key]


def read_patterns(folder: Path, atlas: Atlas) -> Mapping[str, PatternTable]:
    """Return the patterns of an edition by index; empty where it has none.

    Raises:
        EditionError: the table is damaged, or not in feature order.
    """
    path = folder / HOTSPOTS
    if not path.exists():
        return {}
    table = read_columns(path, ("index", "code", "pattern", "hot", *_NUMBERS))
    number = {pattern.slug: pattern.value for pattern in Pattern}
    found = {}
    for index, part in split_by(table, "index", path).items():
        check_order(part, atlas.level(AreaKind.SMALL_AREA), path)
        slugs = texts(part, "pattern")
        found[index] = PatternTable(
            pattern=np.array([number[slug] for slug in slugs], dtype=np.uint8),
            hot=np.nan_to_num(floats(part, "hot")).astype(np.int8),
            **{name: floats(part, name) for name in _NUMBERS},
        )
    return found


def read_spreads(folder: Path, atlas: Atlas) -> Spreads:
    """Return the spread inside larger areas.

    Raises:
        EditionError: the table is damaged, or not in feature order.
    """
    path = folder / SPREAD
    if not path.exists():
        return Spreads(atlas)
    names = tuple(one.name for one in fields(SpreadTable))
    table = read_columns(path, ("index", "kind", "code", *names))
    held = {}
    for index, of_index in split_by(table, "index", path).items():
        for name, part in split_by(of_index, "kind", path).items():
            kind = AreaKind(name)
            check_order(part, atlas.level(kind), path)
            held[index, kind] = SpreadTable(**{one: floats(part, one) for one in names})
    return Spreads(atlas, held)


def read_borders(folder: Path, atlas: Atlas) -> Contiguity | None:
    """Return which small areas touch; None where the edition does not say.

    Raises:
        EditionError: the file is damaged, or speaks of other areas.
    """
    path = folder / CONTIGUITY
    if not path.exists():
        return None
    return read_contiguity(path, atlas.level(AreaKind.SMALL_AREA).codes)
