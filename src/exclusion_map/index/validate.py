"""Validation: agreement of a score with an outcome that was not used to compute it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from exclusion_map.errors import InvalidRequestError
from exclusion_map.index.order import Floats, mid_ranks

EVERYWHERE = "everywhere"


@dataclass(frozen=True)
class Agreement:
    """Agreement between two measures of the same areas.

    Attributes:
        n: number of areas with both.
        spearman: rank correlation, with average ranks for ties; NaN below 3 areas.
        r_squared: square of the linear correlation.
        overlap: share of the worst tenth of areas by outcome that are also in the worst tenth by
            score; 0.1 is expected by chance.
    """

    n: int
    spearman: float
    r_squared: float
    overlap: float


@dataclass(frozen=True)
class Evidence:
    """One line of a validation table."""

    measure: str
    grouping: str
    group: str
    agreement: Agreement


@dataclass(frozen=True)
class CalibrationTenth:
    """Areas of one tenth of the score (1 = highest), and their outcome."""

    tenth: int
    n: int
    score: float
    outcome: float
    low: float
    high: float


def spearman(first: ArrayLike, second: ArrayLike) -> float:
    """Return the rank correlation of two vectors over elements where both have a value."""
    a, b = _both(first, second)
    return pearson(mid_ranks(a), mid_ranks(b))


def pearson(first: ArrayLike, second: ArrayLike) -> float:
    """Return the linear correlation over elements where both have a value.

    NaN if there are fewer than 3, or if either vector does not vary.
    """
    a, b = _both(first, second)
    if len(a) < 3:
        return float("nan")
    a, b = a - a.mean(), b - b.mean()
    scale = np.sqrt((a @ a) * (b @ b))
    return float(a @ b / scale) if scale > 0 else float("nan")


def overlap_of_worst(first: ArrayLike, second: ArrayLike, share: float = 0.1) -> float:
    """Return the share of the worst areas by ``second`` that are also the worst by ``first``.

    Both are risks (higher is worse). Areas tied at the threshold count fractionally, so that the
    order of rows does not matter.
    """
    a, b = _both(first, second)
    top = round(len(a) * share)
    if top == 0:
        return float("nan")
    return float(_among_worst(a, top) @ _among_worst(b, top) / top)


def _among_worst(values: Floats, top: int) -> Floats:
    cut = np.partition(values, len(values) - top)[len(values) - top]
    above, at = values > cut, values == cut
    member: Floats = above + at * ((top - above.sum()) / at.sum())
    return member


def agreement(score: ArrayLike, outcome: ArrayLike, share: float = 0.1) -> Agreement:
    """Return the agreement of a score (n,) with an outcome (n,), both higher = more risk."""
    a, b = _both(score, outcome)
    return Agreement(len(a), spearman(a, b), pearson(a, b) ** 2, overlap_of_worst(a, b, share))


def evidence(
    measures: Mapping[str, ArrayLike],
    outcome: ArrayLike,
    groupings: Mapping[str, ArrayLike] | None = None,
    *,
    same_areas: bool = False,
) -> tuple[Evidence, ...]:
    """Return the agreement of each measure with the outcome, overall and within groups.

    Args:
        measures: risk (n,) by name, NaN where missing.
        outcome: (n,) risk, NaN where unknown.
        groupings: label (n,) of each area by name, such as "region"; missing labels are left out.
        same_areas: use only areas where every measure has a value, for a fair comparison.
    """
    truth = np.asarray(outcome, dtype=np.float64)
    columns = {name: np.asarray(value, dtype=np.float64) for name, value in measures.items()}
    if same_areas:
        shared = np.all([~np.isnan(column) for column in columns.values()], axis=0)
        truth = np.where(shared, truth, np.nan)
    rows = [
        Evidence(name, EVERYWHERE, EVERYWHERE, agreement(column, truth))
        for name, column in columns.items()
    ]
    for grouping, labels in (groupings or {}).items():
        listed = np.asarray(labels, dtype=object)
        names = sorted({label for label in listed.tolist() if isinstance(label, str) and label})
        for group in names:
            at = listed == group
            rows.extend(
                Evidence(name, grouping, group, agreement(column[at], truth[at]))
                for name, column in columns.items()
            )
    return tuple(rows)


def calibration(
    score: ArrayLike, outcome: ArrayLike, tenths: int = 10
) -> tuple[CalibrationTenth, ...]:
    """Return the outcome in each tenth of areas by score: its mean and central 80 % range."""
    a, b = _both(score, outcome)
    order = np.argsort(-a, kind="stable")
    parts: Sequence[NDArray[np.intp]] = np.array_split(order, tenths)
    return tuple(
        CalibrationTenth(
            tenth=number,
            n=len(part),
            score=float(a[part].mean()),
            outcome=float(b[part].mean()),
            low=float(np.quantile(b[part], 0.1)),
            high=float(np.quantile(b[part], 0.9)),
        )
        for number, part in enumerate(parts, start=1)
        if len(part)
    )


def _both(first: ArrayLike, second: ArrayLike) -> tuple[Floats, Floats]:
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 1:
        raise InvalidRequestError(
            "two measures to compare",
            found=f"shapes {a.shape} and {b.shape}",
            expected="two vectors of the same areas",
        )
    have = ~(np.isnan(a) | np.isnan(b))
    return a[have], b[have]
