"""Tiles with scores as attributes, made by writing values into pre-encoded geometry.

In a vector tile a feature does not hold its attributes but points to them in a table of its layer.
So all that depends on the question can stand in one run of bytes at the end of each layer: the
score, rank and decile of every feature, each in a field of fixed width. What comes before it -
geometry, ids, names, codes and the pointers - is the same for every question. It is put together
and compressed once, as a :class:`TileTemplate`. To answer, the values of the tile's areas are
taken from one array, compressed, and laid between the compressed parts; a gzip stream may be made
of such parts, and its check sum is combined from theirs. No geometry is read, encoded or
compressed again.

An area without a score has none of the three attributes, for the format knows no null and 0 would
be wrong. Which areas have one is therefore part of a template.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from isal import isal_zlib

from exclusion_map.areas.atlas import Level, Rows, ScoreSet
from exclusion_map.terms import AreaKind
from exclusion_map.tiles import scored_wire as wire
from exclusion_map.tiles.scored_wire import PlainLayer, Words

KEYS = ("code", "name", "score", "rank", "decile")
"""Attributes of a feature, in the order of the layer's table of keys."""

Mask = npt.NDArray[np.bool_]
_RAW_DEFLATE = -15
_GZIP_HEADER = bytes((0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255))
"""Deflate, no name, no time: the same tile has the same bytes."""
_LAST_BLOCK = bytes((0x03, 0x00))
"""An empty final block: all before it end at a byte and are not final."""
_VALUE_BYTES = 20
"""What score, rank and decile of one area take."""
_LIVE_LEVEL, _KEPT_LEVEL = 1, 3
_FEATURE, _TAGS = bytes((wire.FEATURE,)), bytes((wire.FEATURE_TAGS,))


@dataclass(frozen=True, slots=True)
class LevelValues:
    """The scores of every area of a level as they are written into tiles, each of shape (n,).

    Attributes:
        scored: whether an area has a score.
        complete: whether all of them have one.
        columns: score, rank and decile as encoded values of 8, 8 and 4 bytes.
    """

    scored: Mask
    complete: bool
    columns: tuple[Words, ...]

    def of(self, rows: npt.NDArray[np.intp]) -> bytes:
        """Return the encoded values of some areas, a column after the other."""
        return b"".join([column.take(rows).data for column in self.columns])

    @property
    def nbytes(self) -> int:
        """Bytes in memory."""
        return self.scored.nbytes + sum(column.nbytes for column in self.columns)


def encode_values(scores: ScoreSet, shown: Rows | None = None) -> LevelValues:
    """Return scores ready to be written into tiles.

    The score is a 32-bit float (seven digits), rank and decile are unsigned whole numbers.

    Args:
        scores: of every area of a level.
        shown: rows of the areas that may have one in the tiles; all of them for None.
    """
    scored = scores.rank > 0
    if shown is not None:
        among = np.zeros(len(scored), dtype=bool)
        among[shown] = True
        scored &= among
    score = np.ascontiguousarray(scores.score, dtype="<f4").view(np.uint8).reshape(-1, 4)
    columns = (
        wire.value_records(wire.SCORE_HEAD, score),
        wire.value_records(wire.RANK_HEAD, wire.padded_varints(scores.rank, 5)),
        wire.value_records(wire.DECILE_HEAD, wire.padded_varints(scores.decile, 1)),
    )
    return LevelValues(scored, bool(scored.all()), columns)


@dataclass(frozen=True, slots=True)
class LayerTemplate:
    """One layer of a tile up to its values.

    Attributes:
        kind: of its areas.
        rows: of the features that have a score, in their order.
        packed: all but the values, deflated, ending at a byte with a block that is not final.
        size: bytes of it before it was deflated.
        crc: check sum of those.
    """

    kind: AreaKind
    rows: npt.NDArray[np.intp]
    packed: bytes
    size: int
    crc: int


