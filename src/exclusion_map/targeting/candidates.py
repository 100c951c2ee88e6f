"""Where a new place could be: places of other kinds, a grid, or a list somebody brings."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from exclusion_map.access import Points, StraightLine
from exclusion_map.areas.atlas import Atlas
from exclusion_map.directory.selecting import Choice, select_places
from exclusion_map.errors import InvalidRequestError
from exclusion_map.targeting.homes import Homes
from exclusion_map.targeting.sites import Sites
from exclusion_map.targeting.siting_problem import MOST_CANDIDATES
from exclusion_map.terms import AreaKind
from exclusion_map.uploads.text import csv_rows

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Place = tuple[float, float]
"""Longitude and latitude."""
FindPostcode = Callable[[str], Place | None]
"""Where a postcode is; None for none. Raises InvalidRequestError for what cannot be one."""

FINEST_GRID = 200.0
_METRES_A_DEGREE = 111_195.0
MOST_FAULTS = 5


@dataclass(frozen=True, eq=False, kw_only=True)
class Candidates:
    """c places that could be chosen.

    Attributes:
        ids: of those that are in the directory; empty text for others.
        names: as people read them.
        points: where they are.
        cost: (c,) of opening each; None where nobody said.
        what: all of them in words.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    points: Points
    cost: Floats | None = None
    what: str = "candidates"

    def __len__(self) -> int:
        return len(self.names)

    def apart_from(self, ids: Collection[str]) -> "Candidates":
        """Return those whose id is none of some."""
        gone = set(ids)
        keep = np.array([not one or one not in gone for one in self.ids], dtype=np.bool_)
        return self.taken(np.flatnonzero(keep))

    def taken(self, rows: Rows) -> "Candidates":
        """Return some of them."""
        at = rows.tolist()
        return replace(
            self,
            ids=tuple(self.ids[row] for row in at),
            names=tuple(self.names[row] for row in at),
            points=Points(self.points.longitude[rows], self.points.latitude[rows]),
            cost=None if self.cost is None else self.cost[rows],
        )


def places_of(sites: Sites, kinds: tuple[str, ...], rows: Rows, what: str) -> Candidates:
    """Return the places of some kinds that lie in small areas."""
    found = select_places(sites.snapshot, Choice(kinds=kinds))
    inside = np.isin(sites.area[found], rows) & ~np.isnan(sites.points.longitude[found])
    at = found[inside]
    return Candidates(
        ids=tuple(sites.id(row) for row in at.tolist()),
        names=tuple(sites.name(row) for row in at.tolist()),
        points=sites.at(at),
        what=what,
    )


def grid_of(atlas: Atlas, homes: Homes, rows: Rows, spacing: float) -> Candidates:
    """Return points of a square grid, only where somebody lives within the spacing.

    Raises:
        InvalidRequestError: the grid is too fine for the area.
    """
    if not spacing >= FINEST_GRID:
        raise InvalidRequestError(
            "spacing of the grid", found=f"{spacing:g} m", expected=f"at least {FINEST_GRID:g} m"
        )
    people = homes.of(rows)
    middle = float(np.radians(people.latitude.mean()))
    tall = spacing / _METRES_A_DEGREE
    wide = tall / np.cos(middle)
    # The cells where somebody lives, not all cells of a wide and empty box.
    cells = np.unique(
        np.stack([np.rint(people.longitude / wide), np.rint(people.latitude / tall)], axis=1),
        axis=0,
    )
    if len(cells) > MOST_CANDIDATES:
        raise InvalidRequestError(
            "grid",
            found=f"{len(cells):,} points where people live",
            expected=f"at most {MOST_CANDIDATES:,}",
            mend="Choose a wider spacing or a smaller area.",
        )
    points = Points(cells[:, 0] * wide, cells[:, 1] * tall)
    small = atlas.level(AreaKind.SMALL_AREA)
    centres = homes.centres
    _, near = StraightLine().nearest(
        points, Points(centres.longitude[rows], centres.latitude[rows])
    )
    names = [f"Point near {small.labels[row]}" for row in rows[near].tolist()]
    return Candidates(
        ids=("",) * len(names),
        names=tuple(names),
        points=points,
        what=f"a grid of points {spacing:g} m apart",
    )


def listed_candidates(text: str, find: FindPostcode) -> Candidates:
    """Return the candidates of a list: one a line, name and postcode or latitude and longitude.

    ``name, postcode`` or ``name, latitude, longitude``; a further number is the cost. A heading is
    not needed; one that begins with "name" is passed over.

    Raises:
        InvalidRequestError: a line cannot be used, naming the first few.
    """
    found: list[tuple[str, Place, float]] = []
    faults = []
    for number, cells in enumerate(csv_rows(text, ",", "list of candidates"), start=1):
        line = [cell.strip() for cell in cells]
        while line and not line[-1]:
            line.pop()
        if not line or (number == 1 and line[0].casefold() == "name"):
            continue
        try:
            found.append(_line(line, find))
        except (InvalidRequestError, ValueError) as error:
            faults.append(f"line {number}: {error}")
    if faults:
        more = f" and {len(faults) - MOST_FAULTS} more" if len(faults) > MOST_FAULTS else ""
        raise InvalidRequestError(
            "list of candidates",
            found="; ".join(faults[:MOST_FAULTS]) + more,
            expected="name, postcode or name, latitude, longitude, with a cost at the end or none",
        )
    costs = np.array([cost for _, _, cost in found])
    if np.isnan(costs).any() and not np.isnan(costs).all():
        raise InvalidRequestError(
            "costs of candidates",
            found=f"{int(np.isnan(costs).sum())} without a cost",
            expected="a cost for each, or for none",
        )
    return Candidates(
        ids=("",) * len(found),
        names=tuple(name for name, _, _ in found),
        points=Points(
            np.array([place[0] for _, place, _ in found], dtype=np.float64),
            np.array([place[1] for _, place, _ in found], dtype=np.float64),
        ),
        cost=None if not len(found) or np.isnan(costs).any() else costs,
        what="the list you gave",
    )


def _line(cells: list[str], find: FindPostcode) -> tuple[str, Place, float]:
    name, *rest = cells
    if not rest:
        raise ValueError("no place after the name")
    if any(letter.isalpha() for letter in rest[0]):
        place = find(rest[0])
        if place is None:
            raise ValueError(f"no postcode {rest[0]}")
        cost = rest[1:]
    else:
        if len(rest) < 2:
            raise ValueError("latitude without longitude")
        latitude, longitude = float(rest[0]), float(rest[1])
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            raise ValueError(f"{latitude}, {longitude} is no place on the Earth")
        place, cost = (longitude, latitude), rest[2:]
    if len(cost) > 1:
        raise ValueError("more cells than name, place and cost")
    price = float(cost[0]) if cost else float("nan")
    if price < 0 or price == float("inf"):
        raise ValueError(f"a cost of {cost[0]}")
    return name, place, price
