"""Where the people of small areas live: postcodes when asked for, one centre an area at hand."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from exclusion_map.access import People, Points, people_of

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Addresses = Callable[
    [], tuple[npt.NDArray[np.floating], npt.NDArray[np.floating], npt.NDArray[np.integer]]
]
"""Longitude, latitude and row of the small area of each postcode in use."""


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

    addresses: Addresses | None
    population: Floats
    longitude: Floats
    latitude: Floats
    breadth: Floats

    def __len__(self) -> int:
        return len(self.population)

    @cached_property
    def centres(self) -> People:
        """One population-weighted point for each area, in order."""
        return self.of(np.arange(len(self))).centres()

    def of(self, rows: Rows) -> People:
        """Return where the people of some areas (k,) live; areas are numbered 0 to k - 1."""
        number = np.full(len(self) + 1, -1, dtype=np.int64)
        number[rows] = np.arange(len(rows))
        nothing = (np.empty(0), np.empty(0), np.empty(0, dtype=np.int64))
        longitude, latitude, area = nothing if self.addresses is None else self.addresses()
        at = number[area]  # the last entry is for -1, outside the map
        inside = at >= 0
        return people_of(
            area=at[inside],
            longitude=longitude[inside].astype(np.float64),
            latitude=latitude[inside].astype(np.float64),
            population=self.population[rows],
            centre_longitude=self.longitude[rows],
            centre_latitude=self.latitude[rows],
        )


def points_of(people: People) -> Points:
    """Return people as points."""
    return Points(people.longitude, people.latitude)
