"""Ofcom Connected Nations: fixed broadband coverage by output area, from nested zips."""

from collections.abc import Sequence
from pathlib import Path

from exclusion_map.errors import SourceError
from exclusion_map.sources.readers.archives import read_member
from exclusion_map.sources.readers.counts import (
    CodePattern,
    Table,
    check_codes,
    check_counts,
    to_table,
)
from exclusion_map.sources.readers.text import check_columns, decode, parse_frame, read_text

CODE = "output_area"
UNABLE_30 = "Number of premises unable to receive 30Mbit/s"
MATCHED = "All Matched Premises"
ALL = "All Premises"
_COUNT_COLUMNS = (ALL, MATCHED, UNABLE_30)
# The zip also holds counts of residential premises only (fixed_oa_res_coverage): not wanted here.
_MEMBERS = ("*_fixed_oa_coverage_r*.zip", "*_fixed_oa_coverage_r*.csv")


def read_fixed_coverage(path: Path, columns: Sequence[str]) -> Table:
    """Return coverage of all premises by output area, England and Wales.

    Accepts the publisher's zip of zips, the inner zip, or the CSV itself, in UTF-8 or cp1252.
    Output areas of Scotland and Northern Ireland are dropped, because no small area uses them.

    Args:
        path: the file.
        columns: columns that must be present besides the counts of premises.

    Raises:
        SourceError: the layout is unknown, a code or cell is wrong, or no output area of England
            or Wales is present.
    """
    text, layout = _open(path)
    frame = parse_frame(text, str(path))
    frame.columns = [str(column).strip() for column in frame.columns]
    check_columns(list(frame.columns), [CODE, *_COUNT_COLUMNS, *columns], str(path))
    frame = frame[[CODE, *_wanted(list(frame.columns), columns)]]
    frame.index = check_codes(frame[CODE], path, CodePattern.ANY_UK)
    ours = frame.index.str[:1].isin(["E", "W"])
    if not ours.any():
        raise SourceError(
            str(path),
            found="no output area of England or Wales",
            expected="output areas of the whole United Kingdom",
            mend="Download the file of the United Kingdom.",
        )
    table = to_table(
        frame[ours].reset_index(drop=True),
        CODE,
        path,
        layout=layout,
        pattern=CodePattern.OUTPUT_AREA,
    )
    counts = Table(table.values[list(_COUNT_COLUMNS)], layout, path)
    check_counts(counts)
    return table


def _wanted(found: Sequence[str], columns: Sequence[str]) -> list[str]:
    counts = [column for column in found if column.startswith("Number of premises")]
    others = [column for column in columns if column != CODE]
    return list(dict.fromkeys([*_COUNT_COLUMNS, *counts, *others]))


def _open(path: Path) -> tuple[str, str]:
    if path.suffix.lower() != ".zip":
        return read_text(path), "Ofcom CSV"
    try:
        data, layout = read_member(path, _MEMBERS), "Ofcom zip of zips"
    except SourceError as outer:
        try:
            data, layout = read_member(path, _MEMBERS[1:]), "Ofcom zip"
        except SourceError:
            raise outer from None
    return decode(data, str(path)), layout
