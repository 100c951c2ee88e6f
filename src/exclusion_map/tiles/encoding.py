"""Encode the layers of a vector tile. Format: Mapbox Vector Tile 2.1, a protocol buffer.

All coordinates of a layer are encoded at once as arrays; the features are then sliced from the
bytes. Integers are varints: seven bits per byte, with the top bit set on all bytes but the last.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import overload

import numpy as np
import numpy.typing as npt

from exclusion_map.tiles.grid import EXTENT, Geometries

Ints = npt.NDArray[np.int64]
Attributes = Mapping[str, str | int]

_MOVE_TO, _LINE_TO, _CLOSE = 1, 2, 15
_POINT, _POLYGON = 1, 3
_LAYER, _NAME, _FEATURE, _KEY, _VALUE, _EXTENT, _VERSION = 0x1A, 0x0A, 0x12, 0x1A, 0x22, 0x28, 0x78
_ID, _TAGS, _TYPE, _GEOMETRY = 0x08, 0x12, 0x18, 0x22
_TEXT, _WHOLE = 0x0A, 0x28


def encode_areas(name: str, ids: Ints, outlines: Geometries, tile: tuple[int, int]) -> bytes:
    """Return a layer of polygons without attributes, as a field of a tile.

    Args:
        name: of the layer.
        ids: feature ids, shape (n,).
        outlines: polygons with integer coordinates in units of a zoom's grid, shape (n,), none
            of them empty.
        tile: column and row of the tile they are drawn in.
    """
    stream, starts = _commands(outlines, np.array(tile) * EXTENT)
    return _layer(name, [_features(ids, stream, starts)])


def _features(ids: Ints, stream: Ints, starts: Ints) -> bytes:
    """Return polygons as fields of a layer, one after the other.

    Args:
        ids: shape (n,).
        stream: the drawing commands of all polygons.
        starts: shape (n + 1,), start of each polygon's commands, and the end of the last.
    """
    drawn = np.add.reduceat(varint_sizes(stream), starts[:-1])
    heads = np.empty((len(ids), 8), dtype=np.int64)
    heads[:, ::2] = _FEATURE, _ID, _TYPE, _GEOMETRY
    heads[:, 3], heads[:, 5], heads[:, 7] = ids, _POLYGON, drawn
    heads[:, 1] = varint_sizes(heads[:, 2:]).sum(axis=1) + drawn
    places = np.repeat(starts[:-1], heads.shape[1])
    return pack_varints(np.insert(stream, places, heads.reshape(-1))).tobytes()


def encode_points(name: str, ids: Ints, points: Ints, attributes: Sequence[Attributes]) -> bytes:
    """Return a layer of points, as a field of a tile.

    Args:
        name: of the layer.
        ids: feature ids, shape (n,).
        points: x and y in units of the tile, shape (n, 2).
        attributes: attributes of each point, without missing ones.
    """
    keys: dict[str, int] = {}
    values: dict[str | int, int] = {}
    features = []
    for identity, (x, y), told in zip(ids.tolist(), points.tolist(), attributes, strict=True):
        tags = [
            number
            for key, value in told.items()
            for number in (keys.setdefault(key, len(keys)), values.setdefault(value, len(values)))
        ]
        place = b"".join(map(varint, (_MOVE_TO | 1 << 3, _zigzag(x), _zigzag(y))))
        features.append(_feature(identity, _POINT, place, b"".join(map(varint, tags))))
    return _layer(name, features, keys, values)


def _commands(outlines: Geometries, corner: Ints) -> tuple[Ints, Ints]:
    """Return the drawing commands of polygons, and the start of each plus the final end."""
    # Counter-clockwise with y upwards is clockwise on screen, as the format requires.
    import shapely  # Imported here: the service writes only points and need not load it.

    _, corners, offsets = shapely.to_ragged_array(shapely.orient_polygons(outlines))
    rings = offsets[0]
    first_ring = offsets[1] if len(offsets) == 2 else offsets[1][offsets[2]]
    whole = np.rint(corners).astype(np.int64) - corner
    # A ring's last vertex equals its first: leave out the first, and all repeated vertices.
    kept = np.append(False, (np.diff(whole, axis=0) != 0).any(axis=1))
    kept[rings[:-1]] = False
    points = whole[kept]
    counts = np.add.reduceat(kept.astype(np.int64), rings[:-1])
    ring = np.repeat(np.arange(len(counts)), counts)
    ring_point = np.cumsum(counts) - counts
    within = np.arange(len(points)) - ring_point[ring]
    ring_start = np.cumsum(2 * counts + 3) - (2 * counts + 3)
    steps = np.diff(points, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    feature_point = ring_point[first_ring[:-1]]
    steps[feature_point] = points[feature_point]  # each feature starts at the tile's corner
    stream = np.empty(int((2 * counts + 3).sum()), dtype=np.int64)
    place = ring_start[ring] + 1 + 2 * within + (within > 0)
    stream[place], stream[place + 1] = _zigzag(steps).T
    stream[ring_start] = _MOVE_TO | 1 << 3
    stream[ring_start + 3] = _LINE_TO | (counts - 1) << 3
    stream[ring_start + 2 * counts + 2] = _CLOSE
    return stream, np.append(ring_start, len(stream))[first_ring]


@overload
def _zigzag(number: int) -> int: ...
@overload
def _zigzag(number: Ints) -> Ints: ...
def _zigzag(number: int | Ints) -> int | Ints:
    """Return zigzag-encoded integers: unsigned, and small for values near 0."""
    return (number << 1) ^ (number >> 63)


def varint_sizes(numbers: Ints) -> Ints:
    """Return the sizes in bytes of non-negative integers as varints."""
    sizes = np.ones(numbers.shape, dtype=np.int64)
    for bits in range(7, int(numbers.max(initial=0)).bit_length(), 7):
        sizes += numbers >> bits > 0
    return sizes


def pack_varints(numbers: Ints) -> npt.NDArray[np.uint8]:
    """Return non-negative integers as concatenated varints."""
    sizes = varint_sizes(numbers)
    starts = np.cumsum(sizes) - sizes
    out = np.empty(int(sizes.sum()), dtype=np.uint8)
    out[starts] = numbers & 0x7F
    at = np.flatnonzero(sizes > 1)
    for group in range(1, int(sizes.max(initial=1))):
        at = at[sizes[at] > group]
        out[starts[at] + group - 1] |= 0x80
        out[starts[at] + group] = numbers[at] >> 7 * group & 0x7F
    return out


def varint(number: int) -> bytes:
    """Return one non-negative integer as a varint."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _field(tag: int, content: bytes) -> bytes:
    return varint(tag) + varint(len(content)) + content


def _feature(identity: int, kind: int, commands: bytes, tags: bytes = b"") -> bytes:
    told = varint(_ID) + varint(identity) + (_field(_TAGS, tags) if tags else b"")
    return _field(_FEATURE, told + varint(_TYPE) + varint(kind) + _field(_GEOMETRY, commands))


def _layer(
    name: str,
    features: Sequence[bytes],
    keys: Iterable[str] = (),
    values: Iterable[str | int] = (),
) -> bytes:
    content = [
        varint(_VERSION) + varint(2),
        _field(_NAME, name.encode()),
        *features,
        *(_field(_KEY, key.encode()) for key in keys),
        *(_field(_VALUE, _value(value)) for value in values),
        varint(_EXTENT) + varint(EXTENT),
    ]
    return _field(_LAYER, b"".join(content))


def _value(value: str | int) -> bytes:
    if isinstance(value, str):
        return _field(_TEXT, value.encode())
    return varint(_WHOLE) + varint(value)
