"""Table of the spread of risk inside every larger area, for an edition."""

from dataclasses import asdict

import numpy as np
import pandas as pd

from exclusion_map.areas.atlas import ScoreSet
from exclusion_map.areas.spread import spread_of
from exclusion_map.geography.larger import PARENT_COLUMNS
from exclusion_map.index import Composite
from exclusion_map.terms import LARGER_KINDS

COLUMNS = (
    *("population_scored", "lowest", "highest", "worst_tenth", "worst_fifth"),
    *("extent", "local_concentration"),
)


def spread_table(index: str, composite: Composite, small: pd.DataFrame) -> pd.DataFrame:
    """Return the spread of risk inside each larger area, sorted by kind, then by code.

    Args:
        index: id of the index.
        composite: scores of the small areas, in the order of ``small``.
        small: the table of small areas, with population and the codes of larger areas.

    Returns:
        index, kind, code, and the columns of `Spread` named in ``COLUMNS``; shares are 0 to 1.
    """
    scores = ScoreSet.of_small_areas(composite)
    people = small["population"].to_numpy(dtype=float)
    rows = [
        {"index": index, "kind": kind.value, "code": code, **asdict(spread_of(at, people, scores))}
        for kind in LARGER_KINDS
        for code, at in _members(small[PARENT_COLUMNS[kind][0]])
    ]
    return pd.DataFrame(rows, columns=["index", "kind", "code", *COLUMNS])


def _members(parent: pd.Series) -> list[tuple[str, np.ndarray]]:
    """Return each larger area's code with the rows of its small areas; nulls are left out."""
    codes, uniques = pd.factorize(parent, sort=True)
    order = np.argsort(codes, kind="stable")
    cuts = np.searchsorted(codes[order], np.arange(len(uniques) + 1))
    return [
        (str(code), order[first:last])
        for code, first, last in zip(uniques, cuts, cuts[1:], strict=False)
    ]
