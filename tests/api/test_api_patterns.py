"""Local patterns: API, page and layer of the map, over patterns given by hand."""

import json
from collections.abc import Iterator

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

from .conftest import SCORES, SMALL, manifest, read_csv, write_edition

HTML = {"accept": "text/html"}


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
