"""CSV as publishers write it: byte order marks, cp1252, heading lines above the table.

Columns that were declared must be there; what else a file holds is left alone, because lookups
gain Welsh names and object ids from one release to the next without their meaning changing.
"""

import csv
import io
import warnings
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from exclusion_map.errors import SourceError

_HTML_STARTS = ("<!doctype", "<html")


def read_text(path: Path) -> str:
    """Return the text of a file: UTF-8 with or without a byte order mark, else cp1252.

    Raises:
        SourceError: the file cannot be read, is neither encoding, or is a web page.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(
            str(path),
            found=error.strerror or str(error),
            expected="a readable file",
            mend="Run exclusion-map fetch, or set EXCLUSION_MAP_RAW_DIR to a filled folder.",
        ) from None
    return decode(data, str(path))


def decode(data: bytes, name: str) -> str:
    """Return bytes as text: UTF-8 with or without a byte order mark, else cp1252.

    Raises:
        SourceError: neither encoding fits, or the bytes are a web page.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Older files are Windows text. Five bytes stand for nothing even in cp1252.
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError as error:
            raise SourceError(
                name,
                found=f"byte {data[error.start]:#04x} at {error.start}",
                expected="UTF-8 or cp1252 text",
                mend="Download the file again.",
            ) from None
    if text[:200].lstrip().lower().startswith(_HTML_STARTS):
        raise SourceError(
            name,
            found="a web page",
            expected="a table of comma-separated values",
            mend="The address may have moved: download the file by hand from the publisher's page.",
        )
    return text


def read_csv(
    path: Path,
    columns: Sequence[str],
    *,
    optional: Sequence[str] = (),
) -> pd.DataFrame:
    """Return the declared columns of a CSV as text, in the order declared; an empty cell is NaN.

    Args:
        path: a CSV with a header row.
        columns: columns that must be there.
        optional: columns taken when they are there.

    Raises:
        SourceError: the file is absent or damaged, or a declared column is missing.
    """
    return parse_csv(read_text(path), columns, name=str(path), optional=optional)


def parse_csv(
    text: str, columns: Sequence[str], *, name: str, optional: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the declared columns of CSV text; see `read_csv`."""
    header = header_of(text, name)
    check_columns(header, columns, name)
    wanted = [*columns, *(column for column in optional if column in header)]
    return parse_frame(text, name, dtype="str")[wanted]


def header_of(text: str, name: str) -> list[str]:
    """Return the first row of CSV text.

    Raises:
        SourceError: there is none, or a column stands in it twice.
    """
    header = next(csv.reader(io.StringIO(text)), [])
    twice = sorted({column for column in header if header.count(column) > 1})
    if not header or twice:
        raise SourceError(
            name,
            found=f"columns that stand there twice: {twice}" if twice else "no header row",
            expected="a header row with each column once",
            mend="Download the file again.",
        )
    return header


def check_columns(header: Sequence[str], columns: Sequence[str], name: str) -> None:
    """Refuse a table without a declared column.

    Raises:
        SourceError: it names the columns that are missing and those that were found.
    """
    missing = [column for column in columns if column not in header]
    if missing:
        raise SourceError(
            name,
            found=f"columns {list(header)}",
            expected=f"also {missing}",
            mend="The publisher may have changed the layout: compare with catalogue/sources.",
        )


def parse_frame(text: str, name: str, *, dtype: str | None = None) -> pd.DataFrame:
    """Return CSV text as a frame; only an empty cell is missing (``NA`` may be a code).

    Raises:
        SourceError: a row has more cells than the header.
    """
    try:
        with warnings.catch_warnings():
            # Pandas cuts a row that is too long and only warns. Such a row is the sign of an
            # unquoted comma, so its cells may stand under the wrong headings.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return pd.read_csv(
                io.StringIO(text),
                dtype=dtype,
                keep_default_na=False,
                na_values=[""],
                low_memory=False,
                index_col=False,
            )
    except (ValueError, pd.errors.ParserWarning) as error:
        raise SourceError(
            name,
            found=str(error).strip(),
            expected="rows as long as the header",
            mend="Download the file again.",
        ) from None
