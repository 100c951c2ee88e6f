"""Who is served: people by small area, and what the list they come from came to."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from exclusion_map.targeting.footprint.matching import Matching

Floats = npt.NDArray[np.float64]


class Basis(StrEnum):
    """Whether a footprint counts listed people or all residents."""

    COUNTS = "counts"
    """People of a list: each row one, or as many as it says."""
    RESIDENTS = "residents"
    """All who live in the places named."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Served:
    """People served by small area of an edition.

    Attributes:
        name: of the product, programme or place, in words.
        people: (n,) people served by row of the small area; 0 where none.
        basis: people of a list, or all residents of the places named.
        matching: what the list came to.
    """

    name: str
    people: Floats = field(repr=False)
    basis: Basis
    matching: Matching

    @property
    def total(self) -> float:
        """People served."""
        return float(self.people.sum())

    @property
    def rows(self) -> npt.NDArray[np.intp]:
        """Rows of the small areas where somebody is served."""
        return np.flatnonzero(self.people > 0)

    def inside(self, there: npt.NDArray[np.bool_]) -> "Served":
        """Return those served in some small areas (n,) alone."""
        return replace(self, people=np.where(there, self.people, 0.0))
