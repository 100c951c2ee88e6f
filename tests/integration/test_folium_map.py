"""Folium maps as files: what is in them, that neighbours still touch, and that names cannot act."""

import re
from pathlib import Path

import numpy as np
import pytest
import shapely

from exclusion_map.editions.mapping import risk_map
from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.errors import InvalidRequestError, NotFoundError
from exclusion_map.exports.shapes import Outlines
from exclusion_map.maps import folium_page, legend_html
from exclusion_map.maps.choropleth import MapAreas, MapWords, draw
from exclusion_map.maps.folium_page import page_text
from exclusion_map.maps.outlines import light
from exclusion_map.maps.palette import DECILE_COLOURS
from exclusion_map.terms import AreaKind

WORDS = MapWords(title="Map", sentence="Darker is riskier.", kind="small areas", base="areas")


@pytest.fixture(scope="module")
def edition(sample_edition: Path) -> Edition:
    if not (folium_page.ASSETS / "folium.js").is_file():
        pytest.skip("the assets of maps are not built: run make assets")
    return open_edition(sample_edition)


def test_a_council_is_drawn_with_its_small_areas(edition: Edition) -> None:
    council = edition.atlas.level(AreaKind.LOCAL_AUTHORITY)
    page = page_text(risk_map(edition, council.codes[0]))
    small = edition.atlas.level(AreaKind.SMALL_AREA)
    mine = edition.atlas.members(council, 0)
    assert page.count('"type": "Feature"') == len(mine)
    assert all(small.codes[row] in page for row in mine)
    assert any(colour in page for colour in DECILE_COLOURS)
    assert "is invented" in page
    assert "Source: " in page


def test_a_page_asks_for_nothing_from_elsewhere(edition: Edition) -> None:
    council = edition.atlas.level(AreaKind.LOCAL_AUTHORITY)
    page = page_text(risk_map(edition, council.codes[0], kind=AreaKind.WARD))
    assert not re.search(r"<script[^>]+src|<link[^>]+href|@import|url\(http", page)
    assert "Leaflet" in page
    assert "Vladimir Agafonkin" in page, "the licence of the heat layer stands in the page"


def test_weights_change_the_colours(edition: Edition) -> None:
    council = edition.atlas.level(AreaKind.LOCAL_AUTHORITY).codes[0]
    plain = page_text(risk_map(edition, council, kind=AreaKind.WARD))
    other = page_text(risk_map(edition, council, kind=AreaKind.WARD, weights={"english": 50}))
    assert [re.findall(r'"decile": (\d+)', page) for page in (plain, other)].count([]) == 0
    assert re.findall(r'"decile": (\d+)', plain) != re.findall(r'"decile": (\d+)', other)


def test_an_unknown_place_is_refused(sample_edition: Path) -> None:
    with pytest.raises(NotFoundError, match="none of E99999999"):
        risk_map(sample_edition, "E99999999")


def test_too_many_areas_are_refused() -> None:
    from exclusion_map.editions.jobs import check_count

    with pytest.raises(InvalidRequestError, match="35,672 areas"):
        check_count(35_672)


def test_names_cannot_act(edition: Edition) -> None:
    areas = MapAreas(
        names=["</script><script>alert(1)</script>", "{{ 7 * 7 }}"],
        codes=["E01000001", "E01000002"],
        decile=np.array([1, 0], dtype=np.uint8),
        people=np.array([1500.0, np.nan]),
        longitude=np.array([0.5, 1.5]),
        latitude=np.array([50.5, 50.5]),
        shapes=np.array([shapely.box(0, 50, 1, 51), shapely.box(1, 50, 2, 51)]),
    )
    page = page_text(draw(areas, WORDS))
    assert "<script>alert(1)" not in page
    # Read as a template, the second name would be the number 49.
    assert "&#123;&#123; 7 * 7 &#125;&#125;" in page
    assert ">49<" not in page
    assert f"url(#{legend_html.HATCH})" in page
    assert "There is not enough data" in page
    assert "No data" in page


def test_simplified_neighbours_leave_no_gaps(edition: Edition) -> None:
    rows = np.arange(len(edition.atlas.level(AreaKind.SMALL_AREA)), dtype=np.int64)
    parts = list(Outlines(edition.folder / "areas.parquet", rows).batches())
    shapes = shapely.from_wkb(np.concatenate(parts))
    made = light(shapes, most_points=4_000)
    assert shapely.get_num_coordinates(made).sum() < shapely.get_num_coordinates(shapes).sum()
    assert shapely.is_valid(made).all()
    whole, added = shapely.union_all(made).area, shapely.area(made).sum()
    # Nothing is counted twice and nothing falls between: the parts add up to the whole.
    assert added == pytest.approx(whole, rel=1e-6)
    assert whole == pytest.approx(shapely.union_all(shapes).area, rel=5e-3)
