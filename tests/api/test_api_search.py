import pytest
from starlette.testclient import TestClient


def search(client: TestClient, query: str) -> dict:
    answer = client.get("/api/v1/search", params={"q": query})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_postcode_gives_its_small_area(client: TestClient) -> None:
    found = search(client, "ab1 1aa")
    (result,) = found["results"]
    assert (result["code"], result["matched"]) == ("E01000001", "postcode")
    assert result["matched_text"] == "AB1 1AA"
    assert result["point"] == [-0.95, 51.05]
    assert result["context"] == "Ashford"


@pytest.mark.parametrize(
    ("postcode", "count", "note"),
    [
        ("AB1 1AB", 1, "no longer in use"),
        ("ZE1 1AA", 0, "outside the area"),
        ("AB1 9ZZ", 0, "no postcode"),
    ],
)
def test_postcodes_that_need_a_word(client, postcode: str, count: int, note: str) -> None:
    found = search(client, postcode)
    assert len(found["results"]) == count
    assert note in found["note"]


def test_part_of_a_postcode_gives_the_neighbourhood(client: TestClient) -> None:
    result = search(client, "AB2")["results"][0]
    assert (result["code"], result["matched"]) == ("E02000002", "postcode_part")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("E01000003", "E01000003"),
        ("e06000002", "E06000002"),
        ("Bexhill", "E06000002"),
        ("bexhil", "E06000002"),
        ("bxehill", "E06000002"),
        ("the mor", "E02000002"),
        ("st marys", "E05000001"),
        ("saint mary's ashford", "E05000001"),
        ("ashford green", "E02000001"),
        ("Ashfordgreen", "E02000001"),
        ("Bexhill 001B", "E01000004"),
        ("Bexhill 001", "E02000002"),
        ("nhs ashford", "E54000001"),
        ("england", "E92000001"),
    ],
)
def test_names_and_codes_are_found(client: TestClient, query: str, code: str) -> None:
    results = search(client, query)["results"]
    assert results, query
    assert results[0]["code"] == code


def test_a_result_has_what_a_page_needs(client: TestClient) -> None:
    result = search(client, "Bexhill")["results"][0]
    assert result["kind_label"] == "local authority"
    assert result["url"] == "/areas/E06000002"
    assert result["decile"] == 2
    assert result["population"] == 7000
    assert result["bbox"] == pytest.approx([-0.8, 51.0, -0.6, 51.1])


def test_a_place_with_several_names_comes_once(client: TestClient) -> None:
    found = [result["code"] for result in search(client, "Ashford")["results"]]
    assert len(found) == len(set(found))


def test_nonsense_finds_nothing(client: TestClient) -> None:
    assert search(client, "qqqqzzzz xxxxx")["results"] == []
    assert search(client, "!!!")["results"] == []


@pytest.mark.parametrize(
    "query", ["q=", "q=%20", "", "q=x&limit=0", "q=x&page=2", "q=" + "x" * 121]
)
def test_searches_that_cannot_be(client: TestClient, query: str) -> None:
    answer = client.get(f"/api/v1/search?{query}")
    assert answer.status_code == 422
    assert answer.json()["expected"]
