"""One search over postcodes, area codes and place names."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Literal, Protocol

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from exclusion_map.areas.atlas import OUTSIDE, Atlas, Level
from exclusion_map.areas.matching import NameMatcher
from exclusion_map.areas.names import WELSH_NAMES, plain
from exclusion_map.errors import InvalidRequestError
from exclusion_map.geography.postcode_index import PostcodeGroup, PostcodePlace
from exclusion_map.terms import AreaKind

_CODE = re.compile(r"[A-Z]\d{2,8}")
_NUMBERED = re.compile(r"\b\d{3}[a-z]?\b")
_LETTERED = re.compile(r"\d{3}[A-Z]$")
LONGEST = 120
_LEAST_WORTH = 0.5

# Among equal matches, the kind that people most often mean comes first.
_KIND_WORTH = {
    AreaKind.NATION: 0.08,
    AreaKind.REGION: 0.08,
    AreaKind.LOCAL_AUTHORITY: 0.10,
    AreaKind.ICB: 0.03,
    AreaKind.SUB_ICB: 0.0,
    AreaKind.NEIGHBOURHOOD: 0.02,
    AreaKind.WARD: 0.01,
}


class SearchResult(BaseModel):
    """A search result."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "example": {
                "code": "E02001482",
                "kind": "neighbourhood",
                "kind_label": "neighbourhood",
                "name": "Birkenhead Central",
                "context": "Wirral",
                "population": 8100.0,
                "decile": 1,
                "url": "/areas/E02001482",
                "bbox": [-3.04, 53.38, -3.01, 53.4],
                "point": [-3.02, 53.39],
                "matched": "name",
                "matched_text": "Birkenhead Central",
            }
        },
    )

    code: str
    kind: AreaKind
    kind_label: str
    name: str
    context: str = Field(description="The local authority, region or nation that contains it.")
    population: float | None
    decile: int | None = Field(description="1 = highest-risk tenth of its kind; null = no score.")
    url: str
    bbox: tuple[float, float, float, float]
    point: tuple[float, float] = Field(description="Longitude, latitude.")
    matched: Literal["postcode", "postcode_part", "code", "name"]
    matched_text: str = Field(description="The postcode, code or name that matched.")


