"""Values of the areas in one tile: what a map of very many areas asks for instead of all."""

import gzip
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from api.dependencies import Params
from api.scored_tiles import tileset_of
from api.service import Service
from exclusion_map.errors import InvalidRequestError
from exclusion_map.terms import AreaKind
from exclusion_map.tiles.scored_wire import split_layers

Ids = NDArray[np.uint32]

OVERHEAD: Final = 300
BYTES_AN_AREA: Final = 5


class TileParams(Params):
    """The query parameter that asks for one tile."""

    tile: str = Field(
        default="",
        max_length=24,
        pattern=r"^(\d{1,2}/\d{1,8}/\d{1,8})?$",
        description="z/x/y of a tile: only the areas in it, first their feature ids (4 bytes "
        "each, ascending), then their bytes in the same order.",
        examples=["9/253/165"],
    )


@dataclass(frozen=True, slots=True)
class Sent:
    """Bytes of a body, with the headers that say what they are."""

    body: bytes
    headers: dict[str, str]


def in_tile(service: Service, kind: AreaKind, tile: str, values: bytes) -> Sent:
    """Return the values of a tile's areas with their ids.

    Args:
        service: the open edition.
        kind: of the areas.
        tile: z/x/y.
        values: one byte for each area of the kind, in the order of feature ids.

    Raises:
        NotFoundError: no tiles have areas of the kind.
        InvalidRequestError: the archive cannot have such a tile.
        EditionError: the tile is damaged.
    """
    ids = tile_ids(service, kind, tile)
    body = ids.astype("<u4").tobytes() + np.frombuffer(values, np.uint8)[ids].tobytes()
    return Sent(
        body, {"exclusion-map-count": str(len(ids)), "exclusion-map-order": "listed-feature-ids"}
    )


def tile_ids(service: Service, kind: AreaKind, tile: str) -> Ids:
    """Return the feature ids (n,) of a kind in a tile, rising; empty where there is no such tile.

    Raises:
        NotFoundError: no tiles have areas of the kind.
        InvalidRequestError: the archive cannot have such a tile.
        EditionError: the tile is damaged.
    """
    archive = service.edition.tiles[tileset_of(service.edition, kind)]
    z, x, y = (int(part) for part in tile.split("/"))
    if not archive.holds(z, x, y):
        info = archive.info
        raise InvalidRequestError(
            "tile", found=tile, expected=f"z/x/y with z from {info.min_zoom} to {info.max_zoom}"
        )
    found = service.tile_ids.get((kind, z, x, y))
    if found is None:
        found = _read(archive.get(z, x, y), kind)
        service.tile_ids.keep((kind, z, x, y), found, found.nbytes + OVERHEAD)
    return found


def _read(stored: bytes | None, kind: AreaKind) -> Ids:
    if stored is None:
        return np.empty(0, dtype=np.uint32)
    raw = gzip.decompress(stored) if stored[:2] == b"\x1f\x8b" else stored
    listed = [layer.ids for layer in split_layers(raw) if layer.name == kind.value]
    return np.unique(np.concatenate(listed)).astype(np.uint32) if listed else _read(None, kind)
