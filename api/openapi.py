"""The OpenAPI description: words for tags, and the tile addresses that routing never sees."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api import scored_openapi
from api.errors import PROBLEM_JSON, Problem, responses
from api.footprint_asking import FootprintBody
from api.matrix_query import MatrixBody
from api.openapi_parameters import explain
from api.picking import PickBody
from api.questions import QuestionBody
from api.rollup import RollUpBody
from api.sharing_query import ShareBody
from api.tables import ARROW
from exclusion_map.tiles.tilesets import TILESETS

DESCRIPTION = """\
Where people are at risk of being left out as services go online, and what support is near them.

Scores show **risk, not reality**: they describe areas, not people. 1 is always the highest risk,
for ranks and for deciles. Missing data is null, never 0. Every response belongs to one *edition* of
the data. Errors are problem details (RFC 9457).
"""

TAGS = [
    {"name": "areas", "description": "Profiles, lists and boundaries of areas."},
    {"name": "search", "description": "Find a place by name, postcode or code."},
    {"name": "support", "description": "Support locations."},
    {"name": "directory", "description": "Add, correct, confirm and suggest, with an API token."},
    {"name": "open referral", "description": "The directory as Open Referral UK (HSDS-UK 3.0)."},
    {"name": "scores", "description": "Any index with any weights and base, with explanations."},
    {"name": "downloads", "description": "Files of areas and places in every format."},
    {"name": "access", "description": "Distance to support, gaps, new places, closures."},
    {"name": "share", "description": "Fair shares of items or money among places."},
    {"name": "footprint", "description": "Who a programme serves, and who among them is at risk."},
    {"name": "assessment", "description": "Evidence for an impact assessment."},
    {"name": "matrix", "description": "Risk matrix: likelihood against impact."},
    {"name": "sample", "description": "Survey sites: samples of small areas, and venues."},
    {"name": "readiness", "description": "A team's private self-assessment of eleven factors."},
    {"name": "patterns", "description": "Where higher or lower risk clusters."},
    {"name": "roll-up", "description": "Totals for any list of places, or a boundary."},
    {"name": "uploads", "description": "Boundaries in any usual format, read and repaired."},
    {"name": "selection", "description": "Areas selected by name, in a boundary, or near a place."},
    {"name": "values", "description": "Values of all areas, for drawing a map."},
    {"name": "map", "description": "Requests of the map page: one feature, a legend, a view."},
    {"name": "tiles", "description": "Vector tiles of boundaries and of support locations."},
    {"name": "ogc", "description": "OGC API Features: areas and places for GIS programs."},
    {"name": "ogc-tiles", "description": "OGC API Tiles: boundaries of one kind of area."},
    {"name": "account", "description": "The account behind an API token."},
    {"name": "edition", "description": "What the data is, where it comes from, and what changed."},
    {"name": "health", "description": "For people who run the service."},
]


_PROBLEM = {"$ref": "#/components/schemas/Problem"}


def describe(app: FastAPI) -> None:
    """Give an app its description, made at the first request for it."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _schema(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _schema(app: FastAPI) -> dict[str, Any]:
    schema = get_openapi(
        title=app.title,
        version=app.version,
        description=DESCRIPTION,
        routes=app.routes,
        tags=TAGS,
        license_info={"name": "MIT (code)", "identifier": "MIT"},
    )
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    for model in (
        Problem,
        QuestionBody,
        RollUpBody,
        PickBody,
        ShareBody,
        MatrixBody,
        FootprintBody,
    ):
        described = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= described.pop("$defs", {})
        schemas[model.__name__] = described
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for methods in schema["paths"].values():
        for operation in methods.values():
            _own_validation_error(operation["responses"])
            _forms_offered(operation, schemas)
            explain(operation)
            if "requestBody" in operation:
                _refusals_of_bodies(operation["responses"])
    schema["paths"]["/tiles/{edition}/{tileset}/{z}/{x}/{y}.mvt"] = _tile_path(versioned=True)
    schema["paths"]["/tiles/{tileset}/{z}/{x}/{y}.mvt"] = _tile_path(versioned=False)
    schema["paths"]["/tiles/{edition}/{tileset}.pmtiles"] = _archive_path(versioned=True)
    schema["paths"]["/tiles/{tileset}.pmtiles"] = _archive_path(versioned=False)
    scored_openapi.widen(schema)
    return schema


