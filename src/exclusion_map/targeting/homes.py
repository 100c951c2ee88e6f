"""Where the people of small areas live: postcodes when asked for, one centre an area at hand."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from exclusion_map.access import People, Points, people_of
from exclusion_map.stopping import as_wanted

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Addresses = tuple[
    npt.NDArray[np.floating[Any]], npt.NDArray[np.floating[Any]], npt.NDArray[np.integer[Any]]
]
"""Longitude, latitude and row of the small area of each postcode in use."""
_PART = 200_000
"""Postcodes worked on together: what is made of them stays small."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Homes:
    """The people of n small areas.

    Postcodes are read anew each time: a million and a half of them would stay in memory otherwise.

    Attributes:
        addresses: reads the postcodes in use; None where there are none.
        population: (n,) people.
        longitude: (n,) degrees of a point inside each area, for areas without a postcode.
        latitude: (n,) degrees of the same.
        breadth: (n,) metres: no two homes of an area are farther apart in a straight line.
    """

    addresses: Callable[[], Addresses] | None
    population: Floats
    longitude: Floats
    latitude: Floats
    breadth: Floats

    def __len__(self) -> int:
        return len(self.population)

    @cached_property
    def centres(self) -> People:
        """One population-weighted point for each area, in order.

        What `People.centres` gives for all areas, some postcodes at a time: all of them at once
        would take 200 MB for a moment. Postcodes of an area stand for as many people each.
        """
        longitude, latitude, held = _middles(len(self), *self._read())
        without = np.flatnonzero(held == 0)
        longitude[without], latitude[without] = self.longitude[without], self.latitude[without]
        return People(
            longitude=longitude,
            latitude=latitude,
            weight=np.nan_to_num(np.asarray(self.population, dtype=np.float64)),
            area=np.arange(len(self)),
            areas=len(self),
            without_postcode=without,
        )

    def of(self, rows: Rows) -> People:
        """Return where the people of some areas (k,) live; areas are numbered 0 to k - 1."""
        number = np.full(len(self) + 1, -1, dtype=np.int32)
        number[rows] = np.arange(len(rows))
        longitude, latitude, area = self._read()
        at = number[area]  # the last entry is for -1, outside the map
        inside = np.flatnonzero(at >= 0)
        return people_of(
            area=at[inside],
            longitude=longitude[inside].astype(np.float64),
            latitude=latitude[inside].astype(np.float64),
            population=self.population[rows],
            centre_longitude=self.longitude[rows],
            centre_latitude=self.latitude[rows],
        )

    def _read(self) -> Addresses:
        nothing = (np.empty(0), np.empty(0), np.empty(0, dtype=np.int64))
        return nothing if self.addresses is None else self.addresses()


def _middles(
    count: int,
    longitude: npt.NDArray[np.floating],
    latitude: npt.NDArray[np.floating],
    area: npt.NDArray[np.integer],
) -> tuple[Floats, Floats, Rows]:
    """Return the mean longitude and latitude (n,) of each area's points, and how many it has.

    Args:
        count: of the areas, n.
        longitude: (p,) degrees; points without a place are left out.
        latitude: (p,) degrees.
        area: (p,) row of the area of each point; negative ones are outside and left out.

    Returns:
        Means, NaN for an area without a point, and points (n,).
    """
    east, north = np.zeros(count), np.zeros(count)
    held = np.zeros(count, dtype=np.int64)
    for start in as_wanted(range(0, len(area), _PART)):
        part = slice(start, start + _PART)
        good = (area[part] >= 0) & np.isfinite(longitude[part]) & np.isfinite(latitude[part])
        of = area[part][good]
        held += np.bincount(of, minlength=count)
        east += np.bincount(of, weights=longitude[part][good], minlength=count)
        north += np.bincount(of, weights=latitude[part][good], minlength=count)
    known = np.where(held > 0, held, np.nan)
    return east / known, north / known, held


def points_of(people: People) -> Points:
    """Return people as points."""
    return Points(people.longitude, people.latitude)
