"""Documents against models and schemas that others made from the published standards.

The schemas of the standards themselves are not on a package registry. What is there: models of
Features Parts 1 to 3 (pydantic-ogcapi), a catalogue of conformance classes and checks of API
definitions (ogcapi-registry), the tile matrix set model (morecantile), and the schema of OpenAPI.
"""

from typing import Any

import morecantile
import ogcapi_registry
import pydantic_ogcapi as models
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from starlette.testclient import TestClient

from api.ogc.definition import as_3_0

from .conftest import SMALL


def get(client: TestClient, path: str) -> Any:
    answer = client.get(f"/ogc{path}", headers={"Accept": "application/json"})
    assert answer.status_code == 200
    return answer.json()


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("/", models.LandingPage),
        ("/conformance", models.ConformanceDeclaration),
        ("/collections", models.Collections),
        ("/collections/ward", models.Collection),
        ("/collections/support", models.Collection),
        ("/collections/small_area/queryables", models.Queryables),
        ("/collections/support/queryables", models.Queryables),
        ("/collections/small_area/items", models.FeatureCollection),
        ("/collections/nation/items", models.FeatureCollection),
        ("/collections/support/items", models.FeatureCollection),
        (f"/collections/small_area/items/{SMALL[0]}", models.Feature),
        ("/collections/support/items/library:ashford", models.Feature),
        ("/tileMatrixSets/WebMercatorQuad", morecantile.TileMatrixSet),
    ],
)
def test_documents_are_what_the_standards_say(client: TestClient, path: str, model: Any) -> None:
    model.model_validate(get(client, path))


def test_queryables_are_a_schema_that_features_pass(client: TestClient) -> None:
    schema = get(client, "/collections/small_area/queryables")
    Draft202012Validator.check_schema(schema)
    for feature in get(client, "/collections/small_area/items")["features"]:
        known = {key: value for key, value in feature["properties"].items() if value is not None}
        Draft202012Validator(schema).validate(known)


def test_the_tile_matrix_set_is_the_registered_one(client: TestClient) -> None:
    ours = get(client, "/tileMatrixSets/WebMercatorQuad")
    theirs = morecantile.tms.get("WebMercatorQuad")
    assert len(ours["tileMatrices"]) == len(theirs.tileMatrices)
    for one, other in zip(ours["tileMatrices"], theirs.tileMatrices, strict=True):
        assert one["id"] == other.id
        assert one["scaleDenominator"] == pytest.approx(other.scaleDenominator, rel=1e-9)
        assert one["cellSize"] == pytest.approx(other.cellSize, rel=1e-9)
        assert one["pointOfOrigin"] == pytest.approx(list(other.pointOfOrigin), rel=1e-9)
        assert (one["matrixWidth"], one["matrixHeight"]) == (other.matrixWidth, other.matrixHeight)


def test_the_classes_declared_are_in_the_standards(client: TestClient) -> None:
    declared = get(client, "/conformance")["conformsTo"]
    report = ogcapi_registry.validate_conformance(declared)
    # The catalogue holds Features and Tiles; it does not hold Common and CQL2.
    outside = {uri.split("/spec/")[1].split("/conf/")[0] for uri in report.unrecognised}
    assert outside <= {"ogcapi-common-1/1.0", "ogcapi-common-2/1.0", "cql2/1.0"}
    assert models.CONF_CRS in declared
    assert models.CONF_CQL2_TEXT in declared
    assert models.CONF_CQL2_JSON in declared
    assert models.CONF_BASIC_CQL2 in declared
    assert models.CONF_QUERYABLES_QUERY_PARAMETERS in declared


def test_the_definition_is_openapi_3_0_and_complete(client: TestClient) -> None:
    definition = get(client, "/api")
    assert definition["openapi"].startswith("3.0")
    validate(definition)
    declared = get(client, "/conformance")["conformsTo"]
    result = ogcapi_registry.validate_ogc_api(definition, declared)
    assert result.is_valid, result.errors
    operation = definition["paths"]["/collections/small_area/items"]["get"]
    parameters = {parameter["name"]: parameter for parameter in operation["parameters"]}
    assert parameters["limit"]["schema"]["maximum"] == 10_000
    assert "cql2-text" in parameters["filter-lang"]["schema"]["enum"]
    assert {"decile", "local_authority", "old"} <= set(parameters)
    of_places = definition["paths"]["/collections/support/items"]["get"]["parameters"]
    assert "weights" not in {parameter["name"] for parameter in of_places}


def test_every_parameter_of_the_definition_is_taken(client: TestClient) -> None:
    values = {"integer": "1", "number": "1", "boolean": "false"}
    definition = get(client, "/api")
    for parameter in definition["paths"]["/collections/small_area/items"]["get"]["parameters"]:
        schema = parameter["schema"]
        sent = str(schema.get("default") or values.get(schema.get("type", ""), ""))
        if schema.get("enum"):
            sent = schema["enum"][0]
        if parameter["name"] == "f":
            continue
        answer = client.get("/ogc/collections/small_area/items", params={parameter["name"]: sent})
        assert answer.status_code == 200, (parameter["name"], sent, answer.text[:300])


def test_the_whole_services_definition_has_these_addresses_too(client: TestClient) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    assert "/ogc/collections/{collectionId}/items" in paths
    assert "/ogc/collections/{collectionId}/items/{featureId}" in paths
    assert "/ogc/tileMatrixSets/{tileMatrixSetId}" in paths


def test_what_differs_between_versions_of_openapi_is_turned_back() -> None:
    newer = {
        "anyOf": [{"type": "integer", "exclusiveMinimum": 0}, {"type": "null"}],
        "examples": [3, 4],
        "const": 3,
    }
    assert as_3_0(newer) == {
        "type": "integer",
        "minimum": 0,
        "exclusiveMinimum": True,
        "nullable": True,
        "example": 3,
        "enum": [3],
    }
    assert as_3_0([{"anyOf": [{"$ref": "#/a"}, {"type": "null"}]}]) == [
        {"nullable": True, "allOf": [{"$ref": "#/a"}]}
    ]
