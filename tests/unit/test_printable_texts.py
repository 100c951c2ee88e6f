"""Names that people type, in Word files, PDFs and their pages: nothing breaks, nothing runs."""

import io
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import docx
import pikepdf
import pytest
from python_calamine import CalamineWorkbook

from exclusion_map.exports.about import About
from exclusion_map.exports.dataset import Column, Dataset, Field, FieldType
from exclusion_map.exports.dataset_job import NoShapes
from exclusion_map.exports.document import Bullets, Document, Heading, Linked, Paragraph, Table
from exclusion_map.exports.document_html import document_page
from exclusion_map.exports.docx import write_docx
from exclusion_map.exports.pdf import write_pdf
from exclusion_map.exports.xlsx import write_xlsx
from exclusion_map.printable import printable

HOSTILE = (
    '<script>x()</script>]]>&"=HYPERLINK("http://e")\x00\x01\x0b\x1b\x7f\ufffe\u202egnp.exe 😀'
)
KEPT = '<script>x()</script>]]>&"=HYPERLINK("http://e") gnp.exe 😀'


@pytest.fixture(scope="module")
def document() -> Document:
    table = Table(HOSTILE, ("a", HOSTILE), ((HOSTILE, Linked(HOSTILE, "https://example.org/")),))
    blocks = (Heading(HOSTILE), Paragraph(HOSTILE, topic=HOSTILE), Bullets((HOSTILE,)), table)
    return Document(HOSTILE, blocks, HOSTILE, subject=HOSTILE)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (HOSTILE, KEPT),
        ("a\u2028b\x0cc", "a b c"),
        ("two\n\tlines", "two\n\tlines"),
        ("\ud800 \ufeff\u2066x\u2069", " x"),
        ("क्‍ष 👩‍👧 Ynys Môn", "क्‍ष 👩‍👧 Ynys Môn"),
    ],
)
def test_only_what_no_file_can_hold_goes(text: str, kept: str) -> None:
    assert printable(text) == kept


def test_a_word_file_holds_any_name(document: Document) -> None:
    made = write_docx(document)
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        for name in parts.namelist():
            if name.endswith((".xml", ".rels")):
                ET.fromstring(parts.read(name))  # noqa: S314 - ours
    opened = docx.Document(io.BytesIO(made))
    assert opened.core_properties.title == KEPT
    assert KEPT in [paragraph.text for paragraph in opened.paragraphs]


def test_properties_of_a_word_file_are_cut_and_its_text_is_not() -> None:
    long = "A service with a name " * 20
    made = docx.Document(io.BytesIO(write_docx(Document(long, (), long, subject=long))))
    held = made.core_properties
    assert [len(text) for text in (held.title, held.subject, held.comments)] == [255] * 3
    assert made.paragraphs[0].text == long


def test_a_page_and_its_pdf_hold_any_name(document: Document) -> None:
    page = document_page(document)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "\x01" not in page
    made = write_pdf(page.replace("</h1>", "\x01</h1>"), title=HOSTILE)
    with pikepdf.open(io.BytesIO(made)) as opened:
        assert str(opened.docinfo["/Title"]) == KEPT
        ET.fromstring(opened.Root.Metadata.read_bytes().strip())  # noqa: S314 - ours
        assert "/OpenAction" not in opened.Root


def test_a_workbook_holds_any_name_and_prints_on_pages(tmp_path: Path) -> None:
    names = Column(
        Field(name="name", title="Name", description="", type=FieldType.TEXT), [HOSTILE, "=1+1"]
    )
    about = About(
        title=HOSTILE,
        edition="e",
        place="Ashford",
        synthetic=False,
        built="2026-11-23",
        code_version="0",
        selection=HOSTILE,
        how={HOSTILE: HOSTILE},
        notes=(HOSTILE,),
    )
    dataset = Dataset(
        name="t", file_name="t", key="name", columns=(names,), about=about, shapes=NoShapes()
    )
    write_xlsx(dataset, tmp_path / "t.xlsx")
    rows = CalamineWorkbook.from_path(tmp_path / "t.xlsx").get_sheet_by_name("Data").to_python()
    assert rows == [["name"], [KEPT], ["=1+1"]]
    with zipfile.ZipFile(tmp_path / "t.xlsx") as parts:
        for name in parts.namelist():
            ET.fromstring(parts.read(name))  # noqa: S314 - ours
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet, "text, and no formula"
    assert 'orientation="landscape"' in sheet
    assert '<pageSetUpPr fitToPage="1"/>' in sheet
