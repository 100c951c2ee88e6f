"""The composite index: definitions as data, one module per step, computed within any base."""

from exclusion_map.index.base import Base
from exclusion_map.index.compose import Composite, Prepared, compose, prepare
from exclusion_map.index.definition import Definition, Group, IndicatorNode, Leaf, Supplied
from exclusion_map.index.load import (
    DEFAULT,
    check_indicators,
    definitions,
    library,
    load_definition,
)
from exclusion_map.index.rank import rank_and_decile
from exclusion_map.index.table import ValueTable

__all__ = [
    "DEFAULT",
    "Base",
    "Composite",
    "Definition",
    "Group",
    "IndicatorNode",
    "Leaf",
    "Prepared",
    "Supplied",
    "ValueTable",
    "check_indicators",
    "compose",
    "definitions",
    "library",
    "load_definition",
    "prepare",
    "rank_and_decile",
]
