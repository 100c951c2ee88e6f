"""Compute an index: apply a definition to a table, from raw values to score, rank and tenth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from exclusion_map.index.aggregate import AREA_BY_AREA, aggregate, present_share
from exclusion_map.index.base import Base
from exclusion_map.index.contributions import contributions
from exclusion_map.index.definition import Definition, Group
from exclusion_map.index.impute import Imputation, impute
from exclusion_map.index.normalise import Normalisation, PercentileRank, normalise
from exclusion_map.index.order import Floats, Ints, mid_ranks_in_groups
from exclusion_map.index.rank import Deciles, Ranks, rank_and_decile
from exclusion_map.index.scale import scale
from exclusion_map.index.screen import Screened, screen
from exclusion_map.index.table import ValueTable
from exclusion_map.index.treat import Treatment, treat

DIGITS = 10
"""Decimals of a score: areas that differ only by floating-point error must tie."""

PERCENTILE = PercentileRank()
EVERYONE = Base.everyone()


@dataclass(frozen=True, eq=False)
class Composite:
    """An index computed for n areas from k indicators.

    Attributes:
        definition: the index computed.
        base: the areas it was computed among.
        codes: (n,) area codes.
        indicators: (k) the indicator behind each leaf of the definition, in tree order.
        score: (n,) on the definition's scale, higher = more risk, NaN where there is none.
        rank: (n,) 1 = highest risk in its group of the base, 0 = no score.
        decile: (n,) 1 = highest-risk tenth by population, 0 = no score.
        data_share: (n,) share of the index's weight for which the area has data.
        components: score (n,) of each group of the definition, before the final scaling.
        normalised: (n, k) on the scale of the normalisation, higher = more risk.
        aggregated: (n,) the score before the final scaling.
        imputed: (n, k) mask of imputed values; None if the definition does not impute.
        notes: remarks on gaps, substitutes and indicators that do not vary.
    """

    definition: Definition
    base: Base
    codes: np.ndarray[tuple[int], np.dtype[np.str_]]
    indicators: tuple[str, ...]
    score: Floats
    rank: Ranks
    decile: Deciles
    data_share: Floats
    components: Mapping[str, Floats]
    normalised: Floats
    aggregated: Floats
    imputed: NDArray[np.bool_] | None = field(default=None)
    notes: tuple[str, ...] = field(default=())

    @cached_property
    def contributions(self) -> Floats:
        """(n, k) contribution of each indicator to the difference from the base's median score."""
        return contributions(self)

    @cached_property
    def percentile_ranks(self) -> Floats:
        """(n, k) percentile rank of each indicator in the base, 0 to 100, higher = more risk."""
        result = np.full(self.normalised.shape, np.nan)
        if not self.base.inside(len(self.codes)).any():
            return result  # the areas are larger than the groups of the base
        for part in self.base.members(len(self.codes)):
            at = slice(None) if part is None else part
            for row, column in enumerate(self.normalised[at].T):
                result[at, row] = normalise(column, PERCENTILE)
        return result


@dataclass(frozen=True, eq=False)
class Prepared:
    """A definition's columns, normalised in a base: everything independent of the weights."""

    definition: Definition
    table: ValueTable
    base: Base
    screened: Screened
    normalised: Floats
    imputed: NDArray[np.bool_] | None
    notes: tuple[str, ...]

    def compose(self, weights: Mapping[str, float] | None = None) -> Composite:
        """Return the index, optionally with some weights replaced (by id).

        Raises:
            DefinitionError: an id is unknown, a weight is negative, or a group has no weight.
        """
        definition = self.definition.with_weights(weights) if weights else self.definition
        rows = {leaf.node.id: row for row, leaf in enumerate(definition.leaves())}
        components: dict[str, Floats] = {}
        # values that differ only by floating-point error must be equal before rescaling
        aggregated = np.round(
            _tree(self.base, definition, definition, self.normalised, rows, components), DIGITS
        )
        score = _scaled(definition, aggregated, self.base)
        rank, decile = rank_and_decile(score, self.table.population, self.base)
        nominal = np.array([leaf.nominal_weight for leaf in definition.leaves()])
        share = present_share(list(self._own()), nominal)
        return Composite(
            definition=definition,
            base=self.base,
            codes=self.table.codes,
            indicators=self.screened.resolved,
            score=score,
            rank=rank,
            decile=decile,
            data_share=np.ones(len(self.table)) if share is None else share,
            components=components,
            normalised=self.normalised.T,
            imputed=None if self.imputed is None else self.imputed.T,
            aggregated=aggregated,
            notes=self.notes,
        )

    def _own(self) -> Floats:
        """(k, n) the normalised columns, NaN where imputed."""
        if self.imputed is None:
            return self.normalised
        return np.where(self.imputed, np.nan, self.normalised)


