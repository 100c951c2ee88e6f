"""A table as CSV that opens safely in a spreadsheet, and its description (CSV on the Web)."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from exclusion_map.exports.areas_csv import FORMULA, safe_cell
from exclusion_map.exports.dataset import ROWS_AT_ONCE, Column, Dataset, Field, FieldType

MARK = "\ufeff"
"""Byte order mark, without which spreadsheets do not recognise UTF-8."""

_MEMBER_DATE = (1980, 1, 1, 0, 0, 0)


def csv_parts(dataset: Dataset, *, heading: bool = True) -> Iterator[str]:
    """Yield CSV (RFC 4180): a heading, then a thousand rows at a time. Missing is an empty cell.

    Numbers have full precision; text that begins like a formula gets a leading apostrophe.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    if heading:
        buffer.write(MARK)
        writer.writerow(dataset.names)
    for start in range(0, len(dataset), ROWS_AT_ONCE):
        stop = min(start + ROWS_AT_ONCE, len(dataset))
        columns = (_safe(column, start, stop) for column in dataset.columns)
        writer.writerows(zip(*columns, strict=True))
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _safe(column: Column, start: int, stop: int) -> list[Any]:
    """Return cells that no spreadsheet treats as formulas; numbers are unchanged."""
    cells = column.cells(start, stop)
    if column.field.type is not FieldType.TEXT:
        return cells
    # Few columns hold such text: checking all cells at once is faster than one by one.
    if set(FORMULA).isdisjoint(text[:1] for text in column.values[start:stop]):
        return cells
    return [safe_cell(cell) for cell in cells]


def write_csv(dataset: Dataset, path: Path) -> None:
    """Write a table as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(csv_parts(dataset))


def csvw(dataset: Dataset, url: str) -> dict[str, Any]:
    """Return the description of the CSV by the W3C's "Metadata Vocabulary for Tabular Data".

    Args:
        dataset: the table.
        url: of the CSV file, which may be relative.
    """
    about = dataset.about
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": url,
        "dc:title": about.title,
        "dc:description": " ".join(f"{topic}: {text}." for topic, text in about.lines()),
        "dc:license": sorted({one.licence_url for one in about.credits if one.licence_url}),
        "dc:source": [one.attribution for one in about.credits],
        "dc:created": about.built,
        "schema:version": about.edition,
        "notes": [about.plain()],
        "dialect": {"encoding": "utf-8", "header": True, "delimiter": ",", "quoteChar": '"'},
        "tableSchema": {
            "primaryKey": dataset.key,
            "columns": [_column(field, dataset.key) for field in dataset.fields],
        },
    }


def _column(field: Field, key: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": field.name,
        "titles": field.name,
        "dc:title": field.title,
        "dc:description": field.description,
        "datatype": field.type.value,
        "null": "",
        "required": field.name == key,
    }
    if field.unit:
        told["schema:unitText"] = field.unit
    if field.source:
        told["dc:source"] = field.source
    return told


def write_zip(dataset: Dataset, path: Path) -> None:
    """Write a table as CSV together with its description and a README, in a zip file."""
    name = f"{dataset.file_name}.csv"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(_member(name), "w") as file:
            for part in csv_parts(dataset):
                file.write(part.encode())
        described = json.dumps(csvw(dataset, name), ensure_ascii=False, indent=1)
        archive.writestr(_member(f"{name}-metadata.json"), described)
        archive.writestr(_member("README.txt"), dataset.about.readme() + _dictionary(dataset))


def _dictionary(dataset: Dataset) -> str:
    lines = ["", "Columns"]
    for field in dataset.fields:
        kind = field.unit or ("text" if field.type is FieldType.TEXT else field.type.value)
        lines.append(f"- {field.name} ({kind}): {field.title}. {field.description}".rstrip())
    return "\n".join(lines) + "\n"


def _member(name: str) -> zipfile.ZipInfo:
    """Return a zip member with a fixed timestamp, so that the same table gives the same bytes."""
    member = zipfile.ZipInfo(name, _MEMBER_DATE)
    member.compress_type = zipfile.ZIP_DEFLATED
    return member
