"""Reports of the tools: the same answer as the page, to print, to send or to work on."""

import html
import io
from pathlib import Path

import docx
import pytest
from fastapi.testclient import TestClient

from tests.pdf_checks import check_tagged

SHARE = "total=150&what=computers&level=ward"
ASKED = {
    "share": f"/tools/share/report.{{}}?{SHARE}",
    "matrix": "/tools/matrix/report.{}?group=aged_75_plus&go=yes",
    "sample": "/tools/sample/report.{}?areas=12&strata=fifth&seed=7",
    "gaps": "/gaps/report.{}?threshold=800",
    "precision": "/tools/sample/precision/report.{}?areas=30",
    "footprint": "/tools/footprint/report.{}?where=E07900002",
    "siting": "/tools/siting/report.{}?go=true&grid=2000&k=2",
}


@pytest.fixture(scope="module")
def client(sample_client: TestClient) -> TestClient:
    return sample_client


def cells(document: docx.document.Document, table: int) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in document.tables[table].rows]


@pytest.mark.parametrize("tool", ASKED)
def test_report_as_page_and_word_say_the_same(client: TestClient, tool: str) -> None:
    page = client.get(ASKED[tool].format("html"))
    assert page.status_code == 200, page.text
    assert ("none of this is real" in page.text) == (tool != "precision")
    assert "How to get the same answer" in page.text
    sent = client.get(ASKED[tool].format("docx"))
    assert sent.headers["content-disposition"].endswith(f'{tool}-report.docx"')
    made = docx.Document(io.BytesIO(sent.content))
    assert f">{made.core_properties.title}<" in page.text
    first = cells(made, 0)
    assert len(first) > 1
    assert all(told in html.unescape(page.text) for told in first[1])


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


def test_maps_and_charts_are_in_every_form(client: TestClient, tmp_path: Path) -> None:
    page = client.get(ASKED["matrix"].format("html")).text
    assert page.count("<figure") == 2
    made = docx.Document(io.BytesIO(client.get(ASKED["matrix"].format("docx")).content))
    assert len(made.inline_shapes) == 2
    for shape in made.inline_shapes:
        assert "table" in shape._inline.docPr.get("descr")
    title = made.core_properties.title
    sent = client.get(ASKED["matrix"].format("pdf")).content
    kinds = check_tagged(sent, title=title, folder=tmp_path)
    assert kinds.count("/Figure") == 2


@pytest.mark.parametrize(
    ("tool", "pictures"), {"share": 1, "sample": 2, "gaps": 1, "siting": 2, "footprint": 2}.items()
)
def test_each_picture_says_what_it_shows(client: TestClient, tool: str, pictures: int) -> None:
    drawn = client.get(ASKED[tool].format("html")).text.split("<figure")[1:]
    assert len(drawn) == pictures
    for figure in drawn:
        start = figure.index("<svg")
        title = figure.index("<title>", start)
        assert figure.index(">", start) + 1 == title
        assert len(figure[title : figure.index("</title>")]) > 40


LISTED = {
    "/tools/share": {"total": "9", "listed": "North: {0}\nSouth: {1}\n"},
    "/tools/matrix": {"group": "own", "figures": "place,number\n{0},30\n{1},4\n", "go": "yes"},
    "/tools/sample": {"areas": "6", "strata": "own", "csv": "area_code,patch\n{0},A\n{1},B\n"},
    "/tools/footprint": {"where": "{0}, 30\n{1}, 4\n"},
}


@pytest.mark.parametrize("page", LISTED)
def test_a_list_of_ones_own_has_a_report_that_is_not_kept(client: TestClient, page: str) -> None:
    small = client.get("/api/v1/areas?kind=small_area&size=2").json()
    codes = [one["code"] for one in small["areas"]]
    fields = {name: text.format(*codes) for name, text in LISTED[page].items()}
    sent = client.post(page, data=fields | {"download": "report.docx"})
    assert sent.status_code == 200, sent.text
    assert sent.headers["cache-control"] == "no-store"
    made = docx.Document(io.BytesIO(sent.content))
    told = [row for number in range(len(made.tables)) for row in cells(made, number)]
    assert any(row[0] == "List" and "send it again" in row[1] for row in told)
    assert not any(row[0] == "Address" for row in told)
    assert len(made.inline_shapes) >= 1


def test_the_calculator_has_a_table_a_file_and_a_report(client: TestClient) -> None:
    page = client.get("/tools/sample/precision?areas=40&interviews=10&icc=0.05").text
    report = "/tools/sample/precision/report.html?"
    address = page.split(f'href="{report}')[1].split('"')[0].replace("&amp;", "&")
    told = client.get(report + address).text
    # sqrt(0.25 x 1.45 / 400) x 1.96 = 5.9 points
    assert "to within 5.9 percentage points" in told
    rows = client.get("/api/v1/sample/precision?format=csv&areas=40&people=500").text.splitlines()
    assert rows[0].lstrip("\ufeff").startswith("areas,interviews,people_met")
    assert all(float(row.split(",")[2]) <= 500 for row in rows[1:])


def test_a_closing_has_a_map(client: TestClient) -> None:
    library = client.get("/api/v1/support?kind=library&limit=1").json()["features"][0]
    page = client.get(f"/tools/closing?place={library['id']}").text
    address = page.split('src="/tools/closing.svg')[1].split('"')[0].replace("&amp;", "&")
    drawn = client.get(f"/tools/closing.svg{address}")
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert "<circle" in drawn.text
    assert client.get("/tools/closing.svg?place=nowhere").status_code == 404


def test_report_of_nothing_there_is_refused_in_words(client: TestClient) -> None:
    assert client.get("/gaps/report.html?within=Nowhere").status_code == 404
    assert client.get("/gaps/report.odt").status_code in (404, 422)
    wrong = client.get("/tools/share/report.html?total=-1&level=ward")
    assert wrong.status_code == 422
