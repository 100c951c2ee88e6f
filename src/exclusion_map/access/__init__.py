"""Who can reach what: people at their postcodes, costs of travel, measures of access."""

from exclusion_map.access.costs import (
    DETOUR,
    WALK_M_PER_MINUTE,
    Pairs,
    Points,
    StraightLine,
    TravelCost,
)
from exclusion_map.access.measures import (
    Gaussian,
    Step,
    count_within,
    floating_catchment,
    supply_within,
)
from exclusion_map.access.people import People, people_of

__all__ = [
    "DETOUR",
    "WALK_M_PER_MINUTE",
    "Gaussian",
    "Pairs",
    "People",
    "Points",
    "Step",
    "StraightLine",
    "TravelCost",
    "count_within",
    "floating_catchment",
    "people_of",
    "supply_within",
]
