"""Changing what counts: forms, fragments, addresses and refusals, over the tiny edition."""

import json
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from exclusion_map.editions import new_edition, publish
from exclusion_map.settings import DataSettings, ServiceSettings
from exclusion_map.terms import AreaKind

from .conftest import LARGER, SMALL, manifest, write_edition
from .test_pages_html import HTML, page, rows

BINARY = "/api/v1/editions/tiny"


def test_sliders_show_the_published_weights_and_every_part_has_a_label(client: TestClient) -> None:
    html = page(client, "/lens")
    for part, weight in (("old", 2), ("poor", 1)):
        assert f'<label for="lens-{part}">' in html
        slider = re.search(rf'<input type="range"[^>]*id="lens-{part}"[^>]*>', html)
        assert slider is not None
        assert f'value="{weight}"' in slider[0]
        assert f'data-published="{weight}"' in slider[0]
    assert "compare" in html.lower()
    # There is no region-wide list of rural-urban classes to leave out here: the edition has them.
    assert '<option value="rural_urban">' in html


def test_form_leads_to_an_address_that_says_everything(client: TestClient) -> None:
    asked = "/areas?kind=small_area&index=risk&w-old=0&w-poor=5&base=all"
    answer = client.get(asked, headers=HTML, follow_redirects=False)
    assert answer.status_code == 303
    address = answer.headers["location"]
    assert "weights=old:0,poor:5" in address
    html = page(client, address)
    assert "with changed weights" in html
    # Only "poor" counts: C, the poorest with data, comes first, and D, without data, last.
    assert rows(html)[0] == "The Môr (Bexhill 001A)"
    assert rows(html)[-1] == "The Môr (Bexhill 001B)"


def test_form_at_the_published_weights_says_none(client: TestClient) -> None:
    asked = "/areas?index=risk&w-old=2&w-poor=1&base=all"
    answer = client.get(asked, headers=HTML, follow_redirects=False)
    assert "weights" not in answer.headers["location"]


def test_sliders_of_another_index_are_left_out(client: TestClient) -> None:
    asked = "/areas?index=skills&w-old=2&w-poor=1"
    answer = client.get(asked, headers=HTML, follow_redirects=False)
    assert answer.headers["location"] == "/areas?index=skills"


@pytest.mark.parametrize(
    "address",
    ["/areas?w-old=0&w-poor=0", "/areas?weights=old:0,poor:0", "/?weights=old:0,poor:0"],
)
def test_all_weights_0_are_refused_in_words(client: TestClient, address: str) -> None:
    assert "at least one part" in page(client, address, status=422)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("weights=old", 422),
        ("weights=old:-1", 422),
        ("weights=nothing:2", 422),
        ("base=planet", 422),
        ("base=selection", 422),
        ("index=none", 404),
    ],
)
def test_what_cannot_be_is_refused(client: TestClient, asked: str, status: int) -> None:
    page(client, f"/?{asked}", status=status)


def test_weights_given_as_published_are_the_plain_view(client: TestClient) -> None:
    assert 'data-plain="yes"' in page(client, "/lens?weights=old:2,poor:1")
    assert 'data-plain="no"' in page(client, "/lens?weights=old:2,poor:2")
    assert 'data-plain="no"' in page(client, "/lens?base=nation")


def test_changes_count_areas_and_people_that_enter_and_leave_the_worst_tenth(
    client: TestClient,
) -> None:
    html = page(client, "/ranking-changes?weights=old:0,poor:1")
    # Published, D alone is of the highest-risk tenth; by "poor" it has no score. C, then first, is
    # half of all people that are left, so that its middle lies in the third tenth.
    assert "<strong>0 small areas</strong> enter" in html
    assert "1 area has no score this way" in html
    assert "<strong>1</strong> (about 4,000 people) leaves" in html
    inside = page(client, "/ranking-changes?weights=old:0,poor:1&within=Ashford")
    assert "in Ashford" in inside
    assert "<strong>0 small areas</strong>" in inside
    part = page(client, "/ranking-changes?weights=old:0,poor:1&part=true")
    assert "<html" not in part
    assert "Nothing changes" in page(client, "/ranking-changes?part=true")


def test_map_page_opens_as_the_address_says(client: TestClient) -> None:
    html = page(client, "/?weights=old:0,poor:5&base=nation")
    assert "data-lens-box open" in html
    assert '<option value="nation" selected>' in html
    assert "with changed weights, compared with areas of its own nation" in html


def test_profile_and_panel_follow_the_lens_and_say_what_is_published(client: TestClient) -> None:
    panel = page(client, "/panel?code=E01000003&weights=old:0,poor:1")
    assert "by your settings" in panel
    assert "As published" in panel
    html = page(client, "/areas/E01000003?weights=old:0,poor:1")
    assert "By your settings" in html
    assert "/?area=E01000003&amp;weights=old:0,poor:1" in html


def test_profile_tells_parts_similar_areas_and_local_percentiles(client: TestClient) -> None:
    html = page(client, "/areas/E01000002")
    assert "The parts add up to that difference." in html
    assert "Which places are most like it?" in html
    # The riskier of the two small areas of Ashford: above 1 of 2, and half of itself.
    assert "75% of small areas in Ashford" in html


def test_legend_counts_follow_weights_and_layer(client: TestClient) -> None:
    address = f"{BINARY}/legend/small_area/risk"
    plain = client.get(address).json()["areas"]
    changed = client.get(f"{address}?weights=old:0,poor:1").json()["areas"]
    assert sum(plain) == sum(changed) == 4
    assert (plain[0], changed[0]) == (0, 1)
    assert client.get(f"{address}?layer=robustness").status_code == 404