def _own_validation_error(responses: dict[str, Any]) -> None:
    """Put our error body where the framework described its own."""
    if "HTTPValidationError" in str(responses.get("422", "")):
        responses["422"]["content"] = {PROBLEM_JSON: {"schema": _PROBLEM}}


_FORMS = {"csv": "text/csv", "html": "text/html", "arrow": ARROW}


def _forms_offered(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Tell of every form of an answer that a parameter lets one choose."""
    for parameter in operation.get("parameters", ()):
        if parameter["in"] != "query" or parameter["name"] not in ("f", "format"):
            continue
        offered = _choices(parameter["schema"], schemas)
        content = operation["responses"].get("200", {}).setdefault("content", {})
        for form, media in _FORMS.items():
            if form in offered:
                binary = {"format": "binary"} if media == ARROW else {}
                content.setdefault(media, {"schema": {"type": "string", **binary}})


def _choices(schema: dict[str, Any], schemas: dict[str, Any]) -> set[str]:
    """Return the words that a schema allows, through references and alternatives."""
    found = {str(word) for word in schema.get("enum", ())}
    if "$ref" in schema:
        found |= _choices(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas)
    for one in schema.get("anyOf", ()):
        found |= _choices(one, schemas)
    return found


def _refusals_of_bodies(told: dict[str, Any]) -> None:
    """Whatever takes a body may find it no text at all, too large, or too slow to arrive."""
    for status, response in responses(400, 408, 413, 415).items():
        told.setdefault(str(status), response)


def _tile_path(*, versioned: bool) -> dict[str, Any]:
    whole = {"type": "integer", "minimum": 0}
    parameters: list[tuple[str, dict[str, Any], str]] = [
        ("tileset", {"type": "string", "enum": [*TILESETS]}, "Tileset."),
        ("z", whole, "Zoom."),
        ("x", whole, "Column, from the west."),
        ("y", whole, "Row, from the north."),
    ]
    if versioned:
        parameters.insert(0, ("edition", {"type": "string"}, "Id of an open edition."))
    tile = {"schema": {"type": "string", "format": "binary"}}
    problem = {PROBLEM_JSON: {"schema": _PROBLEM}}
    kept = "indefinitely" if versioned else "for five minutes"
    return {
        "get": {
            "tags": ["tiles"],
            "summary": f"A vector tile, cached {kept}",
            "description": "Mapbox Vector Tile, compressed with gzip if the client accepts it.",
            "operationId": f"tile_{'of_edition' if versioned else 'current'}",
            "parameters": [
                {"name": name, "in": "path", "required": True, "schema": kind, "description": text}
                for name, kind, text in parameters
            ],
            "responses": {
                "200": {
                    "description": "The tile.",
                    "content": {"application/vnd.mapbox-vector-tile": tile},
                },
                "204": {"description": "The tile is empty."},
                "304": {"description": "The client already has it."},
                "404": {"description": "No such edition, tileset or zoom.", "content": problem},
                "503": {"description": "No edition is open.", "content": problem},
            },
        }
    }


def _archive_path(*, versioned: bool) -> dict[str, Any]:
    parameters: list[tuple[str, dict[str, Any], str, str]] = [
        ("tileset", {"type": "string", "enum": [*TILESETS]}, "Tileset.", "path"),
        ("Range", {"type": "string"}, "Bytes to send, such as bytes=0-16383.", "header"),
    ]
    if versioned:
        parameters.insert(0, ("edition", {"type": "string"}, "Id of an open edition.", "path"))
    file = {"application/vnd.pmtiles": {"schema": {"type": "string", "format": "binary"}}}
    problem = {PROBLEM_JSON: {"schema": _PROBLEM}}
    return {
        "get": {
            "tags": ["tiles"],
            "summary": "A whole tileset as one PMTiles archive, for range requests",
            "description": "For clients that read PMTiles themselves, such as the pmtiles library "
            "of MapLibre and GDAL's /vsicurl/.",
            "operationId": f"archive_{'of_edition' if versioned else 'current'}",
            "parameters": [
                {
                    "name": name,
                    "in": where,
                    "required": where == "path",
                    "schema": kind,
                    "description": text,
                }
                for name, kind, text, where in parameters
            ],
            "responses": {
                "200": {"description": "The whole archive.", "content": file},
                "206": {"description": "The requested bytes.", "content": file},
                "304": {"description": "The client already has it."},
                "404": {"description": "No such edition or tileset.", "content": problem},
                "416": {"description": "No such bytes.", "content": problem},
                "503": {"description": "No edition is open.", "content": problem},
            },
        }
    }
