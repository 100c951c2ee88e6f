"""Out-of-sample estimates for small areas, with intervals, holding out whole districts.

The model is fitted to the square root of the share, for which random errors have similar variance:

    root = x b + error        E[share] = (x b)^2 + s^2        Var[share] = 4 (x b)^2 s^2 + 2 s^4

with s the expected error of the root. The term s^2 corrects the bias of squaring a mean.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exclusion_map.estimate.design import Design
from exclusion_map.estimate.ridge import CrossFit, cross_fit
from exclusion_map.estimate.spread import SizeModel, Tails
from exclusion_map.index.order import Floats


@dataclass(frozen=True, eq=False)
class Modelled:
    """Estimates of n small areas, in per cent of households.

    Attributes:
        estimate: (n,) expected share, from the model that held out the area's district.
        low: (n,) lower end of the 80 % interval.
        high: (n,) upper end.
        spread: (n,) expected error, in percentage points.
        fold: (n,) the fold in which the area's district was held out.
        penalty: (folds,) ridge penalty of each model.
    """

    estimate: Floats
    low: Floats
    high: Floats
    spread: Floats
    fold: NDArray[np.intp]
    penalty: Floats


def model(
    made: Design,
    outcome: Floats,
    region: NDArray[np.object_],
    households: Floats,
    fold: NDArray[np.intp],
) -> Modelled:
    """Return the estimate for every area, including those without an outcome.

    Everything that affects an area's figures (coefficients, penalty, error size, tails) is learnt
    from the other folds only, so that the published figures can be checked directly against the
    outcome.

    Args:
        made: design matrix of the model.
        outcome: (n,) per cent of households, NaN where unknown.
        region: (n,) label within which intervals are calibrated.
        households: (n,) number of households, on which the size of random errors depends.
        fold: (n,) fold numbers from 0; each district is in one fold.
    """
    root = np.sqrt(outcome)
    folds = int(fold.max()) + 1
    fitted = cross_fit(made.columns, root, fold, folds)
    n = len(outcome)
    estimate, low, high, spread = (np.full(n, np.nan) for _ in range(4))
    for one in range(folds):
        own = np.flatnonzero(fold == one)
        estimate[own], low[own], high[own], spread[own] = _own(
            made, fitted, root, region, households, one, own
        )
    return Modelled(
        estimate=np.clip(estimate, 0, 100),
        low=np.clip(np.minimum(low, estimate), 0, 100),
        high=np.clip(np.maximum(high, estimate), 0, 100),
        spread=spread,
        fold=fold,
        penalty=fitted.penalty,
    )


def _own(
    made: Design,
    fitted: CrossFit,
    root: Floats,
    region: NDArray[np.object_],
    households: Floats,
    one: int,
    own: NDArray[np.intp],
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return estimate, low, high and expected error for the areas of one fold."""
    seen = np.flatnonzero(~np.isnan(root) & ~np.isnan(fitted.inner[one]))
    predicted = np.maximum(fitted.inner[one, seen], 0.0)
    error = root[seen] - predicted
    size = SizeModel.fit(predicted, error, households[seen], made.classes[seen])
    scaled = error / size.of(predicted, households[seen], made.classes[seen])
    middle = np.maximum(fitted.held_out[own], 0.0)
    sizes = size.of(middle, households[own], made.classes[own])
    low, high = Tails.of(scaled, region[seen]).around(middle, sizes, region[own])
    s = sizes * np.sqrt((scaled**2).mean())
    return (
        middle**2 + s**2,
        np.maximum(low, 0.0) ** 2,
        np.maximum(high, 0.0) ** 2,
        np.sqrt(4 * middle**2 * s**2 + 2 * s**4),
    )
