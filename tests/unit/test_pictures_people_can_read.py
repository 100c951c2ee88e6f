"""Charts with long names, keys a phone can read, and maps of places far apart."""

import io
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import pytest
from PIL import Image

from exclusion_map.editions.papers.picture import area_map
from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.editions.reports.charts import tenths_svg
from exclusion_map.editions.reports.model import TenthPart
from exclusion_map.editions.reports.picture import map_of
from exclusion_map.editions.reports.subjects import Subject
from exclusion_map.exports.bars import WIDTH, Bars
from exclusion_map.exports.document import Document, Picture
from exclusion_map.exports.document_html import document_page, document_parts
from exclusion_map.maps.area_map import Key
from exclusion_map.maps.palette import DECILE_COLOURS
from exclusion_map.terms import AreaKind

LONG = "NHS Bath and North East Somerset, Swindon and Wiltshire Integrated Care Board"


def test_a_long_name_of_a_comparator_is_whole_and_inside_the_picture() -> None:
    bars = Bars(("one", "two"), (30.0, 70.0), (50.0, 50.0), "People concerned", LONG)
    drawn = bars.svg("alt")
    lines = re.findall(r'<text x="210" [^>]*>([^<]*)</text>', drawn)
    assert " ".join(lines) == f"People concerned {LONG}"
    # A letter of the font is 8 pixels wide at most on average.
    assert all(210 + 7.4 * len(line) < WIDTH for line in lines)
    tops = [float(y) for y in re.findall(r'<text x="210" y="([^"]*)"', drawn)]
    assert tops == sorted(set(tops)), "lines of the key lie on each other"
    assert bars.top > max(tops), "the first bar lies on the key"
    with Image.open(io.BytesIO(bars.png())) as image:
        assert image.size == (3 * WIDTH, 3 * bars.height)


def test_a_short_name_takes_one_line() -> None:
    short = Bars(("one",), (1.0,), (2.0,), "Here", "There")
    long = replace(short, theirs=LONG)
    assert long.height == short.height + 14


def test_a_long_label_is_broken_between_words() -> None:
    bars = Bars(("People who cannot speak English well or at all",), (1.0,), (2.0,), "a", "b")
    lines = [line for _, _, line, anchor in bars.texts() if anchor == "end"]
    assert lines == ["People who cannot speak", "English well or at all"]


def test_numbers_lie_on_the_line_of_ten_per_cent_not_below_it() -> None:
    parts = [TenthPart(tenth=at, people=10.0, share=0.1) for at in range(1, 11)]
    drawn = tenths_svg("k", "Here", parts)
    assert drawn.index("stroke-dasharray") < drawn.index(">10%<")
    assert drawn.count('fill="#ffffff"') == 10, "each number has paper behind it"


@dataclass(frozen=True)
class Sketch:
    """A drawing with a key."""

    key: tuple[Key, ...] = (Key("#5b2a86", "High <risk>"), Key("", "no data"))
    width: int = 760

    def without_key(self) -> Self:
        return replace(self, key=())

    def svg(self, alt: str) -> str:
        return f"<svg><title>{alt}</title>{len(self.key)} drawn</svg>"

    def png(self) -> bytes:
        return b""


def test_a_page_sets_the_key_as_text_and_a_file_draws_it() -> None:
    document = Document("T", (Picture(Sketch(), "alt", "caption"),), foot="f")
    page, file = document_parts(document), document_page(document)
    assert "0 drawn" in page
    assert "High &lt;risk&gt;</li>" in page
    assert "no data</li>" in page
    assert "2 drawn" in file
    assert "<li>" not in file


@pytest.fixture(scope="module")
def edition(national_edition: Path) -> Edition:
    return open_edition(national_edition)


def _ends(edition: Edition) -> "np.ndarray[tuple[int], np.dtype[np.int32]]":
    """Return a dense small area far west and one far east: specks on a map of both."""
    level = edition.atlas.level(AreaKind.SMALL_AREA)
    wide = level.bbox[:, 2] - level.bbox[:, 0]
    east = np.where(wide < 0.02, level.longitude, np.nan)
    return np.sort(np.array([np.nanargmin(east), np.nanargmax(east)], dtype=np.int32))


@pytest.mark.national
def test_a_report_on_places_far_apart_has_dots_on_land(edition: Edition) -> None:
    rows = _ends(edition)
    asked = Subject(asked="x", name="Both ends", kind_label="list", where="", rows=rows)
    drawn = map_of(edition, edition.manifest.default_index, asked)
    assert drawn.count("<circle") == 2
    assert 'fill="#f4f2ef"' in drawn, "no land below"


@pytest.mark.national
def test_an_assessment_of_places_far_apart_colours_no_whole_council(edition: Edition) -> None:
    rows = _ends(edition)
    count = len(edition.atlas.level(AreaKind.SMALL_AREA))
    drawn = area_map(
        edition, "", np.ones(count, dtype=np.uint8), DECILE_COLOURS, title="", rows=rows
    )
    assert not drawn.classes.any()
    assert [dot.colour for dot in drawn.dots] == [DECILE_COLOURS[0]] * 2
