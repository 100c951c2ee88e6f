"""A footprint as columns: what files, pages and the API hold alike."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import Atlas
from exclusion_map.targeting.footprint.comparing import Part
from exclusion_map.targeting.footprint.footprint import Footprint
from exclusion_map.targeting.footprint.matching import Matching

Columns = dict[str, npt.NDArray[Any] | Sequence[str]]

DESCRIPTIONS: Mapping[str, tuple[str, str]] = {
    "kind": ("Kind", "tenth, fifth or group."),
    "key": ("Key", "tenth-1 to tenth-10, worst-fifth, or the id of a figure."),
    "name": ("Name", "What it is called."),
    "group": ("NHS group", "Of the framework for action on digital inclusion; empty for tenths."),
    "served": (
        "People served",
        "As may be shown: empty where withheld. Of groups: how many of what the figure counts "
        "(people, households), if the people served are as their neighbours.",
    ),
    "households": (
        "Households served",
        "All of them where all residents are served; of a list at most so many.",
    ),
    "households_low": ("Households served, at least", "If as many live together as usual there."),
    "served_pct": ("Of people served, per cent", "Share of the people served."),
    "comparator_people": (
        "People of the comparator",
        "Residents (Census 2021); of groups, of what the figure counts.",
    ),
    "comparator_pct": ("Of the comparator, per cent", "Share of its people."),
    "ratio": ("Ratio", "Share of people served over share of the comparator; 1 is even."),
    "ratio_low": ("Ratio, low", "95 % interval by chance; empty for tenths of residents."),
    "ratio_high": ("Ratio, high", "95 % interval by chance; empty for tenths of residents."),
    "other_low": ("Other readings, low", "Middle 90 % of other readings of the index."),
    "other_high": ("Other readings, high", "Middle 90 % of other readings of the index."),
    "reading": ("Reading", "What that says."),
    "code": ("Code", "Code of the area."),
    "high_risk_people": ("People at high risk", "In areas of the highest-risk fifth there."),
    "served_high_risk": ("Of them served", "As may be shown: empty where withheld."),
    "expected": ("Expected", "Were all people of the comparator as likely to be served."),
    "short": ("Short of", "Expected less served; a withheld count is taken as its middle."),
}


def summary_columns(found: Footprint) -> Columns:
    """Return tenths, the highest-risk fifth and groups, one entry each."""
    parts: list[tuple[str, Part]] = [("tenth", one) for one in found.tenths]
    parts += [("fifth", found.fifth)] + [("group", one) for one in found.groups]
    told = [one for _, one in parts]

    def numbers(name: str) -> npt.NDArray[np.float64]:
        return np.array([getattr(one, name) for one in told], dtype=np.float64)

    return {
        "kind": [kind for kind, _ in parts],
        "key": [one.key for one in told],
        "name": [one.words for one in told],
        "group": ["" if one.group is None else one.group.label for one in told],
        "served": np.round(numbers("people"), 1),
        "households": np.round(numbers("households"), 1),
        "households_low": np.round(numbers("households_low"), 1),
        "served_pct": np.round(100 * numbers("share"), 2),
        "comparator_people": np.round(numbers("whole_people"), 1),
        "comparator_pct": np.round(100 * numbers("whole_share"), 2),
        "ratio": np.round(numbers("ratio"), 3),
        "ratio_low": np.array([round(one.chance.low, 3) for one in told]),
        "ratio_high": np.array([round(one.chance.high, 3) for one in told]),
        "other_low": np.array([round(one.other.low, 3) for one in told]),
        "other_high": np.array([round(one.other.high, 3) for one in told]),
        "reading": [one.reading.value for one in told],
    }


def neighbourhood_columns(atlas: Atlas, found: Footprint, most: int | None = None) -> Columns:
    """Return neighbourhoods with people at high risk, worst served first; at most so many."""
    held = found.neighbourhoods
    level = atlas.level(held.kind)
    rows = held.rows[:most].tolist()
    return {
        "code": [level.codes[row] for row in rows],
        "name": [level.labels[row] for row in rows],
        "high_risk_people": np.round(held.high[:most], 1),
        "served_high_risk": np.round(held.served[:most], 1),
        "expected": np.round(held.expected[:most], 1),
        "short": np.round(held.short[:most], 1),
    }


def unmatched_columns(matching: Matching) -> Columns:
    """Return rows that were not understood with the reason; the text of rows as it came."""
    rows = matching.unmatched
    width = max([len(one.cells) for one in rows] + [len(matching.head)], default=0)
    heads = [*matching.head, *[""] * (width - len(matching.head))]
    found: Columns = {
        "line": np.array([one.number for one in rows], dtype=np.int64),
        "why_not": [one.reason for one in rows],
    }
    for at in range(width):
        name = heads[at].strip() or f"column {at + 1}"
        while name in found:
            name += " (again)"
        found[name] = [one.cells[at] if at < len(one.cells) else "" for one in rows]
    return found
