"""An impact assessment as a table: one row a figure, and one for each group without any."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from exclusion_map.editions import assessment_words as words
from exclusion_map.editions.assessment import Assessment
from exclusion_map.editions.assessment_groups import CANNOT_BE_SEEN
from exclusion_map.exports.score_tables import Columns
from exclusion_map.targeting.assessment.declared import Group, groups

_NAMES = (
    *("part", "group", "seen", "figure", "indicator", "role", "unit", "value", "low", "high"),
    *("comparator", "compared_with", "compared", "stands_for", "known_for", "date_and_source"),
    *("note", "cannot_say", "published_elsewhere", "ask"),
)
_NUMBERS = frozenset({"value", "low", "high", "comparator", "stands_for", "known_for"})


def assessment_rows(assessment: Assessment) -> list[dict[str, Any]]:
    """Return the rows; numbers that nobody has are None."""
    return [row for group in groups().groups for row in _rows(assessment, group)]


def assessment_columns(assessment: Assessment) -> Columns:
    """Return the same as columns: numbers with NaN for missing, text with "" for none."""
    rows = assessment_rows(assessment)
    return {
        name: np.array([np.nan if row[name] is None else row[name] for row in rows], dtype=float)
        if name in _NUMBERS
        else [str(row[name] or "") for row in rows]
        for name in _NAMES
    }


def _rows(assessment: Assessment, group: Group) -> Iterator[dict[str, Any]]:
    evidence = assessment.evidence
    shared = {
        **dict.fromkeys(_NAMES),
        "part": group.part.value,
        "group": group.name,
        "seen": evidence.seen(group),
        "cannot_say": group.cannot,
        "published_elsewhere": group.elsewhere,
        "ask": group.ask,
    }
    held = [one for one in group.figures if one.indicator in evidence.figures]
    if not held:
        yield {**shared, "note": CANNOT_BE_SEEN}
    for one in held:
        figure = evidence.figures[one.indicator]
        yield {
            **shared,
            "figure": words.label(assessment, one.indicator),
            "indicator": one.indicator,
            "role": one.role.value,
            "unit": figure.unit,
            "value": known(figure.value, 3),
            "low": known(figure.low, 3),
            "high": known(figure.high, 3),
            "comparator": known(figure.comparator, 3),
            "compared_with": evidence.comparator.name,
            "compared": words.compared(figure),
            "stands_for": _stands_for(assessment, figure.people),
            "known_for": known(figure.covered, 4),
            "date_and_source": words.dated(assessment, one.indicator),
            "note": one.note,
        }


def _stands_for(assessment: Assessment, people: float) -> float | None:
    """Return a count of people served; of a list rounded to 10, none where fewer than 10."""
    if assessment.listed and not people >= 10:
        return None
    return known(people, -1 if assessment.listed else 0)


def known(number: float, digits: int) -> float | None:
    """Return a number rounded, None for NaN."""
    return None if np.isnan(number) else round(float(number), digits)
