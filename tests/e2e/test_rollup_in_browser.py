"""Adding up a list without any script: type, send, read, download; and a file from the disk."""

import csv
import json
from pathlib import Path
from urllib.request import urlopen

import geopandas as gpd
import pytest

from .conftest import Site, Watched

pytestmark = pytest.mark.browser


def test_a_list_is_added_up_and_downloaded_without_scripts(
    sample_site: Site, scriptless: Watched, tmp_path: Path
) -> None:
    with urlopen(f"{sample_site.base}/api/v1/areas?kind=ward&size=2") as answer:
        wards = [area["code"] for area in json.load(answer)["areas"]]
    page = scriptless.open(f"{sample_site.base}/rollup")
    page.get_by_label("Places, one per line or with commas").fill("\n".join([*wards, "nowhere"]))
    page.get_by_role("button", name="Add them up").click()
    assert page.url.endswith("/rollup")  # what nobody understood may tell of people
    assert page.get_by_text("There is no link to this result").is_visible()
    assert page.get_by_role("heading", name="1 entry was left out").is_visible()
    assert page.get_by_text("Modelled", exact=True).is_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the small areas (CSV)").click()
    saved = tmp_path / "areas.csv"
    download.value.save_as(saved)
    with saved.open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) > 1


def test_lists_from_a_file_are_compared_without_scripts(
    sample_site: Site, scriptless: Watched, tmp_path: Path
) -> None:
    with urlopen(f"{sample_site.base}/api/v1/areas?kind=small_area&size=2") as answer:
        first, second = (area["code"] for area in json.load(answer)["areas"])
    listed = tmp_path / "lists.csv"
    listed.write_text(f"pcn,code\nHill,{first}\nDale,{second}\n")
    page = scriptless.open(f"{sample_site.base}/rollup")
    page.get_by_label("Or a file").set_input_files(listed)
    page.get_by_role("button", name="Add them up").click()
    assert page.get_by_role("rowheader", name="Hill").is_visible()
    assert page.get_by_text("Hill comes first").is_visible()


def test_a_boundary_of_a_map_program_is_added_up_without_scripts(
    sample_site: Site, scriptless: Watched, tmp_path: Path
) -> None:
    with urlopen(f"{sample_site.base}/api/v1/areas?kind=ward&size=1") as answer:
        ward = json.load(answer)["areas"][0]["code"]
    with urlopen(f"{sample_site.base}/api/v1/areas/{ward}/outline") as answer:
        outline = gpd.GeoDataFrame.from_features([json.load(answer)], crs=4326)
    saved = tmp_path / "ours.gpkg"
    outline.to_crs(27700).to_file(saved, layer="ours")
    page = scriptless.open(f"{sample_site.base}/rollup")
    page.get_by_label("Or a file").set_input_files(saved)
    page.get_by_role("button", name="Add them up").click()
    assert page.get_by_text("postcodes in use").first.is_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the small areas (CSV)").click()
    with Path(download.value.path()).open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) > 1
    page.get_by_label("Or a file").set_input_files(
        {"name": "ours.zip", "mimeType": "application/zip", "buffer": b"%PDF-1.7"}
    )
    page.get_by_role("button", name="Add them up").click()
    assert page.get_by_role("alert").get_by_text("a PDF document").is_visible()
