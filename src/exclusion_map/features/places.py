"""Support locations as features: what the directory tells of them, and the areas they lie in."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from exclusion_map.areas.atlas import OUTSIDE, Atlas, Rows
from exclusion_map.exports.dataset import Field, FieldType
from exclusion_map.features.shapes import PointShapes
from exclusion_map.features.table import Column, FeatureTable, Floats, Texts
from exclusion_map.terms import LARGER_KINDS, AreaKind

_TITLES: Final = {
    "id": "Id",
    "kind": "Kind of place",
    "name": "Name",
    "address": "Address",
    "postcode": "Postcode",
    "phone": "Telephone",
    "email": "Email",
    "url": "Website",
    "opening_hours": "Opening hours, as JSON",
    "hours_note": "Note on opening hours",
    "about": "About",
    "source": "Source",
    "as_of": "Date of the source",
    "area_code": "Code of the small area",
}
PLACE_COLUMNS: Final = tuple(_TITLES)
"""Columns of the directory that become properties."""
_AREAS: Final = tuple(kind for kind in LARGER_KINDS if kind is not AreaKind.NATION)


def place_fields(atlas: Atlas) -> dict[str, Field]:
    """Return the properties of support locations, in the order they are told."""
    names = dict(_TITLES)
    for kind in _AREAS:
        if kind in atlas.levels:
            title = kind.label[0].upper() + kind.label[1:]
            names |= {kind.value: title, f"{kind.value}_code": f"Code of the {title}"}
    return {
        name: Field(name=name, type=FieldType.TEXT, title=title, description="")
        for name, title in names.items()
    }


def place_table(columns: Mapping[str, Texts], points: Floats, atlas: Atlas) -> FeatureTable:
    """Return support locations as features.

    Args:
        columns: what the directory tells, by name; ``id`` and ``area_code`` are needed.
        points: (n, 2) longitude and latitude.
        atlas: the areas they lie in.
    """
    fields = place_fields(atlas)
    small = atlas.level(AreaKind.SMALL_AREA)
    every = np.arange(len(points), dtype=np.int32)
    held: dict[str, Column] = dict(columns)
    rows = np.array(
        [small.position.get(code or "", OUTSIDE) for code in columns["area_code"].taken(every)],
        dtype=np.int32,
    )
    for kind in _AREAS:
        if kind in atlas.levels:
            level, at = atlas.levels[kind], _parents(small.parents[kind], rows)
            held[kind.value] = Texts(level.names, at)
            held[f"{kind.value}_code"] = Texts(level.codes, at)
    nothing = Texts((), np.full(len(points), -1))
    told = {name: held.get(name, nothing) for name in fields}
    return FeatureTable(
        ids=tuple(identity or "" for identity in columns["id"].taken(every)),
        fields=fields,
        makers={name: lambda column=column: column for name, column in told.items()},  # type: ignore[misc]
        shapes=PointShapes(points),
        # A place that could not be put on the map is no feature.
        rows=np.flatnonzero(~np.isnan(points[:, 0])).astype(np.int32),
    )


def _parents(parents: Rows, rows: Rows) -> Rows:
    """Return the parent of each row; of a place in no small area, none."""
    return np.where(rows == OUTSIDE, OUTSIDE, parents[rows]).astype(np.int32)
