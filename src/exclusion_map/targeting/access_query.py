"""Access to any choice of places, area by area: the answer to one question."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from exclusion_map.access import TravelCost
from exclusion_map.access.people import weighted_counts
from exclusion_map.areas.atlas import OUTSIDE, Atlas
from exclusion_map.directory.selecting import Choice
from exclusion_map.errors import InvalidRequestError
from exclusion_map.targeting.homes import Homes
from exclusion_map.targeting.reach import (
    Capacity,
    DecayName,
    Nearness,
    Supply,
    capacity_of,
    nearness,
    supply_of,
    unlisted,
)
from exclusion_map.targeting.sites import CHOICE, Chosen, Sites, choose_sites
from exclusion_map.terms import AreaKind

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

FARTHEST = 50_000.0
"""Metres of a threshold; beyond it no question of reach makes sense."""


@dataclass(frozen=True, kw_only=True)
class AccessQuestion:
    """What is asked.

    Attributes:
        choice: which places count.
        threshold: metres of way that count as in reach.
        capacity: what the floating catchment shares out.
        decay: how places count the less, the farther they are.
        catchment: metres where they cease to count; three thresholds if None.
    """

    choice: Choice = CHOICE
    threshold: float = 1_000.0
    capacity: Capacity = Capacity.PLACES
    decay: DecayName = DecayName.STEP
    catchment: float | None = None

    def __post_init__(self) -> None:
        for name, value in (("threshold", self.threshold), ("catchment", self.catchment)):
            if value is not None and not 0 < value <= FARTHEST:
                raise InvalidRequestError(
                    name, found=f"{value:g} m", expected=f"above 0, at most {FARTHEST:,.0f} m"
                )


@dataclass(frozen=True, eq=False, kw_only=True)
class Access:
    """The answer for k small areas.

    Attributes:
        rows: (k,) of the small areas.
        people: (k,) who live there.
        chosen: the places that count.
        near: how far, by area; NaN where the places are not listed for the nation.
        supply: what is in reach, by area.
        unlisted: (k,) areas in nations whose places are not in the list.
    """

    rows: Rows
    people: Floats
    chosen: Chosen
    near: Nearness
    supply: Supply
    unlisted: Flags

    @property
    def beyond(self) -> Floats:
        """(k,) people who live beyond the threshold; NaN unknown."""
        return self.people * (1 - self.near.share)

    def site(self, at: int) -> int:
        """Return the row of the place nearest to most of an area's people; -1 for none."""
        place = int(self.near.nearest[at])
        return -1 if place < 0 else int(self.chosen.rows[place])


def access_of(
    atlas: Atlas,
    homes: Homes,
    sites: Sites,
    question: AccessQuestion,
    cost: TravelCost,
    rows: Rows | None = None,
) -> Access:
    """Return the access of small areas.

    Args:
        atlas: the areas.
        homes: where their people live.
        sites: all places there are.
        question: what is asked.
        cost: of the way, in metres.
        rows: only these small areas; all if None. Competition for a place comes from everywhere.

    Raises:
        InvalidRequestError: a kind of place is unknown.
    """
    at = np.arange(len(homes)) if rows is None else np.asarray(rows, dtype=np.int64)
    chosen = choose_sites(sites, question.choice)
    places = sites.at(chosen.rows)
    found = nearness(homes.of(at), places, cost, question.threshold)
    inside = supply_of(
        homes,
        places,
        capacity_of(sites, chosen.rows, question.capacity),
        cost,
        threshold=question.threshold,
        decay=question.decay,
        catchment=question.catchment,
    )
    silent = unlisted(sites, chosen.of_kind, _nations(atlas))[at]
    return Access(
        rows=at,
        people=np.nan_to_num(homes.population[at]),
        chosen=chosen,
        near=Nearness(
            way=np.where(silent, np.nan, found.way),
            nearest=np.where(silent, -1, found.nearest),
            share=np.where(silent, np.nan, found.share),
        ),
        supply=Supply(
            count=inside.count[at],
            supply=np.where(silent, np.nan, inside.supply[at]),
            per_10000=np.where(silent, np.nan, inside.per_10000[at]),
            unknown=inside.unknown,
        ),
        unlisted=silent,
    )


def rolled_up(atlas: Atlas, access: Access, kind: AreaKind, values: Floats) -> Floats:
    """Return values (k,) of small areas as population-weighted means of a larger kind; NaN = none.

    Only people of areas whose value is known count.
    """
    parent = atlas.level(AreaKind.SMALL_AREA).parents[kind][access.rows]
    known = (parent != OUTSIDE) & ~np.isnan(values)
    length = len(atlas.level(kind))
    people = weighted_counts(parent[known], access.people[known], length)
    total = weighted_counts(parent[known], (access.people * values)[known], length)
    mean: Floats = np.divide(total, people, out=np.full(length, np.nan), where=people > 0)
    return mean


def _nations(atlas: Atlas) -> tuple[str, ...]:
    return atlas.level(AreaKind.SMALL_AREA).nations
