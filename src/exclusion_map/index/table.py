"""The input table of an index: areas by indicators, as plain arrays."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from exclusion_map import catalogue
from exclusion_map.errors import ContractError
from exclusion_map.index.normalise import PercentileRank, normalise
from exclusion_map.index.order import Floats
from exclusion_map.terms import Direction


@dataclass(frozen=True, eq=False)
class ValueTable:
    """Indicator values of areas.

    Attributes:
        codes: (n,) area codes, unique.
        indicators: k indicator ids, unique.
        values: (n, k) in each indicator's unit, NaN where missing.
        population: (n,) residents, used as weights of the tenths.
        directions: k directions, as declared in the catalogue.
        denominators: (n, k) denominator of each value, NaN where it is not a share; None if not
            known. Used to model the noise of counts.
    """

    codes: NDArray[np.str_]
    indicators: tuple[str, ...]
    values: Floats
    population: Floats
    directions: tuple[Direction, ...]
    denominators: Floats | None = field(default=None)

    def __post_init__(self) -> None:
        n, k = len(self.codes), len(self.indicators)
        shapes = {
            "values": (self.values.shape, (n, k)),
            "population": (self.population.shape, (n,)),
            "directions": ((len(self.directions),), (k,)),
        }
        if self.denominators is not None:
            shapes["denominators"] = (self.denominators.shape, (n, k))
        for name, (found, expected) in shapes.items():
            if found != expected:
                raise ContractError(
                    f"value table, {name}", found=f"shape {found}", expected=f"shape {expected}"
                )
        for name, keys in (("area", self.codes.tolist()), ("indicator", self.indicators)):
            if len(set(keys)) != len(keys):
                twice = next(key for key in keys if list(keys).count(key) > 1)
                raise ContractError(
                    "value table", found=f"{name} {twice} repeated", expected="once"
                )
        if not (np.isfinite(self.population).all() and (self.population >= 0).all()):
            raise ContractError(
                "value table, population", found="missing or negative", expected="numbers from 0"
            )
        if np.isinf(self.values).any():
            raise ContractError("value table", found="an infinite value", expected="numbers or NaN")

    @cached_property
    def columns(self) -> Floats:
        """(k, n) the values by indicator, the order in which they are processed."""
        return np.ascontiguousarray(self.values.T)

    @cached_property
    def gaps(self) -> NDArray[np.intp]:
        """(k,) number of areas without a value of each indicator."""
        return np.asarray(np.isnan(self.columns).sum(axis=1), dtype=np.intp)

    @cached_property
    def _ranked(self) -> dict[tuple[str, bool], Floats]:
        return {}

    def percentile_ranks(self, indicator: str, *, lower_is_riskier: bool) -> Floats:
        """Return an indicator's percentile ranks (n,) among all areas; a read-only array.

        They do not depend on the definition and are cached: sorting is the main cost of scoring.
        """
        key = (indicator, lower_is_riskier)
        if key not in self._ranked:
            ranks = normalise(
                self.columns[self.indicators.index(indicator)],
                PercentileRank(),
                lower_is_riskier=lower_is_riskier,
            )
            ranks.flags.writeable = False
            self._ranked[key] = ranks
        return self._ranked[key]

    def __len__(self) -> int:
        return len(self.codes)

    def column(self, indicator: str) -> Floats:
        """Return one indicator's values (n,).

        Raises:
            ContractError: the table does not hold it.
        """
        if indicator not in self.indicators:
            raise ContractError(
                f"indicator {indicator!r}", found="not in the table", expected="a column of it"
            )
        return self.values[:, self.indicators.index(indicator)]

    def with_indicators(
        self, columns: Mapping[str, Floats], directions: Mapping[str, Direction]
    ) -> "ValueTable":
        """Return the table with further indicators, given values (n,) and direction by id.

        Raises:
            ContractError: a column has the wrong length, or the indicator is already in the table.
        """
        added = np.column_stack(
            [np.asarray(column, dtype=np.float64) for column in columns.values()]
        )
        blank = np.full(added.shape, np.nan)
        return ValueTable(
            codes=self.codes,
            indicators=(*self.indicators, *columns),
            values=np.hstack([self.values, added]),
            population=self.population,
            directions=(*self.directions, *(directions[name] for name in columns)),
            denominators=None
            if self.denominators is None
            else np.hstack([self.denominators, blank]),
        )

    @classmethod
    def from_tidy(cls, tidy: Any, codes: NDArray[np.str_], population: Floats) -> Self:
        """Return the table for the tidy data frame of indicators.

        Args:
            tidy: pandas frame with area_code, indicator, value and denominator; one row per area
                and indicator, in the order of ``codes`` within each indicator.
            codes: (n,) area codes.
            population: (n,) residents.

        Raises:
            ContractError: rows are missing, repeated or in another order.
        """
        n = len(codes)
        ids = tuple(dict.fromkeys(tidy["indicator"].to_numpy(dtype=object).tolist()))
        area = tidy["area_code"].to_numpy(dtype=object)
        if (
            len(area) != n * len(ids)
            or not (area.reshape(len(ids), n) == codes.astype(object)).all()
        ):
            raise ContractError(
                "tidy indicator table",
                found=f"{len(area)} rows of {len(ids)} indicators",
                expected=f"each indicator for {n} areas in feature order",
            )
        shape = (len(ids), n)
        return cls(
            codes=np.asarray(codes, dtype=np.str_),
            indicators=ids,
            values=tidy["value"].to_numpy(dtype=np.float64).reshape(shape).T,
            population=np.asarray(population, dtype=np.float64),
            directions=tuple(catalogue.indicator(one).direction for one in ids),
            denominators=tidy["denominator"].to_numpy(dtype=np.float64).reshape(shape).T,
        )
