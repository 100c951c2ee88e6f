"""The same indicators under other methods: columns whose weighted sum ranks areas as the index.

Whatever the method, the order of a weighted arithmetic, geometric or generalised mean is that of a
weighted sum of transformed columns; so a draw costs one product of a matrix and a vector.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exclusion_map.errors import DefinitionError
from exclusion_map.index.aggregate import Aggregation, Aggregator, GeneralisedMean, Geometric
from exclusion_map.index.base import Base
from exclusion_map.index.compose import Prepared, prepare
from exclusion_map.index.definition import Definition
from exclusion_map.index.normalise import Normalisation
from exclusion_map.index.order import Floats, ascending_order, tie_starts
from exclusion_map.index.table import ValueTable
from exclusion_map.index.vary import CountNoise, Doubts

Singles = NDArray[np.float32]

Turn = tuple[int, int]
"""Places in the lists of bases and of normalisations."""

KEPT = 1 << 28
"""Most bytes of columns held at once, beyond those in use; England and Wales take 25 million."""


@dataclass(frozen=True, eq=False)
class Variant:
    """Columns under one base, normalisation and aggregation.

    Attributes:
        summands: (k, n) float32, gaps 0; the higher the weighted sum, the higher the risk.
        noise: (k, n) float32 standard deviation of each summand, 0 where none is known.
    """

    summands: Singles
    noise: Singles | None


@dataclass(frozen=True, eq=False)
class Variants:
    """Every variant a draw can ask for, and which values are there.

    Attributes:
        definition: the index as published.
        values: n areas and their values.
        bases: to normalise in.
        doubts: what is varied.
        present: (k, n) which values are there under every base and normalisation.
        kept: those columns that are held; the others are computed again when they are asked for.
    """

    definition: Definition
    values: ValueTable
    bases: tuple[Base, ...]
    doubts: Doubts
    present: NDArray[np.bool_]
    kept: Mapping[Turn, tuple[Variant, ...]]

    def turns(self) -> list[Turn]:
        """Return every base with every normalisation."""
        return _turns(self.bases, self.doubts)

    def under(self, turn: Turn) -> tuple[Variant, ...]:
        """Return the columns under one base and normalisation, one for each aggregation."""
        if turn in self.kept:
            return self.kept[turn]
        return _built(self.definition, self.values, self.bases, self.doubts, turn)[0]


def variants(
    definition: Definition, table: ValueTable, bases: tuple[Base, ...], doubts: Doubts
) -> Variants:
    """Return the columns under every combination of base, normalisation and aggregation.

    Raises:
        DefinitionError: an aggregation does not depend on an area alone (Copeland), or the
            definition mixes aggregations.
    """
    ways = doubts.aggregations or (definition.aggregate,)
    _check(definition, ways)
    turns = _turns(bases, doubts)
    present = np.ones((len(definition.leaves()), len(table)), dtype=np.bool_)
    # summands and noise, four bytes each
    keep = len(turns) * len(ways) * present.size * 8 <= KEPT
    kept: dict[Turn, tuple[Variant, ...]] = {}
    for turn in turns:
        if keep:
            kept[turn], have = _built(definition, table, bases, doubts, turn)
        else:
            have = ~np.isnan(_prepared(definition, table, bases, doubts, turn).normalised)
        # a value must be there under every base: outside one it has none
        present &= have
    return Variants(definition, table, bases, doubts, present, kept)


def _turns(bases: tuple[Base, ...], doubts: Doubts) -> list[Turn]:
    normalisations = max(1, len(doubts.normalisations))
    return [(base, way) for base in range(len(bases)) for way in range(normalisations)]


def _built(
    definition: Definition,
    table: ValueTable,
    bases: tuple[Base, ...],
    doubts: Doubts,
    turn: Turn,
) -> tuple[tuple[Variant, ...], NDArray[np.bool_]]:
    """Return the columns under one base and normalisation, and which values are there (k, n)."""
    prepared = _prepared(definition, table, bases, doubts, turn)
    columns, spread = _normalised(prepared, doubts.noise)
    ways = doubts.aggregations or (definition.aggregate,)
    return tuple(_summands(columns, spread, way) for way in ways), ~np.isnan(columns)


def _prepared(
    definition: Definition,
    table: ValueTable,
    bases: tuple[Base, ...],
    doubts: Doubts,
    turn: Turn,
) -> Prepared:
    """Return the columns normalised; those with goalposts keep their own normalisation."""
    base, way = turn
    if doubts.normalisations:
        definition = definition.model_copy(update={"normalise": doubts.normalisations[way]})
    return prepare(definition, table, bases[base])


def _check(definition: Definition, ways: tuple[Aggregator, ...]) -> None:
    own = {group.aggregate for group in definition.components() if group.aggregate}
    if any(way.method is Aggregation.COPELAND for way in ways) or own - {definition.aggregate}:
        raise DefinitionError(
            f"uncertainty of {definition.id}",
            found="Copeland, or groups with aggregations of their own",
            expected="one arithmetic, geometric or generalised mean at all levels",
        )


def _normalised(prepared: Prepared, noise: CountNoise | None) -> tuple[Floats, Floats | None]:
    """Return (k, n) normalised columns and the standard deviation noise gives them."""
    table, columns = prepared.table, prepared.normalised
    if prepared.definition.normalise.method is Normalisation.Z_SCORE:
        # onto about the range of the others, so that means that need values from 0 can have them
        columns = np.maximum(50 + columns * (50 / 3), 0)
    if noise is None or table.denominators is None:
        return columns, None
    places = {name: at for at, name in enumerate(table.indicators)}
    spread = np.zeros(columns.shape)
    for row, name in enumerate(prepared.screened.resolved):
        if name not in places:
            continue  # Nobody has data of it: it weighs nothing.
        raw, out_of = prepared.screened.columns[row], table.denominators[:, places[name]]
        error = _standard_error(raw, out_of, noise)
        if error is not None:
            spread[row] = _slope_spread(raw, columns[row], error)
    return columns, spread


def _standard_error(raw: Floats, out_of: Floats, noise: CountNoise) -> Floats | None:
    known = (out_of > 0) & (raw >= 0) & (raw <= 100)
    if not known.any():
        return None
    share, n = np.where(known, raw, 0) / 100, np.where(known, out_of, 1)
    variance = (noise.disclosure_sd / n) ** 2
    if noise.binomial:
        variance = variance + share * (1 - share) / n
    return np.where(known, 100 * np.sqrt(variance), 0.0)


def _slope_spread(raw: Floats, normalised: Floats, error: Floats) -> Floats:
    """Return half of what moving a value by one standard error either way moves its normalised one.

    To first order: the curve from raw to normalised values is read between the areas' own points.
    """
    have = ~(np.isnan(raw) | np.isnan(normalised))
    if not have.any():
        return np.zeros(len(raw))
    # in the order of the values: looking up neighbours one after the other is several times faster
    order = ascending_order(raw[have])
    ordered, moved = raw[have][order], error[have][order]
    starts = tie_starts(ordered)
    at, curve = ordered[starts], normalised[have][np.minimum.reduceat(order, starts)]
    up, down = np.interp(ordered + moved, at, curve), np.interp(ordered - moved, at, curve)
    spread = np.zeros(len(raw))
    spread[np.flatnonzero(have)[order]] = np.abs(up - down) / 2
    return spread


def _summands(columns: Floats, spread: Floats | None, way: Aggregator) -> Variant:
    summands = np.empty(columns.shape, dtype=np.float32)
    noise = None if spread is None else np.empty(columns.shape, dtype=np.float32)
    for row, column in enumerate(columns):  # one at a time: they may be of millions of areas
        summand, slope = _summand(column, way)
        summands[row] = np.nan_to_num(summand)
        if noise is not None and spread is not None:
            noise[row] = np.nan_to_num(spread[row] * slope)
    return Variant(summands, noise)


def _summand(column: Floats, way: Aggregator) -> tuple[Floats, Floats]:
    """Return what a column adds to the sum, and what moving the column by 1 adds."""
    if isinstance(way, Geometric):
        lifted = column + way.offset
        return np.log(lifted), 1 / lifted
    if isinstance(way, GeneralisedMean):
        lifted, sign = column + way.offset, np.sign(way.power)
        return sign * lifted**way.power, abs(way.power) * lifted ** (way.power - 1)
    return column, np.ones(())
