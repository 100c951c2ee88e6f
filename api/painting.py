"""What pictures of the map are painted with: the query behind their colours, and what is kept.

Shared by raster tiles, legends, static maps and styles, so that one set of parameters means the
same in all of them.
"""

import gzip
import threading
from dataclasses import dataclass
from hashlib import blake2b
from weakref import WeakKeyDictionary

import numpy as np
from pydantic import Field
from starlette.datastructures import State

from api.engine import Engine
from api.questions import QuestionParams, ScoringParams, question
from api.remember import Memory
from exclusion_map import __version__
from exclusion_map.areas.atlas import Atlas, Rows, ScoreSet
from exclusion_map.errors import NotFoundError
from exclusion_map.maps.palette import PaletteName
from exclusion_map.maps.raster_cache import ByteCache
from exclusion_map.maps.raster_colour import Bytes, Scheme, Shading, class_table, scheme_of
from exclusion_map.maps.raster_fill import Numbers
from exclusion_map.maps.raster_tiles import NumberTiles
from exclusion_map.terms import AreaKind

TABLES_KEPT = 64
"""Class tables of 36 kB each: one for each question, kind and shading."""
NUMBERS_SHARE = 0.7
"""Of the memory for pictures, what area numbers take; finished pictures take the rest."""
_SCORING = set(ScoringParams.model_fields)
_OVERHEAD = 1000
"""Bytes that keeping a picture takes beyond the picture: most tiles of the sea are smaller."""
ENOUGH = 8
"""Areas of a kind that are enough to compare; kinds with fewer are shown only when asked for."""


class PaintParams(ScoringParams):
    """What the colours of a picture show; areas that are not asked for have none."""

    measure: Shading = Field(
        default=Shading.DECILE,
        description="Deciles, or scores from 0 to 100 on a continuous scale.",
    )
    palette: PaletteName = Field(
        default=PaletteName.RISK, description="Palette; all are safe for colour-blind readers."
    )

    @property
    def scheme(self) -> Scheme:
        """The colours asked for."""
        return scheme_of(self.measure, self.palette)

    def asked(self, index: str) -> QuestionParams:
        """Return the question behind the colours."""
        return QuestionParams(index=index, **self.model_dump(include=_SCORING))


@dataclass(frozen=True, slots=True)
class Picture:
    """A finished picture and the tag it goes out with."""

    data: bytes
    etag: str

    @property
    def nbytes(self) -> int:
        """Bytes in memory."""
        return len(self.data) + _OVERHEAD


class Painter:
    """Class tables, area numbers and finished pictures of one edition."""

    def __init__(self, engine: Engine) -> None:
        edition = engine.service.edition
        archive = edition.tiles["areas"]

        def read(z: int, x: int, y: int) -> bytes | None:
            found = archive.get(z, x, y)
            return gzip.decompress(found) if found and archive.info.gzipped else found

        self.atlas: Atlas = edition.atlas
        self.edition = edition.id
        most = engine.settings.picture_cache_mb * 1_000_000
        self.numbers = NumberTiles(
            read,
            _zooms(archive.metadata, (archive.info.min_zoom, archive.info.max_zoom)),
            max(len(level) for level in self.atlas.levels.values()),
            edition.manifest.bounds,
            int(most * NUMBERS_SHARE),
        )
        self.pictures: ByteCache[Picture] = ByteCache(int(most * (1 - NUMBERS_SHARE)))
        self._tables: Memory[Bytes] = Memory(TABLES_KEPT)

    def classes(self, engine: Engine, index: str, params: PaintParams, kind: AreaKind) -> Bytes:
        """Return the class of every area number of a kind, shape (n + 1,).

        Raises:
            NotFoundError: there is no such index, kind or area.
            InvalidRequestError: weights or base cannot be used.
            DefinitionError: an id among the weights is unknown, or no weight is left.
        """
        key = (kind, params.measure, params.asked(index))
        return self._tables.get(key, lambda: self._classes(engine, index, params, kind))

    def _classes(self, engine: Engine, index: str, params: PaintParams, kind: AreaKind) -> Bytes:
        scores, rows = scores_at(engine, index, params, kind)
        return class_table(params.measure, params.scheme, scores.decile, scores.score, rows)

    def owners(self, kind: AreaKind) -> Numbers | None:
        """Return which area of a kind each number of its layer belongs to; None for itself.

        Raises:
            NotFoundError: the edition has no areas of that kind.
        """
        self.atlas.level(kind)
        if self.numbers.layer_of(kind) is kind:
            return None
        parents = self.atlas.level(AreaKind.SMALL_AREA).parents[kind]
        return np.append(0, parents + 1).astype(np.uint32)

    def level_at(self, z: int) -> AreaKind:
        """Return the kind of area that raster tiles of a zoom show unless another is asked for."""
        levels = self.atlas.levels
        shown = [kind for kind, low in RASTER_LEVELS if z >= low]
        enough = [kind for kind, _ in RASTER_LEVELS if len(levels.get(kind, ())) >= ENOUGH]
        fit = [kind for kind in shown if kind in enough]
        return fit[-1] if fit else (enough or [AreaKind.SMALL_AREA])[0]

    def tag(self, *parts: object) -> str:
        """Return a tag for what the parts describe, in this edition and version of the code."""
        told = repr((self.edition, __version__, parts)).encode()
        return f'"{self.edition}-{blake2b(told, digest_size=8).hexdigest()}"'