def test_edition_without_extra_tables_offers_no_layer_of_them(client: TestClient) -> None:
    html = page(client, "/")
    # The way to the nearest place needs no table of its own.
    assert re.findall('value="([a-z]+)" data-show', html) == ["index", "gaps"]
    assert client.get(f"{BINARY}/layers/small_area/estimate.bin").status_code == 404
    assert client.get(f"{BINARY}/layers/small_area/index.bin").content == bytes([10, 8, 4, 1])
    assert "Modelled" not in page(client, "/areas/E01000001")


@pytest.fixture(scope="module")
def richer(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """A client over the tiny edition with intervals and a modelled estimate."""
    processed: Path = tmp_path_factory.mktemp("richer")
    with new_edition(processed, "tiny") as folder:
        write_edition(folder)
        intervals = {
            "index": ["risk"] * 4,
            "kind": ["small_area"] * 4,
            "code": SMALL,
            "rank_low": pa.array([3, 2, 1, 0], pa.int32()),
            "rank_high": pa.array([4, 4, 2, 0], pa.int32()),
            "decile_low": pa.array([6, 4, 1, 0], pa.uint8()),
            "decile_high": pa.array([10, 9, 3, 0], pa.uint8()),
            "p_worst_tenth": [0.0, 0.01, 0.87, np.nan],
            "robustness": ["robustly low", "depends on judgement", "robustly high", "no score"],
        }
        pq.write_table(pa.table(intervals), folder / "uncertainty.parquet")
        shares = {AreaKind.SMALL_AREA: SMALL, **{kind: list(held) for kind, held in LARGER.items()}}
        kinds = [kind.value for kind, codes in shares.items() for _ in codes]
        share = np.array([3.0, 11.0, np.nan, 40.0] + [7.0] * (len(kinds) - 4))
        estimate = {
            "kind": kinds,
            "code": [code for codes in shares.values() for code in codes],
            "estimate": share,
            "low": share * 0.8,
            "high": share * 1.2,
            "observed": np.full(len(kinds), np.nan),
        }
        for name, total in (("households", 500), ("people", 1000)):
            for end, factor in (("_low", 0.8), ("", 1.0), ("_high", 1.2)):
                estimate[f"{name}{end}"] = share * total * factor / 100
        pq.write_table(pa.table(estimate), folder / "estimate.parquet")
        publish(folder, manifest("tiny"))
    app = create_app(ServiceSettings(), DataSettings(processed_dir=processed))
    with TestClient(app, raise_server_exceptions=False) as made:
        yield made


def test_a_long_list_of_codes_is_no_name(client: TestClient) -> None:
    once = "E01000001,E01000002"
    named = rows(page(client, f"/areas?base=selection&where={once}"))
    assert rows(page(client, f"/areas?base=selection&where={once}{f',{once}' * 10}")) == named


def test_layers_are_classes_in_feature_order(richer: TestClient) -> None:
    sure = richer.get(f"{BINARY}/layers/small_area/robustness.bin")
    assert sure.content == bytes([4, 2, 1, 0])
    assert "immutable" in sure.headers["cache-control"]
    # 3 % is below the lowest edge, 40 % above the highest; one area has no estimate.
    estimate = richer.get(f"{BINARY}/layers/small_area/estimate.bin")
    assert estimate.content == bytes([7, 2, 0, 1])
    # Of Ashford's people 2,000 of 3,000 live where it depends; of Bexhill's, D has no class.
    wide = richer.get(f"{BINARY}/layers/local_authority/robustness.bin")
    assert wide.content == bytes([2, 1])


def test_map_offers_the_layers_with_legends_in_words(richer: TestClient) -> None:
    html = page(richer, "/?show=robustness")
    shown = re.findall('value="([a-z]+)" data-show', html)
    assert shown == ["index", "robustness", "estimate", "gaps"]
    assert "Depends on judgement" in html
    assert '<section class="em-legend" data-legend-layer="index"' in html
    assert re.search(r'data-legend-layer="index"[^>]* hidden', html)
    assert not re.search(r'data-legend-layer="robustness"[^>]* hidden', html)
    config = json.loads(re.search(r'id="map-config">(.*?)</script>', html)[1])
    assert [len(colours) for colours in config["layers"].values()] == [10, 4, 7, 9]
    counts = richer.get(f"{BINARY}/legend/small_area/risk?layer=robustness").json()
    assert counts["areas"] == [1, 1, 1, 0, 1]


def test_profile_tells_intervals_and_estimate_in_words(richer: TestClient) -> None:
    html = page(richer, "/areas/E01000003")
    assert "Between rank 1 and 2 in 9 of 10 recalculations" in html
    assert "in the highest-risk tenth in 87% of them" in html
    assert "Robustly high" in html
    assert "Modelled" not in html
    estimated = page(richer, "/areas/E01000002")
    assert "About 44 to 66 of 1,000 households" in estimated
    assert "Depends on judgement" in page(richer, "/panel?code=E01000002")


def test_method_of_every_index_has_its_effects(client: TestClient) -> None:
    html = page(client, "/method")
    assert "What each figure really does to the score" in html
    assert "Do figures count the same thing twice?" in html
    # "old" and "poor" rise together: a correlation of 1 is warned of.
    assert "what they share counts twice" in html
    other = page(client, "/method?index=imd-2025")
    assert "This edition has no data for" in other
    page(client, "/method?index=none", status=404)
