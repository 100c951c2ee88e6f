import csv
import io

import pytest
import shapely
from starlette.testclient import TestClient


def test_profile_of_a_small_area(client: TestClient) -> None:
    profile = client.get("/api/v1/areas/E01000004").json()
    assert profile["label"] == "The Môr (Bexhill 001B)"
    assert [parent["kind"] for parent in profile["parents"]] == [
        "nation",
        "region",
        "local_authority",
        "ward",
        "neighbourhood",
    ]
    standing = profile["standing"]
    assert (standing["rank"], standing["ranked"], standing["decile"]) == (1, 4, 1)
    assert standing["base"] == "small areas in England"
    assert standing["data_share"] == pytest.approx(2 / 3)
    assert profile["rural_urban"] is None


def test_a_profile_says_its_figures_in_people_and_compared_with_what(client: TestClient) -> None:
    profile = client.get("/api/v1/areas/E01000002").json()
    old = next(fact for fact in profile["indicators"] if fact["indicator"] == "old")
    assert old["people"] == "about 400 of 2,000 people"
    assert old["higher_than"] == pytest.approx(33.3)
    assert old["comparison"] == "lower than 67% of small areas in England"
    assert (old["source_title"], old["vintage"]) == ("Census 2021", "March 2021")


def test_missing_data_is_null_and_says_why(client: TestClient) -> None:
    profile = client.get("/api/v1/areas/E01000004").json()
    poor = next(fact for fact in profile["indicators"] if fact["indicator"] == "poor")
    assert (poor["value"], poor["people"], poor["quality"]) == (None, "", "missing")
    assert profile["missing"] == [
        {
            "indicator": "poor",
            "label": "Low income",
            "reason": "The source has no figure for this place.",
        }
    ]


def test_what_drives_the_score_adds_up_to_it(client: TestClient) -> None:
    small = [client.get(f"/api/v1/areas/E0100000{n}").json() for n in range(1, 5)]
    sums = [sum(driver["points"] for driver in one["drivers"]) for one in small]
    # Contributions are told from the median of the base, so differences are those of the scores.
    assert sums == sorted(sums)
    assert sums[3] - sums[0] == pytest.approx(100, abs=0.1)
    assert small[3]["drivers"][0]["indicator"] == "old"


def test_profile_of_a_larger_area(client: TestClient) -> None:
    profile = client.get("/api/v1/areas/E06000002").json()
    assert profile["small_areas"] == 2
    assert profile["population"] == 7000
    assert profile["standing"]["worst_tenth_people"] == pytest.approx(4000)
    inside = {count["kind"]: count["inside"] for count in profile["support_inside"]}
    assert inside == {"library": 1, "gp_practice": 1, "pharmacy": 0, "jobcentre": 0}
    assert profile["lead"].startswith("Bexhill: ranked 1 of 2 local authorities in England")


def test_the_lead_names_the_nearest_library(client: TestClient) -> None:
    lead = client.get("/api/v1/areas/E01000004").json()["lead"]
    assert "the nearest library is 7 km away in a straight line, Bexhill Library" in lead
    assert "About 4,000 people live here" in lead


def test_the_nearest_place_of_each_kind(client: TestClient) -> None:
    nearest = client.get("/api/v1/areas/E01000001").json()["nearest_support"]
    assert [(near["kind"], near["name"]) for near in nearest] == [
        ("library", "Ashford Library"),
        ("gp_practice", "The Surgery"),
    ]
    assert nearest[0]["distance_m"] == 0
    # 0.3 degrees of longitude at 51.05 north.
    assert nearest[1]["distance_m"] == pytest.approx(20_970, rel=0.01)


@pytest.mark.parametrize("code", ["e01000001", " E01000001"])
def test_codes_are_taken_as_people_write_them(client: TestClient, code: str) -> None:
    assert client.get(f"/api/v1/areas/{code}").json()["code"] == "E01000001"


def test_an_unknown_area_is_404_and_says_what_to_do(client: TestClient) -> None:
    answer = client.get("/api/v1/areas/E99999999")
    assert answer.status_code == 404
    assert "/search" in answer.json()["mend"]


def test_outline_is_geojson(client: TestClient) -> None:
    for code, west in (("E01000003", -0.8), ("E06000001", -1.0)):
        answer = client.get(f"/api/v1/areas/{code}/outline")
        assert answer.headers["content-type"] == "application/geo+json"
        feature = answer.json()
        shape = shapely.geometry.shape(feature["geometry"])
        assert shape.bounds[0] == pytest.approx(west)
        assert list(shape.bounds) == pytest.approx(feature["bbox"])


def codes(client: TestClient, query: str) -> list[str]:
    answer = client.get(f"/api/v1/areas?{query}")
    assert answer.status_code == 200, answer.text
    return [area["code"][-1] for area in answer.json()["areas"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "4321"),
        ("order=desc", "1234"),
        ("sort=population", "1234"),
        ("sort=name&order=desc", "4321"),
        ("within=E06000001", "21"),
        ("within=E54000001", "21"),
        ("decile=4", "3"),
        ("within=E06000001&decile=1", ""),
        ("kind=local_authority", "21"),
        ("kind=local_authority&within=E54000001", "1"),
        ("kind=ward&sort=worst_tenth_share&order=desc", "21"),
        ("size=3&page=2", "1"),
        ("page=9", ""),
    ],
)
def test_lists_are_filtered_sorted_and_paged(client, query: str, expected: str) -> None:
    assert codes(client, query) == list(expected)


def test_a_page_says_how_many_there_are(client: TestClient) -> None:
    page = client.get("/api/v1/areas?size=3").json()
    assert (page["total"], page["pages"], page["page"]) == (4, 2, 1)
    assert page["index"] == "risk"


def test_a_list_as_csv_is_whole_and_safe(client: TestClient) -> None:
    answer = client.get("/api/v1/areas?kind=ward&format=csv&size=1")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == (
        'attachment; filename="exclusion-map-tiny-ward.csv"'
    )
    assert 'rel="license"' in answer.headers["link"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["name"] for row in rows] == ["Môr", "'=Ashford & St Mary's"]
    assert rows[0]["population"] == "7000"
    assert rows[0]["score"] == "87.1"


def test_missing_figures_are_empty_cells(client: TestClient) -> None:
    answer = client.get("/api/v1/areas?within=e06000002&format=csv")
    assert "small-area-E06000002.csv" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0]["worst_tenth_share"] == ""


@pytest.mark.parametrize(
    ("query", "status", "told"),
    [
        ("within=E99999999", 404, "E99999999"),
        ("index=other", 404, "risk"),
        ("kind=street", 422, "small_area"),
        ("decile=0", 422, "at least 1"),
        ("page=0", 422, "page"),
        ("size=501", 422, "500"),
        ("sort=colour", 422, "rank"),
        ("format=xml", 422, "csv"),
        ("colour=red", 422, "within"),
    ],
)
def test_wrong_questions_say_what_was_expected(client, query, status, told) -> None:
    answer = client.get(f"/api/v1/areas?{query}")
    assert answer.status_code == status
    assert told in answer.text
