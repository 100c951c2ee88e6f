"""Downloads through the service, each opened by a reader that is not ours."""

import io
import json
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

from api.work import Pool
from exclusion_map.areas.scoring import Question
from exclusion_map.editions import current_path, read_manifest
from exclusion_map.editions.downloads import AreaOrder
from exclusion_map.editions.jobs import AreaJob
from exclusion_map.exports.area_columns import ColumnGroup
from exclusion_map.exports.formats import FileFormat
from exclusion_map.index import Definition
from exclusion_map.terms import AreaKind
from tests.api.conftest import SMALL

AREAS = "/api/v1/download/areas"


@pytest.fixture
def made(tiny_processed: Path, tmp_path: Path) -> Callable[..., Path]:
    """Make a file as the process behind the service does, here and now: quicker than a process."""

    def make(form: str, **order: Any) -> Path:
        folder = current_path(tiny_processed)
        index = read_manifest(folder).indices[0]
        question = Question(definition=Definition.parse(index.definition, index.id))
        wanted = AreaOrder(**order)
        job = AreaJob(folder=folder, question=question, order=wanted, form=FileFormat(form))
        path = tmp_path / f"made.{job.ending}"
        job.write(path)
        return path

    return make


def table_of(client: TestClient, query: str = "") -> pd.DataFrame:
    answer = client.get(f"{AREAS}.csv{query}")
    assert answer.status_code == 200, answer.text
    return pd.read_csv(io.BytesIO(answer.content))


def test_plain_csv_links_its_dictionary(client: TestClient) -> None:
    answer = client.get(f"{AREAS}.csv?within=E06000001")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    name = "exclusion-map-tiny-risk-small-areas-E06000001.csv"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    link = answer.headers["link"]
    address = link[link.index("<") + 1 : link.index(">")]
    assert 'rel="describedby"' in link
    described = client.get(address).json()
    table = pd.read_csv(io.BytesIO(answer.content))
    assert list(table["code"]) == SMALL[:2]
    assert [one["name"] for one in described["tableSchema"]["columns"]] == list(table.columns)
    assert all(one["dc:title"] for one in described["tableSchema"]["columns"])
    assert "Source: ONS" in described["dc:source"]
    assert described["schema:version"] == "tiny"


def test_values_are_those_of_the_api(client: TestClient) -> None:
    table = table_of(client).set_index("code")
    listed = client.get("/api/v1/areas?size=500").json()["areas"]
    assert len(table) == len(listed)
    for row in listed:
        assert table.loc[row["code"], ["score", "rank", "decile"]].tolist() == [
            row["score"],
            row["rank"],
            row["decile"],
        ]


def test_own_weights_are_those_of_the_scores(client: TestClient) -> None:
    query = "?weights=old:1,poor:5&base=local_authority"
    table = table_of(client, query).set_index("code")
    listed = client.get(f"/api/v1/scores{query}").json()["areas"]
    for row in listed:
        score = np.nan if row["score"] is None else row["score"]
        assert table.loc[row["code"], "score"] == pytest.approx(score, nan_ok=True)
        assert table.loc[row["code"], "base_group"] == row["base_group"]


def test_missing_is_an_empty_cell(client: TestClient) -> None:
    answer = client.get(f"{AREAS}.csv?columns=indicators")
    table = pd.read_csv(io.BytesIO(answer.content), dtype=str, keep_default_na=False)
    last = table.set_index("code").loc[SMALL[3]]
    assert last["poor"] == ""
    assert last["poor_denominator"] == ""
    assert last["poor_quality"] == "missing"
    assert last["old_numerator"] == "1600.0"


def test_wards_cannot_run_formulas(client: TestClient, made: Callable[..., Path]) -> None:
    text = client.get(f"{AREAS}.csv?kind=ward").text
    assert "'=Ashford & St Mary's" in text
    book = made("xlsx", kind=AreaKind.WARD)
    sheet = pd.read_excel(book, engine="calamine", sheet_name="Data")
    assert sheet["name"][0] == "=Ashford & St Mary's"
    with zipfile.ZipFile(book) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_a_tenth_and_the_parents(client: TestClient) -> None:
    table = table_of(client, "?decile=1&columns=parents")
    assert list(table["code"]) == [SMALL[3]]
    assert list(table["local_authority_name"]) == ["Bexhill"]
    assert table["icb_code"].isna().all()


