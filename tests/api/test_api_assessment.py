"""Impact assessments of Sampleshire: API, page, files."""

import csv
import io

import docx
import pytest
from starlette.testclient import TestClient

from exclusion_map.targeting.assessment.declared import groups


@pytest.fixture(scope="module")
def client(sample_client: TestClient) -> TestClient:
    return sample_client


@pytest.fixture(scope="module")
def council(client: TestClient) -> dict[str, str]:
    found: dict[str, str] = client.get("/api/v1/areas?kind=local_authority").json()["areas"][0]
    return found


def test_every_group_is_told_and_no_number_is_made_up(
    client: TestClient, council: dict[str, str]
) -> None:
    answer = client.get(f"/api/v1/assessment?where={council['code']}").json()
    assert council["name"] in answer["title"]
    told = {row["group"] for row in answer["groups"]}
    assert told == {group.name for group in groups().groups}
    for row in answer["groups"]:
        if row["seen"] == "not seen":
            assert row["value"] is row["stands_for"] is None
            assert "Cannot be seen" in row["note"]
            assert row["ask"]
    homeless = [row for row in answer["groups"] if "homelessness" in row["group"]]
    assert [row["seen"] for row in homeless] == ["not seen"]
    disabled = next(row for row in answer["groups"] if row["indicator"] == "disabled")
    assert disabled["low"] < disabled["value"] < disabled["high"]
    assert disabled["role"] == "direct"
    assert "March 2021" in disabled["date_and_source"]
    assert any("Scotland and Northern Ireland" in gap for gap in answer["gaps"])
    assert len({one["domain"] for one in answer["questions"]}) == 5
    low, middle, high = answer["risk"]["modelled_households_pct"]
    assert low < middle < high


@pytest.mark.parametrize("compare", ["", "all"])
def test_footprints_and_assessments_tell_the_same(
    client: TestClient, council: dict[str, str], compare: str
) -> None:
    inside = client.get(f"/api/v1/areas?kind=neighbourhood&within={council['code']}&size=3").json()
    codes = ",".join(one["code"] for one in inside["areas"])
    query = f"where={codes}&compare={compare}"
    footprint = client.get(f"/api/v1/footprint?{query}").json()
    told = client.get(f"/api/v1/assessment?{query}").json()
    assert told["compared_with"] == footprint["comparator"]["name"]
    assert told["people"] == pytest.approx(footprint["people"], abs=1)
    parts = {one["key"]: one for one in footprint["parts"]}
    shares = [row for row in told["groups"] if row["unit"] == "percent" and row["indicator"]]
    both = [row for row in shares if row["indicator"] in parts]
    assert len({row["indicator"] for row in both}) > 5
    for row in both:
        part = parts[row["indicator"]]
        assert row["value"] == pytest.approx(part["served_pct"], abs=0.006)
        assert row["comparator"] == pytest.approx(part["comparator_pct"], abs=0.006)
        assert row["low"] / row["comparator"] == pytest.approx(part["ratio_low"], abs=0.002)
        assert (row["compared"] == "about the same") == (part["reading"] == "no clear difference")
    worst = parts["tenth-1"]
    assert 100 * told["risk"]["worst_tenth"] == pytest.approx(worst["served_pct"], abs=0.01)


def test_files_hold_the_same(client: TestClient, council: dict[str, str]) -> None:
    address = f"/api/v1/assessment?where={council['code']}"
    answer = client.get(address).json()
    text = client.get(f"{address}&format=csv").text.removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["group"] for row in rows] == [row["group"] for row in answer["groups"]]
    assert [float(row["value"]) for row in rows if row["value"]] == [
        row["value"] for row in answer["groups"] if row["value"] is not None
    ]
    sent = client.get(f"{address}&format=docx")
    assert sent.headers["content-disposition"].endswith('.docx"')
    opened = docx.Document(io.BytesIO(sent.content))
    headings = [one.text for one in opened.paragraphs if one.style.name == "Heading 3"]
    assert {group.name for group in groups().groups} <= set(headings)
    assert "Your evidence and judgement" in [one.text for one in opened.tables[0].rows[0].cells]
    pdf = client.head(f"{address}&format=pdf")  # The browser's test takes it home.
    assert pdf.headers["content-type"] == "application/pdf"
    page = client.get(f"{address}&format=html").text
    assert answer["title"] in page
    assert "none of this is real" in page
    assert client.get(address, headers={"Accept": "text/csv"}).text.startswith("\ufeffpart,group")


