"""One document, three forms: a page, a PDF that is tagged, a Word file; opened again by others."""

import io
import sys
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from PIL import Image

from exclusion_map.exports.bars import Bars, bars_png, bars_svg
from exclusion_map.exports.document import (
    Bullets,
    Document,
    Heading,
    Linked,
    Paragraph,
    Picture,
    Table,
)
from exclusion_map.exports.document_html import document_page, document_parts
from exclusion_map.exports.docx import write_docx
from exclusion_map.exports.pdf import PdfError, PdfFaultError, write_pdf
from tests.pdf_checks import check_tagged

BARS = Bars(("high <1>", "low"), (30.0, float("nan")), (10.0, 90.0), "Here", "Elsewhere")
DOCUMENT = Document(
    title="Tea & <biscuits>",
    subject="What there is",
    foot="Edition 1",
    blocks=(
        Paragraph("There is tea.", tone="lede"),
        Heading("Tea", key="tea"),
        Paragraph("hot", topic="It is", tone="inset"),
        Bullets(("green", "black")),
        Table(
            caption="Teas",
            head=("Tea", "Cups"),
            rows=(("Green", "1"), (Linked("Black", "https://example.org/"), "2")),
            numeric=frozenset({1}),
        ),
        Heading("How much", 3),
        Picture(BARS, "Bars: here 30%.", "Cups of tea"),
    ),
)


def test_a_pdf_is_tagged_for_screen_readers(tmp_path: Path) -> None:
    pdf = write_pdf(document_page(DOCUMENT), title=DOCUMENT.title)
    kinds = check_tagged(pdf, title=DOCUMENT.title, folder=tmp_path)
    assert {"/H1", "/H2", "/H3", "/L", "/Table", "/Caption", "/TH", "/Figure", "/Link"} <= set(
        kinds
    )


def test_the_foot_of_pages_is_no_content() -> None:
    import pikepdf

    pdf = write_pdf(document_page(DOCUMENT), title="x")
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        parts = pikepdf.parse_content_stream(opened.pages[0])
    marked = [part.operands for part in parts if str(part.operator) == "BDC"]
    assert any(str(tag) == "/Artifact" and str(how.Type) == "/Pagination" for tag, how in marked)


@pytest.mark.parametrize(
    "body",
    [
        "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><rect width='9' "
        "height='9'/></svg><img src='https://example.org/x.png' alt='x'>",
        "<img src='file:///etc/hostname' alt='x'>",
        "<img src='data:image/gif;base64,"
        "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7'>",
    ],
)
def test_nothing_is_fetched_and_no_picture_goes_without_words(body: str) -> None:
    page = f"<html lang='en-GB'><title>x</title><h1>x</h1>{body}"
    with pytest.raises(PdfFaultError, match="holds all it shows"):
        write_pdf(page, title="x")


def test_without_weasyprint_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(PdfError, match=r"pip install 'exclusion-map\[pdf\]'"):
        write_pdf("<h1>x</h1>", title="x")


def test_a_word_file_opens_with_headings_tables_language_and_words_for_pictures() -> None:
    opened = docx.Document(io.BytesIO(write_docx(DOCUMENT)))
    assert opened.core_properties.title == DOCUMENT.title
    assert opened.core_properties.language == "en-GB"
    langs = {one.get(qn("w:val")) for one in opened.styles.element.iter(qn("w:lang"))}
    assert langs == {"en-GB"}
    styled = [(one.style.name, one.text) for one in opened.paragraphs]
    assert ("Heading 1", DOCUMENT.title) in styled
    assert ("Heading 2", "Tea") in styled
    assert ("Heading 3", "How much") in styled
    assert ("List Bullet", "black") in styled
    (table,) = opened.tables
    assert [cell.text for cell in table.rows[0].cells] == ["Tea", "Cups"]
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val")) == "Teas"
    assert table.rows[2].cells[0].text == "Black"
    (link,) = table.rows[2].cells[0].paragraphs[0].hyperlinks
    assert (link.text, link.address) == ("Black", "https://example.org/")
    assert sum(column.width.mm for column in table.columns) == pytest.approx(170, abs=0.1)
    (shape,) = opened.inline_shapes
    assert shape._inline.docPr.get("descr") == "Bars: here 30%."
    assert opened.sections[0].footer.paragraphs[0].text.startswith("Edition 1 Page ")


def test_pictures_hold_the_same_and_escape_names() -> None:
    svg = bars_svg(BARS, 'a "b" <c>')
    assert svg.index("<title>") < svg.index("<rect")
    assert "high &lt;1&gt;" in svg
    assert ">few<" in svg  # a share withheld is no bar of 0
    with Image.open(io.BytesIO(bars_png(BARS))) as image:
        assert image.width == 3 * 640
        assert len(image.getcolors(100_000) or []) > 3


def test_a_page_escapes_and_says_scope() -> None:
    page = document_page(DOCUMENT)
    assert "<h1>Tea &amp; &lt;biscuits&gt;</h1>" in page
    assert '<th scope="row"><a href="https://example.org/">Black</a></th>' in page
    parts = str(document_parts(DOCUMENT))
    assert "<h1" not in parts
    assert parts.count('class="em-chart-scroll"') == 1  # on a phone it moves, its words stay
    before, chart = parts.strip().split('<div class="em-chart-scroll"')
    assert before in page
    assert chart.split("</div>", 1)[1] in page


def test_headings_may_not_be_left_out_and_rows_must_fit() -> None:
    with pytest.raises(ValueError, match="level 3 below 1"):
        Document(title="x", foot="", blocks=(Heading("y", 3),))
    with pytest.raises(ValueError, match="more or fewer cells"):
        Table(caption="x", head=("a", "b"), rows=(("1",),))
