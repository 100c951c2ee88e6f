"""A set of small areas somebody chose: codes of areas of any kind, a list in a file, an outline.

An outline drawn by hand cuts through small areas: one belongs to it when at least half of its
postcodes in use lie inside, or, without postcodes, when the point that stands for it does (a point
within its boundary, `representative_point`). ``HOW`` and ``HOW_BY_ADDRESSES`` say so in answers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from exclusion_map.areas.atlas import Atlas, Rows
from exclusion_map.areas.drawn import Addresses, drawn
from exclusion_map.areas.rollup_places import Gazetteer, find_places
from exclusion_map.areas.rollup_reading import read_list_file
from exclusion_map.errors import InvalidRequestError, NotFoundError
from exclusion_map.terms import AreaKind

HOW = "A small area belongs to the outline when the point that stands for it lies inside."
HOW_BY_ADDRESSES = (
    "A small area belongs to the outline when at least half of its postcodes in use lie inside."
)
MOST_CODES = 100_000


@dataclass(frozen=True, eq=False)
class Selection:
    """Small areas that were chosen.

    Attributes:
        rows: sorted rows of the small areas, each once; at least one.
        described: what was chosen, in words.
        unknown: codes that the edition does not have, in the order given.
        repeated: how many small areas were named more than once; each counts once.
        how: how areas cut by an outline were settled; empty for codes.
    """

    rows: Rows
    described: str
    unknown: tuple[str, ...] = ()
    repeated: int = 0
    how: str = field(default="")

    def mask(self, n: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Return (n,) whether each small area was chosen."""
        chosen = np.zeros(n, dtype=np.bool_)
        chosen[self.rows] = True
        return chosen


def choose(atlas: Atlas, codes: Iterable[str], gazetteer: Gazetteer | None = None) -> Selection:
    """Return the small areas that a list names: areas of any kind, by code or exact name.

    Args:
        atlas: the areas.
        codes: the list.
        gazetteer: of the same areas, where postcodes and GP practices may be named too.

    Raises:
        InvalidRequestError: the list is empty, or longer than ``MOST_CODES``.
        NotFoundError: the edition has none of the codes.
    """
    listed = [code.strip() for code in codes if code.strip()]
    if not 0 < len(listed) <= MOST_CODES:
        raise InvalidRequestError(
            "selection",
            found=f"{len(listed):,} codes" if listed else "no code",
            expected=f"from 1 to {MOST_CODES:,} codes of areas of any kind",
        )
    places = find_places(gazetteer or Gazetteer(atlas), listed)
    unknown = tuple(one.text for one in places.unmatched)
    small = atlas.level(AreaKind.SMALL_AREA)
    if not places.matched:
        raise NotFoundError(
            "selection",
            found=f"none of {_some(unknown)} in this edition",
            expected=f"codes of areas such as {small.codes[0]}",
        )
    if not len(places.rows):
        raise InvalidRequestError(
            "selection", found="areas without a small area in them", expected="at least one"
        )
    described = _described(atlas, listed, len(places.rows))
    how = " ".join(places.notes[:-1] if places.repeated else places.notes)
    return Selection(places.rows, described, unknown, places.repeated, how)


def outlined(
    atlas: Atlas, geojson: Mapping[str, Any], addresses: Addresses | None = None
) -> Selection:
    """Return the small areas that lie in a GeoJSON outline: most of their addresses, or the middle.

    Args:
        atlas: the areas.
        geojson: a Polygon or MultiPolygon, a Feature of one, or a FeatureCollection of them.
        addresses: postcodes in use; without them each area's representative point decides.

    Raises:
        InvalidRequestError: it is none of these, is malformed, or no small area lies in it.
    """
    rows = drawn(geometry_of(geojson), atlas.level(AreaKind.SMALL_AREA), addresses).rows
    how = HOW if addresses is None else HOW_BY_ADDRESSES
    if not len(rows):
        raise InvalidRequestError(
            "drawn outline",
            found="no small area inside it",
            expected="at least one: " + how[0].lower() + how[1:-1],
            mend="Draw it larger, and check that positions are [longitude, latitude].",
        )
    return Selection(rows, f"{len(rows):,} small areas in the outline drawn", how=how)


def geometry_of(geojson: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the one polygon or multipolygon that a GeoJSON object holds.

    Raises:
        InvalidRequestError: it holds something else.
    """
    kind = geojson.get("type")
    if kind == "Feature":
        return geometry_of(_mapping(geojson.get("geometry"), "a feature without geometry"))
    if kind != "FeatureCollection":
        return geojson
    features = geojson.get("features")
    if not isinstance(features, Sequence) or isinstance(features, str) or not features:
        raise _refused("a collection without features")
    polygons: list[Any] = []
    for feature in features:
        geometry = geometry_of(_mapping(feature, "a feature that is not an object"))
        given = geometry.get("coordinates")
        if geometry.get("type") not in ("Polygon", "MultiPolygon") or not isinstance(given, list):
            raise _refused(f"a feature of type {geometry.get('type')!r}")
        polygons.extend([given] if geometry["type"] == "Polygon" else given)
    return {"type": "MultiPolygon", "coordinates": polygons}


def read_codes(path: Path) -> tuple[str, ...]:
    """Return the codes in a file; see `rollup_reading.read_list_file`, without names of lists.

    Raises:
        InvalidRequestError: the file cannot be read, or holds none.
    """
    return tuple(code for codes in read_list_file(path).values() for code in codes)


def _described(atlas: Atlas, listed: Sequence[str], count: int) -> str:
    if len(listed) == 1 and atlas.has(listed[0]):
        level, row = atlas.find(listed[0])
        return level.labels[row]
    return f"{count:,} small areas of a list of {len(listed):,} codes"


def _some(codes: Sequence[str]) -> str:
    shown = ", ".join(codes[:3])
    return shown if len(codes) <= 3 else f"{shown} and {len(codes) - 3:,} more"


def _mapping(value: object, found: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _refused(found)
    return value


def _refused(found: str) -> InvalidRequestError:
    return InvalidRequestError(
        "drawn outline",
        found=found,
        expected="a GeoJSON Polygon or MultiPolygon, or features of them",
        mend="Draw the outline again.",
    )
