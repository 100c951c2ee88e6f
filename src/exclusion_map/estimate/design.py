"""Turn inputs into the columns of a linear model, without using the outcome."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from exclusion_map.estimate.inputs import Inputs
from exclusion_map.index.order import Floats, mid_ranks


@dataclass(frozen=True, eq=False)
class Design:
    """Columns of the model for n areas.

    Attributes:
        columns: (n, 1 + p): ones, then standardised columns (mean 0, standard deviation 1).
        classes: (n, q) the dummy variables among them, also used by the model of error size.
        blocks: number of columns from each block of inputs.
    """

    columns: Floats
    classes: Floats
    blocks: Mapping[str, int]


def design(inputs: Inputs, neighbourhoods: NDArray[np.object_] | None = None) -> Design:
    """Return the columns of the model.

    Each share contributes four columns: the share, its normal score (so that a few extreme areas do
    not dominate), the square of that (to allow a curved effect), and the mean normal score of the
    area's neighbourhood, since the surroundings of an area are informative too.

    Args:
        inputs: inputs of n areas.
        neighbourhoods: (n,) label of each area's neighbourhood, if known.
    """
    scores = np.column_stack([normal_scores(column) for column in inputs.shares.T])
    classes = np.column_stack([dummies(labels) for labels in inputs.classes.values()])
    blocks = {
        "census shares": inputs.shares,
        "their normal scores": scores,
        "squares of these": scores**2,
        "neighbourhood means": np.empty((len(scores), 0))
        if neighbourhoods is None
        else group_means(scores, neighbourhoods),
        "classes": classes,
        "connections": _connections(inputs.connections),
    }
    standard = {name: standardised(block) for name, block in blocks.items()}
    return Design(
        columns=np.column_stack([np.ones(len(scores)), *standard.values()]),
        classes=standard["classes"],
        blocks={name: block.shape[1] for name, block in standard.items()},
    )


def normal_scores(values: Floats) -> Floats:
    """Return van der Waerden scores (n,): normal quantiles of (rank - 1/2) / n, equal for ties."""
    n = len(values)
    # Mid-ranks are multiples of 1/2, so there are at most 2n - 1 distinct ones.
    twice = np.rint(2 * mid_ranks(values)).astype(np.intp) - 1
    distinct, at = np.unique(twice, return_inverse=True)
    return _quantiles(n)[distinct - 1][at] if n else values


_TABLES: dict[int, Floats] = {}


def _quantiles(n: int) -> Floats:
    """Return the normal quantiles of 1 / 2n, 2 / 2n, ... (2n - 1,); cached for the last n."""
    if n not in _TABLES:
        normal = NormalDist()
        _TABLES.clear()
        _TABLES[n] = np.array([normal.inv_cdf(step / (2 * n)) for step in range(1, 2 * n)])
    return _TABLES[n]


def dummies(labels: NDArray[np.object_]) -> Floats:
    """Return dummy variables (n, classes): 1 where an area is in a class, else 0."""
    names = sorted(set(labels.tolist()))
    return np.column_stack([(labels == name).astype(np.float64) for name in names])


def group_means(values: Floats, labels: NDArray[np.object_]) -> Floats:
    """Return (n, p) the mean of each column over areas of one label; a null is its own group."""
    named = np.array([isinstance(label, str) for label in labels.tolist()], dtype=np.bool_)
    if not named.any():
        return values.copy()
    _, member = np.unique(labels[named].astype(np.str_), return_inverse=True)
    sums = np.zeros((member.max() + 1, values.shape[1]))
    np.add.at(sums, member, values[named])
    means = values.copy()
    means[named] = (sums / np.bincount(member)[:, None])[member]
    return means


def standardised(block: Floats) -> Floats:
    """Return the non-constant columns (n, q), scaled to mean 0 and standard deviation 1."""
    spread = block.std(axis=0)
    varies = spread > 1e-9 * np.maximum(np.abs(block).max(axis=0, initial=0), 1)
    kept: Floats = (block[:, varies] - block[:, varies].mean(axis=0)) / spread[varies]
    return kept


def _connections(values: Floats) -> Floats:
    """Return columns: the normal score where there is a value, its square, a flag for missing."""
    gaps = np.isnan(values)
    scores = np.zeros(len(values))
    if not gaps.all():
        scores[~gaps] = normal_scores(values[~gaps])
    return np.column_stack([scores, scores**2, gaps])
