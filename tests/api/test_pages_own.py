"""An index of one's own on a page: figures chosen, a file brought, the same as API and command."""

import csv
import io
import json

import pytest
from starlette.testclient import TestClient

from .conftest import SMALL
from .test_pages_html import HTML, page, rows

FILE = b"area_code,value\nE01000001,4\nE01000002,3\nE01000003,2\nE01000004,1\nE09999999,7\n"


def scores(text: str) -> dict[str, str]:
    listed = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    return {row["code"]: row["score"] for row in listed}


def test_empty_form_offers_every_figure_with_data(client: TestClient) -> None:
    html = page(client, "/own")
    for name in ("old", "poor"):
        assert f'<label class="nhsuk-label" for="i-{name}">' in html
        assert f'name="i-{name}" value="0"' in html
    assert "multipart/form-data" in html


def test_answer_has_an_address_and_the_api_gives_the_same(client: TestClient) -> None:
    answer = client.post("/own", data={"i-old": "3", "i-poor": "0"}, files={"file": ("", b"")})
    assert answer.history[0].status_code == 303
    assert answer.url.query == b"i-old=3"
    html = page(client, "/own?i-old=3")
    assert "4 small areas have a score by it" in html
    assert rows(html)[0] == "The Môr (Bexhill 001B)"
    ours = scores(client.get("/own?i-old=3&as=csv").text)
    definition = json.loads(client.get("/own?i-old=3&as=json").content)
    sent = client.post("/api/v1/scores?format=csv", json={"definition": definition})
    assert scores(sent.text) == ours
    assert list(ours) == SMALL


def test_file_of_ones_own_counts_and_is_not_kept(client: TestClient) -> None:
    data = {"i-old": "0", "own-weight": "2", "direction": "higher_is_riskier"}
    files = {"file": ("Free meals.csv", FILE, "text/csv")}
    answer = client.post("/own", data=data, files=files, headers=HTML)
    assert answer.status_code == 200
    assert rows(answer.text)[0] == "Ashford Green (Ashford 001A)"
    assert "E09999999" in answer.text
    turned = client.post("/own", data=data | {"direction": "lower_is_riskier"}, files=files)
    assert rows(turned.text)[0] == "The Môr (Bexhill 001B)"
    table = client.post("/own", data=data | {"as": "csv"}, files=files)
    assert scores(table.text)["E01000001"] == "100.0"
    assert "free_meals" not in page(client, "/own?i-old=1")


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("/own?i-old=many", "from 0 to 10"),
        ("/own?i-old=11", "from 0 to 10"),
        ("/own?i-nonsense=1", "nonsense"),
        ("/own?i-old=1&normalise=magic", "unknown method &#39;magic&#39;"),
        ("/own?i-old=1&i-poor=1&normalise=z_score&aggregate=geometric", "values from 0"),
        ("/own?i-old=1&base=selection", "none named"),
        ("/own?i-old=1&base=moon", "no such base"),
    ],
)
def test_what_cannot_be_is_said(client: TestClient, address: str, told: str) -> None:
    html = page(client, address, status=422)
    assert told in html


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff\xfe\x00", "text in UTF-8"),
        (b"a,b\n1,2\n", "area_code"),
        (b"area_code,value\n", "at"),
    ],
)
def test_files_that_cannot_be(client: TestClient, content: bytes, told: str) -> None:
    files = {"file": ("own.csv", content, "text/csv")}
    answer = client.post("/own", data={"i-old": "1"}, files=files, headers=HTML)
    assert answer.status_code == 422
    assert told in answer.text


def test_estimates_for_gaps_are_named_in_each_area(client: TestClient) -> None:
    definition = {
        "id": "filled",
        "title": "Filled",
        "missing": {"impute": {"method": "median"}},
        "children": [{"indicator": "old"}, {"indicator": "poor"}],
    }
    found = client.post("/api/v1/scores", json={"definition": definition}).json()
    assert [area["imputed"] for area in found["areas"]] == [None, None, None, "poor"]
    assert found["areas"][3]["data_share"] == 0.5
    assert any("an estimate is used there" in note for note in found["notes"])
    plain = client.get("/api/v1/scores").json()
    assert "imputed" not in plain["areas"][0]