def test_nearest_support_and_what_lies_inside(client: TestClient) -> None:
    small = table_of(client, "?columns=support").set_index("code")
    assert small.loc[SMALL[0], "nearest_library_name"] == "Ashford Library"
    assert small.loc[SMALL[0], "nearest_library_m"] == 0
    councils = table_of(client, "?columns=support&kind=local_authority").set_index("code")
    assert councils.loc["E06000002", ["places_library", "places_gp_practice"]].tolist() == [1, 1]
    assert councils["places_pharmacy"].isna().all(), "there is no list of pharmacies"


def test_a_list_of_codes_by_post(client: TestClient) -> None:
    body = {"where": [SMALL[2], "E06000001", "E09999999"]}
    answer = client.post(f"{AREAS}.csv", json=body)
    assert answer.headers["cache-control"] == "no-store"
    assert "describedby" not in answer.headers["link"]
    assert list(pd.read_csv(io.BytesIO(answer.content))["code"]) == SMALL[:3]
    packed = client.post(f"{AREAS}.zip", json=body)
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        readme = archive.read("README.txt").decode()
    assert "1 codes are not in this edition and were left out: E09999999" in readme


def test_zip_holds_table_description_and_readme(made: Callable[..., Path]) -> None:
    with zipfile.ZipFile(made("zip")) as archive:
        names = sorted(archive.namelist())
        name = "exclusion-map-tiny-risk-small-areas.csv"
        assert names == ["README.txt", name, f"{name}-metadata.json"]
        described = json.loads(archive.read(f"{name}-metadata.json"))
        assert described["url"] == name
        readme = archive.read("README.txt").decode()
    for words in ("tiny", "Source: ONS", "OGL-UK-3.0", "invented", "Weights: as published: old 2"):
        assert words in readme


def test_workbook_holds_notes_dictionary_and_sources(made: Callable[..., Path]) -> None:
    book = made("xlsx", groups=(ColumnGroup.SCORES, ColumnGroup.INDICATORS))
    sheets = pd.read_excel(book, engine="calamine", sheet_name=None)
    assert list(sheets) == ["Data", "Notes", "Dictionary", "Sources"]
    assert list(sheets["Dictionary"]["name"]) == list(sheets["Data"].columns)
    assert "Source: ONS" in set(sheets["Sources"]["attribution"])
    assert sheets["Data"]["poor"].isna().tolist() == [False, False, False, True]


def test_geopackage_holds_dictionary_and_sources(made: Callable[..., Path]) -> None:
    path = made("gpkg")
    with sqlite3.connect(path) as package:
        kinds = dict(package.execute("SELECT table_name, data_type FROM gpkg_contents"))
        titles = dict(package.execute("SELECT column_name, title FROM gpkg_data_columns"))
        sources = package.execute("SELECT attribution FROM sources").fetchall()
        faults = package.execute("PRAGMA foreign_key_check").fetchall()
    package.close()
    assert kinds == {
        "small_areas": "features",
        "about": "attributes",
        "data_dictionary": "attributes",
        "sources": "attributes",
    }
    assert titles["decile"] == "Tenth"
    assert sources == [("Source: ONS",)]
    assert not faults


def test_parquet_and_arrow_tell_of_themselves(made: Callable[..., Path]) -> None:
    table = pq.read_table(made("parquet"))
    assert json.loads(table.schema.metadata[b"geo"])["primary_column"] == "geometry"
    assert json.loads(table.schema.metadata[b"about"])["edition"] == "tiny"
    assert table.schema.field("decile").metadata[b"title"] == b"Tenth"
    read = pa.ipc.open_file(made("arrow").read_bytes()).read_all()
    assert read.column("rank").to_pylist() == table.column("rank").to_pylist()
    assert read.schema.field("geometry").metadata[b"ARROW:extension:name"] == b"geoarrow.wkb"


def test_geojson_says_what_it_is_before_its_features(made: Callable[..., Path]) -> None:
    read = json.loads(made("geojson", kind=AreaKind.LOCAL_AUTHORITY).read_text())
    assert read["about"]["credits"][0]["licence"] == "OGL-UK-3.0"
    assert list(read).index("about") < list(read).index("features")
    assert [one["id"] for one in read["features"]] == ["E06000001", "E06000002"]
    ring = read["features"][0]["geometry"]["coordinates"][0][0]
    assert [min(at[0] for at in ring), max(at[0] for at in ring)] == [-1.0, -0.8]