@dataclass(frozen=True, slots=True)
class TileTemplate:
    """The layers of a tile up to their values."""

    layers: tuple[LayerTemplate, ...]

    @property
    def nbytes(self) -> int:
        """Bytes in memory, roughly: Python's own for each object included."""
        return 200 + sum(len(one.packed) + one.rows.nbytes + 400 for one in self.layers)


def make_template(
    layers: Sequence[PlainLayer],
    levels: Mapping[AreaKind, Level],
    values: Mapping[AreaKind, LevelValues],
) -> TileTemplate:
    """Return the template of a tile for the areas that have a score.

    Args:
        layers: of the tile, named after the kinds of their areas; ids are rows of their level.
        levels: codes and names by kind.
        values: scores by kind; only which areas have one counts.
    """
    return TileTemplate(
        tuple(
            _make_layer(layer, levels[AreaKind(layer.name)], values[AreaKind(layer.name)])
            for layer in layers
        )
    )


def _make_layer(layer: PlainLayer, level: Level, values: LevelValues) -> LayerTemplate:
    scored = values.scored[layer.ids]
    rows = layer.ids[scored].astype(np.intp)
    body = b"".join(
        (
            layer.rest,
            *_with_tags(layer.features, scored),
            *(wire.field(wire.KEY, key.encode()) for key in KEYS),
            *(wire.text_value(level.codes[row]) for row in layer.ids.tolist()),
            *(wire.text_value(level.labels[row]) for row in layer.ids.tolist()),
        )
    )
    whole = len(body) + len(rows) * _VALUE_BYTES
    content = wire.varint(wire.LAYER) + wire.varint(whole) + body
    packer = isal_zlib.compressobj(_KEPT_LEVEL, isal_zlib.DEFLATED, _RAW_DEFLATE)
    packed = packer.compress(content) + packer.flush(isal_zlib.Z_FULL_FLUSH)
    return LayerTemplate(level.kind, rows, packed, len(content), isal_zlib.crc32(content))


def _with_tags(features: Sequence[bytes], scored: Mask) -> Iterator[bytes]:
    """Yield features, as fields of their layer, that point to their values.

    The table of values holds a column of codes, one of names, then the live ones of those features
    that have a score. A feature's pointers (number of the key, number of the value, and so on) go
    behind its geometry: the fields of a message may come in any order.
    """
    n, live = len(features), int(scored.sum())
    number = wire.varint
    nth = 2 * n
    for place, (feature, has_score) in enumerate(zip(features, scored.tolist(), strict=True)):
        tags = b"\x00" + number(place) + b"\x01" + number(n + place)
        if has_score:
            tags += b"\x02" + number(nth) + b"\x03" + number(nth + live)
            tags += b"\x04" + number(nth + 2 * live)
            nth += 1
        whole = feature + _TAGS + number(len(tags)) + tags
        yield _FEATURE + number(len(whole)) + whole


def write_tile(
    template: TileTemplate, values: Mapping[AreaKind, LevelValues], only: AreaKind | None = None
) -> bytes:
    """Return a tile with its values, gzipped; empty where it has none of the layers wanted.

    Args:
        template: of the tile, made for the same areas with a score.
        values: scores by kind.
        only: the one layer wanted; all of them for None.
    """
    packer = isal_zlib.compressobj(_LIVE_LEVEL, isal_zlib.DEFLATED, _RAW_DEFLATE)
    parts, crc, size = [_GZIP_HEADER], 0, 0
    for layer in template.layers:
        if only is not None and layer.kind is not only:
            continue
        live = values[layer.kind].of(layer.rows)
        # A full flush also forgets what was written: the next part must not point across this one.
        parts += (layer.packed, packer.compress(live), packer.flush(isal_zlib.Z_FULL_FLUSH))
        crc = isal_zlib.crc32(live, isal_zlib.crc32_combine(crc, layer.crc, layer.size))
        size += layer.size + len(live)
    if not size:
        return b""
    parts += (_LAST_BLOCK, crc.to_bytes(4, "little"), (size & 0xFFFFFFFF).to_bytes(4, "little"))
    return b"".join(parts)
