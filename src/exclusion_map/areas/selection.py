"""A set of small areas somebody chose: codes of areas of any kind, a list in a file, an outline.

An outline drawn by hand cuts through small areas: one belongs to it when the point that stands for
it lies inside (a point within its boundary, `representative_point`). ``HOW`` says so in answers.
"""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from exclusion_map.areas.atlas import Atlas, Rows
from exclusion_map.areas.drawn import drawn
from exclusion_map.errors import InvalidRequestError, NotFoundError
from exclusion_map.terms import AreaKind

HOW = "A small area belongs to the outline when the point that stands for it lies inside."
MOST_CODES = 100_000
_CODE_COLUMNS = ("area_code", "code", "lsoa21cd", "lsoa_code", "small_area")


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


def choose(atlas: Atlas, codes: Iterable[str]) -> Selection:
    """Return the small areas that a list of codes names: small areas, larger ones, or both.

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
    parts: list[Rows] = []
    unknown: list[str] = []
    for code in listed:
        try:
            parts.append(atlas.members(*atlas.find(code)))
        except NotFoundError:
            unknown.append(code)
    small = atlas.level(AreaKind.SMALL_AREA)
    if not parts:
        raise NotFoundError(
            "selection",
            found=f"none of {_some(unknown)} in this edition",
            expected=f"codes of areas such as {small.codes[0]}",
        )
    named = np.concatenate(parts)
    rows = np.unique(named).astype(np.int32)
    if not len(rows):
        raise InvalidRequestError(
            "selection", found="areas without a small area in them", expected="at least one"
        )
    return Selection(
        rows, _described(atlas, listed, len(rows)), tuple(unknown), len(named) - len(rows)
    )


def outlined(atlas: Atlas, geojson: Mapping[str, Any]) -> Selection:
    """Return the small areas whose representative point lies in a GeoJSON outline.

    Args:
        atlas: the areas.
        geojson: a Polygon or MultiPolygon, a Feature of one, or a FeatureCollection of them.

    Raises:
        InvalidRequestError: it is none of these, is malformed, or no small area lies in it.
    """
    rows = drawn(geometry_of(geojson), atlas.level(AreaKind.SMALL_AREA)).rows
    if not len(rows):
        raise InvalidRequestError(
            "drawn outline",
            found="no small area inside it",
            expected="at least one: " + HOW[0].lower() + HOW[1:-1],
            mend="Draw it larger, and check that positions are [longitude, latitude].",
        )
    return Selection(rows, f"{len(rows):,} small areas in the outline drawn", how=HOW)


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


def read_outline(path: Path) -> Mapping[str, Any]:
    """Return the GeoJSON object in a file.

    Raises:
        InvalidRequestError: the file cannot be read, or holds no object.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidRequestError(
            f"outline {path.name}", found=str(error), expected="a GeoJSON file"
        ) from None
    return _mapping(data, "no object")


def read_codes(path: Path) -> tuple[str, ...]:
    """Return the codes in a CSV file: its column of codes, or the first where none is so named.

    A heading is told from a code by its lack of digits after a letter.

    Raises:
        InvalidRequestError: the file cannot be read, or holds none.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file) if any(cell.strip() for cell in row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidRequestError(
            f"list {path.name}", found=str(error), expected="a CSV file of area codes"
        ) from None
    head = [cell.strip().lower() for cell in rows[0]] if rows else []
    named = [at for at, cell in enumerate(head) if cell in _CODE_COLUMNS]
    at = named[0] if named else 0
    body = rows[1:] if named or (head and not any(sign.isdigit() for sign in head[0])) else rows
    codes = tuple(row[at].strip() for row in body if len(row) > at and row[at].strip())
    if not codes:
        raise InvalidRequestError(
            f"list {path.name}", found="no code", expected="a column of area codes"
        )
    return codes


def _described(atlas: Atlas, listed: Sequence[str], count: int) -> str:
    if len(listed) == 1:
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
