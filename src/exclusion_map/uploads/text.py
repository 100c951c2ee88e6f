"""Lists as people save them: comma, semicolon or tab; UTF-8, UTF-16 or Windows text."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from exclusion_map.errors import InvalidRequestError

DELIMITERS: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_LOOK: Final = 60
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_FIELD: Final = 1_000_000


def decode(data: bytes, name: str) -> tuple[str, list[str]]:
    """Return the text of a file, and what was decided to read it.

    Raises:
        InvalidRequestError: the bytes are no text.
    """
    if data.startswith(_UTF_16):
        return _strict(data, "utf-16", name), ["The text is UTF-16."]
    try:
        return _plain(data.decode("utf-8-sig"), name), []
    except UnicodeDecodeError as error:
        text = _strict(data, "cp1252", name)
        line = data.count(b"\n", 0, error.start) + 1
        return text, [
            f"The text is not UTF-8 (line {line}); it was read as Windows text (cp1252). Look at "
            "names with accents and at pound signs."
        ]


def text_of_file(path: Path, name: str) -> str:
    """Return the text of a file somebody brings to a command.

    Args:
        path: the file.
        name: what it is called in errors.

    Raises:
        InvalidRequestError: it cannot be read, or is no text.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InvalidRequestError(
            name, found=error.strerror or str(error), expected="a file that can be read"
        ) from None
    return decode(data, name)[0]


def with_commas(text: str) -> str:
    """Return the text of a table with commas between cells, whatever stood there."""
    delimiter = delimiter_of(text)
    if delimiter == ",":
        return text
    made = io.StringIO(newline="")
    csv.writer(made, lineterminator="\n").writerows(records_of(text, delimiter, "list"))
    return made.getvalue()


def _strict(data: bytes, encoding: str, name: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _no_text(name, f"byte {data[error.start]:#04x} at {error.start}") from None
    return _plain(text, name)


def _plain(text: str, name: str) -> str:
    if "\x00" in text:
        raise _no_text(name, "bytes that are no text")
    return text


def _no_text(name: str, found: str) -> InvalidRequestError:
    return InvalidRequestError(
        name,
        found=found,
        expected="text in UTF-8 or Windows encoding, with commas, semicolons or tabs",
        mend='Save it from the spreadsheet as "CSV UTF-8", or as a workbook (.xlsx).',
    )


def delimiter_of(text: str) -> str:
    """Return what sets cells apart: what gives most rows the same number of cells, above one."""
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        widths = []
        try:
            for _, record in zip(range(_LOOK), reader, strict=False):
                if any(cell.strip() for cell in record):
                    widths.append(len(record))
        except csv.Error:
            continue
        several = [width for width in widths if width > 1]
        if not several:
            continue
        common = max(set(several), key=several.count)
        score = several.count(common) / len(widths) + min(common, 20) / 100
        if score > best_score:
            best, best_score = delimiter, score
    return best


def records_of(text: str, delimiter: str, name: str) -> Iterator[list[str]]:
    """Yield the rows of a text.

    Raises:
        InvalidRequestError: a quotation mark is not closed; the row is told.
    """
    csv.field_size_limit(_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)
    number = 0
    try:
        for record in reader:
            number += 1
            if any(cell.count("\n") > 200 for cell in record):
                raise _open_quote(name, number)
            yield record
    except csv.Error:
        raise _open_quote(name, number + 1) from None


def _open_quote(name: str, number: int) -> InvalidRequestError:
    return InvalidRequestError(
        f"{name}, row {number}",
        found="an unclosed quotation mark",
        expected="each quoted cell closed before the next",
        mend="Close the quotation mark, or double the quotation marks inside the text.",
    )


def csv_rows(text: str, delimiter: str, thing: str) -> list[list[str]]:
    """Return the rows of a short CSV text; blanks after a delimiter do not count.

    Args:
        text: what somebody typed or sent.
        delimiter: what stands between cells.
        thing: what the text is, for messages.

    Raises:
        InvalidRequestError: it cannot be read, as with a cell that has no end.
    """
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True)
    try:
        return list(reader)
    except csv.Error as error:
        raise InvalidRequestError(
            f"{thing}, line {reader.line_num}", found=str(error), expected="cells of a table"
        ) from None
