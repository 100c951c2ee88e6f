"""A table as a workbook: data, dictionary, notes and sources each on a sheet of their own."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from exclusion_map.errors import InvalidRequestError
from exclusion_map.exports.dataset import Dataset, FieldType

MOST_ROWS = 1_048_575
"""Rows that a sheet holds below its heading."""

_WIDE, _TEXT, _NUMBER = 90, 26, 13
_SOURCE_COLUMNS = ("title", "publisher", "vintage", "licence", "licence_url", "attribution", "page")


def write_xlsx(dataset: Dataset, path: Path) -> None:
    """Write a table as a workbook. Text is written as text, whatever it begins with.

    Raises:
        InvalidRequestError: more rows than a sheet holds.
    """
    import xlsxwriter  # Not needed to start.

    if len(dataset) > MOST_ROWS:
        raise InvalidRequestError(
            "workbook", found=f"{len(dataset):,} rows", expected=f"at most {MOST_ROWS:,}"
        )
    # Rows are written away as they come: a workbook of a country does not fit in memory.
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        about = dataset.about
        book.set_properties(
            {
                "title": about.title,
                "subject": f"Edition {about.edition}",
                "comments": about.selection,
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
    for at, field in enumerate(dataset.fields):
        sheet.set_column(at, at, _TEXT if field.type is FieldType.TEXT else _NUMBER)
        sheet.write_string(0, at, field.name, heading)
    for line, row in enumerate(dataset.rows(), start=1):
        for at, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(line, at, cell)
            elif cell is not None:
                sheet.write_number(line, at, cell)
    sheet.autofilter(0, 0, len(dataset), len(dataset.fields) - 1)


def _texts(
    sheet: Any, names: tuple[str, ...], rows: Sequence[tuple[str, ...]], heading: Any, wrapped: Any
) -> None:
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 0, _TEXT)
    sheet.set_column(1, len(names) - 1, _WIDE if len(names) == 2 else _TEXT)
    for at, name in enumerate(names):
        sheet.write_string(0, at, name, heading)
    for line, row in enumerate(rows, start=1):
        for at, text in enumerate(row):
            sheet.write_string(line, at, text, wrapped)