def test_the_comparator_can_be_named(client: TestClient, council: dict[str, str]) -> None:
    code = council["code"]
    same = client.get(f"/api/v1/assessment?where={code}&compare={code}").json()
    assert same["compared_with"] == council["name"]
    shares = [row for row in same["groups"] if row["value"] is not None]
    assert all(row["value"] == row["comparator"] for row in shares)
    assert all(row["compared"] == "about the same" for row in shares)


def test_a_list_is_read_counted_and_protected(client: TestClient) -> None:
    areas = client.get("/api/v1/areas?kind=small_area&size=3").json()["areas"]
    codes = [area["code"] for area in areas]
    text = f"code,count\n{codes[0]},40\n{codes[1]},2\nnowhere,9\n"
    send = {"content": text, "headers": {"content-type": "text/csv"}}
    answer = client.post("/api/v1/assessment?name=Drop-in&compare=all", **send)
    told = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert told["title"].endswith(": Drop-in")
    assert told["people"] == 40  # 42, rounded
    rural = next(row for row in told["groups"] if row["indicator"] == "disabled")
    assert rural["high"] - rural["low"] > 5  # forty people are few
    page = client.post(
        "/tools/assessment", data={"name": "Drop-in"}, files={"file": ("list.csv", text)}
    )
    assert "2 of 3 rows were understood" in page.text
    few = {"where": codes[:1], "counts": [3]}
    refused = client.post("/api/v1/assessment", json=few)
    assert refused.status_code == 422
    assert "could be recognised" in refused.json()["expected"]


def test_the_page_asks_answers_and_gives_a_link(
    client: TestClient, council: dict[str, str]
) -> None:
    empty = client.get("/tools/assessment")
    assert "Try an example" in empty.text
    sent = client.post(
        "/tools/assessment",
        data={"where": council["name"], "compare": "", "basis": ""},
        follow_redirects=False,
    )
    assert sent.status_code == 303
    page = client.get(sent.headers["location"])
    assert page.status_code == 200
    assert council["name"] in page.text
    assert "What cannot be said" in page.text
    assert "format=docx" in page.text
    assert client.get("/tools").text.count('href="/tools/assessment"') == 1


@pytest.mark.parametrize(
    ("query", "status", "told"),
    [
        ("where=CH41+2AB", 422, "Send postcodes with POST"),
        ("where=nowhere+at+all", 404, "none of 1 rows can be understood"),
        ("where={code}&compare=nowhere+at+all", 404, "nowhere at all"),
        ("where={code}&index=nothing", 404, "no such index"),
        ("where={code}&format=doc", 422, "format"),
        ("where={code}&colour=red", 422, "colour"),
    ],
)
def test_bad_questions_are_told(
    client: TestClient, council: dict[str, str], query: str, status: int, told: str
) -> None:
    answer = client.get(f"/api/v1/assessment?{query.format(code=council['code'])}")
    assert answer.status_code == status
    assert told in answer.text
    if "format=" not in query and "colour" not in query:
        page = client.get(f"/tools/assessment?{query.format(code=council['code'])}")
        assert page.status_code == status
        assert "There is a problem" in page.text


def test_places_have_a_map_and_lists_of_people_none(
    client: TestClient, council: dict[str, str]
) -> None:
    page = client.get(f"/tools/assessment?where={council['code']}").text
    assert page.count(f"Map of {council['name']} by tenth of risk.") == 1
    word = client.get(f"/api/v1/assessment?where={council['code']}&format=docx")
    assert len(docx.Document(io.BytesIO(word.content)).inline_shapes) == 2
    [area] = client.get("/api/v1/areas?kind=small_area&size=1").json()["areas"]
    files = {"file": ("list.csv", f"code,count\n{area['code']},400\n")}
    listed = client.post("/tools/assessment", data={"compare": "all"}, files=files).text
    assert "People concerned by tenth of risk" in listed
    assert "by tenth of risk. The chart above" not in listed
