"""The result of comparing two editions: per area, and in a few numbers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from exclusion_map.index.validate import spearman

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
WORST_TENTH = 1


@dataclass(frozen=True, eq=False)
class Change:
    """A quantity of m areas in both editions, and the parts of its change; NaN where unknown."""

    old: Floats
    new: Floats
    by_data: Floats
    by_method: Floats
    by_program: Floats

    @property
    def total(self) -> Floats:
        """(m,) new minus old; a lower rank number is a higher risk."""
        return self.new - self.old

    def columns(self, name: str) -> dict[str, Floats]:
        """Return its parts as columns of a table, whose names begin with this one."""
        return {
            f"{name}_old": self.old,
            f"{name}_new": self.new,
            f"{name}_change": self.total,
            f"{name}_by_data": self.by_data,
            f"{name}_by_method": self.by_method,
            f"{name}_by_program": self.by_program,
        }


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two editions of one index, for the m areas in both.

    Attributes:
        index: id of the index.
        old: id of the old edition.
        new: id of the new edition.
        codes: (m,) codes of the areas in both, in the order of the new edition.
        labels: (m,) what people call them.
        score: of each area.
        rank: of each area, 1 = highest risk.
        decile_old: (m,) 1 = highest risk, 0 = no score.
        decile_new: (m,) the same.
        orders: how many of the two orders of change could be computed.
        only_old: codes of areas that only the old edition has.
        only_new: codes of areas that only the new edition has.
        indicators_only_old: indicators that only the old edition holds.
        indicators_only_new: indicators that only the new edition holds.
        method_changes: differences between the definitions and directions, one a line.
        notes: what could not be split and why, and what the program does not reproduce.
    """

    index: str
    old: str
    new: str
    codes: npt.NDArray[np.str_]
    labels: tuple[str, ...]
    score: Change
    rank: Change
    decile_old: npt.NDArray[np.uint8]
    decile_new: npt.NDArray[np.uint8]
    orders: int
    only_old: tuple[str, ...]
    only_new: tuple[str, ...]
    indicators_only_old: tuple[str, ...]
    indicators_only_new: tuple[str, ...]
    method_changes: tuple[str, ...]
    notes: tuple[str, ...]

    def to_frame(self) -> "pd.DataFrame":
        """Return one row an area in both editions.

        Returns:
            code, label, and for score and rank: old, new, change, and its parts by data, by method
            and by program; decile_old, decile_new.
        """
        import pandas as pd

        columns: dict[str, Any] = {"code": self.codes, "label": self.labels}
        columns |= self.score.columns("score") | self.rank.columns("rank")
        columns |= {"decile_old": self.decile_old, "decile_new": self.decile_new}
        return pd.DataFrame(columns)

    def summary(self) -> dict[str, Any]:
        """Return the comparison in a few numbers, as JSON holds them."""
        return _summary(self)


def _summary(found: Comparison) -> dict[str, Any]:
    before, after = found.decile_old, found.decile_new
    both = (before > 0) & (after > 0)
    moved = np.zeros((10, 10), dtype=np.int64)
    np.add.at(moved, (before[both] - 1, after[both] - 1), 1)
    return {
        "index": found.index,
        "old": found.old,
        "new": found.new,
        "areas": {
            "in_both": len(found.codes),
            "only_old": len(found.only_old),
            "only_new": len(found.only_new),
            "scored_in_both": int(both.sum()),
        },
        "rank_correlation": _plain(spearman(found.score.old, found.score.new)),
        "same_tenth": int((before == after)[both].sum()),
        "into_worst_tenth": int((both & (before != WORST_TENTH) & (after == WORST_TENTH)).sum()),
        "out_of_worst_tenth": int((both & (before == WORST_TENTH) & (after != WORST_TENTH)).sum()),
        "tenths": moved.tolist(),
        "score": _parts(found.score),
        "rank": _parts(found.rank),
        "orders": found.orders,
        "indicators_only_old": list(found.indicators_only_old),
        "indicators_only_new": list(found.indicators_only_new),
        "method_changes": list(found.method_changes),
        "notes": list(found.notes),
    }


def _parts(change: Change) -> dict[str, float | None]:
    """Return mean absolute change and the share of its variance that goes with each part."""
    total = change.total
    parts = {"data": change.by_data, "method": change.by_method, "program": change.by_program}
    shares: dict[str, float | None] = {f"share_by_{name}": None for name in parts}
    at = ~np.isnan(total)
    if not at.any():
        return {"mean_absolute_change": None, **shares}
    split = at & ~np.isnan(change.by_data)
    centred = total[split] - total[split].mean() if split.any() else total[split]
    square = float(centred @ centred)
    if square > 0:
        shares = {
            f"share_by_{name}": float(centred @ part[split]) / square
            for name, part in parts.items()
        }
    return {"mean_absolute_change": float(np.abs(total[at]).mean()), **shares}


def _plain(number: float) -> float | None:
    return None if np.isnan(number) else float(number)
