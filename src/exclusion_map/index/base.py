"""The base: the areas among which values are normalised, ranked and cut into tenths."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from exclusion_map.errors import DefinitionError
from exclusion_map.index.order import Ints


@dataclass(frozen=True, eq=False)
class Base:
    """All areas, or groups of areas that are each compared within themselves.

    Attributes:
        groups: (n,) group numbers from 0, -1 for areas outside; None means one group of all areas.
        names: names of the groups, if any.
        described: description of the base for display.
    """

    groups: NDArray[np.int32] | None = None
    names: tuple[str, ...] = ()
    described: str = "all areas"

    @classmethod
    def everyone(cls) -> Self:
        """Return the base of all areas."""
        return cls()

    @classmethod
    def by(cls, labels: ArrayLike, described: str = "each group") -> Self:
        """Return the base that compares areas within their own label.

        Args:
            labels: (n,) text, such as nation names or authority codes; an empty or missing label
                (None, NaN, "") puts the area outside.
            described: description of the labels.
        """
        listed = np.asarray(labels, dtype=object)
        inside = np.array([isinstance(item, str) and item != "" for item in listed], dtype=bool)
        groups = np.full(len(listed), -1, dtype=np.int32)
        names, groups[inside] = np.unique(listed[inside].astype(str), return_inverse=True)
        return cls(groups, tuple(str(name) for name in names), described)

    @classmethod
    def only(cls, mask: ArrayLike, described: str = "the areas chosen") -> Self:
        """Return the base of the areas where ``mask`` (n,) is true; other areas get no score."""
        chosen = np.asarray(mask, dtype=bool)
        return cls(np.where(chosen, 0, -1).astype(np.int32), (described,), described)

    def members(self, n: int) -> Iterator[Ints | None]:
        """Yield the positions of each group's areas; None means all ``n`` areas.

        Raises:
            DefinitionError: the base is for another number of areas, or is empty.
        """
        if self.groups is None:
            yield None
            return
        if len(self.groups) != n:
            raise DefinitionError(
                "base", found=f"{len(self.groups)} areas", expected=f"{n}, as in the table"
            )
        order = np.argsort(self.groups, kind="stable")
        ordered = self.groups[order]
        if n == 0 or ordered[-1] < 0:
            raise DefinitionError(
                "base", found="no areas", expected="at least one", mend="Choose areas."
            )
        cuts = np.flatnonzero(np.diff(ordered)) + 1
        for part in np.split(order, cuts):
            if self.groups[part[0]] >= 0:
                yield part

    def inside(self, n: int) -> NDArray[np.bool_]:
        """Return a mask (n,) of the areas in the base."""
        return np.ones(n, dtype=bool) if self.groups is None else self.groups >= 0
