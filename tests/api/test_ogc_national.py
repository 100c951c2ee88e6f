"""The whole country through OGC API Features, against pandas, geopandas, pyproj and the API."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from starlette.testclient import TestClient

from api.app import create_app
from exclusion_map.settings import DataSettings, ServiceSettings

pytestmark = pytest.mark.national
ITEMS = "/ogc/collections/small_area/items"
WIRRAL = "POLYGON((-3.2 53.3, -3.0 53.3, -2.98 53.45, -3.2 53.42, -3.2 53.3))"
AWAY = "POLYGON((-5.1 50.1, -5.0 50.1, -5.0 50.2, -5.1 50.2, -5.1 50.1))"


@pytest.fixture(scope="module")
def national(national_processed: Path) -> Iterator[TestClient]:
    app = create_app(ServiceSettings(), DataSettings(processed_dir=national_processed))
    with TestClient(app) as client:
        yield client


@pytest.fixture(scope="module")
def frame(national_edition: Path) -> gpd.GeoDataFrame:
    """Small areas with their published scores and indicators, by code."""
    areas = gpd.read_parquet(national_edition / "areas.parquet").set_index("code")
    scores = pd.read_parquet(national_edition / "scores.parquet")
    chosen = scores[(scores["index"] == "exclusion") & (scores["kind"] == "small_area")]
    areas = areas.join(chosen.set_index("code")[["score", "rank", "decile"]], validate="1:1")
    tidy = pd.read_parquet(national_edition / "indicators.parquet")
    wide = tidy.pivot_table(index="area_code", columns="indicator", values="value")
    return areas.join(wide, validate="1:1")


def codes(client: TestClient, **query: str) -> list[str]:
    asked = {"limit": "10000", "skipGeometry": "true", "properties": "code", **query}
    found: list[str] = []
    while True:
        body = client.get(ITEMS, params={**asked, "offset": str(len(found))}).json()
        assert "features" in body, body
        found += [feature["id"] for feature in body["features"]]
        if len(found) == body["numberMatched"]:
            return found


@pytest.mark.parametrize(
    ("text", "query"),
    [
        (
            "decile <= 2 AND local_authority = 'Wirral'",
            "decile <= 2 and local_authority == 'Wirral'",
        ),
        ("name LIKE 'Wirral 0%'", "name.str.startswith('Wirral 0')"),
        ("label LIKE '%Green%A)'", r"label.str.contains(r'Green.*A\)$')"),
        (
            "local_authority IN ('Liverpool', 'Isle of Anglesey') AND decile = 1",
            "local_authority in ['Liverpool', 'Isle of Anglesey'] and decile == 1",
        ),
        ("score BETWEEN 40 AND 40.5", "40 <= score <= 40.5"),
        ("digital_connectivity IS NULL", "digital_connectivity.isna()"),
        (
            "NOT (digital_connectivity > 0) AND region = 'London'",
            "digital_connectivity <= 0 and region == 'London'",
        ),
        (
            "NOT (decile > 1 OR nation = 'England') "
            "OR (population > 9000 AND NOT rural_urban IS NULL)",
            "(decile <= 1 and nation != 'England') or (population > 9000 and rural_urban.notna())",
        ),
        ("aged_75_plus > 3 * aged_65_74", "aged_75_plus > 3 * aged_65_74"),
        ("sub_icb_code IS NULL AND decile = 10", "sub_icb_code.isna() and decile == 10"),
    ],
)
def test_filters_find_what_pandas_finds(
    national: TestClient, frame: gpd.GeoDataFrame, text: str, query: str
) -> None:
    wanted = frame.query(query, engine="python").index
    assert len(wanted) > 0
    assert codes(national, filter=text) == list(wanted)


@pytest.mark.parametrize(
    ("relation", "wkt"),
    [
        ("intersects", WIRRAL),
        ("within", WIRRAL),
        ("overlaps", WIRRAL),
        ("intersects", AWAY),
        ("contains", "POINT(-3.02 53.39)"),
        ("crosses", "LINESTRING(-3.2 53.3, -2.9 53.5)"),
    ],
)
def test_spatial_filters_find_what_geopandas_finds(
    national: TestClient, frame: gpd.GeoDataFrame, relation: str, wkt: str
) -> None:
    shape = shapely.from_wkt(wkt)
    flags = getattr(frame.geometry, relation)(shape)
    name = {"crosses": "s_intersects"}.get(relation, f"s_{relation}")
    if relation == "crosses":
        flags = frame.geometry.intersects(shape)
    found = codes(national, filter=f"{name}(geometry, {wkt}) AND score > 0")
    assert found == list(frame.index[flags & (frame["score"] > 0)])
    tree = {"op": name, "args": [{"property": "geometry"}, json.loads(shapely.to_geojson(shape))]}
    assert codes(national, filter=json.dumps(tree)) == list(frame.index[flags])


@pytest.mark.parametrize(
    "box", [(-3.2, 53.3, -2.9, 53.5), (-0.13, 51.5, -0.12, 51.51), (-6.5, 49.8, -4.0, 51.0)]
)
def test_a_box_finds_what_geopandas_finds(
    national: TestClient, frame: gpd.GeoDataFrame, box: tuple[float, ...]
) -> None:
    wanted = list(frame.index[frame.geometry.intersects(shapely.box(*box))])
    assert codes(national, bbox=",".join(map(str, box))) == wanted


def test_a_box_in_national_grid_finds_what_geopandas_finds(
    national: TestClient, frame: gpd.GeoDataFrame
) -> None:
    box = (320_000, 380_000, 340_000, 395_000)
    crs = "http://www.opengis.net/def/crs/EPSG/0/27700"
    near = frame.cx[-3.4:-2.7, 53.2:53.6].to_crs(27700)
    wanted = list(near.index[near.intersects(shapely.box(*box))])
    assert codes(national, bbox=",".join(map(str, box)), **{"bbox-crs": crs}) == wanted


def test_national_grid_is_within_a_metre_of_pyproj(
    national: TestClient, frame: gpd.GeoDataFrame
) -> None:
    query = {"crs": "http://www.opengis.net/def/crs/EPSG/0/27700", "local_authority": "Wirral"}
    body = national.get(ITEMS, params={**query, "limit": "10000"}).json()
    wanted = frame.to_crs(27700).geometry
    for feature in body["features"]:
        ours = shapely.from_geojson(json.dumps(feature["geometry"]))
        assert np.abs(np.array(ours.bounds) - wanted[feature["id"]].bounds).max() < 1
        assert ours.area == pytest.approx(wanted[feature["id"]].area, rel=1e-3)


@pytest.mark.parametrize(
    "question",
    [{}, {"weights": "age:1,disability:5"}, {"base": "local_authority"}, {"index": "skills"}],
)
@pytest.mark.parametrize("level", ["small_area", "ward", "icb"])
def test_scores_are_those_of_the_api(
    national: TestClient, question: dict[str, str], level: str
) -> None:
    asked = {**question, "limit": "300", "offset": "200" if level != "icb" else "0"}
    body = national.get(f"/ogc/collections/{level}/items", params=asked | {"skipGeometry": "true"})
    ours = {feature["id"]: feature["properties"] for feature in body.json()["features"]}
    text = national.get("/api/v1/scores", params={**question, "level": level, "format": "csv"}).text
    theirs = {row["code"]: row for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))}
    assert len(ours) == min(300, len(theirs))
    for code, told in ours.items():
        for name in ("score", "rank", "decile", "ranked"):
            figure = theirs[code][name]
            expected = pytest.approx(float(figure)) if figure else None
            assert told[name] == expected, (code, name)


def test_figures_are_those_of_the_downloaded_list(national: TestClient) -> None:
    answer = national.get("/api/v1/areas?kind=local_authority&format=csv")
    rows = {
        row["code"]: row for row in csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))
    }
    body = national.get("/ogc/collections/local_authority/items?limit=400&skipGeometry=true")
    features = body.json()["features"]
    assert len(features) == len(rows)
    for feature in features:
        told, row = feature["properties"], rows[feature["id"]]
        assert (told["rank"], told["decile"]) == (int(row["rank"]), int(row["decile"]))
        assert told["score"] == pytest.approx(float(row["score"]), rel=1e-5)
        assert told["population"] == int(row["population"])


def test_intervals_are_published_for_the_published_question_alone(
    national: TestClient, national_edition: Path
) -> None:
    table = pd.read_parquet(national_edition / "uncertainty.parquet").set_index("code")
    names = ("rank_low", "rank_high", "decile_low", "decile_high", "robustness")

    def told(**query: str) -> dict[str, Any]:
        body = national.get(ITEMS, params={"local_authority": "Wirral", "limit": "9", **query})
        return {one["id"]: one["properties"] for one in body.json()["features"]}

    for code, properties in told().items():
        assert [properties[name] for name in names] == [table.loc[code, name] for name in names]
    for query in ({"weights": "age:1"}, {"base": "region"}, {"index": "skills"}):
        assert {properties[name] for properties in told(**query).values() for name in names} == {
            None
        }
