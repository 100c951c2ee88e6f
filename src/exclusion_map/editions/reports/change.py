"""What changed in a place since an earlier edition, in figures and in words."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from exclusion_map.areas.atlas import Atlas, Floats, Rows
from exclusion_map.editions.comparison import WORST_TENTH, Comparison
from exclusion_map.editions.reports.measures import known
from exclusion_map.editions.reports.model import ChangePart
from exclusion_map.terms import AreaKind

NO_EARLIER = "There is no earlier edition here, so we cannot say what has changed."
OWN_INDEX = (
    "The score here is by weights or an index of your own. We do not have it for the last edition, "
    "so we cannot say what has changed.",
)
WORTH_SAYING = 0.5
"""Points of the score: a smaller change is called none."""


@dataclass(frozen=True, eq=False)
class ChangeTeller:
    """Tells what changed between two editions.

    Attributes:
        atlas: of the later edition.
        compared: the editions.
    """

    atlas: Atlas
    compared: Comparison

    def change(self, rows: Rows) -> ChangePart:
        """Return what changed in small areas together; means are weighted by today's people."""
        found, people = self.compared, self.atlas.level(AreaKind.SMALL_AREA).population[rows]
        at = self._place[rows]
        held = at >= 0
        at, weight = at[held], np.nan_to_num(people[held])
        before, after = found.decile_old[at], found.decile_new[at]
        both = (before > 0) & (after > 0) & (weight > 0)
        at, weight = at[both], weight[both]
        into = (before != WORST_TENTH) & (after == WORST_TENTH) & both
        out = (before == WORST_TENTH) & (after != WORST_TENTH) & both
        return ChangePart(
            old=found.old,
            new=found.new,
            comparable=bool(len(at)),
            score_old=_mean(found.score.old[at], weight),
            score_new=_mean(found.score.new[at], weight),
            by_data=_mean(found.score.by_data[at], weight),
            by_method=_mean(found.score.by_method[at], weight),
            into_worst_tenth=int(into.sum()),
            out_of_worst_tenth=int(out.sum()),
            same_areas=len(at),
            small_areas=len(rows),
            method_changes=found.method_changes,
        )

    @cached_property
    def _place(self) -> "np.ndarray[tuple[int], np.dtype[np.intp]]":
        """Return (n,) where each small area stands in the comparison; -1 for nowhere."""
        small = self.atlas.level(AreaKind.SMALL_AREA)
        place = np.full(len(small), -1, dtype=np.intp)
        for at, code in enumerate(self.compared.codes.tolist()):
            place[small.position[code]] = at
        return place


def _mean(values: Floats, weight: Floats) -> float | None:
    if not len(values) or np.isnan(values).any():
        return None
    return known(float(np.average(values, weights=weight)))


def change_words(found: ChangePart | None) -> tuple[str, ...]:
    """Return the change in plain sentences."""
    if found is None:
        return (NO_EARLIER,)
    if not found.comparable or found.score_old is None or found.score_new is None:
        return ("The areas here had no score before, so we cannot say what has changed.",)
    apart = found.score_new - found.score_old
    told = [f"Last time, in edition {found.old}, the score was {found.score_old:.0f} out of 100."]
    if abs(apart) < WORTH_SAYING:
        told.append("It has hardly changed.")
    else:
        told.append(f"It has gone {'up' if apart > 0 else 'down'} by {abs(apart):.1f} points.")
    if found.method_changes:
        told.append("We work out the score in a new way now. So it can move with no real change.")
        if found.by_data is not None and found.by_method is not None:
            told.append(
                f"New facts move it by {found.by_data:+.1f} points, and the new way by "
                f"{found.by_method:+.1f}."
            )
    elif abs(apart) >= WORTH_SAYING:
        told.append("We work it out in the same way, so new facts moved it.")
    if found.into_worst_tenth or found.out_of_worst_tenth:
        told.append(
            f"{found.into_worst_tenth:,} small areas moved into the top tenth, and "
            f"{found.out_of_worst_tenth:,} moved out."
        )
    if found.same_areas < found.small_areas:
        told.append(f"We could match {found.same_areas:,} of {found.small_areas:,} small areas.")
    return tuple(told)
