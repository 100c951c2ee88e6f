"""What parameters mean that many routes share, said once for the document of the API."""

from types import MappingProxyType
from typing import Any, Final

_TOLD: Final = MappingProxyType(
    {
        "edition": "Id of an edition.",
        "tag": "Of the state of the directory: another with each change.",
        "z": "Zoom.",
        "x": "Column of the tile, from the west.",
        "y": "Row of the tile, from the north.",
        "kind": "Kind of area.",
        "index": "Id of an index.",
        "measure": "What the values are of.",
        "identity": "Id of the entry.",
        "state": "Only those in this state.",
        "page": "Which page of the list, from 1.",
        "factor": "Key of a factor of the canvas.",
        "f": "Form of the answer; else what the client says it takes.",
        "collectionId": "Id of a collection.",
        "tileMatrixSetId": "Id of a tile matrix set.",
    }
)


def explain(operation: dict[str, Any]) -> None:
    """Give the parameters of an operation that say nothing the words for their name."""
    for one in operation.get("parameters", ()):
        name = one.get("name", "")
        if name in _TOLD and not one.get("description"):
            one["description"] = _TOLD[name]
