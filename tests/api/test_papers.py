"""Reports of the tools: the same answer as the page, to print, to send or to work on."""

import io
from collections.abc import Iterator
from pathlib import Path

import docx
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from exclusion_map.settings import DataSettings, ServiceSettings

SHARE = "total=150&what=computers&level=ward"
ASKED = {
    "share": f"/tools/share/report.{{}}?{SHARE}",
    "matrix": "/tools/matrix/report.{}?group=aged_75_plus&go=yes",
    "sample": "/tools/sample/report.{}?areas=12&strata=fifth&seed=7",
    "gaps": "/gaps/report.{}?threshold=800",
    "siting": "/tools/siting/report.{}?go=true&grid=2000&k=2",
}


@pytest.fixture(scope="module")
def client(sample_processed: Path) -> Iterator[TestClient]:
    app = create_app(ServiceSettings(), DataSettings(processed_dir=sample_processed))
    with TestClient(app) as opened:
        yield opened


def cells(document: docx.document.Document, table: int) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in document.tables[table].rows]


@pytest.mark.parametrize("tool", ASKED)
def test_report_as_page_and_word_say_the_same(client: TestClient, tool: str) -> None:
    page = client.get(ASKED[tool].format("html"))
    assert page.status_code == 200, page.text
    assert "none of this is real" in page.text
    assert "How to get the same answer" in page.text
    sent = client.get(ASKED[tool].format("docx"))
    assert sent.headers["content-disposition"].endswith(f'{tool}-report.docx"')
    made = docx.Document(io.BytesIO(sent.content))
    assert f">{made.core_properties.title}<" in page.text
    first = cells(made, 0)
    assert len(first) > 1
    assert all(told in page.text.replace("&#39;", "'") for told in first[1])


def test_paper_of_a_share_adds_up_to_the_total(client: TestClient) -> None:
    made = docx.Document(io.BytesIO(client.get(ASKED["share"].format("docx")).content))
    head, *rows = cells(made, 0)
    assert head[:2] == ["Who", "Gets"]
    assert sum(int(row[1]) for row in rows) == 150


def test_report_of_a_matrix_holds_the_areas_of_its_cells(client: TestClient) -> None:
    answer = client.get("/api/v1/matrix?group=aged_75_plus").json()
    made = docx.Document(io.BytesIO(client.get(ASKED["matrix"].format("docx")).content))
    assert [row[0] for row in cells(made, 1)[1:4]] == [
        f"{one['name']} ({one['code']})" for one in answer["areas"][:3]
    ]


def test_report_of_a_closing_leads_back(client: TestClient) -> None:
    library = client.get("/api/v1/support?kind=library&limit=1").json()["features"][0]
    page = client.get(f"/tools/closing?place={library['id']}").text
    address = f"/tools/closing/report.html?place={library['id']}&amp;threshold=1000"
    assert address in page
    report = client.get(address.replace("&amp;", "&"))
    assert report.status_code == 200
    assert f"If {library['properties']['name']} closed" in report.text.replace("&#39;", "'")


def test_report_of_nothing_there_is_refused_in_words(client: TestClient) -> None:
    assert client.get("/gaps/report.html?within=Nowhere").status_code == 404
    assert client.get("/gaps/report.odt").status_code in (404, 422)
    wrong = client.get("/tools/share/report.html?total=-1&level=ward")
    assert wrong.status_code == 422
