"""Contributions and percentiles computed on demand, for editions with very many areas.

With tens of thousands of areas, contributions and percentiles are computed for all areas at once
and cached. With a million areas this would take seconds and hundreds of megabytes for a single row.
So only shared values are stored (medians, and one shift per area), and rows are computed from them
when needed. The results are identical to `Composite.contributions` and
`Composite.percentile_ranks`.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import Floats
from exclusion_map.index import Composite
from exclusion_map.index.contributions import area_weights, is_weighted_sum

MANY = 250_000
"""Number of areas above which rows are computed on demand."""

_KEPT, _SEEN = 64, "_seen_on_demand"
Positions = npt.NDArray[np.intp]


@dataclass(eq=False)
class OnDemand:
    """An array (n, k) whose rows are computed on demand.

    It takes the place of an array where rows are read by number: ``made[row]``, ``made[row, 3]``
    and ``made[rows]``. As a whole (``np.asarray(made)``) it is worked out and not kept.

    Attributes:
        shape: of the whole.
        of_rows: returns some rows (m, k), in the memory order the whole has.
        whole: returns all of it.
    """

    shape: tuple[int, int]
    of_rows: Callable[[Positions], Floats]
    whole: Callable[[], Floats]
    _last: OrderedDict[int, Floats] = field(default_factory=OrderedDict)

    def __getitem__(self, at: Any) -> Any:
        """Return rows, or a part of them, as an array would."""
        rows, *rest = at if isinstance(at, tuple) else (at,)
        found = self._row(int(rows)) if isinstance(rows, int | np.integer) else self._some(rows)
        if not rest:
            return found
        return found[tuple(rest)] if found.ndim == 1 else found[(slice(None), *rest)]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        """Return all of it."""
        return np.asarray(self.whole(), dtype=dtype)

    def _row(self, row: int) -> Floats:
        # The same row is read for each indicator; other threads may read other rows.
        held = self._last.get(row)
        if held is None:
            held = self._last[row] = self.of_rows(np.array([row], dtype=np.intp))[0]
            while len(self._last) > _KEPT:
                self._last.popitem(last=False)
        return held

    def _some(self, rows: Any) -> Floats:
        chosen = np.arange(self.shape[0])[rows]
        return self.of_rows(np.asarray(chosen, dtype=np.intp))


def on_demand(composite: Composite, many: int = MANY) -> Composite:
    """Return an index whose contributions and percentiles are computed on demand.

    Returns the index itself if it has few areas, or if it is not a weighted sum, because
    contributions then depend on all values of an area together.

    Args:
        composite: index of small areas.
        many: number of areas above which to compute on demand.
    """
    if len(composite.codes) <= many or not is_weighted_sum(composite.definition):
        return composite
    held: Composite | None = composite.__dict__.get(_SEEN)
    if held is not None:
        return held
    seen = replace(composite)
    points, ranks = _Points(composite), _Percentiles(composite)
    n, k = composite.normalised.shape
    shape = (n, k)
    # Stored where the cached properties would store their arrays.
    seen.__dict__["contributions"] = cast(
        "Floats", OnDemand(shape, points.of_rows, lambda: replace(composite).contributions)
    )
    seen.__dict__["percentile_ranks"] = cast(
        "Floats", OnDemand(shape, ranks.of_rows, lambda: replace(composite).percentile_ranks)
    )
    composite.__dict__[_SEEN] = seen
    return seen


@dataclass(frozen=True, eq=False)
class _Shared:
    """Values shared by the contributions of all areas.

    Attributes:
        middles: (groups, k) median of each indicator.
        slopes: (groups,) points of the score per unit of the mean.
        shifts: (n,) constant of each area.
        group: (n,) group of each area; -1 = no score.
    """

    middles: Floats
    slopes: Floats
    shifts: Floats
    group: npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class _Points:
    """Contributions of a weighted sum; see `index.contributions` for the formula."""

    composite: Composite

    def of_rows(self, rows: Positions) -> Floats:
        count, own, shared = len(rows), _only(self.composite, rows), self._shared
        weights, group = area_weights(own)[:, :count], shared.group[rows]
        points = weights * (own.normalised[:count].T - shared.middles[group].T)
        points = shared.slopes[group] * (points + weights * shared.shifts[rows])
        points[weights == 0] = 0.0
        points[:, group < 0] = np.nan
        return points.T

    @cached_property
    def _shared(self) -> "_Shared":
        made = self.composite
        n = len(made.codes)
        columns, weights = made.normalised.T, area_weights(made)
        middles: list[Floats] = []
        slopes: list[float] = []
        shifts, group = np.full(n, np.nan), np.full(n, -1, dtype=np.int32)
        has = ~np.isnan(made.score)
        for members in made.base.members(n):
            at = np.flatnonzero(has) if members is None else members[has[members]]
            if not len(at):
                continue
            part: Any = slice(None) if len(at) == n else at
            middle = np.array([_median(column[part]) for column in columns])
            level, score = made.aggregated[part], made.score[part]
            low, high = level.min(), level.max()
            slope = 0.0 if low == high else (score.max() - score.min()) / (high - low)
            shifts[part] = middle @ weights[:, part] - np.median(level)
            group[part] = len(middles)
            middles.append(middle)
            slopes.append(float(slope))
        # An extra row for areas without a group, whose results are not used.
        middles.append(np.zeros(len(columns)))
        return _Shared(np.array(middles), np.array([*slopes, 0.0]), shifts, group)


@dataclass(frozen=True, eq=False)
class _Percentiles:
    """Percentiles in the base: 100 (r - 1/2) / n, r the rank, averaged over ties."""

    composite: Composite

    def of_rows(self, rows: Positions) -> Floats:
        made = self.composite
        columns = made.normalised.T
        result = np.full((len(columns), len(rows)), np.nan)
        groups = made.base.groups
        for at, row in enumerate(rows.tolist()):
            if groups is not None and groups[row] < 0:
                continue
            part: Any = slice(None) if groups is None else groups == groups[row]
            for number, column in enumerate(columns):
                result[number, at] = _percentile(column[part], column[row])
        return result.T


def _percentile(peers: Floats, value: float) -> float:
    if np.isnan(value):
        return float("nan")
    alike = np.count_nonzero(peers == value)
    rank = np.count_nonzero(peers < value) + (alike + 1) / 2
    return (rank - 0.5) * (100 / np.count_nonzero(~np.isnan(peers)))


def _only(composite: Composite, rows: Positions) -> Composite:
    """Return an index of some of its areas.

    A single area is included twice: numpy sums a column of one number in a different order, which
    would change the last digit.
    """
    some = rows if len(rows) > 1 else np.repeat(rows, 2)
    return replace(
        composite,
        normalised=composite.normalised[some],
        components={name: values[some] for name, values in composite.components.items()},
    )


def _median(column: Floats) -> float:
    present = column[~np.isnan(column)]
    return float(np.median(present)) if len(present) else 0.0