RASTER_LEVELS = (
    (AreaKind.LOCAL_AUTHORITY, 0),
    (AreaKind.NEIGHBOURHOOD, 8),
    (AreaKind.SMALL_AREA, 10),
)
"""From which zoom of tiles of 256 pixels a kind is shown: where its areas can be told apart."""


def scores_at(
    engine: Engine, index: str, params: PaintParams, kind: AreaKind
) -> tuple[ScoreSet, Rows | None]:
    """Return the scores of a kind, and the rows that are asked for; None for all of them.

    What the edition holds is not worked out again.

    Raises:
        NotFoundError: there is no such index, kind or area.
        InvalidRequestError: weights or base cannot be used.
        DefinitionError: an id among the weights is unknown, or no weight is left.
    """
    engine.definition(index)
    atlas = engine.service.edition.atlas
    atlas.level(kind)
    asked = params.asked(index)
    if asked == QuestionParams(index=index) and (index, kind) in atlas.scores:
        return atlas.score_set(index, kind), None
    found = engine.at_level(engine.answer(question(engine, asked)), kind)
    return found.scores, found.rows


def credit(engine: Engine, index: str) -> str:
    """Return the credit lines of what an index and its outlines are made of, each said once.

    Raises:
        NotFoundError: there is no such index.
    """
    manifest = engine.service.edition.manifest
    named = {
        name
        for leaf in engine.definition(index).leaves()
        for name in (leaf.node.indicator, *leaf.node.choices, *leaf.node.plus)
    }
    used = {str(one.source) for one in manifest.indicators if str(one.id) in named}
    sentences = [
        sentence.strip(" .")
        for source in manifest.sources
        if source.id in used or "boundaries" in source.id
        for sentence in source.attribution.split(". ")
    ]
    return "".join(f"{sentence}. " for sentence in dict.fromkeys(sentences)).strip()


def _zooms(
    metadata: dict[str, object], all_zooms: tuple[int, int]
) -> dict[AreaKind, tuple[int, int]]:
    """Return the lowest and highest zoom of the layers of an archive, by kind of area."""
    layers = metadata.get("vector_layers", [])
    assert isinstance(layers, list)  # noqa: S101
    low, high = all_zooms
    zooms = {
        AreaKind(layer["id"]): (layer.get("minzoom", low), layer.get("maxzoom", high))
        for layer in layers
    }
    if AreaKind.SMALL_AREA not in zooms:
        raise NotFoundError(
            "tiles of small areas", found="no such layer in this edition", expected="one"
        )
    return zooms


_making = threading.Lock()


def painter_of(state: State, engine: Engine) -> Painter:
    """Return the painter of an engine, made when it is first asked for; it goes with the engine."""
    with _making:
        if not hasattr(state, "painters"):
            state.painters = WeakKeyDictionary()
        painters: WeakKeyDictionary[Engine, Painter] = state.painters
        painter = painters.get(engine)
        if painter is None:
            painter = painters[engine] = Painter(engine)
        return painter