class SearchAnswer(BaseModel):
    """The results of a search, best first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    query: str
    results: tuple[SearchResult, ...]
    note: str = Field(default="", description="A note if the results alone could mislead.")


class Postcodes(Protocol):
    """Interface of the postcode index, as needed by the search."""

    def find(self, text: str) -> PostcodePlace | None:
        """Return where a full postcode is; raises InvalidRequestError for other text."""

    def prefix(self, text: str, limit: int = 10) -> list[PostcodeGroup]:
        """Return the groups of postcodes that part of a postcode may stand for."""


class SearchIndex:
    """Search index of all places; safe to share between threads."""

    def __init__(self, atlas: Atlas, postcodes: Postcodes | None, index: str) -> None:
        """Build the index.

        Args:
            atlas: the areas.
            postcodes: the postcode index, if the edition has one.
            index: id of the index whose deciles are shown in results.
        """
        self._atlas, self._postcodes, self._index = atlas, postcodes, index
        self._codes = sorted(code for level in atlas.levels.values() for code in level.codes)
        self._numbered = _Numbered(atlas)
        self._entries = list(_entries(atlas))
        self._matcher = NameMatcher(
            [name for _, _, name in self._entries],
            [context_of(atlas, level, row) for level, row, _ in self._entries],
        )
        bonus = {kind: _bonus(level) for kind, level in atlas.levels.items()}
        self._bonus = np.array(
            [bonus[level.kind][row] for level, row, _ in self._entries], dtype=np.float32
        )

    def search(self, query: str, limit: int = 10) -> SearchAnswer:
        """Return the places that a query may mean, best first.

        Raises:
            InvalidRequestError: the query is empty or longer than any name.
        """
        text = " ".join(query.split())
        if not text or len(text) > LONGEST:
            raise InvalidRequestError(
                "search",
                found="nothing to look for" if not text else f"{len(text)} characters",
                expected=f"a place name, postcode or area code of 1 to {LONGEST} characters",
            )
        exact, note = self._full_postcode(text)
        if exact or note:
            return SearchAnswer(query=text, results=tuple(exact), note=note)
        found: dict[str, SearchResult] = {}
        for result in self._candidates(text, limit):
            found.setdefault(result.code, result)
            if len(found) == limit:
                break
        return SearchAnswer(query=text, results=tuple(found.values()))

    def _candidates(self, text: str, limit: int) -> Iterator[SearchResult]:
        yield from self._by_code(text, limit)
        yield from self._by_postcode_part(text, limit)
        yield from self._by_number(text, limit)
        yield from self._by_name(text, limit)

    def _full_postcode(self, text: str) -> tuple[list[SearchResult], str]:
        if self._postcodes is None:
            return [], ""
        try:
            place = self._postcodes.find(text)
        except InvalidRequestError:
            return [], ""
        if place is None:
            return [], f"There is no postcode {text.upper()}, or it is newer than our list."
        if place.area == OUTSIDE:
            return [], f"{place.pretty} lies outside the area this map covers."
        small = self._atlas.level(AreaKind.SMALL_AREA)
        point = (
            None
            if place.longitude is None or place.latitude is None
            else (place.longitude, place.latitude)
        )
        result = self._result(small, place.area, "postcode", place.pretty, point)
        note = "" if place.live else f"{place.pretty} is no longer in use."
        return [result], note

    def _by_code(self, text: str, limit: int) -> Iterator[SearchResult]:
        code = text.upper()
        if not _CODE.fullmatch(code) or len(code) < 5:
            return
        at = bisect_left(self._codes, code)
        for found in self._codes[at : at + limit]:
            if not found.startswith(code):
                return
            level, row = self._atlas.find(found)
            yield self._result(level, row, "code", found)

    def _by_postcode_part(self, text: str, limit: int) -> Iterator[SearchResult]:
        if self._postcodes is None or len(text) > 7:
            return
        small = self._atlas.level(AreaKind.SMALL_AREA)
        around = small.parents.get(AreaKind.NEIGHBOURHOOD)
        for group in self._postcodes.prefix(text, limit):
            if group.area == OUTSIDE:
                continue
            level, row = small, group.area
            if around is not None and around[row] != OUTSIDE:
                level, row = self._atlas.level(AreaKind.NEIGHBOURHOOD), int(around[row])
            point = (
                None
                if group.longitude is None or group.latitude is None
                else (group.longitude, group.latitude)
            )
            yield self._result(level, row, "postcode_part", group.label, point)

    def _by_number(self, text: str, limit: int) -> Iterator[SearchResult]:
        """Find small areas and neighbourhoods by official names such as "Wirral 011C"."""
        wanted = plain(text)
        if not _NUMBERED.search(wanted):
            return
        for level, row, official in self._numbered.beginning(wanted, limit):
            yield self._result(level, row, "name", official)

    def _by_name(self, text: str, limit: int) -> Iterator[SearchResult]:
        worth = self._matcher.match(text)
        worth = np.where(worth >= _LEAST_WORTH, worth + self._bonus, 0.0)
        # Places have several names; twice the limit leaves enough after merging.
        many = min(2 * limit + 10, len(worth) - 1)
        best = (
            np.argpartition(-worth, many)[: many + 1] if len(worth) > many + 1 else worth.argsort()
        )
        for at in best[np.argsort(-worth[best], kind="stable")]:
            if worth[at] == 0:
                return
            level, row, name = self._entries[at]
            yield self._result(level, row, "name", name)

    def _result(
        self,
        level: Level,
        row: int,
        matched: Literal["postcode", "postcode_part", "code", "name"],
        text: str,
        point: tuple[float, float] | None = None,
    ) -> SearchResult:
        scores = self._atlas.scores.get((self._index, level.kind))
        decile = 0 if scores is None else int(scores.decile[row])
        population = float(level.population[row])
        west, south, east, north = (float(edge) for edge in level.bbox[row])
        return SearchResult(
            code=level.codes[row],
            kind=level.kind,
            kind_label=level.kind.label,
            name=level.labels[row],
            context=context_of(self._atlas, level, row),
            population=None if np.isnan(population) else population,
            decile=decile or None,
            url=f"/areas/{level.codes[row]}",
            bbox=(west, south, east, north),
            point=point or (float(level.longitude[row]), float(level.latitude[row])),
            matched=matched,
            matched_text=text,
        )


def context_of(atlas: Atlas, level: Level, row: int) -> str:
    """Return the context of an area: the name of the nearest well-known larger area."""
    for kind in (AreaKind.LOCAL_AUTHORITY, AreaKind.REGION, AreaKind.NATION):
        parent = level.parents.get(kind)
        if parent is not None and parent[row] != OUTSIDE:
            return str(atlas.level(kind).names[parent[row]])
    return level.nations[row] if level.kind is not AreaKind.NATION else ""


def _entries(atlas: Atlas) -> Iterator[tuple[Level, int, str]]:
    """Yield every name of each larger area."""
    for kind, level in atlas.levels.items():
        if kind is AreaKind.SMALL_AREA:
            continue
        for row, code in enumerate(level.codes):
            others = [WELSH_NAMES.get(code, "")]
            if level.welsh_names:
                others.append(level.welsh_names[row])
            for name in _distinct(level.names[row], others):
                yield level, row, name


def _distinct(name: str, others: Iterable[str]) -> list[str]:
    names = {plain(name): name}
    for other in others:
        if other:
            names.setdefault(plain(other), other)
    return list(names.values())


class _Numbered:
    """Sorted official names with numbers and their areas; there may be millions."""

    def __init__(self, atlas: Atlas) -> None:
        self._small = atlas.level(AreaKind.SMALL_AREA)
        self._neighbourhoods = atlas.levels.get(AreaKind.NEIGHBOURHOOD)
        self._stems: list[tuple[str, int]] = []
        names = [*_comparable(self._small), *self._of_neighbourhoods()]
        self._order = np.array(sorted(range(len(names)), key=names.__getitem__), dtype=np.int32)
        self._names = [names[at] for at in self._order.tolist()]

    def beginning(self, wanted: str, limit: int) -> Iterator[tuple[Level, int, str]]:
        """Yield the first areas whose comparable names begin like this, with official names."""
        at = bisect_left(self._names, wanted)
        for place in range(at, min(at + limit, len(self._names))):
            if not self._names[place].startswith(wanted):
                return
            row = int(self._order[place])
            if row < len(self._small):
                yield self._small, row, self._small.names[row]
            elif self._neighbourhoods is not None:
                stem, row = self._stems[row - len(self._small)]
                yield self._neighbourhoods, row, stem

    def _of_neighbourhoods(self) -> Iterator[str]:
        """Yield comparable names of neighbourhoods, derived from their small areas.

        "Wirral 011" follows from "Wirral 011C".
        """
        parents = self._small.parents.get(AreaKind.NEIGHBOURHOOD)
        if self._neighbourhoods is None or parents is None:
            return
        seen = set()
        for row, name in enumerate(self._small.names):
            stem = name[:-1]
            if stem in seen or parents[row] == OUTSIDE or not _LETTERED.search(name):
                continue
            seen.add(stem)
            self._stems.append((stem, int(parents[row])))
            place, _, number = stem.rpartition(" ")
            yield f"{plain(place)} {number}"


def _comparable(small: Level) -> Iterator[str]:
    """Yield the name of each small area as it is compared: its number in small letters."""
    places: dict[str, str] = {}
    for name in small.names:
        place, _, number = name.rpartition(" ")
        if place not in places:  # Some hundred authorities in front of many thousand numbers.
            places[place] = plain(place)
        yield f"{places[place]} {number.lower()}"


def _bonus(level: Level) -> list[float]:
    """Return the bonus added to the worth of each area's names, shape (n,)."""
    # Up to 0.02 more for populous places: people usually mean the larger of two namesakes.
    people = 0.02 * np.log10(1 + np.nan_to_num(level.population)) / 8
    added: list[float] = (_KIND_WORTH.get(level.kind, 0.0) + people).tolist()
    return added
