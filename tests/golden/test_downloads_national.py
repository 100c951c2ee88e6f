"""A country in one GeoPackage, and an integrated care board in one light map."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from exclusion_map.areas.scoring import Question
from exclusion_map.editions.downloads import AreaOrder
from exclusion_map.editions.jobs import AreaJob
from exclusion_map.editions.mapping import risk_map
from exclusion_map.editions.reader import open_edition
from exclusion_map.exports.formats import FileFormat
from exclusion_map.index import Definition
from exclusion_map.maps import folium_page
from exclusion_map.maps.folium_page import page_text

pytestmark = pytest.mark.national


def test_every_small_area_fits_a_geopackage(national_edition: Path, tmp_path: Path) -> None:
    edition = open_edition(national_edition)
    index = edition.manifest.indices[0]
    path = tmp_path / "areas.gpkg"
    AreaJob(
        folder=national_edition,
        question=Question(definition=Definition.parse(index.definition, index.id)),
        order=AreaOrder(),
        form=FileFormat.GPKG,
    ).write(path)
    with closing(sqlite3.connect(path)) as package:
        count = package.execute("SELECT count(*), min(rank), max(rank) FROM small_areas")
        # ONS: 35,672 Lower layer Super Output Areas 2021 in England and Wales.
        assert count.fetchone() == (35_672, 1, 35_672)
        box = package.execute("SELECT min_x, min_y, max_x, max_y FROM gpkg_contents").fetchone()
    assert box == pytest.approx(edition.manifest.bounds, abs=1e-6)


def test_a_map_of_an_integrated_care_board_is_light(national_edition: Path) -> None:
    if not (folium_page.ASSETS / "folium.js").is_file():
        pytest.skip("the assets of maps are not built: run make assets")
    page = page_text(risk_map(national_edition, "E54000008"))
    assert page.count('"type": "Feature"') == 1601
    assert len(page.encode()) < 5_000_000
