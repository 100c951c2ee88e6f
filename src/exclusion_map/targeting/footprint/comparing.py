"""The people served beside all people of a comparator: by tenth of risk, and by NHS group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from exclusion_map.targeting.footprint.intervals import (
    NONE,
    Interval,
    design_effect,
    exact_interval,
)
from exclusion_map.targeting.footprint.weighing import Shares, differs
from exclusion_map.targeting.footprint.withholding import Cells, DisclosureRule, safe_cells
from exclusion_map.terms import NhsGroup

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Tenths = npt.NDArray[np.uint8]
DRAWN = 0.9
"""Share of draws between the ends of "other readings"."""


class Reading(StrEnum):
    """What a ratio says."""

    MORE = "more than expected"
    FEWER = "fewer than expected"
    UNCLEAR = "no clear difference"
    WITHHELD = "withheld"
    NONE = "nothing to compare"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the people served beside the same part of the comparator.

    Attributes:
        key: tenth-1, worst-fifth, or the id of an indicator.
        words: what it is called.
        group: of the NHS framework; None for tenths.
        people: served, as may be shown; NaN where withheld. Of groups: how many of what the
            figure counts (people, households), if the people served are as their neighbours.
        share: of all people served, 0 to 1.
        whole_people: of the comparator.
        whole_share: of its people.
        ratio: share over share of the comparator; 1 is even.
        chance: interval of the ratio by chance; NaN for none.
        other: range of the ratio over other readings of the index; NaN for none.
        reading: what that says.
        households: served; NaN where not known.
        households_low: at least so many, where people are counted.
    """

    key: str
    words: str
    group: NhsGroup | None = None
    people: float
    share: float
    whole_people: float
    whole_share: float
    ratio: float
    chance: Interval = NONE
    other: Interval = NONE
    reading: Reading
    households: float = float("nan")
    households_low: float = float("nan")


@dataclass(frozen=True, eq=False, kw_only=True)
class Sides:
    """What is compared, by small area (n,).

    Attributes:
        served: people served inside the comparator; 0 elsewhere.
        whole: people of the comparator; 0 elsewhere.
        households: for each person who lives there, usually.
        tenth: 1 = highest-risk tenth, 0 = no score.
        rule: of small counts; None where all residents are served, whose number is public.
        drawn: (draws, n) tenths in other readings of the index; None for none.
    """

    served: Floats
    whole: Floats
    households: Floats
    tenth: Tenths
    rule: DisclosureRule | None
    drawn: npt.NDArray[np.uint8] | None = None

    @property
    def sampled(self) -> bool:
        """Whether chance has a part: people of a list, not all residents."""
        return self.rule is not None


def tenths_of(sides: Sides) -> tuple[tuple[Part, ...], Part, Cells]:
    """Return the ten tenths of risk, the worst fifth, and the cells they were made from.

    Cells: ten tenths, then people of areas without a score.

    Raises:
        InvalidRequestError: so few people that nothing may be told.
    """
    counts = np.bincount(sides.tenth, weights=sides.served, minlength=11)
    cells = safe_cells(np.concatenate([counts[1:], counts[:1]]), sides.rule)
    whole = np.bincount(sides.tenth, weights=sides.whole, minlength=11)[1:]
    homes = np.bincount(sides.tenth, weights=sides.served * sides.households, minlength=11)[1:]
    everyone = float(sides.whole.sum())
    drawn = _drawn_shares(sides)
    parts = tuple(
        _tenth(
            sides,
            cells,
            (number,),
            key=f"tenth-{number}",
            words=_tenth_words(number),
            people=float(cells.shown[number - 1]),
            whole=(float(whole[number - 1]), everyone),
            homes=float(homes[number - 1]),
            drawn=drawn,
        )
        for number in range(1, 11)
    )
    # NaN where one of them is withheld; two counts rounded up may be more than all people are.
    both = np.minimum(cells.shown[:2].sum(), cells.total)
    fifth = _tenth(
        sides,
        cells,
        (1, 2),
        key="worst-fifth",
        words="Highest-risk fifth",
        people=float(both),
        whole=(float(whole[:2].sum()), everyone),
        homes=float(homes[:2].sum()),
        drawn=drawn,
    )
    return parts, fifth, cells


def _tenth_words(number: int) -> str:
    ends = {1: "1, highest risk", 10: "10, lowest risk"}
    return ends.get(number, str(number))