def test_a_held_file_is_not_made_again(client: TestClient) -> None:
    address = f"{AREAS}.gpkg?kind=ward"
    first = client.get(address, headers={"If-None-Match": "W/x"})
    assert first.content.startswith(b"SQLite format 3")
    assert int(first.headers["content-length"]) == len(first.content)
    held = client.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert held.status_code == 304


@pytest.mark.parametrize(
    "address",
    [
        f"{AREAS}.csv?kind=ward",
        f"{AREAS}.gpkg?kind=ward",
        "/api/v1/download/map.html?kind=ward",
        "/api/v1/download/support.csv",
        "/api/v1/download/support.geojson",
        "/api/v1/download/directory.csv",
        "/api/v1/download/directory.xlsx",
    ],
)
def test_head_tells_what_get_would_send_and_makes_nothing(
    client: TestClient, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    got = client.get(address)
    full = property(lambda one: one.name != "brief")  # who wants a file made is sent away
    monkeypatch.setattr(Pool, "full", full)
    streamed = ".csv" in address and "directory" not in address
    assert client.get(address).status_code == (200 if streamed else 503)
    head = client.head(address)
    assert (head.status_code, head.content) == (200, b"")
    assert "content-length" not in head.headers
    for name in ("content-type", "content-disposition", "link", "cache-control", "etag"):
        assert head.headers.get(name) == got.headers.get(name), name


@pytest.mark.parametrize("address", [f"{AREAS}.docx", f"{AREAS}.gpkg?index=none"])
def test_head_refuses_what_get_refuses(client: TestClient, address: str) -> None:
    assert client.head(address).status_code == client.get(address).status_code > 400


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        (f"{AREAS}.docx", 422, "one of: csv, zip, xlsx"),
        (f"{AREAS}.csv?within=E99999999", 404, "E99999999"),
        (f"{AREAS}.csv?columns=colour", 422, "no such group of columns"),
        (f"{AREAS}.csv?kind=local_authority&decile=5", 422, "no local authorities of tenth 5"),
        (f"{AREAS}.gpkg?index=none", 404, "none"),
        (f"{AREAS}.csv?weights=tall:1", 422, "tall"),
        (f"{AREAS}.csv?colour=red", 422, "colour"),
        ("/api/v1/download/support.csv?near=here", 422, "latitude,longitude"),
        ("/api/v1/download/support.csv?area=E06000001&near=51,-1", 422, "both"),
        ("/api/v1/download/support.gpkg?kind=pharmacy", 422, "none in England"),
    ],
)
def test_bad_requests_say_what_to_do(
    client: TestClient, address: str, status: int, words: str
) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert words in answer.json()["detail"]


def test_too_many_codes_are_refused(client: TestClient) -> None:
    answer = client.post(f"{AREAS}.csv", json={"where": ["E01000001"] * 100_001})
    assert answer.status_code == 422


def test_places_near_a_point_come_with_their_distance(client: TestClient) -> None:
    query = "near=51.05,-0.95&within_m=20000"
    table = pd.read_csv(io.BytesIO(client.get(f"/api/v1/download/support.csv?{query}").content))
    assert list(table["name"]) == ["Ashford Library", "Bexhill Library"]
    # 0.2 degrees of longitude at 51.05 degrees north: 0.2 x 111.32 km x cos(51.05) = 14.0 km.
    assert table["distance_m"].tolist() == [0, pytest.approx(13_995, abs=60)]
    assert list(table["local_authority_name"]) == ["Ashford", "Bexhill"]
    described = client.get(f"/api/v1/download/support.csv-metadata.json?{query}").json()
    names = [one["name"] for one in described["tableSchema"]["columns"]]
    assert names == list(table.columns)


def test_a_map_is_one_file(client: TestClient) -> None:
    answer = client.get("/api/v1/download/map.html?within=E06000001")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].endswith('-E06000001-map.html"')
    assert "Ashford Green (Ashford 001A)" in answer.text


def test_the_page_says_the_size_first(client: TestClient) -> None:
    page = client.get("/download?place=Ashford&format=gpkg&kind=local_authority").text
    assert "Your file: 1 local authority in Ashford" in page
    address = "/api/v1/download/areas.gpkg?kind=local_authority&amp;within=E06000001"
    assert address in page
    assert "About 10 KB" in page
    wrong = client.get("/download?place=Qqqqq&format=csv")
    assert wrong.status_code == 422
    assert "Nothing here is called “Qqqqq”" in wrong.text
