"""Footprint: who a product or programme serves, and who among them is at risk."""

from exclusion_map.targeting.footprint.matching import Matching, UnmatchedRow, Way
from exclusion_map.targeting.footprint.served import Basis, Served

__all__ = ["Basis", "Matching", "Served", "UnmatchedRow", "Way"]
