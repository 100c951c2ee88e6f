"""Where people live: the live postcodes of each small area, sharing its population."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from exclusion_map.errors import InvalidRequestError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def weighted_counts(rows: Ints, weights: Floats, length: int) -> Floats:
    """Return the sum (length,) of weights (k,) in each row."""
    return np.asarray(np.bincount(rows, weights=weights, minlength=length), dtype=np.float64)


@dataclass(frozen=True)
class People:
    """Points where people live.

    Attributes:
        longitude: (p,) degrees.
        latitude: (p,) degrees.
        weight: (p,) people at the point: an area's population shared equally by its points.
        area: (p,) row number of the area, ascending.
        areas: how many areas there are.
        without_postcode: rows of areas that stand at their representative point instead.
    """

    longitude: Floats
    latitude: Floats
    weight: Floats
    area: Ints
    areas: int
    without_postcode: Ints

    def __len__(self) -> int:
        """How many points."""
        return len(self.weight)

    def totals(self) -> Floats:
        """Return people (areas,) by area."""
        return weighted_counts(self.area, self.weight, self.areas)

    def mean(self, values: Floats) -> Floats:
        """Return the population-weighted mean (areas,) of values at points (p,).

        An area without people gets the plain mean of its points; NaN at a point stays NaN.
        """
        points = np.bincount(self.area, minlength=self.areas)
        people = self.totals()
        weight = np.where(people[self.area] > 0, self.weight, 1.0)
        total = np.where(people > 0, people, points)
        return weighted_counts(self.area, values * weight, self.areas) / total

    def share(self, chosen: npt.NDArray[np.bool_]) -> Floats:
        """Return the share (areas,) of an area's people who live at chosen points (p,)."""
        return self.mean(chosen.astype(np.float64))

    def centres(self) -> "People":
        """Return one point an area: the population-weighted mean of its points.

        Meant for many-to-many measures, where every postcode would cost too much. Over the few
        kilometres of an area degrees can be averaged as they are.
        """
        return People(
            longitude=self.mean(self.longitude),
            latitude=self.mean(self.latitude),
            weight=self.totals(),
            area=np.arange(self.areas),
            areas=self.areas,
            without_postcode=self.without_postcode,
        )


def people_of(
    *,
    area: npt.NDArray[np.integer],
    longitude: Floats,
    latitude: Floats,
    population: Floats,
    centre_longitude: Floats,
    centre_latitude: Floats,
) -> People:
    """Share the population of areas among their postcodes.

    Args:
        area: (p,) row of the area of each live postcode; negative ones are outside and left out.
        longitude: (p,) degrees of postcodes; NaN ones are left out.
        latitude: (p,) degrees of postcodes.
        population: (n,) people of each area; NaN counts as no people, the area keeps its points.
        centre_longitude: (n,) degrees of a point inside each area, for areas without a postcode.
        centre_latitude: (n,) degrees of the same.

    Raises:
        InvalidRequestError: a postcode names an area that is not there.
    """
    count = len(population)
    if len(area) and area.max() >= count:
        raise InvalidRequestError(
            "postcodes",
            found=f"a postcode in area number {int(area.max())}",
            expected=f"numbers below {count}, as many areas as there are",
            mend="Build the edition again: its postcodes and areas do not belong together.",
        )
    good = (area >= 0) & np.isfinite(longitude) & np.isfinite(latitude)
    held = area[good].astype(np.int64)
    shared = np.bincount(held, minlength=count)
    empty = np.flatnonzero(shared == 0)
    all_areas = np.concatenate([held, empty])
    order = np.argsort(all_areas, kind="stable")
    people = np.nan_to_num(np.asarray(population, dtype=np.float64))
    each = people / np.maximum(shared, 1)
    return People(
        longitude=np.concatenate([longitude[good], centre_longitude[empty]])[order],
        latitude=np.concatenate([latitude[good], centre_latitude[empty]])[order],
        weight=each[all_areas][order],
        area=all_areas[order],
        areas=count,
        without_postcode=empty,
    )
