"""Places near the areas of a sample where people are: to meet them there, and to send them to."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from exclusion_map.directory.selecting import Choice
from exclusion_map.support.distance import EARTH_M, metres, unit_vectors
from exclusion_map.targeting.sampling.probabilities import Floats
from exclusion_map.targeting.sites import Sites, choose_sites

KINDS = ("pharmacy", "library", "jobcentre")
"""Kinds of place where people are met unless others are named."""
FARTHEST = 20_000.0
"""Metres in a straight line beyond which a place is no venue of an area."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    """A place near an area.

    Attributes:
        row: of ``Sites``.
        metres: in a straight line from a point inside the area.
        hours: open a week; None where nobody said.
    """

    row: int
    metres: float
    hours: float | None


def venues_near(
    sites: Sites,
    longitude: Floats,
    latitude: Floats,
    kinds: Sequence[str],
    *,
    each: int = 3,
    farthest: float = 5_000.0,
) -> list[list[Venue]]:
    """Return for each point (k,) the nearest places of each kind, nearest first.

    Args:
        sites: places there are.
        longitude: (k,) degrees.
        latitude: (k,) degrees.
        kinds: of place.
        each: places of a kind at most.
        farthest: metres in a straight line beyond which a place does not count.
    """
    from scipy.spatial import cKDTree  # Not needed to start.

    points = unit_vectors(longitude, latitude)
    found: list[list[Venue]] = [[] for _ in range(len(longitude))]
    for kind in kinds:
        rows = choose_sites(sites, Choice(kinds=(kind,))).rows
        if not len(rows):
            continue
        places = unit_vectors(sites.points.longitude[rows], sites.points.latitude[rows])
        reach = 2 * np.sin(min(farthest, FARTHEST) / EARTH_M / 2)
        chords, at = cKDTree(places).query(
            points, k=list(range(1, min(each, len(rows)) + 1)), distance_upper_bound=reach
        )
        for number in range(len(points)):
            near = at[number][np.isfinite(chords[number])]
            away = metres(places[near], points[number])
            found[number] += [
                _venue(sites, int(rows[place]), float(far))
                for place, far in zip(near.tolist(), away.tolist(), strict=True)
            ]
    return [sorted(one, key=lambda venue: (venue.metres, venue.row)) for one in found]


def _venue(sites: Sites, row: int, away: float) -> Venue:
    hours = float(sites.hours[row])
    return Venue(row=row, metres=away, hours=None if np.isnan(hours) else hours)
