"""Calibration: fit non-negative weights to an outcome, and validate on held-out districts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from exclusion_map.errors import InvalidRequestError
from exclusion_map.index.definition import Definition
from exclusion_map.index.fit import folds_by_group, non_negative
from exclusion_map.index.normalise import PercentileRank, normalise
from exclusion_map.index.order import Floats
from exclusion_map.index.screen import Screened, screen
from exclusion_map.index.table import ValueTable
from exclusion_map.index.validate import Agreement, agreement


@dataclass(frozen=True, eq=False)
class Calibration:
    """Fitted weights and their out-of-sample performance.

    Attributes:
        indicators: (k) ids.
        weights: (k,) fitted to all areas with an outcome; they add up to 1.
        fold_weights: (folds, k) the same, leaving out the districts of one fold.
        held_out: (n,) score of each area with the weights fitted without its district; NaN where
            there is no outcome.
        agreement: agreement of ``held_out`` with the outcome.
        fitted: in-sample agreement of the final weights with the outcome.
    """

    indicators: tuple[str, ...]
    weights: Floats
    fold_weights: Floats
    held_out: Floats
    agreement: Agreement
    fitted: Agreement


def calibrate(
    definition: Definition,
    table: ValueTable,
    outcome: ArrayLike,
    districts: ArrayLike,
    *,
    folds: int = 10,
    seed: int = 1,
) -> Calibration:
    """Return non-negative weights, fitted to an outcome by least squares on percentile ranks.

    The outcome is converted to percentile ranks too, because the order of areas is what matters.

    Args:
        definition: gives the indicators; its weights are not used.
        table: n areas and their values, without gaps where the outcome is known.
        outcome: (n,) risk, NaN where unknown.
        districts: (n,) district labels; districts are held out as a whole.
        folds: number of folds that the districts are assigned to.
        seed: seed of the assignment.

    Raises:
        InvalidRequestError: an area with an outcome lacks an indicator.
    """
    screened = screen(definition, table)
    truth = np.asarray(outcome, dtype=np.float64)
    known = np.flatnonzero(~np.isnan(truth))
    ranks = _ranks(screened, known)
    x, y = ranks[known], normalise(truth[known], PercentileRank())
    fold = folds_by_group(np.asarray(districts, dtype=object)[known], folds, seed)
    weights = _shares(x, y)
    fold_weights = np.stack([_shares(x[fold != one], y[fold != one]) for one in range(folds)])
    held_out = np.full(len(truth), np.nan)
    held_out[known] = (x * fold_weights[fold]).sum(axis=1)
    return Calibration(
        indicators=screened.resolved,
        weights=weights,
        fold_weights=fold_weights,
        held_out=held_out,
        agreement=agreement(held_out, truth),
        fitted=agreement(ranks @ weights, truth),
    )


def _ranks(screened: Screened, known: NDArray[np.intp]) -> Floats:
    """Return percentile ranks (n, k); refuse gaps in the areas at ``known``."""
    ranks = np.column_stack(
        [
            normalise(column, PercentileRank(), lower_is_riskier=turned)
            for column, turned in zip(screened.columns, screened.lower_is_riskier, strict=True)
        ]
    )
    gaps = np.asarray(np.isnan(ranks[known]).any(axis=0))
    if gaps.any():
        lacking = [name for name, gap in zip(screened.resolved, gaps, strict=True) if gap]
        raise InvalidRequestError(
            "calibration", found=f"gaps in {', '.join(lacking)}", expected="values in every area"
        )
    return ranks


def _shares(x: Floats, y: Floats) -> Floats:
    weights, _ = non_negative(x, y)
    return np.asarray(weights / weights.sum())
