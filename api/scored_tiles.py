"""What scored tiles are made of in the service: questions worked out, and templates of tiles."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl
from weakref import WeakKeyDictionary

from fastapi.exceptions import RequestValidationError
from pydantic import Field, ValidationError
from starlette.datastructures import State

from api.engine import Engine, question_key
from api.questions import QuestionParams, ScoringParams, question
from api.remember import Memory
from exclusion_map.areas.scoring import Question
from exclusion_map.editions.reader import Edition
from exclusion_map.errors import InvalidRequestError, NotFoundError
from exclusion_map.terms import AreaKind
from exclusion_map.tiles.archive import TileArchive
from exclusion_map.tiles.pack import Place
from exclusion_map.tiles.scored import LevelValues, TileTemplate, encode_values, write_tile
from exclusion_map.tiles.scored_store import SizedCache, TemplateStore, area_layers

DEFAULT_TILESET = "areas"
FINISHED = 0.25
"""Of the memory for scored tiles, what finished ones take; templates take the rest."""
QUESTIONS_KEPT = 16
"""Worked-out questions of 1 MB each."""
OVERHEAD = 500
"""Bytes that a cache takes for an entry beside the entry itself."""
SPELLINGS_KEPT = 512
"""Queries whose question is known without parsing them."""


class ScoredTileParams(ScoringParams):
    """Query parameters of scored tiles."""

    level: AreaKind | None = Field(
        default=None, description="Only this kind of area; each kind is a separate layer."
    )

    def asked(self, index: str) -> QuestionParams:
        """Return the question about an index."""
        return QuestionParams(index=index, **self.model_dump(exclude={"level"}))


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question worked out for every area of a tileset.

    Attributes:
        key: digest of all that decides the values.
        store: where templates of the tiles are.
        finished: tiles with their values, of this question and others.
        values: by kind of area.
        only: the one layer wanted; None for all.
        published: whether the edition itself defines the index.
    """

    key: str
    store: TemplateStore
    finished: SizedCache[bytes]
    values: Mapping[AreaKind, LevelValues]
    only: AreaKind | None
    published: bool

    def tile(self, place: Place) -> bytes | None:
        """Return a tile, gzipped, in a fraction of a millisecond; None where it takes longer."""
        key = (self.key, self.store.archive.path, self.only, place)
        body = self.finished.get(key)
        if body is None:
            template = self.store.find(place, self.values)
            if template is None:
                return None
            body = write_tile(template, self.values, self.only)
            self.finished.keep(key, body, len(body) + OVERHEAD)
        return body

    def first_tile(self, place: Place) -> bytes:
        """Return a tile whose template has to be made; empty where nothing is there.

        Raises:
            EditionError: the plain tile is damaged.
        """
        template = self.store.make(place, self.values)
        return write_tile(template, self.values, self.only) if template else b""


