"""Reports over Sampleshire: pages, files opened and checked, what is refused."""

import csv
import io
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest
from starlette.testclient import TestClient

from api.routes import report_pages
from api.waiting import Waiting
from exclusion_map.editions import current_path
from exclusion_map.editions.reader import open_edition
from tests.pdf_checks import check_tagged


@pytest.fixture(scope="module")
def client(sample_client: TestClient) -> TestClient:
    return sample_client


@pytest.fixture(scope="module")
def codes(client: TestClient) -> list[str]:
    areas = client.get("/api/v1/areas?kind=local_authority").json()["areas"]
    return [area["code"] for area in areas[:2]]


def test_json_agrees_with_the_profile(client: TestClient, codes: list[str]) -> None:
    told = client.get(f"/api/v1/reports.json?codes={','.join(codes)}").json()
    assert [place["code"] for place in told["places"]] == codes
    assert told["comparison"]
    assert told["address"] == f"/reports?codes={','.join(codes)}"
    for place in told["places"]:
        area = client.get(f"/api/v1/areas/{place['code']}").json()
        assert place["score"]["score"] == pytest.approx(area["standing"]["score"])
        assert place["score"]["rank"] == area["standing"]["rank"]
        assert place["score"]["score_low"] <= place["score"]["score_high"]
        facts = {fact["indicator"]: fact["value"] for fact in area["indicators"]}
        for driver in place["drivers"]:
            assert driver["value"] == pytest.approx(facts[driver["indicator"]])
        inside = {one["kind"]: one["inside"] for one in area["support_inside"]}
        assert {one["kind"]: one["inside"] for one in place["support"]["kinds"]} == inside
        assert place["change"] is None or place["change"]["old"]
        people = sum(one["people"] for one in place["people"]["tenths"])
        assert people == pytest.approx(place["people"]["population"])


def test_csv_and_workbook_hold_the_figures(client: TestClient, codes: list[str]) -> None:
    query = f"codes={','.join(codes)}"
    told = client.get(f"/api/v1/reports.json?{query}").json()
    text = client.get(f"/api/v1/reports.csv?{query}").text.removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text)))
    scores = [
        float(row["value"])
        for row in rows
        if row["item"].startswith("Score, 0") and row["figure"] == "Figure"
    ]
    assert scores == [place["score"]["score"] for place in told["places"]]
    sent = client.get(f"/api/v1/reports.xlsx?{query}")
    assert sent.headers["content-disposition"].endswith('-and-1-more.xlsx"')
    book = pd.read_excel(io.BytesIO(sent.content), engine="calamine", sheet_name=None, header=2)
    assert list(book)[:3] == ["Side by side", "Summary", "Score"]
    assert list(book)[-2:] == ["Notes", "Sources"]
    drivers = book["Drivers"]
    first = told["places"][0]["drivers"][0]
    row = drivers[(drivers["Code"] == codes[0]) & (drivers["Figure"] == first["label"])].iloc[0]
    assert row["Here"] == pytest.approx(first["value"])
    assert row["Points"] == pytest.approx(first["points"])
    assert len(book["Sources"]) == len(told["sources"])
    with ZipFile(io.BytesIO(sent.content)) as packed:
        sheet = packed.read("xl/worksheets/sheet3.xml").decode()
    assert '<pane xSplit="1" ySplit="3"' in sheet  # headings stay in view
    assert "<autoFilter" in sheet


def test_a_pdf_that_screen_readers_can_read(
    client: TestClient, codes: list[str], tmp_path: Path
) -> None:
    pytest.importorskip("weasyprint", reason="WeasyPrint is not installed: pip install .[pdf]")
    sent = client.get(f"/api/v1/reports.pdf?codes={codes[0]}")
    assert sent.status_code == 200
    assert sent.headers["content-type"] == "application/pdf"
    title = client.get(f"/api/v1/reports.json?codes={codes[0]}").json()["title"]
    kinds = check_tagged(sent.content, title=title, folder=tmp_path)
    assert kinds.count("/Table") >= 5
    assert kinds.count("/Figure") >= 3