def prepare(definition: Definition, table: ValueTable, base: Base = EVERYONE) -> Prepared:
    """Return the definition's columns, normalised in the base and ready for any weights.

    Raises:
        DefinitionError: an indicator is unknown, none has data, or the base is empty.
    """
    screened = screen(definition, table)
    normalised = np.full((len(screened.leaves), len(table)), np.nan)
    filling = definition.missing.impute.method is not Imputation.NONE
    imputed = np.zeros(normalised.shape, dtype=np.bool_) if filling else None
    groups = [slice(None) if part is None else part for part in base.members(len(table))]
    alike = []
    for row, out in enumerate(normalised):
        column, turned = screened.columns[row], screened.lower_is_riskier[row]
        if not _plain(definition, screened, row):
            alike.append(_normalise_row(definition, screened, groups, row, out, imputed))
        elif base.groups is None:
            out[:] = table.percentile_ranks(screened.resolved[row], lower_is_riskier=turned)
            alike.append(int(_alike(column)))
        else:
            alike.append(_rank_in_groups(-column if turned else column, base.groups, out))
    notes = [*screened.notes, *_base_notes(screened.resolved, alike, len(groups))]
    if imputed is not None:
        notes.extend(_imputed_notes(definition, screened.resolved, imputed))
    return Prepared(definition, table, base, screened, normalised, imputed, tuple(notes))


def _plain(definition: Definition, screened: Screened, row: int) -> bool:
    """Return whether a row is just an indicator's percentile ranks, which the table caches."""
    node, name = screened.leaves[row].node, screened.resolved[row]
    return (
        name in screened.filled
        and not node.plus
        and (node.normalise or definition.normalise).method is Normalisation.PERCENTILE_RANK
        and (node.treat or definition.treat).method is Treatment.NONE
        and definition.missing.impute.method is Imputation.NONE
    )


def _rank_in_groups(column: Floats, groups: NDArray[np.int32], out: Floats) -> int:
    """Fill a row with percentile ranks by group; return the number of groups without variation."""
    at = np.flatnonzero((groups >= 0) & ~np.isnan(column))
    ranks, size, alike = mid_ranks_in_groups(column[at], groups[at])
    out[at] = (ranks - 0.5) * (100 / size)
    return alike


def _normalise_row(
    definition: Definition,
    screened: Screened,
    groups: Sequence[Ints | slice],
    row: int,
    out: Floats,
    imputed: NDArray[np.bool_] | None,
) -> int:
    """Fill one row of normalised values; return the number of groups without variation."""
    node = screened.leaves[row].node
    params, treater = node.normalise or definition.normalise, node.treat or definition.treat
    turned, alike = screened.lower_is_riskier[row], 0
    for at in groups:
        column = screened.columns[row][at]
        filled, gaps = impute(column, definition.missing.impute)
        if gaps is not None and imputed is not None:
            imputed[row, at] = gaps
        out[at] = normalise(treat(filled, treater), params, lower_is_riskier=turned)
        alike += _alike(column)
    return alike


def compose(definition: Definition, table: ValueTable, base: Base = EVERYONE) -> Composite:
    """Return the index given by a definition, for every area of the table.

    Args:
        definition: the tree of indicators, their weights and the methods.
        table: n areas and their values; must hold or declare the definition's indicators.
        base: the areas among which to normalise, rank and cut into tenths.

    Raises:
        DefinitionError: an indicator is unknown, none has data, or the base is empty.
    """
    return prepare(definition, table, base).compose()


def _tree(
    base: Base,
    definition: Definition,
    node: Definition | Group,
    normalised: Floats,
    rows: Mapping[str, int],
    components: dict[str, Floats],
) -> Floats:
    columns = []
    for child in node.children:
        if isinstance(child, Group):
            components[child.id] = _tree(base, definition, child, normalised, rows, components)
            columns.append(components[child.id])
        else:
            columns.append(normalised[rows[child.id]])
    params, share = node.aggregate or definition.aggregate, definition.missing.minimum_share
    weights = [child.weight for child in node.children]
    if params.method in AREA_BY_AREA or base.groups is None:
        return aggregate(columns, weights, params, share)
    result = np.full(len(base.groups), np.nan)
    for at in base.members(len(result)):
        result[at] = aggregate([column[at] for column in columns], weights, params, share)
    return result


def _scaled(definition: Definition, aggregated: Floats, base: Base) -> Floats:
    score = np.full(len(aggregated), np.nan)
    for members in base.members(len(aggregated)):
        at = slice(None) if members is None else members
        score[at] = scale(aggregated[at], definition.scale)
    return np.round(score, DIGITS)


def _imputed_notes(
    definition: Definition, names: Sequence[str], imputed: NDArray[np.bool_]
) -> list[str]:
    method = definition.missing.impute.method
    return [
        f"{name}: {count:,} missing values are estimates, the {method} of the base."
        for name, count in zip(names, imputed.sum(axis=1).tolist(), strict=True)
        if count
    ]


def _alike(column: Floats) -> bool:
    if len(column) > 1 and abs(column[0] - column[-1]) > 0:  # the usual case, settled quickly
        return False
    # fmin and fmax ignore gaps; a column of gaps gives NaN, which is not equal to itself
    return bool(np.fmin.reduce(column) == np.fmax.reduce(column))


def _base_notes(names: Sequence[str], alike: Sequence[int], groups: int) -> list[str]:
    where = "the base" if groups == 1 else "{count} of {groups} groups of the base"
    return [
        f"{name} does not differ between the areas of {where.format(count=count, groups=groups)}; "
        "there it carries no information and every area gets the middle value."
        for name, count in zip(names, alike, strict=True)
        if count
    ]
