"""Footprint over Sampleshire: API, page, files; no list is stored, logged or addressed."""

import base64
import csv
import io
import json
import logging
import re
import tempfile
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from starlette.testclient import TestClient

from exclusion_map.editions.reader import open_edition

SECRET = "ZZ99 9ZZ Zebediah"


@pytest.fixture(scope="module")
def client(sample_client: TestClient) -> TestClient:
    return sample_client


@pytest.fixture(scope="module")
def codes(sample_edition: Path) -> list[str]:
    index = open_edition(sample_edition).postcodes
    assert index is not None
    area, _, _, live = index.places_at(np.arange(len(index)))
    at = np.flatnonzero((area >= 0) & live)
    return [index._codes[row].decode().strip() for row in at[:: max(len(at) // 200, 1)].tolist()]


def csv_of(codes: list[str]) -> bytes:
    lines = [f"{at};{code.lower()};{at % 7 + 1}" for at, code in enumerate(codes)]
    return ("\ufeffref;Postcode;count\r\n" + "\r\n".join(lines)).encode()


def test_residents_of_places_by_address(client: TestClient, council: str) -> None:
    address = f"/api/v1/footprint?where={council}&compare=all&draws=20"
    sent = client.get(address)
    assert sent.status_code == 200
    told = sent.json()
    assert told["basis"] == "residents"
    tenths = [part for part in told["parts"] if part["kind"] == "tenth"]
    unscored = told["people"] - sum(part["served"] for part in tenths)
    assert unscored == pytest.approx(0, abs=1)
    assert all(part["ratio_low"] is None for part in tenths)
    assert any(part["other_low"] is not None for part in tenths)
    assert {"age", "disability"} & {one["group"] for one in told["drivers"]}
    assert any("inclusion health" in note for note in told["notes"])
    assert client.get(address).json() == told
    rows = list(csv.DictReader(io.StringIO(client.get(f"{address}&format=csv").text)))
    assert len(rows) == len(told["parts"])
    book = pd.read_excel(
        io.BytesIO(client.get(f"{address}&format=xlsx").content), engine="calamine", sheet_name=None
    )
    assert book["Data"]["key"].tolist() == [part["key"] for part in told["parts"]]
    assert set(book["Dictionary"]["name"]) == set(book["Data"].columns)
    missed = client.get(f"{address}&format=csv&part=neighbourhoods").text
    assert missed.splitlines()[0].endswith(
        "code,name,high_risk_people,served_high_risk,expected,short"
    )


def test_a_list_in_every_form_gives_the_same(client: TestClient, codes: list[str]) -> None:
    data = csv_of(codes)
    by_form = client.post("/api/v1/footprint?compare=all", files={"file": ("a.csv", data)}).json()
    as_body = client.post(
        "/api/v1/footprint?compare=all", content=data, headers={"content-type": "text/csv"}
    ).json()
    listed = {"where": codes, "counts": [at % 7 + 1 for at in range(len(codes))]}
    as_json = client.post("/api/v1/footprint?compare=all", json=listed).json()
    assert by_form["parts"] == as_body["parts"] == as_json["parts"]
    assert by_form["basis"] == "counts"
    assert by_form["matching"]["matched"] == {"postcode": len(codes)}
    book = io.BytesIO()
    pd.read_csv(io.BytesIO(data), sep=";").to_excel(book, index=False)
    as_book = client.post(
        "/api/v1/footprint?compare=all", files={"file": ("a.xlsx", book.getvalue())}
    ).json()
    assert as_book["parts"] == by_form["parts"]
    for part in by_form["parts"]:
        if part["kind"] != "group" and part["served"] is not None:
            assert part["served"] % 5 == 0
    assert by_form["people"] % 5 == 0


def test_what_is_not_understood_comes_back_with_the_reason(
    client: TestClient, codes: list[str]
) -> None:
    text = "postcode,count\n" + "\n".join([f"{codes[0]},20", "=cmd(),3", f"{codes[1]},<5", ",4"])
    told = client.post("/api/v1/footprint", content=text, headers={"content-type": "text/csv"})
    matching = told.json()["matching"]
    assert matching["rows"] == 4
    assert [one["line"] for one in matching["unmatched"]] == [3, 4, 5]
    assert matching["reasons"]["a count that is withheld"] == 1
    sent = client.post(
        "/api/v1/footprint?format=csv&part=unmatched",
        content=text,
        headers={"content-type": "text/csv"},
    )
    assert sent.headers["cache-control"] == "no-store"
    rows = list(csv.DictReader(io.StringIO(sent.text.removeprefix("\ufeff"))))
    assert [row["line"] for row in rows] == ["3", "4", "5"]
    assert rows[0]["postcode"] == "'=cmd()"  # no spreadsheet runs it


def test_outlines_sites_and_refusals(client: TestClient, codes: list[str], council: str) -> None:
    outline = client.get(f"/api/v1/areas/{council}/outline").json()
    shape = outline.get("geometry", outline)
    whole = client.post("/api/v1/footprint", json={"polygon": shape}).json()
    assert whole["matching"]["matched"] == {"outline": 1}
    file = json.dumps(shape).encode()
    as_file = client.post("/api/v1/footprint", files={"file": ("area.geojson", file)}).json()
    assert as_file["people"] == pytest.approx(whole["people"], rel=0.01)
    sites = client.post("/api/v1/footprint?radius=800", json={"where": codes[:3]}).json()
    assert sites["matching"]["matched"] == {"site": 3}
    assert sites["basis"] == "residents"
    few = client.post("/api/v1/footprint", json={"where": codes[:4]})
    assert few.status_code == 422
    assert "7 or fewer" in few.json()["found"]
    assert client.post("/api/v1/footprint", json={}).status_code == 422
    assert client.post("/api/v1/footprint", json={"where": ["nowhere"]}).status_code == 404
    uneven = client.post("/api/v1/footprint", json={"where": codes[:3], "counts": [1]})
    assert uneven.status_code == 422
    assert client.get(f"/api/v1/footprint?where={council}&compare=Nowhere").status_code == 404


def test_postcodes_are_refused_in_addresses(client: TestClient, codes: list[str]) -> None:
    for address in ("/api/v1/footprint", "/tools/footprint", "/tools/footprint.svg"):
        sent = client.get(f"{address}?where={codes[0]}")
        assert sent.status_code == 422
        assert "logged" in sent.text


def test_nothing_of_a_list_is_stored_or_logged(
    client: TestClient,
    codes: list[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    # Two megabytes: a form of that size would go to a temporary file by the framework's own ways.
    long = [f"{code},{SECRET},{'x' * 80}" for code in codes * 80]
    data = ("postcode,name,more\n" + "\n".join([*long, f"{SECRET},a,b"])).encode()
    assert len(data) > 1_500_000
    opened: list[str] = []
    held = tempfile.SpooledTemporaryFile.rollover
    monkeypatch.setattr(
        tempfile.SpooledTemporaryFile,
        "rollover",
        lambda self: (opened.append("rolled"), held(self)),
    )
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))  # nothing can be made
    with caplog.at_level(logging.DEBUG):
        sent = client.post("/api/v1/footprint?compare=all", files={"file": ("a.csv", data)})
        bad = client.post("/api/v1/footprint", files={"file": ("a.csv", SECRET.encode())})
    assert sent.status_code == 200
    assert bad.status_code == 404
    assert opened == []
    assert not list(tmp_path.iterdir())
    said = caplog.text + " ".join(str(record.__dict__) for record in caplog.records)
    for secret in ("Zebediah", "ZZ99", codes[0]):
        assert secret not in said
    assert "Zebediah" not in bad.text
    assert sent.headers["cache-control"] == "no-store"
    kept = list(vars(client.app.state.footprint_held).values())  # type: ignore[attr-defined]
    assert all("Zebediah" not in repr(one.__dict__) for one in kept)


def hrefs(page: str) -> dict[str, bytes]:
    found = re.findall(
        r'href="data:[^;"]+;(?:charset=utf-8;)?base64,([^"]+)" download="([^"]+)"', page
    )
    return {unescape(name): base64.b64decode(unescape(coded)) for coded, name in found}


def test_the_page_carries_its_files(client: TestClient, codes: list[str]) -> None:
    data = csv_of(codes) + b"\r\n9;rubbish;3"
    form = {"compare": "all", "name": "A <b>list</b>"}
    sent = client.post("/tools/footprint", files={"file": ("a.csv", data)}, data=form)
    assert sent.status_code == 200
    assert sent.headers["cache-control"] == "no-store"
    assert "A &lt;b&gt;list" in sent.text
    assert "no link to this result" in sent.text
    assert "Inclusion health groups" in sent.text
    files = hrefs(sent.text)
    assert sorted(name.rpartition(".")[2] for name in files) == ["csv", "csv", "csv", "xlsx"]
    unmatched = next(body for name, body in files.items() if "not-understood" in name)
    assert b"rubbish" in unmatched
    people = next(
        body for name, body in files.items() if name.endswith(".csv") and "people" in name
    )
    told = client.post("/api/v1/footprint?compare=all&format=csv", files={"file": ("a.csv", data)})
    assert people.decode("utf-8-sig") == told.text.removeprefix("\ufeff").replace("\r\n", "\r\n")


def test_places_have_a_link_and_postcodes_have_none(client: TestClient, council: str) -> None:
    start = client.get("/tools/footprint").text
    example = unescape(re.findall(r'href="(/tools/footprint\?[^"]+)"', start)[0])
    shown = client.get(example)
    assert shown.status_code == 200
    assert "other readings" in shown.text
    sent = client.post("/tools/footprint", data={"where": council}, follow_redirects=False)
    assert sent.status_code == 303
    assert council in sent.headers["location"]
    for table in (f"{council},40\n{council},2", f"code\n{council}", f"{council};Here\n{council};"):
        counted = client.post("/tools/footprint", data={"where": table}, follow_redirects=False)
        assert counted.status_code == 200
        assert "Link to this result" not in counted.text
    assert client.get(f"/tools/footprint.svg?where={council}&compare=all").text.startswith("<svg")
    book = client.get(f"/tools/footprint.xlsx?where={council}&compare=all")
    assert book.content.startswith(b"PK")
    wrong = client.post("/tools/footprint", data={"where": "nowhere at all"})
    assert wrong.status_code == 404
    assert "There is a problem" in wrong.text
    assert "/tools/footprint" in client.get("/tools").text
