"""Indicators under alternative methods, as columns whose weighted sum ranks areas like the index.

A weighted arithmetic, geometric or generalised mean orders areas like a weighted sum of transformed
columns, so each draw costs only one matrix-vector product.
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
"""Positions in the list of bases and in the list of normalisations."""

KEPT = 1 << 28
"""Maximum bytes of cached columns, beyond those in use; England and Wales take 25 million."""


@dataclass(frozen=True, eq=False)
class Variant:
    """Columns under one base, normalisation and aggregation.

    Attributes:
        summands: (k, n) float32, 0 for gaps; a higher weighted sum means more risk.
        noise: (k, n) float32 standard deviation of each summand, 0 if unknown.
    """

    summands: Singles
    noise: Singles | None


@dataclass(frozen=True, eq=False)
class Variants:
    """All variants that a draw can use, and which values are present.

    Attributes:
        definition: the index as published.
        values: n areas and their values.
        bases: the bases to normalise in.
        doubts: the choices to vary.
        present: (k, n) mask of values present under every base and normalisation.
        kept: cached columns; others are recomputed when needed.
    """

    definition: Definition
    values: ValueTable
    bases: tuple[Base, ...]
    doubts: Doubts
    present: NDArray[np.bool_]
    kept: Mapping[Turn, tuple[Variant, ...]]

    def turns(self) -> list[Turn]:
        """Return every combination of base and normalisation."""
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
        DefinitionError: the aggregation compares areas with one another (Copeland), or the
            definition mixes aggregations.
    """
    ways = doubts.aggregations or (definition.aggregate,)
    _check(definition, ways)
    turns = _turns(bases, doubts)
    present = np.ones((len(definition.leaves()), len(table)), dtype=np.bool_)
    # summands and noise: four bytes each
    keep = len(turns) * len(ways) * present.size * 8 <= KEPT
    kept: dict[Turn, tuple[Variant, ...]] = {}
    for turn in turns:
        if keep:
            kept[turn], have = _built(definition, table, bases, doubts, turn)
        else:
            have = ~np.isnan(_prepared(definition, table, bases, doubts, turn).normalised)
        # values must be present under every base: areas outside a base have none
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
    """Return the columns under one base and normalisation, and a mask of values present (k, n)."""
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
    """Return the normalised columns; those with goalposts keep their own normalisation."""
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
        # rescaled to about 0 to 100, since some means need values that are not negative
        columns = np.maximum(50 + columns * (50 / 3), 0)
    if noise is None or table.denominators is None:
        return columns, None
    places = {name: at for at, name in enumerate(table.indicators)}
    spread = np.zeros(columns.shape)
    for row, name in enumerate(prepared.screened.resolved):
        if name not in places:
            continue  # No area has data: it carries no weight.
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
    """Return half the change in normalised value between one standard error below and above.

    To first order: the curve from raw to normalised values is interpolated between areas.
    """
    have = ~(np.isnan(raw) | np.isnan(normalised))
    if not have.any():
        return np.zeros(len(raw))
    # in the order of the values, because sorted look-ups are several times faster
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
    for row, column in enumerate(columns):  # one at a time to save memory
        summand, slope = _summand(column, way)
        summands[row] = np.nan_to_num(summand)
        if noise is not None and spread is not None:
            noise[row] = np.nan_to_num(spread[row] * slope)
    return Variant(summands, noise)


def _summand(column: Floats, way: Aggregator) -> tuple[Floats, Floats]:
    """Return a column's summand, and its derivative with respect to the column."""
    if isinstance(way, Geometric):
        lifted = column + way.offset
        return np.log(lifted), 1 / lifted
    if isinstance(way, GeneralisedMean):
        lifted, sign = column + way.offset, np.sign(way.power)
        return sign * lifted**way.power, abs(way.power) * lifted ** (way.power - 1)
    return column, np.ones(())
