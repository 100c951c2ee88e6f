"""A document as a Word file that screen readers can read: real headings, header rows, a language.

Accessible as Microsoft's checker means it: title and language, headings in order, tables with a
header row that repeats and a name, pictures with words.
"""

import io
from collections.abc import Callable, Mapping
from typing import Any, Final

from exclusion_map.exports.bars import WIDTH, bars_png
from exclusion_map.exports.document import (
    Bullets,
    Cell,
    Document,
    Heading,
    Linked,
    Paragraph,
    Picture,
    Table,
)

DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_TABLE_STYLE: Final = "Table Grid"
_TONES: Final[Mapping[str, str]] = {"inset": "Intense Quote", "banner": "Intense Quote"}
_INK: Final = "1D1A24"


def write_docx(document: Document) -> bytes:
    """Return a document as a Word file."""
    import docx  # Not needed to start.

    file = docx.Document()
    _styles(file, document)
    properties = file.core_properties
    properties.title, properties.subject = document.title, document.subject
    properties.language, properties.author = document.lang, "Exclusion Map"
    properties.comments = document.foot
    file.sections[0].footer.paragraphs[0].text = document.foot
    file.add_heading(document.title, level=1)
    writers: dict[type, Callable[[Any, Any], None]] = {
        Heading: _heading,
        Paragraph: _paragraph,
        Bullets: _bullets,
        Table: _table,
        Picture: _picture,
    }
    for block in document.blocks:
        writers[type(block)](file, block)
    made = io.BytesIO()
    file.save(made)
    return made.getvalue()


def _styles(file: Any, document: Document) -> None:
    """Set page, font, language and colours: the template of the library speaks American English."""
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt, RGBColor

    page = file.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Mm(20)
    for lang in file.styles.element.iter(qn("w:lang")):
        lang.set(qn("w:val"), document.lang)
    file.styles["Normal"].font.name, file.styles["Normal"].font.size = "Arial", Pt(11)
    ink = RGBColor.from_string(_INK)
    names = [f"Heading {level}" for level in (1, 2, 3, 4)]
    for name in (*names, "Intense Quote", "Caption"):
        style = file.styles[name]
        style.font.name, style.font.color.rgb = "Arial", ink
        # The theme's font would win over the name.
        fonts = style.element.rPr.rFonts
        for key in [key for key in fonts.attrib if key.endswith("Theme")]:
            del fonts.attrib[key]
    for name, size in zip((*names, "Caption"), (22, 16, 13, 11, 11), strict=True):
        file.styles[name].font.size = Pt(size)
    file.styles["Intense Quote"].font.italic = False


def _heading(file: Any, block: Heading) -> None:
    file.add_heading(block.text, level=block.level)


def _paragraph(file: Any, block: Paragraph) -> None:
    made = file.add_paragraph(style=_TONES.get(block.tone))
    if block.topic:
        made.add_run(f"{block.topic}: ").bold = True
    run = made.add_run(block.text)
    if block.tone == "lede":
        from docx.shared import Pt

        run.font.size = Pt(13)


def _bullets(file: Any, block: Bullets) -> None:
    for item in block.items:
        file.add_paragraph(item, style="List Bullet")


def _table(file: Any, block: Table) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    caption = file.add_paragraph(block.caption, style="Caption")
    caption.paragraph_format.keep_with_next = True
    made = file.add_table(rows=1 + len(block.rows), cols=len(block.head), style=_TABLE_STYLE)
    named = OxmlElement("w:tblCaption")
    named.set(qn("w:val"), block.caption)
    made._tbl.tblPr.append(named)
    first = made.rows[0]._tr.get_or_add_trPr()
    first.append(OxmlElement("w:tblHeader"))
    # Cells are taken row by row: to look each up by its position is slow in this library.
    for number, (row, texts) in enumerate(zip(made.rows, (block.head, *block.rows), strict=True)):
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for at, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            paragraph = cell.paragraphs[0]
            run = paragraph.add_run(_plain(text))
            run.bold = number == 0 or at == 0
            if at in block.numeric:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    file.add_paragraph()


def _plain(cell: Cell) -> str:
    return f"{cell.text} ({cell.href})" if isinstance(cell, Linked) else cell


def _picture(file: Any, block: Picture) -> None:
    from docx.shared import Mm

    made = file.add_picture(io.BytesIO(bars_png(block.bars)), width=Mm(min(WIDTH / 4, 165)))
    described = made._inline.docPr
    described.set("descr", block.alt)
    described.set("title", block.caption)
    file.add_paragraph(block.caption, style="Caption")
