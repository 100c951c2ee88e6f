"""Scored tiles in the OpenAPI description.

They share addresses with plain tiles (only what the name stands for differs), and OpenAPI takes
addresses for the same that differ in the names of their parts alone: so the plain ones are widened.
"""

from typing import Any

from api.errors import responses
from api.scored_tiles import ScoredTileParams

_INDEX = {"type": "string", "description": "Id of an index, from /api/v1/indices."}
_MORE = {
    ".mvt": (
        " With the id of an index in place of a tileset: outlines of areas with code, name, score, "
        "rank and decile as attributes, for any weights and base. An area without a score has "
        "none of the last three."
    ),
    ".json": (
        " With the id of an index: the TileJSON of tiles with scores as attributes; the query goes "
        "into its tile addresses."
    ),
}


def widen(schema: dict[str, Any]) -> None:
    """Add the ids of indices and the query of scored tiles to the addresses of tiles."""
    described = ScoredTileParams.model_json_schema(ref_template="#/components/schemas/{model}")
    schema["components"]["schemas"] |= described.pop("$defs", {})
    query = [_parameter(name, kind) for name, kind in described["properties"].items()]
    for path, methods in schema["paths"].items():
        ending = path[path.rfind(".") :]
        if "{tileset}" not in path or ending not in _MORE:
            continue
        operation = methods["get"]
        operation["description"] = operation.get("description", "") + _MORE[ending]
        for parameter in operation["parameters"]:
            if parameter["name"] == "tileset":
                parameter["schema"] = {"anyOf": [parameter["schema"], _INDEX]}
        operation["parameters"] += query
        operation["responses"] |= {"422": responses(422)[422]}


def _parameter(name: str, kind: dict[str, Any]) -> dict[str, Any]:
    schema = {key: value for key, value in kind.items() if key not in ("description", "examples")}
    told = f"Scored tiles: {kind['description']}"
    return {"name": name, "in": "query", "schema": schema, "description": told}
