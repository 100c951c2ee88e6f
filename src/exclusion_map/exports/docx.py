"""A document as a Word file that screen readers can read: real headings, header rows, a language.

Accessible as Microsoft's checker means it: title and language, headings in order, tables with a
header row that repeats and a name, pictures with words.
"""

import io
from collections.abc import Callable, Mapping
from typing import Any, Final

from exclusion_map.exports.document import (
    Bullets,
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
_MOST_PROPERTY: Final = 255
_ACROSS: Final = 170
"""Millimetres between the margins."""
_LETTER, _PADDING = 2.3, 4.5
"""Millimetres of a letter in bold, and of the edges of a cell."""
_MOST: Final = 40
"""Letters beyond which a column gets no wider: its text is wrapped."""
_LONGEST: Final = 22
"""Letters of a word beyond which it is broken, such as an address: no column is squeezed for it."""
_TABLE_TEXT: Final = "Table text"
"""Style of the text of tables: a little smaller, so that fewer words break."""


def write_docx(document: Document) -> bytes:
    """Return a document as a Word file."""
    import docx  # Not needed to start.

    document = document.printable()
    file = docx.Document()
    _styles(file, document)
    properties = file.core_properties
    properties.title, properties.subject = _short(document.title), _short(document.subject)
    properties.language, properties.author = document.lang, "Exclusion Map"
    properties.comments = _short(document.foot)
    _foot(file, document)
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


def _short(text: str) -> str:
    """Return a text as properties of a Word file hold it: 255 characters at most."""
    return text if len(text) <= _MOST_PROPERTY else f"{text[: _MOST_PROPERTY - 1]}…"


def _styles(file: Any, document: Document) -> None:
    """Set page, font, language and colours: the template of the library speaks American English."""
    from docx.enum.style import WD_STYLE_TYPE
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
    text = file.styles.add_style(_TABLE_TEXT, WD_STYLE_TYPE.PARAGRAPH)
    text.base_style, text.font.size = file.styles["Normal"], Pt(10)
    text.paragraph_format.space_before = text.paragraph_format.space_after = Pt(1)
    file.styles["Intense Quote"].font.italic = False
    file.styles["Intense Quote"].font.bold = False


def _foot(file: Any, document: Document) -> None:
    """Write the foot of each page, with its number."""
    from docx.shared import Pt

    paragraph = file.sections[0].footer.paragraphs[0]
    for text, field in ((f"{document.foot} Page ", "PAGE"), (" of ", "NUMPAGES")):
        paragraph.add_run(text).font.size = Pt(9)
        _field(paragraph, field).font.size = Pt(9)


def _field(paragraph: Any, name: str) -> Any:
    """Add what Word works out itself, such as the number of a page; return its text."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made = OxmlElement("w:fldSimple")
    made.set(qn("w:instr"), name)
    run = paragraph.add_run("1")
    made.append(run._r)
    paragraph._p.append(made)
    return run


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
    widths = _widths(block)
    made.autofit = False
    for column, width in zip(made.columns, widths, strict=True):
        column.width = width
    first = made.rows[0]._tr.get_or_add_trPr()
    first.append(OxmlElement("w:tblHeader"))
    text_style = file.styles[_TABLE_TEXT]
    # Cells are taken row by row: to look each up by its position is slow in this library.
    for number, (row, texts) in enumerate(zip(made.rows, (block.head, *block.rows), strict=True)):
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for at, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            paragraph = cell.paragraphs[0]
            paragraph.style = text_style
            cell.width = widths[at]
            if isinstance(text, Linked):
                _link(paragraph, text)
            else:
                paragraph.add_run(text).bold = number == 0 or at == 0
            if at in block.numeric:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    file.add_paragraph()


def _widths(block: Table) -> list[Any]:
    """Return widths of columns that fill a page: by what they hold, none too narrow for a word."""
    from docx.shared import Mm

    columns = list(zip(block.head, *block.rows, strict=True))
    texts = [[one.text if isinstance(one, Linked) else one for one in held] for held in columns]
    words = [
        min(max(len(word) for text in held for word in [*text.split(), ""]), _LONGEST)
        for held in texts
    ]
    longest = [max(len(text) for text in held) for held in texts]
    least = [_LETTER * word + _PADDING for word in words]
    spare = max(_ACROSS - sum(least), 0)
    more = [min(long, _MOST) - min(word, _MOST) for long, word in zip(longest, words, strict=True)]
    each = spare / (sum(more) + len(more))
    wide = [one + each * (add + 1) for one, add in zip(least, more, strict=True)]
    return [Mm(_ACROSS * one / sum(wide)) for one in wide]


def _link(paragraph: Any, linked: Linked) -> None:
    """Add text that leads somewhere, told apart by a line and not by its colour alone."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made = OxmlElement("w:hyperlink")
    target = paragraph.part.relate_to(linked.href, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    made.set(qn("r:id"), target)
    run = paragraph.add_run(linked.text)
    run.underline = True
    made.append(run._r)
    paragraph._p.append(made)


def _picture(file: Any, block: Picture) -> None:
    from docx.shared import Mm

    wide = Mm(min(block.drawing.width / 4, 165))
    made = file.add_picture(io.BytesIO(block.drawing.png()), width=wide)
    described = made._inline.docPr
    described.set("descr", block.alt)
    described.set("title", block.caption)
    file.add_paragraph(block.caption, style="Caption")
