"""A report as a workbook: a sheet a section, then notes and sources."""

from io import BytesIO
from typing import Any, Final

from exclusion_map.editions.reports.model import Report
from exclusion_map.editions.reports.tables import Cell, Table, compared, sections
from exclusion_map.exports.xlsx import height_of, on_paper

_NARROWEST, _WIDEST = 10, 60
_LINE: Final = 18
"""Points that a line of the note is high."""
_HEAD_ROW: Final = 2
"""Below the note on what a sheet holds, and an empty row."""


def workbook(report: Report) -> bytes:
    """Return a report as an XLSX file. Text is written as text, whatever it begins with."""
    import xlsxwriter  # Not needed to start.

    made = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(made, options) as book:
        book.set_properties(
            {
                "title": report.title,
                "subject": f"Edition {report.edition}",
                "comments": report.address,
                "created": report.built,
            }
        )
        forms = {
            "title": book.add_format(
                {"bold": True, "font_size": 12, "text_wrap": True, "valign": "top"}
            ),
            "head": book.add_format(
                {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}
            ),
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
            "plain": book.add_format({"valign": "top"}),
        }
        side = compared(report)
        for table in (*([side] if side else []), *sections(report), *_notes(report)):
            _write(book.add_worksheet(table.name), table, forms)
    return made.getvalue()


def _notes(report: Report) -> tuple[Table, ...]:
    lines = [
        ("Title", report.title),
        ("Edition", report.edition),
        ("Covers", report.place),
        ("Edition built", report.built.strftime("%Y-%m-%d")),
        ("Index", f"{report.index_title} ({report.index}, version {report.index_version})"),
        *(("Your own", text) for text in report.own),
        ("Same report", report.address),
        ("Missing figures", "An empty cell is a figure nobody has; it is not 0."),
        *(("Warning", text) for text in report.warnings),
        *(("Data", text) for text in report.data_notes),
        *((one.name, text) for one in report.places for text in (*one.notes, *one.missing)),
    ]
    if report.synthetic:
        lines.insert(0, ("Warning", f"{report.place} is made up: nothing here is real."))
    notes = Table("Notes", "How to read this, and how not.", ("About", "Note"), tuple(lines))
    head = ("Title", "Publisher", "Vintage", "Licence", "Licence address", "Credit")
    rows = tuple(
        (one.title, one.publisher, one.vintage, one.licence, one.licence_url, one.attribution)
        for one in report.sources
    )
    return notes, Table("Sources", "Where the figures come from.", head, rows)


def _write(sheet: Any, table: Table, forms: dict[str, Any]) -> None:
    on_paper(sheet, _HEAD_ROW)
    widths = [_width(table, at) for at in range(len(table.head))]
    _note(sheet, table, sum(widths), forms["title"])
    sheet.freeze_panes(_HEAD_ROW + 1, 1)
    for at, heading in enumerate(table.head):
        sheet.set_column(at, at, widths[at])
        sheet.write_string(_HEAD_ROW, at, heading, forms["head"])
    for line, row in enumerate(table.rows, start=_HEAD_ROW + 1):
        texts = [(cell, at) for cell, at in zip(row, widths, strict=True) if isinstance(cell, str)]
        sheet.set_row(line, height_of(texts))
        for at, cell in enumerate(row):
            _cell(sheet, line, at, cell, forms)
    last = _HEAD_ROW + max(len(table.rows), 1)
    sheet.autofilter(_HEAD_ROW, 0, last, len(table.head) - 1)


def _note(sheet: Any, table: Table, wide: int, form: Any) -> None:
    """Write what a sheet holds above its table, over as many lines as that is wide."""
    text, last = table.note or table.name, len(table.head) - 1
    sheet.set_row(0, _LINE * (1 + len(text) // max(wide, 1)))
    if last:
        sheet.merge_range(0, 0, 0, last, text, form)
    else:
        sheet.write_string(0, 0, text, form)


def _width(table: Table, at: int) -> int:
    texts = [cell for row in table.rows if isinstance(cell := row[at], str)]
    return min(max(_NARROWEST, len(table.head[at]), *map(len, texts)) + 2, _WIDEST)


def _cell(sheet: Any, line: int, at: int, cell: Cell, forms: dict[str, Any]) -> None:
    if isinstance(cell, str):
        sheet.write_string(line, at, cell, forms["text"])
    elif cell is not None:
        sheet.write_number(line, at, cell, forms["plain"])
