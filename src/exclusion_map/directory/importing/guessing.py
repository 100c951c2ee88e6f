"""Guess which column is what, from its heading and from what stands below it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from exclusion_map.directory.importing.fields import (
    DAY,
    FEATURE,
    FIELDS,
    TERM,
    ImportField,
    by_heading,
    words_of,
)
from exclusion_map.directory.importing.looks import SAMPLE, WORDS, share
from exclusion_map.directory.importing.mapping import Evidence, Mapping
from exclusion_map.directory.importing.table import Table
from exclusion_map.support.opening_hours import DAYS

LEAST: Final = 0.35
"""A column is taken for a field from this confidence on."""
_EXACT, _PART, _VALUES = 0.75, 0.5, 0.45
_FORBIDDEN: Final = re.compile(
    r"marker (?:color|size|symbol)|area (?:code|name)|ward|lsoa|msoa|local authority|region|icb|"
    r"district|county|constituency"
)
_TELLING: Final = frozenset(
    "postcode latitude longitude email url phone easting northing".split()  # noqa: SIM905
)
"""What values say by themselves, whatever the heading is."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    confidence: float
    order: int
    key: str
    column: str
    reasons: tuple[str, ...]


def guess(table: Table) -> Mapping:
    """Return the mapping that fits a table best, with why each column was chosen.

    A heading that lists are known to have counts most; values that look right, or wrong, raise or
    lower it, and some (postcodes, web addresses) say it alone. Columns of which nothing is known
    are left out.
    """
    candidates = sorted(_candidates(table), key=lambda one: (-one.confidence, one.order))
    chosen: dict[str, list[_Candidate]] = {}
    taken: set[str] = set()
    for one in candidates:
        free = one.column not in taken
        room = one.key not in chosen or (FIELDS[one.key].many and one.confidence >= _EXACT - 0.1)
        if free and room:
            chosen.setdefault(one.key, []).append(one)
            taken.add(one.column)
    _drop_lonely(chosen)
    if "name" not in chosen and "organisation" not in chosen:
        _name_of(table, chosen, taken)
    ordered = {key: chosen[key] for key in FIELDS if key in chosen}
    columns = {
        key: tuple(sorted((one.column for one in found), key=table.position.__getitem__))
        for key, found in ordered.items()
    }
    evidence = {
        key: Evidence(
            columns=columns[key],
            confidence=round(min(one.confidence for one in found), 2),
            reasons=tuple(dict.fromkeys(reason for one in found for reason in one.reasons)),
            examples=tuple(dict.fromkeys(table.values(columns[key][0], 3))),
        )
        for key, found in ordered.items()
    }
    return Mapping(columns=columns, sheet=table.sheet, evidence=evidence)


def _candidates(table: Table) -> Iterator[_Candidate]:
    order = {key: at for at, key in enumerate(FIELDS)}
    for column in table.columns:
        words = words_of(re.sub(r"\(\d+\)$", "", column))
        values = table.values(column, SAMPLE)
        if not values and words not in by_heading():
            continue
        for field in FIELDS.values():
            confidence, reasons = _confidence(field, words, column, values)
            if confidence >= LEAST:
                yield _Candidate(confidence, order[field.key], field.key, column, reasons)


def _confidence(
    field: ImportField, words: str, column: str, values: list[str]
) -> tuple[float, tuple[str, ...]]:
    base, reasons = _headed(field, words, column)
    looks = "kind" if field.key == "kind" else field.looks
    telling = field.key in _TELLING
    if not base and not telling:
        return 0.0, ()
    fit = share(values, looks) if looks else None
    if fit is None:
        return base, reasons
    told = f"{fit:.0%} of values look like {WORDS[looks]}"
    if not base:
        # Numbers alone could be anything: a latitude needs a heading too, unless it is exact.
        enough = fit >= 0.8 and (field.key not in _NUMBERS or _fine(values))
        return (_VALUES * fit, (told,)) if enough else (0.0, ())
    return _weighed(field, base, fit), (*reasons, told)


_NUMBERS: Final = frozenset(("latitude", "longitude", "easting", "northing"))


def _weighed(field: ImportField, base: float, fit: float) -> float:
    """Return the confidence of a heading once its values were looked at."""
    if field.looks in ("tick", "number") and fit < 0.5:
        return base * 0.3
    if field.key in _NUMBERS:
        # Coordinates that are wrong are coordinates still: each row is told of its own.
        return base * (0.55 + 0.45 * fit) + 0.2 * fit
    if field.key in _TELLING | {"day", "hours"} or field.key.startswith(DAY):
        return base * (0.4 + 0.6 * fit) + 0.2 * fit
    return base * (0.7 + 0.3 * fit) + 0.15 * fit


def _fine(values: list[str]) -> bool:
    """Whether numbers are as exact as coordinates are."""
    return sum(len(text.partition(".")[2]) >= 3 for text in values) >= 0.8 * len(values)


def _headed(field: ImportField, words: str, column: str) -> tuple[float, tuple[str, ...]]:
    """Return how much a heading speaks for a field, and why."""
    told = (f"heading {column!r}",)
    if words in field.headings or words == words_of(field.key):
        first = by_heading().get(words) == field.key
        return (_EXACT + (0.05 if first else 0.0), told)
    if _FORBIDDEN.search(words):
        return 0.0, ()
    inside = f" {words} "
    best = max((len(one) for one in field.headings if f" {one} " in inside), default=0)
    if not best or (field.key.startswith((TERM, FEATURE)) and best < 4):
        return 0.0, ()
    # A longer part of the heading says more: "venue postcode" is a postcode before it is a venue.
    weight = min(0.1, 0.2 * best / len(words))
    last = any(words.endswith(f" {one}") for one in field.headings)
    return _PART - 0.1 + weight + (0.08 if last else 0.0), (f"part of heading {column!r}",)


def _drop_lonely(chosen: dict[str, list[_Candidate]]) -> None:
    """Take out halves of a pair, and a single day that is more likely something else."""
    for pair in (("latitude", "longitude"), ("easting", "northing")):
        if sum(key in chosen for key in pair) == 1:
            for key in pair:
                chosen.pop(key, None)
    if sum(DAY + day in chosen for day in DAYS) == 1:
        for day in DAYS:
            chosen.pop(DAY + day, None)


def _name_of(table: Table, chosen: dict[str, list[_Candidate]], taken: set[str]) -> None:
    """Take the first column that is left, of texts that differ, for the name."""
    for column in table.columns:
        values = table.values(column)
        text = sum(any(letter.isalpha() for letter in value) for value in values)
        distinct = len(set(values)) > 0.7 * len(values) if values else False
        if column not in taken and distinct and text > 0.8 * len(table):
            reasons = ("the first column of texts that differ",)
            chosen["name"] = [_Candidate(0.3, 0, "name", column, reasons)]
            return