class ScoredTiles:
    """The questions and templates of one edition. Safe to share between threads."""

    def __init__(self, limit: int) -> None:
        """Begin with nothing; templates and tiles will take at most ``limit`` bytes together."""
        # No engine is held: with it goes what is remembered here.
        self._templates: SizedCache[TileTemplate] = SizedCache(int(limit * (1 - FINISHED)))
        self._finished: SizedCache[bytes] = SizedCache(int(limit * FINISHED))
        self._stores: dict[str, TemplateStore] = {}
        self._values: Memory[Mapping[AreaKind, LevelValues]] = Memory(QUESTIONS_KEPT)
        self._known: OrderedDict[tuple[str, bytes], Wanted] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def nbytes(self) -> int:
        """Bytes that templates and tiles take."""
        return self._templates.nbytes + self._finished.nbytes

    def recall(self, index: str, query: bytes) -> Wanted | None:
        """Return a question worked out already, by its spelling; takes microseconds."""
        with self._lock:
            found = self._known.get((index, query))
            if found is not None:
                self._known.move_to_end((index, query))
        return found

    def work_out(self, engine: Engine, index: str, query: bytes) -> Wanted:
        """Return a question worked out by the engine of the edition, and remember it.

        Raises:
            RequestValidationError: a parameter is unknown or has a value that cannot be.
            NotFoundError: there is no such index, area, base or level.
            InvalidRequestError: weights or base cannot be used.
            DefinitionError: an id among the weights is unknown, or no weight is left.
        """
        check_index(engine, index)
        params = parse_query(query)
        store = self._store(engine, tileset_of(engine.service.edition, params.level))
        asked = question(engine, params.asked(index))
        key = question_key(asked)
        values = self._values.get((key, store.kinds), lambda: _encode(engine, asked, store.kinds))
        published = any(one.id == index for one in engine.service.edition.manifest.indices)
        wanted = Wanted(key, store, self._finished, values, params.level, published)
        with self._lock:
            self._known[index, query] = wanted
            self._forget()
        return wanted

    def _forget(self) -> None:
        """Forget what was asked longest ago: many spellings of few questions may stay."""
        while len(self._known) > SPELLINGS_KEPT or len(self._questions()) > QUESTIONS_KEPT:
            self._known.popitem(last=False)

    def _questions(self) -> set[int]:
        return {id(wanted.values) for wanted in self._known.values()}

    def _store(self, engine: Engine, tileset: str) -> TemplateStore:
        edition = engine.service.edition
        with self._lock:
            if tileset not in self._stores:
                archive, levels = edition.tiles[tileset], edition.atlas.levels
                self._stores[tileset] = TemplateStore(archive, levels, self._templates)
            return self._stores[tileset]


def _encode(
    engine: Engine, asked: Question, kinds: tuple[AreaKind, ...]
) -> Mapping[AreaKind, LevelValues]:
    found = engine.answer(asked)
    values = {}
    for kind in kinds:
        scored = engine.at_level(found, kind)
        values[kind] = encode_values(scored.scores, scored.rows if asked.selection else None)
    return values


def check_index(engine: Engine, index: str) -> None:
    """Raise NotFoundError where a name stands for no index, telling all that have tiles."""
    if index not in engine.definitions:
        names = (*engine.service.edition.tiles, *engine.definitions)
        raise NotFoundError(
            f"tiles {index!r}",
            found="neither a tileset nor an index",
            expected=f"one of: {', '.join(names)}",
        )


def parse_query(query: bytes) -> ScoredTileParams:
    """Return the parameters of a query.

    Raises:
        RequestValidationError: one is unknown or has a value that cannot be.
        InvalidRequestError: one comes twice.
    """
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    given = dict(pairs)
    for name in given:
        if sum(other == name for other, _ in pairs) > 1:
            raise InvalidRequestError(f"parameter {name!r}", found="it twice", expected="it once")
    try:
        return ScoredTileParams.model_validate(given)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False)
        raise RequestValidationError(
            [{**fault, "loc": ("query", *fault["loc"])} for fault in faults]
        ) from None


def tileset_of(edition: Edition, level: AreaKind | None) -> str:
    """Return the tileset that has a layer of a level; the one of all areas for None.

    Raises:
        NotFoundError: none has.
    """
    if level is None:
        return DEFAULT_TILESET
    have = {name: layers_of(edition, name) for name in sorted(edition.tiles)}
    for name in (DEFAULT_TILESET, *have):
        if level in have[name]:
            return name
    kinds = dict.fromkeys(kind.value for layers in have.values() for kind in layers)
    raise NotFoundError(
        f"tiles of level {level.value!r}",
        found="none in this edition",
        expected=f"one of: {', '.join(kinds)}",
    )


def layers_of(edition: Edition, tileset: str) -> tuple[AreaKind, ...]:
    """Return the kinds of area that a tileset has as layers."""
    archive: TileArchive = edition.tiles[tileset]
    return area_layers(archive, edition.atlas.levels)


_making = threading.Lock()


def scored_tiles_of(state: State, engine: Engine) -> ScoredTiles:
    """Return the scored tiles of an engine, made when first asked for; they go with the engine."""
    with _making:
        if not hasattr(state, "scored_tiles"):
            state.scored_tiles = WeakKeyDictionary()
        held: WeakKeyDictionary[Engine, ScoredTiles] = state.scored_tiles
        if engine not in held:
            held[engine] = ScoredTiles(engine.settings.scored_tiles_mb * 1_000_000)
        return held[engine]
