"""Risk matrices over Sampleshire: API, page, pictures, files, layers of the map."""

import csv
import io
import json

import pandas as pd
import pytest
from starlette.testclient import TestClient


@pytest.fixture(scope="module")
def client(sample_client: TestClient) -> TestClient:
    return sample_client


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_cells_hold_every_area_once(client: TestClient, council: str) -> None:
    answer = client.get(f"/api/v1/matrix?within={council}").json()
    every = rows_of(client.get(f"/api/v1/matrix?within={council}&part=all&format=csv").text)
    assert sum(cell["areas"] for cell in answer["cells"]) + answer["missing"]["areas"] == len(every)
    assert answer["chosen"] == ["3-3"]
    assert {area["cell"] for area in answer["areas"]} == {"3-3"}
    assert answer["doubt"]["draws"] == 0
    assert 0 < answer["doubt"]["might_move"] <= len(every)
    for cell in answer["cells"]:
        assert cell["areas_sure"] <= cell["areas"] <= cell["areas_possible"]
    low, high = answer["likelihood_lines"]
    assert all(area["score"] > high > low for area in answer["areas"])
    cells = rows_of(client.get(f"/api/v1/matrix?within={council}&part=cells&format=csv").text)
    assert [int(one["areas"]) for one in cells] == [one["areas"] for one in answer["cells"]]


def test_files_hold_the_list_with_outlines_and_notes(client: TestClient, council: str) -> None:
    address = f"/api/v1/matrix?within={council}&cells=3-3,3-2&group=disabled"
    told = client.get(address).json()
    sent = client.get(f"{address}&format=geojson")
    assert sent.headers["content-disposition"].endswith('.geojson"')
    drawn = json.loads(sent.content)
    codes = {one["properties"]["code"] for one in drawn["features"]}
    assert codes == {area["code"] for area in told["areas"]}
    assert drawn["features"][0]["geometry"]["type"] == "MultiPolygon"
    assert "Classes of impact" in json.dumps(drawn["about"])
    assert client.get(f"{address}&format=arrow").status_code == 200


def test_wards_and_own_weights_need_draws(client: TestClient, council: str) -> None:
    address = f"/api/v1/matrix?within={council}&level=ward&weights=age:0"
    plain = client.get(address).json()
    assert plain["doubt"] is None
    assert "areas_sure" not in plain["cells"][0]
    drawn = client.get(f"{address}&draws=20&cells=1-1,2-2,3-3").json()
    assert drawn["doubt"]["draws"] == 20
    assert all(0 <= area["chance_of_cell"] <= 1 for area in drawn["areas"])
    assert "changed by who asked" in drawn["how"]["Likelihood"]


def test_figures_of_ones_own(client: TestClient, council: str) -> None:
    areas = client.get(f"/api/v1/areas?kind=small_area&within={council}&size=9").json()["areas"]
    figures = {area["code"]: 10.0 * at for at, area in enumerate(areas)}
    body = {"label": "Patients of the clinic", "figures": {**figures, "nowhere": 3}}
    address = f"/api/v1/matrix?group=own&within={council}&part=all"
    answer = client.post(address, json=body).json()
    assert sum(cell["areas"] for cell in answer["cells"]) == 9
    assert any("nowhere was left out" in note for note in answer["notes"])
    assert answer["title"].endswith("against patients of the clinic")
    zero = client.post(address, json=body | {"others_none": True}).json()
    assert zero["missing"]["areas"] < answer["missing"]["areas"]
    whole = client.post(
        f"/api/v1/matrix?group=own&within={council}", json={"figures": {council: 1000}}
    ).json()
    assert sum(cell["group_count"] for cell in whole["cells"]) == pytest.approx(1000, abs=1)


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("group=wizards", 404, "wizards"),
        ("group=own", 422, "no figures of your own"),
        ("size=4", 422, "3 or 5"),
        ("cells=9-9", 422, "likelihood-impact"),
        ("likelihood_lines=50,40", 422, "rising numbers"),
        ("likelihood_lines=high,low", 422, "high,low"),
        ("cuts=fixed", 422, "lines of likelihood"),
        ("within=nowhere-at-all", 404, "nowhere-at-all"),
        ("wishes=3", 422, "wishes"),
        ("draws=9000", 422, "9000"),
    ],
)
def test_what_cannot_be_is_refused(client: TestClient, query: str, status: int, said: str) -> None:
    answer = client.get(f"/api/v1/matrix?{query}")
    assert answer.status_code == status
    assert said in answer.text


def test_the_page_its_pictures_and_its_link(client: TestClient, council: str) -> None:
    assert "Try an example" in client.get("/tools/matrix").text
    page = client.get(f"/tools/matrix?within={council}&go=yes&draws=10&size=5&style=print").text
    assert "highest likelihood, highest impact" in page
    assert "other reasonable ways" in page
    assert 'src="/tools/matrix.svg?' in page
    for picture in ("matrix", "matrix-grid"):
        drawn = client.get(f"/tools/{picture}.svg?within={council}&style=print")
        assert drawn.headers["content-type"].startswith("image/svg+xml")
        assert "url(#lines9)" in drawn.text
    fault = client.get(f"/tools/matrix?within={council}&go=yes&impact_lines=a+lot")
    assert fault.status_code == 422
    assert 'value="a lot"' in fault.text
    whole = client.get("/tools/matrix?go=yes&group=disabled").text
    assert 'href="/?show=with-disabled"' in whole
    assert "See it on the main map" not in page


def test_a_form_becomes_an_address_but_figures_never_do(client: TestClient, council: str) -> None:
    fields = {"within": council, "group": "disabled", "cell-3-3": "yes", "cell-2-3": "yes"}
    sent = client.post("/tools/matrix", data=fields, follow_redirects=False)
    assert sent.status_code == 303
    assert "cells=3-3,2-3" in sent.headers["location"]
    areas = client.get(f"/api/v1/areas?kind=small_area&within={council}&size=30").json()["areas"]
    table = "".join(f"{area['code']},{at}\n" for at, area in enumerate(areas))
    file = ("patients.csv", f"area,patients\n{table}".encode(), "text/csv")
    page = client.post("/tools/matrix", data={"within": council}, files={"file": file})
    assert page.status_code == 200
    assert "not kept, so there is no link" in page.text
    assert "patients, how many they are" in page.text
    down = client.post(
        "/tools/matrix", data={"within": council, "download": "csv"}, files={"file": file}
    )
    assert all(row["cell"] == "3-3" for row in rows_of(down.text))
    book = client.post("/tools/matrix", data=fields | {"download": "xlsx"})
    read = pd.read_excel(io.BytesIO(book.content), engine="calamine", sheet_name=None)
    assert set(read["Data"]["cell"]) <= {"3-3", "2-3"}
    assert client.post("/tools/matrix", data=fields | {"download": "pdf"}).status_code == 422


def test_the_map_has_it_as_a_layer(client: TestClient) -> None:
    page = client.get("/?show=with-aged_75_plus").text
    assert 'value="with-aged_75_plus" data-show checked' in page
    edition = client.get("/api/v1/edition").json()["edition"]
    layer = client.get(f"/api/v1/editions/{edition}/layers/small_area/with-aged_75_plus.bin")
    assert layer.status_code == 200
    cells = client.get("/api/v1/matrix?compared=everywhere&part=cells").json()["cells"]
    legend = client.get(
        f"/api/v1/editions/{edition}/legend/small_area/exclusion?layer=with-aged_75_plus"
    )
    assert f"{cells[0]['areas']} areas" in legend.text
