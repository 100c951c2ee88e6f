"""One layer of a vector tile, taken out without decoding it: a tile is its layers, one by one."""

from collections.abc import Iterator
from typing import Final

_LAYER: Final = 0x1A
"""Field 3 of a tile, with its length in front."""
_NAME: Final = 0x0A
"""Field 1 of a layer, with its length in front."""


def layer_of(tile: bytes, name: str) -> bytes:
    """Return a tile with only the layer of a name; empty where there is none.

    Raises:
        ValueError: the bytes are no vector tile.
    """
    wanted = name.encode()
    found = []
    for start, body, end in _fields(tile, _LAYER):
        if any(tile[at:stop] == wanted for _, at, stop in _fields(tile, _NAME, body, end)):
            found.append(tile[start:end])
    return b"".join(found)


def _fields(
    data: bytes, key: int, at: int = 0, end: int | None = None
) -> Iterator[tuple[int, int, int]]:
    """Yield start, start of the content and end of each field with a key."""
    end = len(data) if end is None else end
    while at < end:
        start = at
        tag, at = _varint(data, at)
        kind = tag & 7
        if kind == 2:
            length, at = _varint(data, at)
            stop = at + length
        elif kind == 0:
            stop = _varint(data, at)[1]
        elif kind in (1, 5):
            stop = at + (8 if kind == 1 else 4)
        else:
            raise ValueError("no vector tile")
        if stop > end:
            raise ValueError("a vector tile cut short")
        if tag == key:
            yield start, at, stop
        at = stop


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return a number of variable length and where it ends."""
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise ValueError("a vector tile cut short")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