def test_pages_show_the_report(client: TestClient, codes: list[str]) -> None:
    page = client.get(f"/reports/{codes[0]}")
    assert page.status_code == 200
    for question in ("How high is the risk", "What drives it?", "What help is there?"):
        assert question in page.text
    assert "style=" not in page.text
    assert f"/reports/map.svg?codes={codes[0]}" in page.text
    drawn = client.get(f"/reports/map.svg?codes={codes[0]}")
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    assert "<title" in drawn.text
    assert client.get("/reports/report.css").headers["content-type"].startswith("text/css")
    assert f'href="/reports/{codes[0]}"' in client.get(f"/areas/{codes[0]}").text
    both = client.get(f"/reports?codes={codes[0]}&add={codes[1]}").text
    assert "How do these places differ?" in both
    assert (
        f"/reports?codes={','.join(codes)}" in client.get(f"/compare?areas={','.join(codes)}").text
    )
    saved = client.get("/reports", params={"codes": f"http://a/compare?areas={','.join(codes)}"})
    assert "How do these places differ?" in saved.text
    assert "Make the report" in client.get("/reports").text


def test_lists_of_ones_own(client: TestClient) -> None:
    wards = client.get("/api/v1/areas?kind=ward").json()["areas"]
    first, second = (area["code"] for area in wards[:2])
    asked = {"codes": first, "together": f"Our <patch>: {first}, {second}"}
    told = client.get("/api/v1/reports.json", params=asked).json()
    people = sum(area["population"] for area in wards[:2])
    assert told["places"][1]["name"] == "Our <patch>"
    assert told["places"][1]["people"]["population"] == pytest.approx(people)
    assert told["places"][1]["score"]["higher_than"] is not None
    page = client.get("/reports", params=asked).text
    assert "Our &lt;patch&gt;" in page
    assert "Our <patch>" not in page


def test_lines_of_the_box_are_lists(client: TestClient) -> None:
    wards = client.get("/api/v1/areas?kind=ward").json()["areas"]
    first, second = (area["code"] for area in wards[:2])
    two = client.get("/reports", params={"together": f"North: {first}\r\nSouth: {second}"}).text
    assert "How do these places differ?" in two
    one = client.get("/reports", params={"together": f"Both: {first}\r\n{second}"}).text
    assert "How do these places differ?" not in one
    assert "Risk of digital exclusion: Both" in one


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/api/v1/reports.json", 422, "none"),
        ("/api/v1/reports.json?codes=nowhere+at+all", 404, "nowhere"),
        ("/api/v1/reports.docx?codes=x", 422, "form"),
        ("/api/v1/reports.json?codes=x&index=none", 404, "index"),
        ("/api/v1/reports.json?together=nowhere", 404, "list of places"),
        ("/reports?codes=nowhere+at+all", 404, "There is a problem"),
        ("/reports/E99999999", 404, "E99999999"),
    ],
)
def test_what_cannot_be_told_is_refused(
    client: TestClient, address: str, status: int, words: str
) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    assert words in answer.text


def test_more_than_ten_are_refused(client: TestClient) -> None:
    areas = client.get("/api/v1/areas?kind=small_area&size=11").json()["areas"]
    query = ",".join(area["code"] for area in areas)
    answer = client.get(f"/api/v1/reports.json?codes={query}")
    assert answer.status_code == 422
    assert "from 1 to 10" in answer.text


def test_a_page_says_that_it_is_being_made(
    client: TestClient, codes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(Waiting):
        async def done(self, *_: object, **__: object) -> bool:
            return False

    monkeypatch.setattr(report_pages, "waiting_of", lambda _: Slow())
    page = client.get(f"/reports/{codes[0]}?index=exclusion").text
    assert "Making the report" in page
    assert f'content="2;url=/reports/{codes[0]}?index=exclusion"' in page


def test_postcodes_stand_in_no_address_of_a_report(
    client: TestClient, sample_processed: Path
) -> None:
    index = open_edition(current_path(sample_processed)).postcodes
    assert index is not None
    area, _, _, live = index.places_at(np.arange(len(index)))
    postcode = index._codes[int(np.flatnonzero((area >= 0) & live)[0])].decode()
    asked = {"together": f"Patch: {postcode}"}
    for address in ("/reports", "/reports/map.svg", "/api/v1/reports.json"):
        refused = client.get(address, params=asked)
        assert refused.status_code == 422
        assert "postcode" in refused.text
        assert postcode not in refused.headers.get("location", "")
    page = client.post("/reports", data=asked)
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert "no link to this report" in page.text
    assert "Link to this report" not in page.text
    book = client.post("/reports", data={**asked, "form": "xlsx"})
    assert book.content.startswith(b"PK")
    data = client.post("/api/v1/reports.json", json={"together": asked["together"].splitlines()})
    assert data.json()["address"] == "/reports"
    plain = client.post("/reports", data={"codes": "nowhere"}, follow_redirects=False)
    assert plain.headers["location"] == "/reports?codes=nowhere"
