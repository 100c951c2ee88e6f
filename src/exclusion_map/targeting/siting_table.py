"""Chosen places one by one: what each adds to those before it."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from exclusion_map.targeting.siting_query import Siting
from exclusion_map.targeting.tables import Columns


@dataclass(frozen=True, slots=True, kw_only=True)
class SitedPlace:
    """One chosen place, with how things are once it and those before it are open."""

    number: int
    id: str
    name: str
    longitude: float
    latitude: float
    cost: float | None
    adds_meant: float
    adds_people: float
    way: float | None
    served: float

    def plain(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def chosen_places(siting: Siting) -> list[SitedPlace]:
    """Return the chosen places in the order in which each adds most."""
    found, before = [], siting.before
    points, costs = siting.candidates.points, siting.candidates.cost
    steps = zip(siting.solution.opened.tolist(), siting.steps, strict=True)
    for number, (row, after) in enumerate(steps, start=1):
        found.append(
            SitedPlace(
                number=number,
                id=siting.candidates.ids[row],
                name=siting.candidates.names[row],
                longitude=round(float(points.longitude[row]), 6),
                latitude=round(float(points.latitude[row]), 6),
                cost=None if costs is None else float(costs[row]),
                adds_meant=round(after.served - before.served, 1),
                adds_people=round(after.people - before.people, 1),
                way=round(after.way, 1) if np.isfinite(after.way) else None,
                served=round(after.served, 1),
            )
        )
        before = after
    return found


def chosen_columns(found: Siting) -> Columns:
    """Return one row a chosen place, in order."""
    rows = [one.plain() for one in chosen_places(found)]
    names = ("number", "id", "name", "longitude", "latitude", "cost")
    more = ("adds_meant", "adds_people", "way", "served")
    text = {"id", "name"}
    return {
        name: [str(row[name]) for row in rows]
        if name in text
        else np.array([np.nan if row[name] is None else row[name] for row in rows], dtype=float)
        for name in (*names, *more)
    }
