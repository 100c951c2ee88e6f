"""A table as a workbook with sheets for data, dictionary, notes and sources."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from exclusion_map.errors import InvalidRequestError
from exclusion_map.exports.dataset import Column, Dataset, FieldType
from exclusion_map.printable import printable

MOST_ROWS = 1_048_575
"""Rows that a sheet holds below its heading."""

_WIDE, _TEXT, _NUMBER, _TEXT_MOST = 90, 26, 13, 60
_LOOKED_AT = 1_000
_LINE, _HIGHEST = 15, 400
"""Height of a line of text, and maximum height of a row, in points."""
_ON_A_PAGE, _MOST_REPEATED = 170, 3
"""Characters that fit legibly on a landscape page, and columns repeated on each page."""
_SOURCE_COLUMNS = ("title", "publisher", "vintage", "licence", "licence_url", "attribution", "page")


def write_xlsx(dataset: Dataset, path: Path) -> None:
    """Write a table as a workbook. Text is always written as text, never as a formula.

    Raises:
        InvalidRequestError: there are more rows than a sheet can hold.
    """
    import xlsxwriter  # Not needed to start.

    if len(dataset) > MOST_ROWS:
        raise InvalidRequestError(
            "workbook", found=f"{len(dataset):,} rows", expected=f"at most {MOST_ROWS:,}"
        )
    # Rows are flushed as they come: a workbook of a country does not fit in memory.
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        about = dataset.about
        book.set_properties(
            {
                "title": printable(about.title),
                "subject": f"Edition {about.edition}",
                "comments": printable(about.selection),
                "created": datetime.fromisoformat(about.built),
            }
        )
        heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        _data(book.add_worksheet("Data"), dataset, heading)
        _texts(book.add_worksheet("Notes"), ("About", ""), about.lines(), heading, wrapped)
        fields = [tuple(field.plain().values()) for field in dataset.fields]
        names = tuple(dataset.fields[0].plain())
        _texts(book.add_worksheet("Dictionary"), names, fields, heading, wrapped)
        sources = [
            tuple(str(getattr(one, name)) for name in _SOURCE_COLUMNS) for one in about.credits
        ]
        _texts(book.add_worksheet("Sources"), _SOURCE_COLUMNS, sources, heading, wrapped)


def _data(sheet: Any, dataset: Dataset, heading: Any) -> None:
    sheet.freeze_panes(1, 2)
    widths = [_width(column) for column in dataset.columns]
    on_paper(sheet, wide=-(-sum(widths) // _ON_A_PAGE))
    sheet.repeat_columns(0, min(dataset.names.index(dataset.key), _MOST_REPEATED))
    for at, (field, width) in enumerate(zip(dataset.fields, widths, strict=True)):
        sheet.set_column(at, at, width)
        sheet.write_string(0, at, field.name, heading)
    for line, row in enumerate(dataset.rows(), start=1):
        for at, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(line, at, cell if cell.isprintable() else printable(cell))
            elif cell is not None:
                sheet.write_number(line, at, cell)
    sheet.autofilter(0, 0, len(dataset), len(dataset.fields) - 1)


def _texts(
    sheet: Any, names: tuple[str, ...], rows: Sequence[tuple[str, ...]], heading: Any, wrapped: Any
) -> None:
    sheet.freeze_panes(1, 0)
    on_paper(sheet)
    wide = _WIDE if len(names) == 2 else _TEXT
    sheet.set_column(0, 0, _TEXT)
    sheet.set_column(1, len(names) - 1, wide)
    for at, name in enumerate(names):
        sheet.write_string(0, at, name, heading)
    for line, row in enumerate(rows, start=1):
        widths = [_TEXT, *[wide] * (len(names) - 1)]
        sheet.set_row(line, height_of(tuple(zip(row, widths, strict=True))))
        for at, text in enumerate(row):
            sheet.write_string(line, at, printable(text), wrapped)


def _width(column: Column) -> int:
    """Return how wide a column is: texts fit, those of the first rows at least."""
    if column.field.type is not FieldType.TEXT:
        return _NUMBER
    texts = [text for text in column.cells(0, _LOOKED_AT) if text]
    return min(max([_NUMBER, *map(len, texts)]) + 1, _TEXT_MOST)


def height_of(texts: Sequence[tuple[str, int]]) -> int:
    """Return the height of a row in points, for wrapped texts in columns of given widths.

    Not all spreadsheet programs compute this themselves.
    """
    lines = (sum(1 + len(one) // wide for one in text.split("\n")) for text, wide in texts)
    return min(_LINE * max(lines, default=1), _HIGHEST)


def on_paper(sheet: Any, head_row: int = 0, *, wide: int = 1) -> None:
    """Print a sheet of xlsxwriter across A4, some pages wide, its row of headings on each."""
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(wide, 0)
    sheet.repeat_rows(head_row)
    sheet.set_footer("&L&A&RPage &P of &N")
