"""ArcGIS feature layers, page by page, from servers that answer 200 to everything."""

import json
from pathlib import Path
from typing import Any

import pytest

from exclusion_map.sources.fetching import Status

from .conftest import only

ROWS = [{"CODE": f"E0100000{n}", "F_NAME": f"Área {n}", "x": -3.0 + n, "y": 53.0} for n in range(5)]


def layer_file(desk: Any, address: str, **fields: Any) -> Any:
    settings: dict[str, Any] = {
        "path": "layer.geojson",
        "format": "geojson",
        "delivery": "arcgis_layer",
        "columns": ("CODE", "NAME"),
        "rename": {"F_NAME": "NAME"},
        "rows": 5,
    }
    return desk.csv_file(address, **(settings | fields))


def test_a_layer_is_put_together_from_its_pages(publisher: Any, desk: Any) -> None:
    address = publisher.serve("/query", publisher.layer(ROWS, page=2))
    outcome = only(desk.fetch(layer_file(desk, address)))
    assert outcome.status is Status.FETCHED, outcome.detail
    collection = json.loads((desk.folder / "layer.geojson").read_text("utf-8"))
    assert collection["type"] == "FeatureCollection"
    assert [feature["properties"] for feature in collection["features"]] == [
        {"CODE": row["CODE"], "NAME": row["F_NAME"]} for row in ROWS
    ]
    assert collection["features"][4]["geometry"] == {"type": "Point", "coordinates": [1.0, 53.0]}
    assert desk.names() == ["layer.geojson"]
    count, *pages = [seen.query for seen in publisher.seen]
    assert count["returnCountOnly"] == "true"
    assert [page["resultOffset"] for page in pages] == ["0", "2", "4"]
    for page in pages:
        assert page["outSR"] == "4326"
        assert page["resultRecordCount"] == "2000"
        assert page["orderByFields"] == page["outFields"] == "CODE,F_NAME"
        assert page["where"] == "1=1"


def test_gdal_reads_the_layer(publisher: Any, desk: Any) -> None:
    import geopandas as gpd

    address = publisher.serve("/query", publisher.layer(ROWS))
    desk.fetch(layer_file(desk, address))
    frame = gpd.read_file(desk.folder / "layer.geojson")
    assert list(frame["NAME"]) == [row["F_NAME"] for row in ROWS]
    assert frame.crs.to_epsg() == 4326


def test_a_layer_of_attributes_becomes_a_table(publisher: Any, desk: Any) -> None:
    address = publisher.serve("/query", publisher.layer(ROWS, page=3))
    file = layer_file(desk, address, path="lookup.csv", format="csv")
    outcome = only(desk.fetch(file))
    assert outcome.status is Status.FETCHED, outcome.detail
    lines = (desk.folder / "lookup.csv").read_text("utf-8").splitlines()
    assert lines[:2] == ["CODE,NAME", "E01000000,Área 0"]
    assert len(lines) == 6
    assert publisher.seen[-1].query["returnGeometry"] == "false"


def test_a_layer_that_is_there_is_not_asked_again(publisher: Any, desk: Any) -> None:
    address = publisher.serve("/query", publisher.layer(ROWS))
    desk.fetch(layer_file(desk, address))
    asked = len(publisher.seen)
    assert only(desk.fetch(layer_file(desk, address))).status is Status.KEPT
    assert len(publisher.seen) == asked


@pytest.mark.parametrize("code", [500, 504])
def test_a_passing_error_inside_a_good_answer_is_asked_again(
    publisher: Any, desk: Any, code: int
) -> None:
    error = {"error": {"code": code, "message": "Unable to complete operation.", "details": []}}
    good = publisher.layer(ROWS)
    address = publisher.serve("/query", good, publisher.answer(error), good)
    assert only(desk.fetch(layer_file(desk, address))).status is Status.FETCHED


