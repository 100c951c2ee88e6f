"""Recognise the entries of a list: area codes, postcodes, GP practice codes and names.

Unrecognised entries are returned with the reason, so that the list can be corrected. A postcode
represents its small area. A GP practice represents the nearest small areas with as many residents
as practices in its nation have patients on average, because where its patients live is not public.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import numpy as np

from exclusion_map.areas.atlas import Atlas, Rows
from exclusion_map.errors import InvalidRequestError
from exclusion_map.geography.postcode_index import PostcodeIndex, normalise
from exclusion_map.stopping import as_wanted
from exclusion_map.terms import LARGER_KINDS, AreaKind

_ASK_EVERY = 256

MOST_PLACES = 100_000
_NEAREST_FIRST = 64
_METRES_A_DEGREE = 111_195.0
_PRACTICE = re.compile(r"[A-Z][0-9]{5}")
_CODE = re.compile(r"[EWSNKL][0-9]{8}|95[A-Z]{2}[0-9]{2}[A-Z][0-9]")
_PART = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9]?")
_NO_KIND = {
    "E10": "a county",
    "E11": "a metropolitan county",
    "E13": "inner or outer London",
    "E40": "an NHS region",
    "E47": "a combined authority",
    "K02": "several nations",
    "K03": "several nations",
    "K04": "England and Wales",
}
_DRAWN_ANEW = frozenset(
    ("E05", "E06", "E07", "E08", "E38", "E54", "W05", "W06")  # wards, councils, health areas
)
_ELSEWHERE = {"S": "Scotland", "N": "Northern Ireland", "9": "Northern Ireland", "W": "Wales"}


class MatchedBy(StrEnum):
    """How an entry of a list was recognised."""

    AREA = "area"
    POSTCODE = "postcode"
    PRACTICE = "practice"
    NAME = "name"

    @property
    def label(self) -> str:
        """The words people see, singular."""
        return _LABELS[self]


_LABELS = {
    MatchedBy.AREA: "area code",
    MatchedBy.POSTCODE: "postcode",
    MatchedBy.PRACTICE: "GP practice code",
    MatchedBy.NAME: "name of an area",
}


@dataclass(frozen=True, slots=True)
class Practice:
    """Where a GP practice is, in degrees, and its small area."""

    code: str
    name: str
    longitude: float
    latitude: float
    area_code: str


@dataclass(frozen=True, slots=True)
class Unmatched:
    """An entry that represents no area of the edition, and why."""

    text: str
    reason: str


@dataclass(frozen=True, eq=False)
class Places:
    """The small areas of a list.

    Attributes:
        rows: sorted rows of the small areas, each once.
        matched: number of recognised entries by type.
        unmatched: the other entries, each once, in the order given.
        repeated: number of times a small area was listed again; it counts once.
        notes: remarks on how entries were interpreted.
    """

    rows: Rows
    matched: Mapping[MatchedBy, int]
    unmatched: tuple[Unmatched, ...]
    repeated: int
    notes: tuple[str, ...]


def _no_practice(_code: str) -> Practice | None:
    return None


@dataclass(frozen=True)
class Gazetteer:
    """Data needed to recognise the entries of a list.

    Attributes:
        atlas: the areas.
        postcodes: the postcode index, if the edition has one.
        practice: function that finds a GP practice by code.
        usual_list: residents per GP practice by nation; practices of other nations represent
            the small area they are in.
    """

    atlas: Atlas
    postcodes: PostcodeIndex | None = None
    practice: Callable[[str], Practice | None] = _no_practice
    usual_list: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def names(self) -> Mapping[str, tuple[str, ...]]:
        """Codes of the areas by name in lower case; those of the largest kind with that name."""
        found: dict[str, list[str]] = {}
        for kind in (AreaKind.SMALL_AREA, *LARGER_KINDS):
            level = self.atlas.levels.get(kind)
            if level is None:
                continue
            here: dict[str, list[str]] = {}
            for row, code in enumerate(level.codes):
                texts = {level.names[row], level.labels[row]}
                if level.welsh_names:
                    texts.add(level.welsh_names[row])
                for text in texts:
                    here.setdefault(text.casefold(), []).append(code)
            found |= here  # of a larger kind: a name means the council rather than the ward
        return {name: tuple(codes) for name, codes in found.items() if name}


def find_places(gazetteer: Gazetteer, entries: Iterable[str]) -> Places:
    """Return the small areas named by a list.

    Args:
        gazetteer: the names and codes that are recognised.
        entries: area codes of any kind, whole postcodes, GP practice codes, exact names of areas.

    Raises:
        InvalidRequestError: the list is empty or longer than ``MOST_PLACES``.
    """
    listed = [entry.strip() for entry in entries if entry.strip()]
    if not 0 < len(listed) <= MOST_PLACES:
        raise InvalidRequestError(
            "list of places",
            found=f"{len(listed):,} entries" if listed else "no entry",
            expected=f"from 1 to {MOST_PLACES:,} area codes, postcodes or GP practice codes",
        )
    parts: list[Rows] = []
    matched = dict.fromkeys(MatchedBy, 0)
    unmatched: dict[str, Unmatched] = {}
    for text in as_wanted(listed, _ASK_EVERY):
        if text in unmatched:
            continue
        found = understood(gazetteer, text)
        if isinstance(found, Unmatched):
            unmatched[text] = found
        else:
            matched[found[0]] += 1
            parts.append(found[1])
    named = np.concatenate(parts) if parts else np.empty(0, dtype=np.int32)
    rows = np.unique(named).astype(np.int32)
    return Places(
        rows=rows,
        matched={way: count for way, count in matched.items() if count},
        unmatched=tuple(unmatched.values()),
        repeated=len(named) - len(rows),
        notes=tuple(_notes(gazetteer, matched, len(named) - len(rows))),
    )


def understood(gazetteer: Gazetteer, text: str) -> tuple[MatchedBy, Rows] | Unmatched:
    """Return the type of an entry and its small areas, or why it is not recognised."""
    atlas, code = gazetteer.atlas, text.upper()
    if atlas.has(code):
        return MatchedBy.AREA, atlas.members(*atlas.find(code))
    if _CODE.fullmatch(code):
        return Unmatched(text, _unknown_code(atlas, code))
    if _PRACTICE.fullmatch(code):
        practice = gazetteer.practice(code)
        if practice is None:
            return Unmatched(text, "no GP practice of that code in the support list")
        return MatchedBy.PRACTICE, around(gazetteer, practice)
    named = gazetteer.names.get(text.casefold(), ())
    if len(named) == 1:
        return MatchedBy.NAME, atlas.members(*atlas.find(named[0]))
    if named:
        some = ", ".join(named[:4])
        return Unmatched(text, f"{len(named)} areas have this name: give a code, such as {some}")
    return _postcode(gazetteer, text)


def _postcode(gazetteer: Gazetteer, text: str) -> tuple[MatchedBy, Rows] | Unmatched:
    try:
        normalise(text)
    except InvalidRequestError:
        if _PART.fullmatch(text.upper()):
            return Unmatched(text, "only a part of a postcode: give whole postcodes")
        return Unmatched(
            text, "no area code, whole postcode, GP practice code or exact name of an area"
        )
    if gazetteer.postcodes is None:
        return Unmatched(text, "this edition has no postcodes")
    place = gazetteer.postcodes.find(text)
    if place is None:
        return Unmatched(text, "no such postcode, now or in the past")
    if place.area < 0:
        return Unmatched(text, "a postcode outside the areas of this edition")
    return MatchedBy.POSTCODE, np.array([place.area], dtype=np.int32)


def _unknown_code(atlas: Atlas, code: str) -> str:
    elsewhere = _ELSEWHERE.get(code[0], "")
    if elsewhere and elsewhere not in atlas.level(AreaKind.SMALL_AREA).nations:
        return f"a code of {elsewhere}, which is not in this edition"
    if code[:3] in ("E01", "W01", "E02", "W02"):
        return "no area of that code in this edition, perhaps one of 2011: give codes of 2021"
    if known := _NO_KIND.get(code[:3]):
        return f"{known}, which is no kind of area of this edition: give areas inside it"
    if code[:3] in _DRAWN_ANEW:
        return "no area of that code in this edition, perhaps an old one: give today's code"
    return "no area of that code in this edition"


def around(gazetteer: Gazetteer, practice: Practice) -> Rows:
    """Return the nearest small areas with as many residents as a practice has patients on average.

    Uses a tangent plane, which is accurate to a metre over tens of kilometres.
    """
    atlas = gazetteer.atlas
    small = atlas.level(AreaKind.SMALL_AREA)
    own = small.position.get(practice.area_code)
    nation = small.nations[own] if own is not None else ""
    wanted = gazetteer.usual_list.get(nation)
    if own is not None and wanted is None:
        return np.array([own], dtype=np.int32)
    north = (small.latitude - practice.latitude) * _METRES_A_DEGREE
    east = (small.longitude - practice.longitude) * _METRES_A_DEGREE
    away = np.hypot(north, east * np.cos(np.radians(practice.latitude)))
    people, count = np.nan_to_num(small.population), min(_NEAREST_FIRST, len(small))
    while True:
        near = np.argpartition(away, count - 1)[:count]
        near = near[np.argsort(away[near], kind="stable")]
        upto = np.cumsum(people[near])
        if count == len(small) or upto[-1] >= (wanted or 0):
            break
        count = min(4 * count, len(small))
    last = int(np.searchsorted(upto, wanted or 0)) + 1
    return near[:last].astype(np.int32)


def _notes(gazetteer: Gazetteer, matched: Mapping[MatchedBy, int], repeated: int) -> Iterable[str]:
    if matched[MatchedBy.POSTCODE]:
        yield "A postcode stands for the whole small area it lies in."
    if matched[MatchedBy.PRACTICE]:
        usual = ", ".join(
            f"{round(people, -2):,.0f} in {nation}"
            for nation, people in sorted(gazetteer.usual_list.items())
        )
        yield (
            "Where the patients of a GP practice live is not public. Each practice stands for the "
            "nearest small areas with as many people as practices have on average"
            f"{f' ({usual})' if usual else ''}: an approximation."
        )
    if repeated:
        again = "once more" if repeated == 1 else f"{repeated:,} times more"
        yield f"Small areas were named {again} than needed; each counts once."
