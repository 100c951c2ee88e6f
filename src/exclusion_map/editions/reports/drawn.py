"""The ranks of all areas in many draws: in memory, or mapped from a file where they are many."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from exclusion_map.editions.mapped import IN_MEMORY, let_go, space

Places = npt.NDArray[np.unsignedinteger[Any]]
"""Ranks, of as few bytes as hold the last of them."""


def keep_draws(
    drawn: Iterable[npt.NDArray[np.int32]], draws: int, areas: int, memory: int = IN_MEMORY
) -> Places:
    """Return the ranks (draws, areas) of draws that are made one after the other.

    Args:
        drawn: the ranks (areas,) of each draw.
        draws: how many there are.
        areas: how many.
        memory: most bytes held in memory; more go to a file, see `editions.mapped`.
    """
    ranks: Places = space((draws, areas), np.min_scalar_type(areas), memory)
    for at, rank in enumerate(drawn):
        ranks[at] = rank
        let_go(ranks)
    return ranks
