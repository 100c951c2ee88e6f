"""The support of an area: the nearest place of each kind, or how many of each lie inside it."""

import numpy as np

from exclusion_map.areas.atlas import Level, Rows
from exclusion_map.areas.profile import NearestSupport, SupportCount
from exclusion_map.directory.places import Places
from exclusion_map.directory.terms import PLACES, taxonomy
from exclusion_map.support.distance import metres, unit_vectors
from exclusion_map.terms import SupportKind

_LISTED = frozenset(kind.value for kind in SupportKind)
"""Kinds that published lists bring: that there is none of them inside an area is worth saying."""


def nearest_of_each_kind(
    places: Places, latitude: float, longitude: float
) -> tuple[NearestSupport, ...]:
    """Return the nearest place of each kind, the nearest first."""
    snapshot = places.snapshot
    here = unit_vectors(np.array([longitude]), np.array([latitude]))[0]
    # The largest dot product is the nearest place; its way is then worked out exactly.
    close = snapshot.points @ here
    found: list[tuple[float, int]] = []
    for term in taxonomy(PLACES).terms:
        rows = snapshot.placed_of(term.key)
        if len(rows):
            row = int(rows[np.argmax(close[rows])])
            found.append((float(metres(snapshot.points[row], here)), row))
    found.sort()
    addresses = places.addresses([snapshot.ids[row] for _, row in found])
    kinds = taxonomy(PLACES).terms
    return tuple(
        NearestSupport(
            id=snapshot.ids[row],
            kind=kinds[snapshot.kind[row]].key,
            kind_label=kinds[snapshot.kind[row]].inline,
            name=snapshot.names[row],
            address=addresses[snapshot.ids[row]].text,
            postcode=addresses[snapshot.ids[row]].postcode,
            distance_m=round(away),
            url=f"/support/{snapshot.ids[row]}",
        )
        for away, row in found
        if snapshot.ids[row] in addresses
    )


def counts_inside(places: Places, small: Level, members: Rows) -> list[SupportCount]:
    """Return how many places of each kind lie inside some small areas."""
    snapshot = places.snapshot
    rows = snapshot.area_rows(small.position)
    asked = np.zeros(len(small) + 1, dtype=np.bool_)  # The last stands for places in no area.
    asked[members] = True
    kinds = taxonomy(PLACES).terms
    counts = np.bincount(snapshot.kind[asked[rows]], minlength=len(kinds)).tolist()
    return [
        SupportCount(
            kind=kind.key,
            kind_label=kind.inline,
            kind_label_plural=kind.inline_plural,
            inside=count,
        )
        for kind, count in zip(kinds, counts, strict=True)
        if count or kind.key in _LISTED
    ]
