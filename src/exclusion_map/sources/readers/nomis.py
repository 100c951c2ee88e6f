"""Census 2021 from Nomis: bulk zips of topic summaries, and tables saved from a query (RM121)."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType

from exclusion_map.errors import SourceError
from exclusion_map.sources.readers.archives import read_member
from exclusion_map.sources.readers.counts import CodePattern, Table, check_counts, to_table
from exclusion_map.sources.readers.text import (
    check_columns,
    decode,
    header_of,
    parse_frame,
    read_text,
)

MEASURE_SUFFIX = "; measures: Value"
_KEYS = ("date", "geography", "geography code")
_QUERY_HEADING = "2021 super output area - lower layer"

# Every column of a topic summary begins with its topic; other columns mean the wrong table.
TOPICS = MappingProxyType(
    {
        "ts001": "Residence type",
        "ts003": "Household composition",
        "ts007a": "Age",
        "ts011": "Household deprivation",
        "ts017": "Household size",
        "ts029": "Proficiency in English language",
        "ts037": "General health",
        "ts038": "Disability",
        "ts045": "Number of cars or vans",
        "ts054": "Tenure of household",
        "ts062": "National Statistics Socio-economic Classification (NS-SEC)",
        "ts065": "Unemployment history",
        "ts066": "Economic activity status",
        "ts067": "Highest level of qualification",
        "ts068": "Schoolchild or full-time student indicator",
    }
)


def read_bulk(path: Path, columns: Sequence[str], *, table: str) -> Table:
    """Return a topic summary at small areas from its bulk zip.

    The zip may hold one member per geography; the one ending in ``-lsoa.csv`` is read. Columns are
    named without the measures suffix, which only some topics have.

    Args:
        path: the zip.
        columns: columns of the table, with or without the suffix; if any are given, every other
            column is refused as unknown.
        table: id of the topic summary, such as ``ts038``.

    Raises:
        SourceError: the layout is unknown, or a code or cell is wrong.
    """
    name = f"{path}/census2021-{table}-lsoa.csv"
    text = decode(read_member(path, [f"census2021-{table}-lsoa.csv"]), name)
    header = [column.removesuffix(MEASURE_SUFFIX) for column in header_of(text, name)]
    known = [column.removesuffix(MEASURE_SUFFIX) for column in columns]
    check_columns(header, [*_KEYS, *known], name)
    _check_known(header, [column for column in known if column not in _KEYS], table, name)
    frame = parse_frame(text, name)
    frame.columns = header
    frame = frame.drop(columns=["date", "geography"])
    return check_counts(to_table(frame, "geography code", path, layout="Nomis bulk zip"))


def read_query(path: Path, columns: Sequence[str]) -> Table:
    """Return a table saved from a Nomis query as CSV: heading lines, the table, footnotes.

    Area codes precede their names (``E01011954 : Hartlepool 001A``).

    Raises:
        SourceError: there is no header row, a declared column is missing, or a code or cell is
            wrong.
    """
    try:
        rows = [row for row in csv.reader(io.StringIO(read_text(path))) if any(row)]
    except csv.Error as error:
        raise SourceError(
            str(path),
            found=f"no table ({error})",
            expected="a query of small areas of 2021 saved as CSV",
            mend="Download the file again.",
        ) from None
    start = next((number for number, row in enumerate(rows) if row[0] == _QUERY_HEADING), None)
    if start is None:
        raise SourceError(
            str(path),
            found=f"{len(rows)} rows, none of them headed {_QUERY_HEADING!r}",
            expected="a query of small areas of 2021 saved as CSV",
            mend="Choose '2021 super output areas - lower layer' as the geography and save again.",
        )
    header = [column.strip() for column in rows[start]]
    check_columns(header, [_QUERY_HEADING, *columns], str(path))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    # Footnotes below the table have an empty first cell.
    writer.writerows(row for row in rows[start + 1 :] if row[0])
    frame = parse_frame(text.getvalue(), str(path))
    frame[_QUERY_HEADING] = frame[_QUERY_HEADING].str.split(" : ").str[0]
    return check_counts(
        to_table(frame, _QUERY_HEADING, path, layout="Nomis query", pattern=CodePattern.SMALL_AREA)
    )


def _check_known(header: Sequence[str], known: Sequence[str], table: str, name: str) -> None:
    topic = TOPICS[table]
    data = [column for column in header if column not in _KEYS]
    unknown = [
        column
        for column in data
        if not column.startswith(f"{topic}: ") or (known and column not in known)
    ]
    if unknown:
        raise SourceError(
            name,
            found=f"unknown columns {unknown}",
            expected=f"{list(known)}" if known else f"columns that begin with {topic!r}",
            mend="This zip may hold another table, or the publisher may have changed the headings.",
        )
