"""Areas together over the tiny edition: spread, roll-ups, patterns and changes, by hand."""

import csv
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from exclusion_map.areas.hotspot_table import hotspot_summary, hotspot_table
from exclusion_map.areas.hotspots import hotspots
from exclusion_map.editions import new_edition, publish
from exclusion_map.geography.contiguity import Contiguity, write_contiguity
from exclusion_map.settings import DataSettings, ServiceSettings
from exclusion_map.terms import AreaKind

from .conftest import DEFINITION, SCORES, SMALL, manifest, publish_tiny, write_edition

HTML = {"accept": "text/html"}


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


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
    (one,) = roll(client, f"{code[:-3]} {code[-3:]},E01000001")["results"]
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


def test_page_redirects_a_short_list_to_its_address(client: TestClient) -> None:
    sent = {"where": "E06000001\nnowhere"}
    answer = client.post("/rollup", files={"x": b""}, data=sent, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/rollup?where=E06000001,nowhere"
    html = client.get(answer.headers["location"], headers=HTML).text
    assert "1 entry was left out" in html
    assert "Together these 2 small areas" in html
    assert "E06000001\nnowhere</textarea>" in html


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


# Local patterns


@pytest.fixture(scope="module")
def patterned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The tiny edition with patterns given by hand: A low among low, D high among high."""
    processed = tmp_path_factory.mktemp("patterned")
    borders = Contiguity(
        np.array([0, 1, 3, 4, 4], dtype=np.int32), np.array([1, 0, 2, 1], dtype=np.int32)
    )  # a row of three, and an island
    scores = np.array(SCORES[AreaKind.SMALL_AREA])
    with new_edition(processed, "tiny") as folder:
        write_edition(folder)
        found = hotspots(scores, borders, permutations=999, adjust=False)
        frame = hotspot_table("risk", SMALL, found)
        frame["pattern"] = ["low_low", "low_high", "high_high", "island"]
        frame.to_parquet(folder / "hotspots.parquet", index=False)
        write_contiguity(borders, SMALL, folder / "contiguity.arrow")
        summary = json.loads(json.dumps(hotspot_summary(found, SMALL)))
        whole = manifest("tiny").model_copy(update={"validation": {"patterns": summary}})
        publish(folder, whole)
    app = create_app(ServiceSettings(), DataSettings(processed_dir=processed))
    with TestClient(app, raise_server_exceptions=False) as made:
        yield made


def test_patterns_area_by_area_with_what_they_rest_on(patterned: TestClient) -> None:
    found = patterned.get("/api/v1/patterns").json()
    assert [area["pattern"] for area in found["areas"]] == [
        "low_low", "low_high", "high_high", "island"
    ]  # fmt: skip
    summary = found["summary"]
    assert (summary["seed"], summary["permutations"]) == (1, 999)
    assert summary["floor"] == pytest.approx(0.002)
    assert summary["level"] == 0.05
    assert summary["islands"] == ["E01000004"]
    assert {one["id"]: one["areas"] for one in found["classes"]}["island"] == 1
    assert found["areas"][2]["local_authority"] == "Bexhill"
    assert found["areas"][3]["p"] is None


def test_patterns_are_filtered(patterned: TestClient) -> None:
    within = patterned.get("/api/v1/patterns?within=E06000002&pattern=high_high&format=csv")
    assert [row["code"] for row in read_csv(within.text)] == ["E01000003"]
    assert patterned.get("/api/v1/patterns?pattern=hot").status_code == 422
    assert patterned.get("/api/v1/patterns?index=skills").status_code == 404


def test_patterns_as_bytes_for_the_map(patterned: TestClient) -> None:
    address = "/api/v1/editions/tiny/layers/{}/patterns.bin"
    assert list(patterned.get(address.format("small_area")).content) == [4, 3, 1, 6]
    # Of Ashford 2,000 of 3,000 people live in B; of Bexhill 4,000 of 7,000 on the island.
    assert list(patterned.get(address.format("local_authority")).content) == [3, 6]
    legend = patterned.get("/api/v1/editions/tiny/legend/small_area/risk?layer=patterns").json()
    assert legend["areas"] == [0, 1, 0, 1, 1, 0, 1]


def test_page_of_patterns_and_the_profile(patterned: TestClient) -> None:
    html = patterned.get("/patterns", headers=HTML).text
    assert "1 small area, where about 3,000 people live, has a higher risk" in html
    assert 'href="/?show=patterns"' in html
    assert "The Môr (Bexhill 001B)" in html  # the island, by its name
    profile = patterned.get("/areas/E01000003", headers=HTML).text
    assert "Higher risk among higher risk" in profile
    assert "Is it like its surroundings?" in profile
    home = patterned.get("/?show=patterns", headers=HTML).text
    assert 'data-legend-layer="patterns"' in home


def test_an_edition_without_patterns_says_so(client: TestClient) -> None:
    assert client.get("/api/v1/patterns").status_code == 404
    html = client.get("/patterns", headers=HTML)
    assert html.status_code == 200
    assert "This edition does not say" in html.text
    assert "patterns" not in client.get("/", headers=HTML).text.split("<footer")[0]


# Two editions


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Two tiny editions: in the later one "old" weighs nothing, by the same data."""
    processed = tmp_path_factory.mktemp("changed")
    publish_tiny(processed, "before")
    with new_edition(processed, "after") as folder:
        write_edition(folder)
        turned = {**DEFINITION, "children": [{"indicator": "old", "weight": 0},
                                             {"indicator": "poor", "weight": 1}]}  # fmt: skip
        whole = manifest("after")
        indices = tuple(
            one.model_copy(update={"definition": turned}) if one.id == "risk" else one
            for one in whole.indices
        )
        sources = (*whole.sources[1:],)
        publish(folder, whole.model_copy(update={"indices": indices, "sources": sources}))
    app = create_app(ServiceSettings(), DataSettings(processed_dir=processed))
    with TestClient(app, raise_server_exceptions=False) as made:
        yield made


def test_one_edition_is_said_plainly(client: TestClient) -> None:
    found = client.get("/api/v1/changes").json()
    assert found["available"] is False
    assert "one edition" in found["reason"]
    assert "exclusion-map build" in found["reason"]
    html = client.get("/changes", headers=HTML)
    assert html.status_code == 200
    assert "holds one edition" in html.text
    assert client.get("/api/v1/changes?format=csv").status_code == 404


def test_two_editions_are_compared(changed: TestClient) -> None:
    found = changed.get("/api/v1/changes").json()
    assert (found["old"], found["new"]) == ("before", "after")
    assert found["summary"]["method_changes"] == ["index > old, weight: 2.0 to 0.0"]
    assert [one["fate"] for one in found["sources"]] == ["gone"]
    assert found["total"] == 4
    for area in found["areas"]:
        if area["score_by_data"] is not None:
            parts = area["score_by_data"] + area["score_by_method"] + area["score_by_program"]
            assert parts == pytest.approx(area["score_change"])
    rows = read_csv(changed.get("/api/v1/changes?format=csv&within=E06000001&sort=code").text)
    assert [row["code"] for row in rows] == SMALL[:2]


def test_page_of_changes(changed: TestClient) -> None:
    html = changed.get("/changes", headers=HTML).text
    assert "index &gt; old, weight: 2.0 to 0.0" in html
    assert "no longer used" in html
    assert 'value="before" selected' in html


@pytest.mark.parametrize(
    ("asked", "status"),
    [("old=after&new=after", 422), ("old=never", 404), ("index=skills2", 404), ("within=X", 404)],
)
def test_comparisons_that_cannot_be(changed: TestClient, asked: str, status: int) -> None:
    assert changed.get(f"/api/v1/changes?{asked}").status_code == status


def test_a_damaged_edition_is_left_out(tmp_path: Path) -> None:
    publish_tiny(tmp_path, "before")
    shutil.copytree(tmp_path / "editions" / "before", tmp_path / "editions" / "broken")
    (tmp_path / "editions" / "broken" / "manifest.json").write_text("{")
    app = create_app(ServiceSettings(), DataSettings(processed_dir=tmp_path))
    with TestClient(app) as made:
        found = made.get("/api/v1/changes").json()
    assert [one["id"] for one in found["editions"]] == ["before"]
