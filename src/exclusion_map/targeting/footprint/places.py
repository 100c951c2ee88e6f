"""What the distinct texts of a list stand for: postcodes all at once, the rest one by one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt

from exclusion_map.areas.atlas import Rows
from exclusion_map.areas.rollup_places import Gazetteer, MatchedBy, Unmatched, understood
from exclusion_map.stopping import as_wanted
from exclusion_map.targeting.footprint.columns import bare
from exclusion_map.targeting.footprint.matching import Way
from exclusion_map.targeting.footprint.row_columns import Words, bares
from exclusion_map.targeting.footprint.slips import mended, slips_of

_ASK_EVERY = 256

Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]
Degrees = npt.NDArray[np.float32]

_POSTCODE = re.compile(r"(?:[A-Z]{1,2}[0-9][A-Z0-9]?|GIR|NPT)[0-9][A-Z]{2}")
_WAYS = {
    MatchedBy.AREA: Way.AREA,
    MatchedBy.NAME: Way.NAME,
    MatchedBy.PRACTICE: Way.PRACTICE,
    MatchedBy.POSTCODE: Way.POSTCODE,
}
OUTSIDE = "a postcode outside the areas of this edition"
_ELSEWHERE = (
    ("Northern Ireland", frozenset({"BT"})),
    ("the Isle of Man or the Channel Islands", frozenset({"IM", "JE", "GY"})),
    (
        "Scotland",
        frozenset(
            {
                *("AB", "DD", "DG", "EH", "FK", "G", "HS", "IV", "KA"),
                *("KW", "KY", "ML", "PA", "PH", "TD", "ZE"),
            }
        ),
    ),
)
"""Postcode areas of nations that an edition may not cover; TD lies in England, too."""
NOT_THERE = "no such postcode, now or in the past"
SEVERAL = "no such postcode; with O and 0 or I and 1 exchanged it could be one of several"
NO_POSTCODES = "this edition has no postcodes"
_SHOWN_REASON = 140


@dataclass(frozen=True, eq=False, kw_only=True)
class Understood:
    """What k distinct texts stand for.

    Attributes:
        way: of each; None where it is not understood.
        reason: why not; empty where it is.
        row: (k,) of a postcode among all there are; -1 for other texts.
        area: (k,) row of the small area of a postcode; -1 for other texts.
        longitude: (k,) degrees of a postcode; NaN where not known.
        latitude: (k,) degrees.
        old: (k,) whether a postcode is no longer in use.
        slipped: (k,) whether a letter and a digit were exchanged.
        rows: small areas of texts that are no postcode, by number.
    """

    way: list[Way | None]
    reason: list[str]
    row: Numbers
    area: Rows
    longitude: Degrees
    latitude: Degrees
    old: Flags
    slipped: Flags
    rows: dict[int, Rows] = field(default_factory=dict)


def is_postcode(text: str) -> bool:
    """Return whether a text has the form of a whole postcode, but for O and 0, I and 1."""
    form = bare(text)
    return _POSTCODE.fullmatch(form) is not None or bool(slips_of(form))


def understand(
    gazetteer: Gazetteer, texts: Sequence[str], plain: Words | None = None
) -> Understood:
    """Return what distinct texts stand for.

    Args:
        gazetteer: what can be named.
        texts: k of them.
        plain: (k,) their letters and digits in capitals; worked out if None.
    """
    count = len(texts)
    found = Understood(
        way=[None] * count,
        reason=[""] * count,
        row=np.full(count, -1, dtype=np.int64),
        area=np.full(count, -1, dtype=np.int32),
        longitude=np.full(count, np.nan, dtype=np.float32),
        latitude=np.full(count, np.nan, dtype=np.float32),
        old=np.zeros(count, dtype=np.bool_),
        slipped=np.zeros(count, dtype=np.bool_),
    )
    words = np.array(bares(texts), dtype=np.bytes_) if plain is None else plain
    formed = _formed(words)
    left = _postcodes(gazetteer, found, words, np.flatnonzero(formed))
    unknown = _others(gazetteer, found, texts, np.flatnonzero(~formed).tolist())
    _mend(gazetteer, found, words, np.array([*left, *unknown], dtype=np.int64))
    return found


def _formed(words: Words) -> Flags:
    """Return which of k words have the form of a whole postcode."""
    said = (_POSTCODE.fullmatch(word.decode()) is not None for word in words)
    return np.fromiter(said, dtype=np.bool_, count=len(words))


@cache
def _outside(letters: str) -> str:
    nation = next((name for name, held in _ELSEWHERE if letters in held), "")
    return f"{OUTSIDE}: it is in {nation}" if nation else OUTSIDE


def outside(postcode: str) -> str:
    """Return why a postcode that lies outside an edition is not understood, with its nation."""
    return _outside(postcode[: 2 if postcode[1:2].isalpha() else 1])


def _postcodes(gazetteer: Gazetteer, found: Understood, words: Words, formed: Numbers) -> list[int]:
    """Place words in the form of a postcode; return those that are none."""
    if gazetteer.postcodes is None:
        for at in formed.tolist():
            found.reason[at] = NO_POSTCODES
        return []
    rows = gazetteer.postcodes.find_many(words[formed])
    _place(gazetteer, found, words, formed, rows)
    left: list[int] = formed[rows < 0].tolist()
    for at in left:
        found.reason[at] = NOT_THERE
    return left


def _place(
    gazetteer: Gazetteer, found: Understood, words: Words, numbers: Numbers, rows: Numbers
) -> None:
    """Note where postcodes are: of words by number, by row of the index; -1 is passed over."""
    if gazetteer.postcodes is None:
        return
    numbers, rows = numbers[rows >= 0], rows[rows >= 0]
    area, longitude, latitude, live = gazetteer.postcodes.places_at(rows)
    found.row[numbers], found.area[numbers] = rows, area
    found.longitude[numbers], found.latitude[numbers] = longitude, latitude
    found.old[numbers] = ~live
    for at, inside in zip(numbers.tolist(), (area >= 0).tolist(), strict=True):
        if inside:
            found.way[at], found.reason[at] = Way.POSTCODE, ""
        else:
            found.reason[at] = outside(words[at].decode())


def _others(
    gazetteer: Gazetteer, found: Understood, texts: Sequence[str], numbers: list[int]
) -> list[int]:
    """Look codes and names up; return those that stand for nothing."""
    unknown = []
    for at in as_wanted(numbers, _ASK_EVERY):
        told = understood(gazetteer, texts[at])
        if isinstance(told, Unmatched):
            found.reason[at] = told.reason[:_SHOWN_REASON]
            unknown.append(at)
        else:
            found.way[at], found.rows[at] = _WAYS[told[0]], told[1]
    return unknown


def _mend(gazetteer: Gazetteer, found: Understood, words: Words, numbers: Numbers) -> None:
    """Place texts that are a postcode but for O and 0, I and 1, where only one is meant."""
    if gazetteer.postcodes is None or not len(numbers):
        return
    rows, count = mended(gazetteer.postcodes, [word.decode() for word in words[numbers]])
    _place(gazetteer, found, words, numbers, rows)
    found.slipped[numbers[rows >= 0]] = True
    for at in numbers[count > 1].tolist():
        found.reason[at] = SEVERAL
