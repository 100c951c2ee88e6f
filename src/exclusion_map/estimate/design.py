"""Turn inputs into the columns of a linear model: nothing here knows the outcome."""

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
        classes: (n, q) the dummies of classes among them, which the model of spread uses too.
        blocks: how many columns each block of inputs gave.
    """

    columns: Floats
    classes: Floats
    blocks: Mapping[str, int]


def design(inputs: Inputs, neighbourhoods: NDArray[np.object_] | None = None) -> Design:
    """Return the columns of the model.

    Each share goes in three times: as it is, as a normal score (so that the few extreme areas do
    not rule), and as the square of that (so that its effect may bend); and the mean normal score of
    the area's neighbourhood, since what surrounds an area tells of it too.

    Args:
        inputs: of n areas.
        neighbourhoods: (n,) label of the neighbourhood each area lies in, where known.
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
    """Return van der Waerden scores (n,): the normal quantile of (rank - 1/2) / n, ties alike."""
    n = len(values)
    # Ranks that ties share are halves, so that there are at most 2n - 1 different ones.
    twice = np.rint(2 * mid_ranks(values)).astype(np.intp) - 1
    distinct, at = np.unique(twice, return_inverse=True)
    return _quantiles(n)[distinct - 1][at] if n else values


_TABLES: dict[int, Floats] = {}


def _quantiles(n: int) -> Floats:
    """Return the normal quantiles of 1 / 2n, 2 / 2n, ... (2n - 1,); those of one n are kept."""
    if n not in _TABLES:
        normal = NormalDist()
        _TABLES.clear()
        _TABLES[n] = np.array([normal.inv_cdf(step / (2 * n)) for step in range(1, 2 * n)])
    return _TABLES[n]


def dummies(labels: NDArray[np.object_]) -> Floats:
    """Return (n, classes) 1 where an area is of a class, else 0."""
    names = sorted(set(labels.tolist()))
    return np.column_stack([(labels == name).astype(np.float64) for name in names])


def group_means(values: Floats, labels: NDArray[np.object_]) -> Floats:
    """Return (n, p) the mean of each column over the areas of the same label; a null is its own."""
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
    """Return the columns that vary (n, q), each with mean 0 and standard deviation 1."""
    spread = block.std(axis=0)
    varies = spread > 1e-9 * np.maximum(np.abs(block).max(axis=0, initial=0), 1)
    kept: Floats = (block[:, varies] - block[:, varies].mean(axis=0)) / spread[varies]
    return kept


def _connections(values: Floats) -> Floats:
    """Return the normal score of the areas that have a value, its square, and a flag of gaps."""
    gaps = np.isnan(values)
    scores = np.zeros(len(values))
    if not gaps.all():
        scores[~gaps] = normal_scores(values[~gaps])
    return np.column_stack([scores, scores**2, gaps])
