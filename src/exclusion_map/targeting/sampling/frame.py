"""The frame of a sample: the areas that can be drawn, their sizes and their strata."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from exclusion_map.errors import InvalidRequestError
from exclusion_map.targeting.sampling.design import MOST_STRATA, SampleDesign
from exclusion_map.targeting.sampling.figures import Figures
from exclusion_map.targeting.sampling.probabilities import Floats, Rows
from exclusion_map.terms import AreaKind

JOIN = " · "
"""Stands between the parts of the name of a stratum."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Frame:
    """N areas that can be drawn.

    Attributes:
        figures: of all small areas.
        rows: (N,) of small areas, ascending.
        size: (N,) measure of size, above 0.
        stratum: (N,) number of the stratum.
        names: of the strata, in order.
        without_size: areas asked about that have no size, and so no chance.
    """

    figures: Figures
    rows: Rows
    size: Floats
    stratum: Rows
    names: tuple[str, ...]
    without_size: int

    def __len__(self) -> int:
        return len(self.rows)

    def digest(self) -> str:
        """Return a digest of codes, sizes and strata: the same frame has the same."""
        small = self.figures.atlas.level(AreaKind.SMALL_AREA)
        found = blake2b(digest_size=16)
        found.update("\n".join(small.codes[row] for row in self.rows.tolist()).encode())
        found.update(np.ascontiguousarray(self.size, dtype="<f8").tobytes())
        found.update(np.ascontiguousarray(self.stratum, dtype="<i8").tobytes())
        found.update("\n".join(self.names).encode())
        return found.hexdigest()


def make_frame(figures: Figures, design: SampleDesign, rows: Rows) -> Frame:
    """Return the frame of a design among some small areas.

    Raises:
        InvalidRequestError: a name is unknown, no area has a size, or there are too many strata.
    """
    size = figures.count(design.size)[rows]
    fits = np.isfinite(size) & (size > 0)
    if not fits.any():
        raise InvalidRequestError(
            "areas", found=f"none with {figures.words(design.size)}", expected="at least one"
        )
    rows = np.sort(rows[fits])
    size = figures.count(design.size)[rows].astype(np.float64)
    stratum, names = _strata(figures, design, rows)
    return Frame(
        figures=figures,
        rows=rows,
        size=size,
        stratum=stratum,
        names=names,
        without_size=int((~fits).sum()),
    )


def _strata(figures: Figures, design: SampleDesign, rows: Rows) -> tuple[Rows, tuple[str, ...]]:
    if not design.strata:
        return np.zeros(len(rows), dtype=np.int64), ("everywhere",)
    number = np.zeros(len(rows), dtype=np.int64)
    parts: list[tuple[str, ...]] = [()]
    for name in design.strata:
        classes = figures.classes(name, rows, design.classes)
        known = _in_order(figures, name, classes)
        place = {text: at for at, text in enumerate(known)}
        own = np.array([place[text] for text in classes], dtype=np.int64)
        number = number * len(known) + own
        parts = [(*before, text) for before in parts for text in known]
        held, number = np.unique(number, return_inverse=True)
        parts = [parts[at] for at in held.tolist()]
        if len(parts) > MOST_STRATA:
            raise InvalidRequestError(
                "strata",
                found=f"more than {MOST_STRATA} of them",
                expected=f"at most {MOST_STRATA}",
                mend="Use fewer strata, or sort by one of them instead.",
            )
    return number.astype(np.int64), tuple(JOIN.join(part) for part in parts)


def _in_order(figures: Figures, name: str, classes: Sequence[str]) -> list[str]:
    """Return the classes there are: tenths and classes in their order, names by the alphabet."""
    found = set(classes)
    if name in ("decile", "fifth"):
        every = figures.classes(name, np.arange(len(figures.small)), 2)
        number = dict(zip(every, np.nan_to_num(figures.value(name), nan=99).tolist(), strict=True))
        return sorted(found, key=lambda text: number[text])
    return sorted(found, key=lambda text: (text == "not known", _natural(text)))


def _natural(text: str) -> tuple[str, int, str]:
    """Return a key that puts class 2 before class 10."""
    head, mark, tail = text.rpartition(": class ")
    first = tail.split(" ")[0]
    return (head, int(first), "") if mark and first.isdigit() else (text, 0, "")
