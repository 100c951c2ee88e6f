"""Areas together over the tiny edition: spread and roll-ups, by hand."""

import json

import pytest
from starlette.testclient import TestClient

from .conftest import SMALL, read_csv

HTML = {"accept": "text/html"}


def problem(answer) -> dict:
    assert answer.headers["content-type"].startswith("application/problem+json")
    return answer.json()


# The spread inside larger areas


def test_spread_of_authorities_by_hand(client: TestClient) -> None:
    found = client.get("/api/v1/spread?kind=local_authority&sort=worst_tenth").json()
    assert (found["kind"], found["total"]) == ("local_authority", 2)
    # B of 3,000 and D of 4,000 people have the two highest scores; each tenth holds 1,000 people.
    bexhill, ashford = found["areas"]
    assert (bexhill["name"], ashford["name"]) == ("Bexhill", "Ashford")
    assert bexhill["population"] == 7000
    assert (bexhill["lowest"], bexhill["highest"]) == (70.0, 100.0)
    assert ashford["worst_tenth"] == 0
    assert bexhill["worst_tenth_people"] == pytest.approx(bexhill["worst_tenth"] * 7000)


def test_spread_as_csv_is_sorted_and_whole(client: TestClient) -> None:
    rows = read_csv(client.get("/api/v1/spread?sort=name&format=csv").text)
    assert [row["name"] for row in rows] == ["Ashford", "Bexhill"]
    turned = read_csv(client.get("/api/v1/spread?sort=name&order=desc&format=csv").text)
    assert [row["name"] for row in turned] == ["Bexhill", "Ashford"]


def test_spread_of_small_areas_is_refused(client: TestClient) -> None:
    answer = client.get("/api/v1/spread?kind=small_area")
    assert answer.status_code == 422
    assert "wider kind" in problem(answer)["expected"]


def test_page_of_the_spread(client: TestClient) -> None:
    html = client.get("/spread?within=E12000001", headers=HTML).text
    assert "Where do averages hide high risk in North?" in html
    assert 'aria-sort="descending"' in html
    assert "/areas/E06000002#spread" in html
    assert client.get("/spread?sort=rank", headers=HTML).status_code == 422


def test_profile_of_a_wider_area_says_what_its_average_hides(client: TestClient) -> None:
    html = client.get("/areas/E06000002", headers=HTML).text
    assert "What does its average hide?" in html
    assert "score from 70 to 100" in html
    assert "What does its average hide?" not in client.get("/areas/E01000001", headers=HTML).text


# Roll-ups


def roll(client: TestClient, where: str, **more: str) -> dict:
    return client.get("/api/v1/rollup", params={"where": where, **more}).json()


def test_a_mixed_list_by_hand(client: TestClient) -> None:
    found = roll(client, "E06000001, e01000003,Bexhill,E01000001")
    (one,) = found["results"]
    # Ashford is A and B; Bexhill is C and D: all four, C and A once more.
    assert one["summary"]["small_areas"] == 4
    assert one["repeated"] == 2
    assert one["matched"] == {"area": 3, "name": 1}
    assert one["summary"]["score"] == pytest.approx((30 * 2 + 70 * 3 + 100 * 4) / 10)
    assert sum(one["summary"]["tenths"]) == 10_000
    assert one["summary"] == found["everywhere"]


def test_what_does_not_match_is_told_with_the_reason(client: TestClient) -> None:
    (one,) = roll(client, "E01000001,S01006506,E01999999,Z99999,AB1,nowhere at all")["results"]
    reasons = {each["text"]: each["reason"] for each in one["unmatched"]}
    assert one["unmatched_count"] == 5
    assert "Scotland" in reasons["S01006506"]
    assert "2011" in reasons["E01999999"]
    assert "GP practice" in reasons["Z99999"]
    assert "part of a postcode" in reasons["AB1"]
    assert "exact name" in reasons["nowhere at all"]


def test_postcodes_and_ambiguous_names(client: TestClient) -> None:
    atlas = client.app.state.service.edition  # type: ignore[attr-defined]
    code = bytes(atlas.postcodes._codes[0]).decode().strip()
    place = atlas.postcodes.find(code)
    body = {"where": [f"{code[:-3]} {code[-3:]}", "E01000001"]}
    (one,) = client.post("/api/v1/rollup", json=body).json()["results"]
    if place.area >= 0:
        assert one["matched"] == {"area": 1, "postcode": 1}
        assert "whole small area" in " ".join(one["notes"])


def test_several_lists_are_compared(client: TestClient) -> None:
    lists = {"North": ["E01000001", "E01000002"], "South": ["E01000004", "bad"]}
    found = client.post("/api/v1/rollup", json={"lists": lists}).json()
    assert [one["name"] for one in found["results"]] == ["North", "South"]
    assert [one["summary"]["score"] for one in found["results"]] == [20, 100]
    rows = read_csv(
        client.post("/api/v1/rollup?format=csv&part=summary", json={"lists": lists}).text
    )
    assert [(row["list"], float(row["score"])) for row in rows] == [("North", 20), ("South", 100)]
    assert rows[1]["entries_not_matched"] == "1.0"
    assert rows[0]["modelled_households"] == ""  # the tiny edition has no estimate


