"""Fair share over Sampleshire: API, page, files; the page of tools."""

import csv
import io

import pandas as pd
import pytest
from starlette.testclient import TestClient

from api.pages.tools import GROUPS


@pytest.fixture(scope="module")
def client(sample_client: TestClient) -> TestClient:
    return sample_client


def test_a_total_is_shared_and_told(client: TestClient, council: str) -> None:
    answer = client.get(f"/api/v1/share?total=150&what=computers&within={council}").json()
    assert answer["given"] == answer["total"] == 150
    assert sum(unit["given"] for unit in answer["units"]) == 150
    assert sum(unit["fair_share"] for unit in answer["units"]) == pytest.approx(150, abs=0.01)
    assert all(unit["why"] for unit in answer["units"])
    assert {"equal", "people", "worst-fifth", "score"} <= {rule["rule"] for rule in answer["rules"]}
    assert answer["title"].startswith("150 computers for ")
    assert answer["doubt"] is None


def test_csv_arrow_and_workbook_hold_the_same(client: TestClient, council: str) -> None:
    address = f"/api/v1/share?total=150&within={council}&minimum=1"
    told = client.get(address).json()
    text = client.get(f"{address}&format=csv").text.removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [float(row["given"]) for row in rows] == [unit["given"] for unit in told["units"]]
    sent = client.get(f"{address}&format=xlsx")
    assert sent.headers["content-disposition"].endswith('.xlsx"')
    book = pd.read_excel(io.BytesIO(sent.content), engine="calamine", sheet_name=None)
    assert list(book) == ["Data", "Notes", "Dictionary", "Sources"]
    assert book["Data"]["given"].tolist() == [unit["given"] for unit in told["units"]]
    assert set(book["Dictionary"]["name"]) == set(book["Data"].columns)
    rules = client.get(f"{address}&format=csv&part=rules").text
    assert rules.count("\n") == len(told["rules"]) + 1
    assert client.get(f"{address}&format=arrow").status_code == 200


def test_partners_of_ones_own(client: TestClient, council: str) -> None:
    wards = client.get(f"/api/v1/areas?kind=ward&within={council}").json()["areas"]
    first, second = (area["code"] for area in wards[:2])
    body = {
        "units": [
            {"name": "Library", "where": [first, second], "received": 3, "number": 1},
            {"name": "Charity", "where": [second], "minimum": 4, "number": 3},
        ]
    }
    split = client.post("/api/v1/share?total=20&rule=people", json=body).json()
    assert [unit["name"] for unit in split["units"]] == ["Library", "Charity"]
    assert any("named by several" in note for note in split["notes"])
    twice = client.post("/api/v1/share?total=20&rule=people&overlap=twice", json=body).json()
    assert twice["units"][1]["population"] == pytest.approx(
        2 * split["units"][1]["population"], abs=0.2
    )
    own = client.post("/api/v1/share?total=21&rule=own", json=body).json()
    assert [unit["given"] for unit in own["units"]] == [3, 18]
    again = {"units": [body["units"][0], body["units"][0]]}
    assert client.post("/api/v1/share?total=20", json=again).status_code == 422


def test_weights_move_rules_of_the_index_alone(client: TestClient, council: str) -> None:
    address = f"/api/v1/share?total=300&level=small_area&within={council}"
    plain, changed = (
        client.get(f"{address}&rule=exponential{more}").json()["units"]
        for more in ("", "&weights=age:9,disability:0")
    )
    assert [one["given"] for one in plain] != [one["given"] for one in changed]
    modelled = [client.get(f"{address}{more}").json()["units"] for more in ("", "&weights=age:9")]
    assert [one["given"] for one in modelled[0]] == [one["given"] for one in modelled[1]]


@pytest.mark.parametrize("rule", ["at-risk", "worst-fifth"])
def test_draws_tell_how_sure_it_is(client: TestClient, council: str, rule: str) -> None:
    answer = client.get(f"/api/v1/share?total=150&within={council}&rule={rule}&draws=30").json()
    assert answer["doubt"]["draws"] == 30
    assert bool(answer["parts"]) == (rule == "worst-fifth")
    assert all(0 <= part["double"] <= 150 for part in answer["parts"])
    for unit in answer["units"]:
        assert unit["given_low"] <= unit["given_median"] <= unit["given_high"]
        assert 0 <= unit["chance_of_as_much"] <= 1


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("total=0", 422, "more than 0"),
        ("total=10.5", 422, "whole number of steps"),
        ("total=3&minimum=1&level=small_area", 422, "minimums that add up to"),
        ("total=30&maximum=1&level=local_authority", 422, "room for"),
        ("total=30&within=nowhere-at-all", 404, "nowhere-at-all"),
        ("total=30&rule=own", 422, "no numbers of your own"),
        ("total=30&rule=luck", 422, "luck"),
        ("total=30&wishes=3", 422, "wishes"),
        ("total=30&draws=5000", 422, "5000"),
    ],
)
def test_what_cannot_be_is_refused(client: TestClient, query: str, status: int, said: str) -> None:
    answer = client.get(f"/api/v1/share?{query}")
    assert answer.status_code == status
    assert said in answer.text


def test_the_page_says_why_and_keeps_what_was_typed(client: TestClient, council: str) -> None:
    assert "Try an example" in client.get("/tools/share").text
    page = client.get(f"/tools/share?total=150&what=computers&within={council}").text
    assert "Who gets how many, and why" in page
    assert "What would other rules give?" in page
    assert 'src="/tools/share.svg?' in page
    sure = client.get(f"/tools/share?total=150&within={council}&draws=20&rule=score").text
    assert "Chance of as much" in sure
    assert "if one part of the index were weighted differently" in sure
    fault = client.get(f"/tools/share?total=a+lot&within={council}")
    assert fault.status_code == 422
    assert 'value="a lot"' in fault.text
    assert "expected a number" in fault.text
    drawn = client.get(f"/tools/share.svg?total=150&within={council}")
    assert drawn.headers["content-type"].startswith("image/svg+xml")


def test_a_form_becomes_an_address_and_a_file_an_answer(client: TestClient, council: str) -> None:
    fields = {"total": "£1,500", "what": "pounds", "within": council, "level": "ward"}
    sent = client.post("/tools/share", data=fields, follow_redirects=False)
    assert sent.status_code == 303
    assert sent.headers["location"].startswith("/tools/share?total=")
    assert client.get(sent.headers["location"]).status_code == 200
    wards = client.get(f"/api/v1/areas?kind=ward&within={council}").json()["areas"]
    table = "".join(
        f"Team {number} {'.' * 100},{wards[number % len(wards)]['code']}\n" for number in range(40)
    )
    file = ("partners.csv", f"partner,code\n{table}".encode(), "text/csv")
    long = client.post("/tools/share", data={"total": "40"}, files={"file": file})
    assert long.status_code == 200
    assert "<svg" in long.text
    down = client.post(
        "/tools/share", data={"total": "40", "download": "csv"}, files={"file": file}
    )
    rows = list(csv.DictReader(io.StringIO(down.text.removeprefix("\ufeff"))))
    assert sum(float(row["given"]) for row in rows) == 40
    book = client.post("/tools/share", data=fields | {"download": "xlsx"})
    assert len(pd.read_excel(io.BytesIO(book.content), engine="calamine", sheet_name="Data")) > 1


def test_every_tool_answers(client: TestClient) -> None:
    page = client.get("/tools")
    assert page.status_code == 200
    for group in GROUPS:
        for tool in group.tools:
            assert f'href="{tool.href}"' in page.text
            assert client.get(tool.href).status_code == 200, tool.href
