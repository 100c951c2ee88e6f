"""Screening: find a definition's indicators in a table, and report what is missing."""

from dataclasses import dataclass

import numpy as np

from exclusion_map import catalogue
from exclusion_map.errors import DefinitionError
from exclusion_map.index.definition import Definition, IndicatorNode, Leaf
from exclusion_map.index.impute import Imputation
from exclusion_map.index.order import Floats
from exclusion_map.index.table import ValueTable
from exclusion_map.terms import Direction


@dataclass(frozen=True, eq=False)
class Screened:
    """The raw columns of a definition, in tree order.

    Attributes:
        leaves: the k indicators of the definition.
        resolved: (k) the indicator used for each leaf: its own, or the first substitute with data.
        columns: k vectors (n,) as in the table, NaN where missing.
        lower_is_riskier: (k) whether to reverse the column.
        filled: indicators of the table that have any value.
        notes: which substitutes were used, and which indicators have no data.
    """

    leaves: tuple[Leaf, ...]
    resolved: tuple[str, ...]
    columns: tuple[Floats, ...]
    lower_is_riskier: tuple[bool, ...]
    filled: frozenset[str]
    notes: tuple[str, ...]


def screen(definition: Definition, table: ValueTable) -> Screened:
    """Return the definition's columns of the table.

    Raises:
        DefinitionError: an indicator is neither in the table nor declared, or none has data.
    """
    places = {name: place for place, name in enumerate(table.indicators)}
    _known(definition, places)
    filled = frozenset(name for name, at in places.items() if table.gaps[at] < len(table))
    leaves, notes = definition.leaves(), []
    resolved: list[str] = []
    columns: list[Floats] = []
    for leaf in leaves:
        name = next((one for one in leaf.node.choices if one in filled), leaf.node.indicator)
        resolved.append(name)
        if name in filled:
            column = table.columns[places[name]]
            gaps = int(table.gaps[places[name]])
        else:
            column, gaps = np.full(len(table), np.nan), len(table)
        for more in leaf.node.plus:
            column = column + (table.columns[places[more]] if more in places else np.nan)
            gaps = int(np.isnan(column).sum())
        columns.append(column)
        notes.extend(_note(definition, leaf.node, name, gaps, len(table)))
    if not filled.intersection(resolved):
        raise DefinitionError(
            f"definition {definition.id}",
            found="no value of any of its indicators in the table",
            expected=f"some of {', '.join(leaf.node.indicator for leaf in leaves)}",
            mend="Supply their values: see docs/method/index.md.",
        )
    return Screened(
        leaves=leaves,
        resolved=tuple(resolved),
        columns=tuple(columns),
        lower_is_riskier=_turned(definition, table, resolved),
        filled=filled,
        notes=tuple(notes),
    )


def _known(definition: Definition, places: dict[str, int]) -> None:
    declared = {*places, *catalogue.indicators(), *(one.id for one in definition.supplied)}
    for leaf in definition.leaves():
        for name in (*leaf.node.choices, *leaf.node.plus):
            if name not in declared:
                raise DefinitionError(
                    f"definition {definition.id}",
                    found=f"unknown indicator {name!r}",
                    expected=f"one of {', '.join(sorted(declared))}",
                )


def _note(definition: Definition, node: IndicatorNode, name: str, gaps: int, n: int) -> list[str]:
    there = "there the rest of the index carries its weight"
    if definition.missing.minimum_share == 1:
        there = "they get no score"
    if definition.missing.impute.method is not Imputation.NONE:
        there = "an estimate is used there"
    notes = []
    if name != node.indicator:
        notes.append(f"{node.indicator} has no data; {name} is used instead.")
    if gaps == n:
        notes.append(f"{name} has no data; the rest of its group carries its weight.")
    elif gaps:
        notes.append(f"{name} is missing in {gaps:,} of {n:,} areas; {there}.")
    return notes


def _turned(definition: Definition, table: ValueTable, resolved: list[str]) -> tuple[bool, ...]:
    directions = dict(zip(table.indicators, table.directions, strict=True))
    for one in definition.supplied:
        directions.setdefault(one.id, one.direction)
    return tuple(directions.get(name) is Direction.LOWER_IS_RISKIER for name in resolved)
