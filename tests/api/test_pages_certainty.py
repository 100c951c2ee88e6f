"""How sure a rank is by a reader's own settings, and places compared only with each other."""

import pytest
from starlette.testclient import TestClient

from .test_pages_html import HTML, page, rows

BINARY = "/api/v1/editions/tiny"
OWN = "weights=old:1,poor:5"


def test_profile_leads_to_intervals_by_ones_own_settings(client: TestClient) -> None:
    assert "/areas/E01000002/sure" not in page(client, "/areas/E01000002")
    html = page(client, f"/areas/E01000002?{OWN}")
    assert f'href="/areas/E01000002/sure?{OWN}"' in html
    sure = page(client, f"/areas/E01000002/sure?{OWN}")
    assert "by your settings" in sure
    assert "in 9 of 10 recalculations" in sure
    assert "1,000 times" in sure
    assert page(client, f"/areas/E01000002/sure?{OWN}") == sure  # the same seed, the same answer


def test_what_moves_the_rank_is_told_in_words(client: TestClient) -> None:
    html = page(client, f"/areas/E01000002/sure?effects=true&{OWN}")
    assert "How much each part counts" in html
    assert "Chance in small counts" in html or "One figure left out" in html


def test_intervals_that_cannot_be(client: TestClient) -> None:
    assert "small area" in page(client, "/areas/E06000001/sure", status=422)
    page(client, "/areas/E09999999/sure", status=404)
    page(client, f"/areas/E01000002/sure?{OWN}&base=moon", status=422)


def test_layer_of_certainty_follows_the_settings(client: TestClient) -> None:
    address = f"{BINARY}/layers/small_area/robustness.bin"
    assert client.get(address).status_code == 404  # the tiny edition has no published intervals
    assert client.get(f"{address}?weights=old:-1").status_code in (404, 422)


def test_only_the_places_named_are_compared(client: TestClient) -> None:
    asked = "/areas?kind=small_area&w-old=2&w-poor=1&base=selection&where=Bexhill"
    answer = client.get(asked, headers=HTML, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].endswith("base=selection&where=E06000002")
    html = page(client, answer.headers["location"])
    assert "compared only within Bexhill" in html
    assert rows(html)[0] == "The Môr (Bexhill 001B)"
    live = client.get(f"{BINARY}/values/small_area/risk.bin?base=selection&where=E06000002")
    assert live.content[:2] == b"\x00\x00"  # outside: no score, never the lowest
    assert "E06000002" in page(client, "/?base=selection&where=E06000002")


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("base=selection", 422),
        ("base=selection&where=,,", 422),
        ("base=selection&where=Xyzzyq", 404),
    ],
)
def test_places_that_cannot_be(client: TestClient, asked: str, status: int) -> None:
    page(client, f"/areas?{asked}", status=status)


def test_drivers_follow_the_settings(client: TestClient) -> None:
    html = page(client, "/areas/E01000003?weights=old:0,poor:5")
    drivers = html[html.index('id="drivers"') : html.index('id="similar"')]
    assert "by your settings" in drivers
    assert "Low income" in drivers
    assert "Aged 75 and over" not in drivers  # a figure that does not count drives nothing


def test_area_wider_than_the_groups_compared_has_no_score_and_no_error(client: TestClient) -> None:
    found = client.get("/api/v1/explain", params={"area": "E12000001", "base": "local_authority"})
    assert found.status_code == 200
    assert found.json()["score"] is None
    assert "not within one of the groups compared" in found.json()["sentence"]
    page(client, "/areas/E12000001?base=local_authority")
    listed = client.get("/api/v1/scores", params={"level": "region", "base": "local_authority"})
    assert [area["rank"] for area in listed.json()["areas"]] == [None]


@pytest.mark.parametrize("index", ["risk", "imd-2025", "deri-1.6", "older-people"])
def test_every_index_has_its_formula(client: TestClient, index: str) -> None:
    html = page(client, f"/method?index={index}")
    assert "The formula" in html
    assert "score = " in html
    if index == "imd-2025":
        assert "−23 × ln(1 − R × (1 − e^(−100 ÷ 23)))" in html
    assert "how not to use it" in html
