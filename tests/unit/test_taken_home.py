"""What people take home: nothing squeezed, nothing cut, and short on a phone without a script."""

import io

import docx
import pytest
from docx.shared import Mm

from exclusion_map.areas import phrases
from exclusion_map.editions.reports.charts import signed
from exclusion_map.editions.reports.page import MOST_BESIDE, article, beside
from exclusion_map.exports.document import Document, Heading, Linked, Paragraph, Table
from exclusion_map.exports.document_html import document_file, document_page, document_parts
from exclusion_map.exports.docx import write_docx
from exclusion_map.maps.legend_image_sheet import Mark, Words, to_svg

ADDRESS = "https://map.example.org/tools/footprint?where=" + ",".join(["E05011118"] * 9)
DOCUMENT = Document(
    title="Who is served",
    foot="Who is served.",
    blocks=(
        Heading("Where this comes from", key="again"),
        Table("Where", ("What", "Which"), (("Address", Linked(ADDRESS, ADDRESS)),)),
        Heading("Age", 3, key="age", folds=True),
        Paragraph("People aged 65 and over."),
        Heading("Long", key="long"),
        Table("Long", ("Area", "People"), tuple((f"Area {at}", "7") for at in range(13))),
    ),
)


def test_a_long_address_squeezes_no_other_column_of_a_word_file() -> None:
    made = docx.Document(io.BytesIO(write_docx(DOCUMENT)))
    what, which = made.tables[0].rows[0].cells
    assert what.width >= Mm(18)
    assert what.width + which.width <= Mm(171)
    foot = made.sections[0].footer._element.xml
    assert 'w:instr="PAGE"' in foot
    assert 'w:instr="NUMPAGES"' in foot


def test_what_folds_on_a_phone_stands_whole_in_every_file() -> None:
    page, parts = document_page(DOCUMENT), document_parts(DOCUMENT)
    assert "<details" not in page
    # One for the part that folds, one for the table of more than twelve rows.
    assert parts.count("<details") == parts.count("</details>") == 2
    assert parts.count("<div") == parts.count("</div>")
    folded = parts[parts.index('<div class="em-folded">') : parts.index('id="long"')]
    assert "People aged 65 and over." in folded
    assert "Area 12" in parts


def test_a_page_to_keep_has_its_style_inside_and_fetches_nothing() -> None:
    kept, printed = document_file(DOCUMENT), document_page(DOCUMENT)
    assert kept.count("<style>") == 1
    assert "@media screen {" in kept
    assert "@media print {" in kept
    assert not [one for one in ("<link", "<script", "@import", "url(") if one in kept]
    # WeasyPrint has the style of print already.
    assert "<style>" not in printed


def test_a_map_of_its_own_has_a_scale_for_phones_and_one_in_a_page_none() -> None:
    marks: list[Mark] = [Words(0, 9, "1 km", part="scale"), Words(0, 20, "Credit", part="credit")]
    alone = to_svg(marks, 100, 50, title="Map", alt="A map")
    assert "<style>@media" in alone
    assert 'class="em-map-scale"' in alone
    assert "<style>" not in to_svg(marks, 100, 50, title="Map", alt="A map", inside=True)
    assert "<style>" not in to_svg([Words(0, 9, "Key")], 100, 50, title="Key", alt="A key")


@pytest.mark.parametrize(
    ("points", "said"), [(2.04, "+2.0"), (-1.96, "−2.0"), (0.04, "0.0"), (-0.04, "0.0")]
)
def test_points_have_a_true_minus_and_none_for_nothing(points: float, said: str) -> None:
    assert signed(points) == said


def test_places_side_by_side_fit_a_sheet_in_tables_of_one_width() -> None:
    assert [beside(count) for count in (2, 5, 6, 7, 10)] == [2, 5, 3, 4, 5]
    assert max(beside(count) for count in range(2, 11)) == MOST_BESIDE


def test_whole_kilometres_and_regions_are_said_as_people_say_them() -> None:
    assert [phrases.distance(way) for way in (600, 1000, 2449)] == ["600 m", "1 km", "2.4 km"]
    assert article("North East") == "the North East"
    assert article("North East Lincolnshire") == "North East Lincolnshire"