def test_an_outline_cuts_areas_by_their_postcodes(client: TestClient) -> None:
    whole = {"type": "Polygon", "coordinates": [[[-2, 50], [0, 50], [0, 52], [-2, 52], [-2, 50]]]}
    answer = client.post("/api/v1/rollup", json={"polygon": whole})
    (one,) = answer.json()["results"]
    assert one["summary"]["small_areas"] == 4
    assert one["cut"] == 0
    assert "postcodes" in one["notes"][0]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"where": ["E01000001"], "polygon": {"type": "Polygon"}},
        {"polygon": {"type": "Point", "coordinates": [0, 0]}},
        {"polygon": {"type": "Polygon", "coordinates": [[[9, 9], [9, 8], [8, 8], [9, 9]]]}},
        {"where": "E01000001"},
        {"places": ["E01000001"]},
    ],
)
def test_bodies_that_cannot_be_are_refused(client: TestClient, body: dict) -> None:
    assert client.post("/api/v1/rollup", json=body).status_code == 422


def test_a_list_of_strangers_is_not_found(client: TestClient) -> None:
    answer = client.get("/api/v1/rollup?where=zzz")
    assert answer.status_code == 404
    assert "zzz: no area code" in problem(answer)["found"]


def test_a_roll_up_equals_the_scores_of_the_same_list(client: TestClient) -> None:
    where = "E01000002,Bexhill"
    (one,) = roll(client, where, weights="old:3,poor:1")["results"]
    params = {"where": where, "weights": "old:3,poor:1", "format": "csv"}
    scores = read_csv(client.get("/api/v1/scores", params=params).text)
    people = dict(zip(SMALL, (1000, 2000, 3000, 4000), strict=True))
    total = sum(people[row["code"]] for row in scores)
    mean = sum(float(row["score"]) * people[row["code"]] for row in scores) / total
    assert one["summary"]["score"] == pytest.approx(mean)


def test_page_redirects_a_short_list_of_areas_to_its_address(client: TestClient) -> None:
    sent = {"where": "E06000001\nE01000003"}
    answer = client.post("/rollup", files={"x": b""}, data=sent, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/rollup?where=E06000001,E01000003"
    html = client.get(answer.headers["location"], headers=HTML).text
    assert "Together these 3 small areas" in html
    assert "E06000001\nE01000003</textarea>" in html
    assert "There is no link" not in html


@pytest.mark.parametrize("entry", ["nowhere", "{postcode}"])
def test_a_list_that_may_tell_of_people_stays_out_of_addresses(
    client: TestClient, entry: str
) -> None:
    postcodes = client.app.state.service.edition.postcodes  # type: ignore[attr-defined]
    code = bytes(postcodes._codes[0]).decode().strip()
    entry = entry.format(postcode=f"{code[:-3]} {code[-3:]}".lower())
    sent = {"where": f"E06000001\n{entry}"}
    answer = client.post(
        "/rollup", files={"x": b""}, data=sent, headers=HTML, follow_redirects=False
    )
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert "There is no link to this result" in answer.text
    assert f"/api/v1/rollup?where=E06000001,{entry}" not in answer.text
    assert f"E06000001\n{entry}</textarea>" in answer.text


def test_a_postcode_in_an_address_is_refused_with_the_reason(client: TestClient) -> None:
    where = {"where": "E06000001,ch41 2ab"}
    refused = client.get("/api/v1/rollup", params=where)
    assert refused.status_code == 422
    assert "logged on their way" in problem(refused)["mend"]
    page = client.get("/rollup", params=where, headers=HTML)
    assert page.status_code == 422
    assert "logged on their way" in page.text
    assert "E06000001\nch41 2ab</textarea>" in page.text  # one press sends it with the form
    # A practice code looks like a postcode with 0 for O, but none ends in these letters.
    assert client.get("/api/v1/rollup?where=E06000001,Y00100").status_code == 200


def test_page_takes_files_and_gives_them_back_as_tables(client: TestClient) -> None:
    text = b"pcn,code\nNorth,E01000001\nSouth,E01000004\n"
    html = client.post("/rollup", files={"file": ("pcn.csv", text)}, headers=HTML).text
    assert "2 lists, the highest score first. South comes first" in html
    again = client.post("/rollup", data={"lists": text.decode(), "download": "summary"})
    assert [row["list"] for row in read_csv(again.text)] == ["North", "South"]
    outline = {"type": "Polygon", "coordinates": [[[-2, 50], [0, 50], [0, 52], [-2, 52], [-2, 50]]]}
    html = client.post(
        "/rollup", files={"file": ("x.geojson", json.dumps(outline).encode())}, headers=HTML
    ).text
    assert "Together these 4 small areas" in html
    assert 'name="polygon"' in html


@pytest.mark.parametrize(
    ("files", "data", "words"),
    [
        ({"file": ("a.png", b"\x89PNG\xff\xfe")}, {}, "a picture (PNG)"),
        ({"file": ("a.geojson", b"{oops")}, {}, "broken JSON"),
        ({"file": ("a.csv", b"code\nE01000001\n")}, {"where": "E01000001"}, "both"),
        ({"file": ("a.csv", b"code\n\n")}, {}, "no code"),
    ],
)
def test_page_says_what_is_wrong_and_keeps_the_form(
    client: TestClient, files: dict, data: dict, words: str
) -> None:
    answer = client.post("/rollup", files=files, data=data, headers=HTML)
    assert answer.status_code == 422
    assert words in answer.text


def test_page_without_a_list_offers_an_example_that_works(client: TestClient) -> None:
    html = client.get("/rollup", headers=HTML).text
    example = html.split('<a href="/rollup?')[1].split('"')[0].replace("&amp;", "&")
    assert client.get(f"/rollup?{example}", headers=HTML).status_code == 200
