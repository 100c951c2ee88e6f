"""Registers of the NHS Organisation Data Service, which share one layout of 27 columns.

Until October 2025 they were published as a zipped CSV with short codes (status ``A``, prescribing
setting ``4``). Since then they are CSV from Data Search and Export, with words and roles in the
same columns (``ACTIVE``, ``RO177|RO76``). Neither has a heading line; both can be read.
"""

import csv
from datetime import datetime
from pathlib import Path

import pandas as pd

from exclusion_map.errors import SourceError
from exclusion_map.sources.provenance import read_lock
from exclusion_map.sources.readers.archives import read_member
from exclusion_map.sources.readers.text import decode, parse_frame, read_text
from exclusion_map.support import tidy

# Six columns are always empty.
LAYOUT = (
    "org_code",
    "name",
    "nhser",
    "icb_code",
    "addr1",
    "addr2",
    "addr3",
    "addr4",
    "addr5",
    "postcode",
    "open_date",
    "close_date",
    "status",
    "org_subtype",
    "commissioner_sicbl",
    "join_date",
    "left_date",
    "tel",
    "empty_19",
    "empty_20",
    "empty_21",
    "amended",
    "empty_23",
    "provider_purchaser",
    "empty_25",
    "prescribing_setting",
    "empty_27",
)
_ADDRESS = ("addr1", "addr2", "addr3", "addr4", "addr5")
_NEEDED = (
    *("org_code", "name", *_ADDRESS, "postcode"),
    *("status", "org_subtype", "tel", "prescribing_setting"),
)
_ACTIVE = frozenset({"A", "ACTIVE"})


def read_register(path: Path) -> pd.DataFrame:
    """Return a register (CSV, or a zip of one) as text; empty cells are ``""``.

    Raises:
        SourceError: damaged, or neither the official layout nor one with the columns needed.
    """
    if path.suffix == ".zip":
        text = decode(read_member(path, (f"*{path.stem}.csv",)), str(path))
    else:
        text = read_text(path)
    return parse(text, str(path))


def parse(text: str, name: str) -> pd.DataFrame:
    """Parse a register, with or without a heading line, into a table.

    Raises:
        SourceError: neither the official layout nor one with the columns needed.
    """
    line = text.split("\n", 1)[0].strip()
    # csv refuses a cell as long as this, whatever it holds.
    first = next(csv.reader([line[: csv.field_size_limit()]]), [])
    if [cell.strip().lower() for cell in first[:1]] != ["org_code"]:
        if len(first) != len(LAYOUT):
            raise SourceError(
                name,
                found=f"{len(first)} columns",
                expected=f"the {len(LAYOUT)} columns of the official layout",
                mend="The publisher may have changed the layout: compare with an older file.",
            )
        text = ",".join(LAYOUT) + "\n" + text
    frame = parse_frame(text, name, dtype="str", columns=_NEEDED)
    if frame.empty:
        raise SourceError(
            name,
            found="no rows",
            expected="one row per organisation",
            mend="Download the file again.",
        )
    return frame.fillna("")


def is_active(register: pd.DataFrame) -> pd.Series:
    """Return a mask (n,) of open organisations, in either coding."""
    return register["status"].str.strip().str.upper().isin(_ACTIVE)


def has_code(cells: pd.Series, codes: frozenset[str]) -> pd.Series:
    """Return a mask (n,) of cells that hold one of the codes; one cell may hold several codes."""
    return cells.map(lambda cell: not codes.isdisjoint(cell.strip().upper().split("|")))


def address_of(row: dict[str, str], name: str) -> str:
    """Return a row's address as one line, without the organisation's own name."""
    return tidy.address((row[line] for line in _ADDRESS), without=(name,))


def fetched_on(raw_dir: Path, source_id: str, path: Path) -> str:
    """Return the day a register was fetched, or an empty text if unknown."""
    record = read_lock(raw_dir).files.get(f"{source_id}/{path.name}")
    if record is None:
        return ""
    day = datetime.fromisoformat(record.fetched)
    return f"{day.day} {day:%B %Y}"