def test_a_lasting_error_inside_a_good_answer_is_told(publisher: Any, desk: Any) -> None:
    error = {"error": {"code": 400, "message": "Invalid query parameters", "details": ["x"]}}
    address = publisher.serve("/query", publisher.answer(error))
    outcome = only(desk.fetch(layer_file(desk, address)))
    assert outcome.status is Status.FAILED
    assert "error 400 (Invalid query parameters)" in outcome.detail
    assert len(publisher.seen) == 1


class Fault:
    """Ways in which pages do not make up the layer."""

    @staticmethod
    def overlapping(publisher: Any) -> Any:
        """The same first page whatever the offset: a server that ignores the order."""
        return publisher.layer(ROWS[:2] * 3, count=5)

    @staticmethod
    def ending_early(publisher: Any) -> Any:
        return publisher.layer(ROWS[:3], count=5)

    @staticmethod
    def running_over(publisher: Any) -> Any:
        rows = [*ROWS, {**ROWS[0], "CODE": "E01000009"}]
        return publisher.layer(rows, page=3, count=5)

    @staticmethod
    def of_another_size(publisher: Any) -> Any:
        return publisher.layer(ROWS, count=7)

    @staticmethod
    def without_a_field(publisher: Any) -> Any:
        return publisher.layer([{**row, "F_NAME": ""} | {"x": 0, "y": 0} for row in ROWS], count=5)


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ("overlapping", "4 features, 2 of them twice; expected 5"),
        ("ending_early", "3 features; expected 5"),
        ("running_over", "6 features; expected 5"),
        ("of_another_size", "7 features; expected 5"),
    ],
)
def test_pages_that_do_not_add_up_are_refused(
    publisher: Any, desk: Any, fault: str, found: str
) -> None:
    old = desk.put(b"what was there", "layer.geojson")
    address = publisher.serve("/query", getattr(Fault, fault)(publisher))
    outcome = only(desk.fetch(layer_file(desk, address), force=True))
    assert outcome.status is Status.FAILED
    assert found in outcome.detail
    assert old.read_bytes() == b"what was there"
    assert desk.names() == ["layer.geojson"]


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ({"count": 5, "features": [{"properties": {"CODE": "E01"}}]}, "no field F_NAME among CODE"),
        ({"count": 5}, "no features"),
        ({"objectIdFieldName": "FID"}, "no count"),
        ([], "no JSON object"),
        (b"<html>Service is being updated</html>", "a response that is not JSON ('<html>Service"),
    ],
)
def test_answers_of_another_kind_are_refused(
    publisher: Any, desk: Any, answer: object, found: str
) -> None:
    address = publisher.serve("/query", publisher.answer(answer))
    outcome = only(desk.fetch(layer_file(desk, address)))
    assert outcome.status is Status.FAILED
    assert found in outcome.detail
    assert desk.names() == []


def test_a_layer_beyond_the_limit_is_refused(publisher: Any, desk: Any) -> None:
    address = publisher.serve("/query", publisher.layer(ROWS))
    outcome = only(desk.fetch(layer_file(desk, address, max_bytes=200)))
    assert "200" in outcome.detail
    assert outcome.status is Status.FAILED


def test_a_layer_that_breaks_off_asks_for_its_page_again(publisher: Any, desk: Any) -> None:
    def cut(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b'{"features": [')
        handler.reset()

    good = publisher.layer(ROWS)
    address = publisher.serve("/query", good, good, cut, good)
    assert only(desk.fetch(layer_file(desk, address))).status is Status.FETCHED
    assert [seen.query.get("resultOffset") for seen in publisher.seen] == [
        None,
        "0",
        "2",
        "2",
        "4",
    ]


def test_layers_of_the_catalogue_are_asked_for_by_the_documented_pattern() -> None:
    from exclusion_map import catalogue

    root = "https://services1.arcgis.com/ESMARspQHYMw9BZ9/arcgis/rest/services/"
    layers = [
        (source.id, file)
        for source in catalogue.sources().values()
        for file in source.files
        if file.delivery == "arcgis_layer"
    ]
    assert layers
    for _, file in layers:
        assert file.address.startswith(root)
        assert file.address.endswith("/FeatureServer/0/query")
        assert file.columns
        assert file.rows
        assert Path(file.path).suffix in (".csv", ".geojson")
