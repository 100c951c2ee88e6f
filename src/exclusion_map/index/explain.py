"""Explain one area: its position, contributions, similar areas and suggested responses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from exclusion_map.errors import InvalidRequestError
from exclusion_map.index.compose import Composite
from exclusion_map.index.definition import Group
from exclusion_map.index.normalise import PercentileRank, normalise
from exclusion_map.index.order import Floats
from exclusion_map.index.respond import Response

SHARED_LEAST = 0.5
"""Minimum share of indicators that two areas must both have to be compared."""

STANDS_OUT = 200 / 3
"""Percentile above which a response is suggested: the highest third of the base."""


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The areas most similar to one area, most similar first.

    Attributes:
        positions: (m,) rows in the table.
        distance: (m,) standardised Euclidean distance over the indicators both have.
        differences: (m, k) neighbour's normalised value minus the area's, in standard deviations.
    """

    positions: NDArray[np.intp]
    distance: Floats
    differences: Floats


@dataclass(frozen=True)
class Suggestion:
    """A kind of response that an area's profile suggests, and how strongly.

    Attributes:
        response: the kind.
        percentile: mean percentile in the base of the indicators that suggest it, 0 to 100.
        suggested: whether that is in the highest third.
    """

    response: Response
    percentile: float
    suggested: bool


def percentiles(values: ArrayLike, groups: ArrayLike | None = None) -> Floats:
    """Return each area's percentile (n,), 0 to 100, among all areas or within its group.

    Mid-ranks: 100 (r - 1/2) / n, with r the ascending rank, averaged over ties; NaN where the value
    or the group is missing.

    Args:
        values: (n,) any measure.
        groups: (n,) labels such as nation or authority codes; None, NaN or "" = no group.
    """
    column = np.asarray(values, dtype=np.float64)
    if groups is None:
        return normalise(column, PercentileRank())
    labels = np.asarray(groups, dtype=object)
    result = np.full(len(column), np.nan)
    names = {label for label in labels.tolist() if isinstance(label, str) and label}
    for name in names:
        at = np.flatnonzero(labels == name)
        result[at] = normalise(column[at], PercentileRank())
    return result


def neighbours(composite: Composite, position: int, count: int = 10) -> Neighbours:
    """Return the statistical neighbours of an area: standardised Euclidean distance.

    d = sqrt(mean over shared indicators of ((x_i - x_j) / s)^2), s the standard deviation of the
    normalised indicator over all areas. Only areas that have at least half of the indicators in
    common with the area are compared; the area itself is left out.

    Raises:
        InvalidRequestError: the area has no values.
    """
    with np.errstate(invalid="ignore"):
        spread = np.array([_spread(column) for column in composite.normalised.T])
        gaps = (composite.normalised - composite.normalised[position]) / spread
    shared = ~np.isnan(gaps)
    many = shared.sum(axis=1)
    if not many[position]:
        raise InvalidRequestError(
            f"area {composite.codes[position]}", found="no data", expected="an area with values"
        )
    squares = np.where(shared, gaps, 0.0) ** 2
    distance = np.sqrt(squares.sum(axis=1) / np.maximum(many, 1))
    distance[many < SHARED_LEAST * many[position]] = np.inf
    distance[position] = np.inf
    nearest = np.argsort(distance, kind="stable")[:count]
    nearest = nearest[np.isfinite(distance[nearest])]
    return Neighbours(nearest, distance[nearest], gaps[nearest])


def _spread(column: Floats) -> float:
    present = column[~np.isnan(column)]
    # an indicator that does not vary cannot distinguish areas
    return float(present.std()) or np.inf if len(present) else np.inf


def suggestions(composite: Composite, position: int) -> tuple[Suggestion, ...]:
    """Return the kinds of response for an area, the strongest first.

    Each indicator of a definition may name the kind of response that a high value suggests. The
    strength of a kind is the mean percentile, in the base, of the indicators that name it; it is
    suggested if that is in the highest third.
    """
    by_kind: dict[Response, list[float]] = {}
    for row, leaf in enumerate(composite.definition.leaves()):
        value = composite.percentile_ranks[position, row]
        if leaf.node.response and not np.isnan(value):
            by_kind.setdefault(leaf.node.response, []).append(float(value))
    found = [
        Suggestion(kind, mean, mean >= STANDS_OUT)
        for kind, values in by_kind.items()
        for mean in [float(np.mean(values))]
    ]
    return tuple(sorted(found, key=lambda one: -one.percentile))


def group_contributions(composite: Composite, position: int) -> dict[str, float]:
    """Return the contribution of each group to an area's score, by group id."""
    points = composite.contributions[position]
    rows = list(enumerate(composite.definition.leaves()))
    return {
        group.id: float(sum(points[row] for row, leaf in rows if group.id in leaf.path))
        for group in composite.definition.components()
    }


def sentence(
    composite: Composite,
    position: int,
    name: str,
    labels: Mapping[str, str] | None = None,
    among: str = "small areas of England and Wales",
) -> str:
    """Return one plain sentence about an area that can be quoted.

    Args:
        composite: the computed index.
        position: row of the area in the table.
        name: display name of the area.
        labels: labels of groups and indicators by id, to replace the definition's titles.
        among: description of the areas of the base.
    """
    if composite.rank[position] == 0:
        if (composite.base.groups is not None) and composite.base.groups[position] < 0:
            return f"{name} has no score here: it is not within one of the groups compared."
        return f"{name} has too little data for a score."
    place = _place(int(composite.decile[position]))
    ranked = int((_same_group(composite, position) & (composite.rank > 0)).sum())
    text = (
        f"{name} is {place} {among} by {_lower(composite.definition.title)} "
        f"(rank {composite.rank[position]:,} of {ranked:,}, 1 being the highest risk)"
    )
    raising = _raising(composite, position, labels or {})
    return f"{text}; what raises it most: {_listed(raising)}." if raising else f"{text}."


def _place(decile: int) -> str:
    if decile == 1:
        return "in the highest-risk tenth of"
    if decile == 10:
        return "in the lowest-risk tenth of"
    return f"in tenth {decile} (1 = highest risk, 10 = lowest) of"


def _same_group(composite: Composite, position: int) -> NDArray[np.bool_]:
    groups = composite.base.groups
    if groups is None:
        return np.ones(len(composite.codes), dtype=np.bool_)
    return np.asarray(groups == groups[position])


def _raising(composite: Composite, position: int, labels: Mapping[str, str]) -> list[str]:
    """Return the names of up to three top-level components that raise the score most."""
    points = composite.contributions[position]
    if np.isnan(points).any():
        return []
    within = group_contributions(composite, position)
    rows = {leaf.node.id: row for row, leaf in enumerate(composite.definition.leaves())}
    parts = []
    for child in composite.definition.children:
        value = within[child.id] if isinstance(child, Group) else float(points[rows[child.id]])
        parts.append((value, labels.get(child.id) or child.title or child.id.replace("_", " ")))
    return [_lower(title) for value, title in sorted(parts, reverse=True)[:3] if value > 0.5]


def _lower(text: str) -> str:
    first = text.split(" ", 1)[0]
    # abbreviations and names of languages keep their capitals
    return text if first.isupper() or first in {"English", "Welsh"} else text[:1].lower() + text[1:]


def _listed(words: Sequence[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
