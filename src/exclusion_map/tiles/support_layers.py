"""Layers of support locations: single locations at high zooms, clusters at low zooms.

Clusters group the locations in a cell of a grid that divides tiles evenly, so no cluster is in two
tiles and counts add up. Each is drawn at the centre of its locations.
"""

from typing import Any

import numpy as np
import pandas as pd

from exclusion_map.terms import SupportKind
from exclusion_map.tiles.encoding import Attributes
from exclusion_map.tiles.grid import EXTENT
from exclusion_map.tiles.layers import Bounds, PointLayer, Points, on_point_grid
from exclusion_map.tiles.tilesets import (
    CLUSTER_LAYER,
    CLUSTER_MIN_ZOOM,
    MAX_ZOOM,
    POINT_LAYER,
    POINT_MIN_ZOOM,
)

CELLS = 8
"""Cells across a tile: 64 CSS pixels each, room for a symbol with a number."""
ADDRESS_MIN_ZOOM = 11
"""Lowest zoom with addresses: single places can be told apart there."""
_NAMED = {"sid": "id", "kind": "kind", "name": "name"}


def support_layers(table: pd.DataFrame, bounds: Bounds) -> list[PointLayer]:
    """Return the layers of support locations.

    Args:
        table: support locations: id, kind, name, address, longitude, latitude.
        bounds: west, south, east, north of the edition in degrees.
    """
    kinds = [kind.value for kind in SupportKind]
    text = dict.fromkeys((*_NAMED, "address"), "String")
    clusters = {zoom: _clusters(table, zoom) for zoom in range(CLUSTER_MIN_ZOOM, POINT_MIN_ZOOM)}
    single = {zoom: _single(table, zoom) for zoom in range(POINT_MIN_ZOOM, MAX_ZOOM + 1)}
    counted = dict.fromkeys(("count", *kinds), "Number") | dict.fromkeys(_NAMED, "String")
    return [
        PointLayer(CLUSTER_LAYER, clusters, counted, bounds),
        PointLayer(POINT_LAYER, single, text, bounds),
    ]


def _single(table: pd.DataFrame, zoom: int) -> Points:
    names = {**_NAMED, **({"address": "address"} if zoom >= ADDRESS_MIN_ZOOM else {})}
    held = {name: table[column] for name, column in names.items() if column in table}
    rows = pd.DataFrame(held).to_dict("records")
    return _points(table["longitude"], table["latitude"], [_told(row) for row in rows])


def _clusters(table: pd.DataFrame, zoom: int) -> Points:
    """Return one point for the locations in each cell of a zoom, sorted by column and row."""
    places = table.reset_index(drop=True)
    grid = on_point_grid(places["longitude"].to_numpy(), places["latitude"].to_numpy(), zoom)
    column, row = (grid // (EXTENT // CELLS)).T
    cells = places.groupby([column, row], sort=True)
    middle = cells[["longitude", "latitude"]].mean()
    kinds = {kind.value: places["kind"] == kind.value for kind in SupportKind}
    counts = pd.DataFrame(kinds).groupby([column, row], sort=True).sum()
    first = cells[list(_NAMED.values())].first().rename(columns={"id": "sid"})
    told = [
        _cluster(number, named)
        for number, named in zip(counts.to_dict("records"), first.to_dict("records"), strict=True)
    ]
    return _points(middle["longitude"], middle["latitude"], told)


def _cluster(counts: dict[Any, Any], first: dict[Any, Any]) -> Attributes:
    """Return the attributes of a cluster: its counts and, for a single place, its identity."""
    count = sum(counts.values())
    kinds = {str(kind): int(number) for kind, number in counts.items() if number}
    return {"count": int(count), **kinds, **(_told(first) if count == 1 else {})}


def _told(row: dict[Any, Any]) -> Attributes:
    """Return the attributes of a place, without missing ones."""
    return {str(name): str(value) for name, value in row.items() if pd.notna(value)}


def _points(longitude: pd.Series, latitude: pd.Series, told: list[Attributes]) -> Points:
    return Points(
        longitude.to_numpy(dtype=np.float64), latitude.to_numpy(dtype=np.float64), tuple(told)
    )
