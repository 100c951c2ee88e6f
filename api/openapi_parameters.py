"""Descriptions of parameters that many routes share, for the OpenAPI document."""

from types import MappingProxyType
from typing import Any, Final

_TOLD: Final = MappingProxyType(
    {
        "edition": "Id of an edition.",
        "tag": "State of the directory, from the addresses in /tiles/directory/now.json.",
        "z": "Zoom level.",
        "x": "Column of the tile, counted from the west.",
        "y": "Row of the tile, counted from the north.",
        "kind": "Kind of area.",
        "index": "Id of an index.",
        "measure": "What the values are of.",
        "identity": "Id of the entry.",
        "state": "Only entries in this state.",
        "page": "Page number, from 1.",
        "factor": "Key of a factor of the canvas.",
        "f": "Format of the response; if omitted, by the Accept header.",
        "collectionId": "Id of a collection.",
        "tileMatrixSetId": "Id of a tile matrix set.",
    }
)


def explain(operation: dict[str, Any]) -> None:
    """Add a description by name to parameters of an operation that have none."""
    for one in operation.get("parameters", ()):
        name = one.get("name", "")
        if name in _TOLD and not one.get("description"):
            one["description"] = _TOLD[name]
