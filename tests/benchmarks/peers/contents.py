"""What is in the tiles that were sent: no server may win by leaving areas out."""

import gzip

from exclusion_map.tiles.scored_wire import FEATURE, LAYER, NAME, _fields
from tests.benchmarks.peers.layers import LAYERS


def finest(zoom: int) -> str:
    """Return the finest of the layers that tiles of a zoom have."""
    return max((first, name) for name, first in LAYERS.items() if first <= zoom)[1]


def areas(body: bytes, coding: str, zoom: int) -> int:
    """Return how many areas the finest layer of a tile holds; tipg calls its layer "default"."""
    tile = gzip.decompress(body) if coding == "gzip" else body
    wanted = {finest(zoom), f"public.{finest(zoom)}", "default"}
    found = 0
    for tag, start, end in _fields(tile):
        layer = tile[start:end]
        if tag == LAYER and _name(layer) in wanted:
            found += sum(tag == FEATURE for tag, _, _ in _fields(layer))
    return found


def _name(layer: bytes) -> str:
    return next(layer[start:end].decode() for tag, start, end in _fields(layer) if tag == NAME)
