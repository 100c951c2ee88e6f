"""Indicators: from raw tables of counts to one tidy table of indicator by area."""

from exclusion_map.indicators.assemble import Availability, availability, build
from exclusion_map.indicators.contracts import TIDY_COLUMNS, CheckResult, check, enforce
from exclusion_map.indicators.disclosure import DisclosureRule
from exclusion_map.indicators.population import people_by_group, population
from exclusion_map.indicators.rollup import roll_up

__all__ = [
    "TIDY_COLUMNS",
    "Availability",
    "CheckResult",
    "DisclosureRule",
    "availability",
    "build",
    "check",
    "enforce",
    "people_by_group",
    "population",
    "roll_up",
]
