"""The same indicators under other methods: columns whose weighted sum ranks areas as the index.

Whatever the method, the order of a weighted arithmetic, geometric or generalised mean is that of a
weighted sum of transformed columns; so a draw costs one product of a matrix and a vector.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exclusion_map.errors import DefinitionError
from exclusion_map.index.aggregate import Aggregation, Aggregator, GeneralisedMean, Geometric
from exclusion_map.index.base import Base
from exclusion_map.index.compose import prepare
from exclusion_map.index.definition import Definition
from exclusion_map.index.normalise import Normalisation, Normaliser
from exclusion_map.index.order import Floats
from exclusion_map.index.table import ValueTable
from exclusion_map.index.vary import CountNoise, Doubts

Singles = NDArray[np.float32]


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
    """Every variant a draw can ask for, and which values are there."""

    table: tuple[tuple[tuple[Variant, ...], ...], ...]
    present: NDArray[np.bool_]

    def of(self, base: int, normalisation: int, aggregation: int) -> Variant:
        """Return the variant at these places of the lists of bases and methods."""
        return self.table[base][normalisation][aggregation]


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
    built, present = [], None
    for base in bases:
        rows = []
        for normaliser in doubts.normalisations or (None,):
            columns, spread = _normalised(definition, table, base, normaliser, doubts.noise)
            have = ~np.isnan(columns)
            # a value must be there under every base: outside one it has none
            present = have if present is None else present & have
            rows.append(tuple(_summands(columns, spread, way) for way in ways))
        built.append(tuple(rows))
    assert present is not None  # noqa: S101 - there is at least one base and one way
    return Variants(tuple(built), present)


def _check(definition: Definition, ways: tuple[Aggregator, ...]) -> None:
    own = {group.aggregate for group in definition.components() if group.aggregate}
    if any(way.method is Aggregation.COPELAND for way in ways) or own - {definition.aggregate}:
        raise DefinitionError(
            f"uncertainty of {definition.id}",
            found="Copeland, or groups with aggregations of their own",
            expected="one arithmetic, geometric or generalised mean at all levels",
        )


def _normalised(
    definition: Definition,
    table: ValueTable,
    base: Base,
    normaliser: Normaliser | None,
    noise: CountNoise | None,
) -> tuple[Floats, Floats | None]:
    """Return (k, n) normalised columns and the standard deviation noise gives them."""
    chosen = definition if normaliser is None else _with_normaliser(definition, normaliser)
    prepared = prepare(chosen, table, base)
    columns = prepared.normalised
    if (normaliser or definition.normalise).method is Normalisation.Z_SCORE:
        # onto about the range of the others, so that means that need values from 0 can have them
        columns = np.maximum(50 + columns * (50 / 3), 0)
    if noise is None or table.denominators is None:
        return columns, None
    places = {name: at for at, name in enumerate(table.indicators)}
    spread = np.zeros(columns.shape)
    for row, name in enumerate(prepared.screened.resolved):
        raw, out_of = prepared.screened.columns[row], table.denominators[:, places[name]]
        error = _standard_error(raw, out_of, noise)
        if error is not None:
            spread[row] = _slope_spread(raw, columns[row], error)
    return columns, spread


def _with_normaliser(definition: Definition, normaliser: Normaliser) -> Definition:
    """Return the definition with one normalisation for all indicators but those with goalposts."""
    return definition.model_copy(update={"normalise": normaliser})


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
    at, first = np.unique(raw[have], return_index=True)
    curve = normalised[have][first]
    up = np.interp(raw[have] + error[have], at, curve)
    down = np.interp(raw[have] - error[have], at, curve)
    spread = np.zeros(len(raw))
    spread[have] = np.abs(up - down) / 2
    return spread


def _summands(columns: Floats, spread: Floats | None, way: Aggregator) -> Variant:
    if isinstance(way, Geometric):
        lifted = columns + way.offset
        summands, slope = np.log(lifted), 1 / lifted
    elif isinstance(way, GeneralisedMean):
        lifted, sign = columns + way.offset, np.sign(way.power)
        summands = sign * lifted**way.power
        slope = abs(way.power) * lifted ** (way.power - 1)
    else:
        summands, slope = columns, np.ones(())
    noise = None if spread is None else np.nan_to_num(spread * slope).astype(np.float32)
    return Variant(np.nan_to_num(summands).astype(np.float32), noise)