def _tenth(
    sides: Sides,
    cells: Cells,
    numbers: tuple[int, ...],
    *,
    key: str,
    words: str,
    people: float,
    whole: tuple[float, float],
    homes: float,
    drawn: Mapping[str, Floats],
) -> Part:
    share = people / cells.total if cells.total > 0 else float("nan")
    whole_share = whole[0] / whole[1] if whole[1] > 0 else float("nan")
    chance = NONE
    if sides.sampled and not np.isnan(share):
        there = sides.served > 0
        inside = np.isin(sides.tenth[there], numbers).astype(np.float64)
        effect = design_effect(sides.served[there], inside)
        chance = exact_interval(share, cells.total, effect, int(there.sum()))
    other = NONE
    if drawn and not np.isnan(share):
        tops = drawn["served"][:, list(numbers)].sum(axis=1)
        bottoms = drawn["whole"][:, list(numbers)].sum(axis=1)
        ratios = np.divide(tops, bottoms, out=np.full(len(tops), np.nan), where=bottoms > 0)
        if not np.isnan(ratios).all():
            ends = np.nanquantile(ratios, [(1 - DRAWN) / 2, (1 + DRAWN) / 2]).tolist()
            other = Interval(*ends)
    ratio, moved = over(share, whole_share), over_ends(chance, whole_share)
    known = not np.isnan(people) and homes > 0
    few = rounded(homes, sides.rule)
    return Part(
        key=key,
        words=words,
        people=people,
        share=share,
        whole_people=whole[0],
        whole_share=whole_share,
        ratio=ratio,
        chance=moved,
        other=other,
        reading=reading(ratio, moved, other, withheld=bool(np.isnan(people))),
        households=(few if sides.rule is None else people) if known else float("nan"),
        households_low=min(few, people) if known else float("nan"),
    )


def _drawn_shares(sides: Sides) -> dict[str, Floats]:
    """Return shares (draws, 11) of people served and of the comparator by drawn tenth."""
    if sides.drawn is None:
        return {}
    found = {}
    for name, people in (("served", sides.served), ("whole", sides.whole)):
        at = np.flatnonzero(people > 0)
        total = max(float(people.sum()), 1e-300)
        found[name] = np.array(
            [np.bincount(one[at], weights=people[at], minlength=11) / total for one in sides.drawn]
        )
    return found


@dataclass(frozen=True, eq=False, kw_only=True)
class GroupFigure:
    """A figure that tells of a group: id, words, and its shares (n,) by small area."""

    key: str
    words: str
    group: NhsGroup
    shares: Shares


def groups_of(sides: Sides, figures: Sequence[GroupFigure]) -> tuple[Part, ...]:
    """Return how people served would be made up, were they as their neighbours are.

    Shares are those of `weighing`: all residents of a place give its published share. Areas whose
    share is not known are left out on both sides.
    """
    return tuple(_group(sides, one) for one in figures)


def _group(sides: Sides, figure: GroupFigure) -> Part:
    shares = figure.shares
    ours, theirs = (shares.weights(one, sides.whole) for one in (sides.served, sides.whole))
    share, whole_share = shares.among(ours), shares.among(theirs)
    chance = shares.interval(ours, listed=sides.sampled)
    ratio, moved = over(share, whole_share), over_ends(chance, whole_share)
    return Part(
        key=figure.key,
        words=figure.words,
        group=figure.group,
        people=rounded(shares.standing_for(ours), sides.rule),
        share=share,
        whole_people=shares.standing_for(theirs),
        whole_share=whole_share,
        ratio=ratio,
        chance=moved,
        reading=reading(ratio, moved, NONE, withheld=False),
    )


def rounded(count: float, rule: DisclosureRule | None) -> float:
    """Return a count to the base of a rule; as it is without one, and where it is not known."""
    if rule is None or np.isnan(count):
        return count
    return float(rule.rounded(np.array([count]))[0])


def over(share: float, whole: float) -> float:
    """Return share over share; NaN where the second is none."""
    return share / whole if whole > 0 else float("nan")


def over_ends(interval: Interval, whole: float) -> Interval:
    """Return an interval of a share as one of its ratio."""
    return Interval(over(interval.low, whole), over(interval.high, whole))


def reading(ratio: float, chance: Interval, other: Interval, *, withheld: bool) -> Reading:
    """Return what a ratio says: a difference only where every interval there is agrees."""
    if withheld:
        return Reading.WITHHELD
    if np.isnan(ratio):
        return Reading.NONE
    ends = [one for one in (chance, other) if not np.isnan(one.low)]
    low = min((one.low for one in ends), default=float("nan"))
    high = max((one.high for one in ends), default=float("nan"))
    said = differs(ratio, low, high)
    if not said:
        return Reading.UNCLEAR
    return Reading.MORE if said > 0 else Reading.FEWER
