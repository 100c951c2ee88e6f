"""Vector tiles as bytes on the wire: layers taken apart, and attributes written without encoding.

Format: Mapbox Vector Tile 2.1, whose messages are protocol buffers. Nothing here reads a geometry:
a feature's bytes are copied as they are and only its list of attributes is put behind them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from exclusion_map.errors import EditionError

Bytes2d = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint32] | npt.NDArray[np.uint64]

LAYER, NAME, FEATURE, KEY, VALUE, EXTENT, VERSION = 0x1A, 0x0A, 0x12, 0x1A, 0x22, 0x28, 0x78
"""Field tags: of a tile its layers; of a layer what it is made of."""
FEATURE_ID, FEATURE_TAGS = 0x08, 0x12
STRING, FLOAT, WHOLE = 0x0A, 0x15, 0x28
"""Field tags of a value: text, 32-bit float, unsigned whole number."""
SCORE_HEAD = bytes((VALUE, 0x85, 0x00, FLOAT))
"""Before the 4 bytes of a score; its length, 5, is padded to two bytes."""
RANK_HEAD = bytes((VALUE, 6, WHOLE))
"""Before a rank padded to 5 bytes."""
DECILE_HEAD = bytes((VALUE, 2, WHOLE))
"""Before the 1 byte of a decile."""
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_SEVEN_BITS = 0x7F
_MORE = 0x80


@dataclass(frozen=True, slots=True)
class PlainLayer:
    """A layer without attributes, taken apart.

    Attributes:
        name: of the layer.
        ids: feature ids, shape (features,).
        features: the bytes of each, without tag and length.
        rest: the other fields of the layer (version, name, extent) as they were.
    """

    name: str
    ids: npt.NDArray[np.int32]
    features: tuple[bytes, ...]
    rest: bytes


@cache
def varint(number: int) -> bytes:
    """Return a whole number from 0 in seven bits a byte, the lowest first."""
    out = bytearray()
    while number > _SEVEN_BITS:
        out.append(number & _SEVEN_BITS | _MORE)
        number >>= 7
    out.append(number)
    return bytes(out)


def padded_varints(numbers: npt.NDArray[np.integer], width: int) -> Bytes2d:
    """Return numbers from 0 as varints that all take ``width`` bytes, shape (n, width).

    Readers of protocol buffers take leading zero groups: ``81 80 00`` is 1.
    """
    out = np.empty((len(numbers), width), dtype=np.uint8)
    left = numbers.astype(np.uint32)
    # A column at a time, for numpy is slow along an axis of three.
    for place in range(width):
        out[:, place] = left & _SEVEN_BITS | (_MORE if place < width - 1 else 0)
        left >>= 7
    return out


def field(tag: int, content: bytes) -> bytes:
    """Return a field of bytes: tag, length, content."""
    return varint(tag) + varint(len(content)) + content


def text_value(text: str) -> bytes:
    """Return a value of a layer that is text, as a field of the layer."""
    return field(VALUE, field(STRING, text.encode()))


def value_records(head: bytes, contents: Bytes2d) -> Words:
    """Return values of a layer as whole words, shape (n,), for words are gathered fastest.

    Args:
        head: of each field: tag, length, tag of the kind of value.
        contents: (n, width) bytes of each value; with the head 4 or 8 bytes.
    """
    n, width = contents.shape
    whole = len(head) + width
    records = np.empty((n, whole), dtype=np.uint8)
    for place, byte in enumerate(head):
        records[:, place] = byte
    for place in range(width):
        records[:, place + len(head)] = contents[:, place]
    words: Words = records.view({4: "<u4", 8: "<u8"}[whole]).reshape(n)
    return words


def split_layers(tile: bytes) -> list[PlainLayer]:
    """Return the layers of an uncompressed tile.

    Raises:
        EditionError: it is no vector tile, has attributes, or a feature without an id.
    """
    try:
        return [_split_layer(tile[start:end]) for tag, start, end in _fields(tile) if tag == LAYER]
    except (IndexError, ValueError) as error:
        raise EditionError(
            "a tile of areas",
            found="bytes cut short" if isinstance(error, IndexError) else str(error),
            expected="a vector tile whose features have ids and no attributes",
            mend="Build the edition again.",
        ) from None


def _split_layer(layer: bytes) -> PlainLayer:
    name, rest, features = "", [], []
    at, size = 0, len(layer)
    while at < size:
        if layer[at] == FEATURE:  # nearly all of them: not by way of the generator
            length, start = _read_varint(layer, at + 1)
            at = start + length
            features.append(layer[start:at])
            continue
        tag, start, end = next(_fields(layer, at))
        if tag in (KEY, VALUE):
            raise ValueError("attributes")
        name = layer[start:end].decode() if tag == NAME else name
        rest.append(layer[at:end])
        at = end
    if at > size:
        raise ValueError("a field cut short")
    ids = np.array([_id_of(feature) for feature in features], dtype=np.int32)
    return PlainLayer(name, ids, tuple(features), b"".join(rest))


def _id_of(feature: bytes) -> int:
    if feature[0] == FEATURE_ID:  # where encoders write it
        return _read_varint(feature, 1)[0]
    for tag, start, _ in _fields(feature):
        if tag == FEATURE_ID:
            return _read_varint(feature, start)[0]
        if tag == FEATURE_TAGS:
            break
    raise ValueError("a feature without an id")


def _fields(data: bytes, at: int = 0) -> Iterator[tuple[int, int, int]]:
    """Yield tag, start and end of the content of each field of a message from a position on."""
    size = len(data)
    while at < size:
        tag, at = _read_varint(data, at)
        wire = tag & 7
        if wire == _BYTES:
            length, at = _read_varint(data, at)
            end = at + length
        elif wire == _VARINT:
            end = _read_varint(data, at)[1]
        elif wire in (_FIXED32, _FIXED64):
            end = at + (4 if wire == _FIXED32 else 8)
        else:
            raise ValueError(f"wire type {wire}")
        if end > size:
            raise ValueError("a field cut short")
        yield tag, at, end
        at = end


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    """Return the number that begins at a position, and the position after it."""
    byte = data[at]
    if byte < _MORE:
        return byte, at + 1
    number, shift = byte & _SEVEN_BITS, 7
    while True:
        at += 1
        byte = data[at]
        number |= (byte & _SEVEN_BITS) << shift
        if byte < _MORE:
            return number, at + 1
        shift += 7
