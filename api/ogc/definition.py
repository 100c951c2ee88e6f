"""The API definition in OpenAPI 3.0: the standards' class ``oas30`` and old clients ask for that.

The framework describes routes in OpenAPI 3.1. What differs is turned back: a type with null, number
limits that exclude, examples, constants.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.errors import Problem
from api.ogc.catalogue import Collection
from api.ogc.documents import DESCRIPTION
from api.ogc.params import SCORING
from api.ogc.wire import PREFIX
from exclusion_map.exports.dataset import Field

_ITEMS: Final = "/collections/{collectionId}/items"


def definition(app: FastAPI, root: str, collections: Iterable[Collection]) -> dict[str, Any]:
    """Return the definition of the OGC API, with paths below the landing page.

    Args:
        app: the service.
        root: address of the landing page.
        collections: of the open edition; each gets a path of its own with its properties as
            parameters, for that is where programs look which of them they can filter by.
    """
    if not hasattr(app.state, "ogc_definition"):
        app.state.ogc_definition = _made(app)
    held: dict[str, Any] = app.state.ogc_definition
    items = held["paths"][_ITEMS]["get"]
    own = {f"/collections/{one.id}/items": {"get": _items_of(items, one)} for one in collections}
    return held | {
        "servers": [{"url": root, "description": "This service"}],
        "paths": held["paths"] | own,
    }


def _items_of(operation: dict[str, Any], collection: Collection) -> dict[str, Any]:
    """Return the operation that gives the features of one collection."""
    scored = collection.kind is not None
    general = [
        parameter
        for parameter in operation["parameters"]
        if parameter.get("name") not in ("collectionId", *(() if scored else SCORING))
    ]
    told = {
        "operationId": f"items_{collection.id}",
        "summary": f"{operation['summary']}: {collection.title}",
        "parameters": [*general, *(_property(field) for field in collection.fields.values())],
    }
    return operation | told


def _property(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "in": "query",
        "required": False,
        "description": f"{field.title}: only features where it is equal.",
        "schema": {"type": field.type.value},
        "style": "form",
        "explode": False,
    }


def _made(app: FastAPI) -> dict[str, Any]:
    described = get_openapi(title=app.title, version=app.version, routes=app.routes)
    paths = {
        path.removeprefix(PREFIX): methods
        for path, methods in described["paths"].items()
        if path.startswith(f"{PREFIX}/")
    }
    schemas = described.get("components", {}).get("schemas", {})
    schemas["Problem"] = Problem.model_json_schema()
    made: dict[str, Any] = {
        "openapi": "3.0.3",
        "info": _info(app),
        "paths": paths,
        "components": {"parameters": {}},
    }
    _adapt(made, app.state.settings.items_limit)
    made["components"]["schemas"] = _named(paths, schemas)
    told: dict[str, Any] = as_3_0(made)
    return told


def _named(node: Any, schemas: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schemas that a part of a document refers to, and those that they refer to."""
    found: dict[str, Any] = {}
    left = [node]
    while left:
        part = left.pop()
        if isinstance(part, list):
            left.extend(part)
        elif isinstance(part, dict):
            left.extend(part.values())
            name = str(part.get("$ref", "")).removeprefix("#/components/schemas/")
            if name in schemas and name not in found:
                found[name] = schemas[name]
                left.append(schemas[name])
    return found


def _info(app: FastAPI) -> dict[str, Any]:
    return {
        "title": "Exclusion Map: OGC API Features and Tiles",
        "version": app.version,
        "description": DESCRIPTION,
        "license": {"name": "MIT (code)", "url": "https://opensource.org/license/mit"},
    }


def _adapt(described: dict[str, Any], most: int) -> None:
    """Tell clients how long a page may be, and nothing of the framework's own errors."""
    for methods in described["paths"].values():
        for operation in methods.values():
            operation["responses"].pop("422", None)
            operation["parameters"] = [
                _parameter(described, parameter, most)
                for parameter in operation.get("parameters", ())
            ]


def _parameter(described: dict[str, Any], parameter: dict[str, Any], most: int) -> dict[str, Any]:
    if parameter["in"] == "query":
        parameter |= {"style": "form", "explode": False}
    if parameter["name"] != "limit":
        return parameter
    # Where QGIS looks how long a page may be; others look beside the path.
    parameter["schema"]["maximum"] = most
    described["components"]["parameters"]["limit"] = parameter
    return parameter


def as_3_0(node: Any) -> Any:
    """Return a part of an OpenAPI 3.1 document as OpenAPI 3.0 has it."""
    if isinstance(node, list):
        return [as_3_0(each) for each in node]
    if not isinstance(node, dict):
        return node
    told = {name: as_3_0(value) for name, value in node.items()}
    choices = told.get("anyOf")
    if isinstance(choices, list) and {"type": "null"} in choices:
        rest = [choice for choice in choices if choice != {"type": "null"}]
        del told["anyOf"]
        told |= {"nullable": True, **(rest[0] if len(rest) == 1 else {"anyOf": rest})}
        if "$ref" in told:
            # Beside a reference nothing counts in 3.0.
            told = {"nullable": True, "allOf": [{"$ref": told["$ref"]}]}
    for limit, plain in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(told.get(limit), int | float) and not isinstance(told[limit], bool):
            told[plain], told[limit] = told[limit], True
    examples = told.get("examples")
    if isinstance(examples, list):
        del told["examples"]
        told["example"] = examples[0]
    if "const" in told:
        told["enum"] = [told.pop("const")]
    return told


def operations(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return every operation of a definition for its page: path, words, parameters."""
    return [
        {
            "path": path,
            "summary": operation.get("summary", ""),
            "description": operation.get("description", ""),
            "parameters": operation.get("parameters", []),
        }
        for path, methods in told["paths"].items()
        for operation in methods.values()
    ]
