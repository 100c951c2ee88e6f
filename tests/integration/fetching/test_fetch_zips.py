"""Zips as publishers nest them, and zips that are not what they seem."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exclusion_map.sources import members
from exclusion_map.sources.fetching import Status

Zipped = Callable[[dict[str, bytes]], bytes]

NESTED = "inner_oa.zip/inner_oa.csv"


def zip_file(desk: Any, address: str, **fields: Any) -> Any:
    settings: dict[str, Any] = {
        "path": "outer.zip",
        "format": "zip",
        "member": "table.csv",
        "rows": 400,
    }
    return desk.csv_file(address, **(settings | fields))


def try_out(publisher: Any, desk: Any, body: bytes, **fields: Any) -> Any:
    address = publisher.serve("/z", publisher.document(body, kind="application/zip"))
    (outcome,) = desk.fetch(zip_file(desk, address, **fields)).outcomes
    if outcome.status is Status.FAILED:
        assert desk.names() == []
    return outcome


def test_a_zip_stays_as_it_was_published(
    publisher: Any, desk: Any, table: bytes, zipped: Zipped
) -> None:
    body = zipped({"folder/table.csv": table, "folder/notes.txt": b"notes"})
    outcome = try_out(publisher, desk, body)
    assert outcome.status is Status.FETCHED, outcome.detail
    assert (desk.folder / "outer.zip").read_bytes() == body


def test_a_zip_inside_a_zip(publisher: Any, desk: Any, table: bytes, zipped: Zipped) -> None:
    inner = zipped({"inner_oa/inner_oa.csv": table})
    body = zipped({"outer/inner_oa.zip": inner, "outer/inner_postcode.zip": b"not looked at"})
    outcome = try_out(publisher, desk, body, member=NESTED)
    assert outcome.status is Status.FETCHED, outcome.detail
    assert "400 rows" in outcome.detail


def test_a_nested_table_in_windows_text(
    publisher: Any, desk: Any, zipped: Zipped, table: bytes
) -> None:
    text = "code,value\nCaf\u00e9,1\n".encode("cp1252")
    body = zipped({"inner_oa.zip": zipped({"inner_oa.csv": text})})
    outcome = try_out(publisher, desk, body, member=NESTED, encoding="cp1252", rows=1)
    assert outcome.status is Status.FETCHED, outcome.detail


def test_nested_rows_and_columns_are_checked(
    publisher: Any, desk: Any, table: bytes, zipped: Zipped
) -> None:
    body = zipped({"inner_oa.zip": zipped({"inner_oa.csv": table})})
    assert (
        "400 rows; expected 401" in try_out(publisher, desk, body, member=NESTED, rows=401).detail
    )
    assert (
        "no column wert" in try_out(publisher, desk, body, member=NESTED, columns=("wert",)).detail
    )


def test_a_member_by_a_pattern(publisher: Any, desk: Any, table: bytes, zipped: Zipped) -> None:
    body = zipped({"Data/NSPL_MAY_2025_UK.csv": table, "Data/multi/NSPL_MAY_2025_UK_AB.csv": b"x"})
    assert try_out(publisher, desk, body, member="NSPL*_UK.csv").status is Status.FETCHED


@pytest.mark.parametrize(
    ("contents", "found"),
    [
        ({"other.csv": b"x"}, "0 members named table.csv among other.csv"),
        ({"a/table.csv": b"x", "b/table.csv": b"y"}, "2 members named table.csv"),
        ({}, "0 members named table.csv among none"),
    ],
)
def test_a_zip_of_other_members(
    publisher: Any, desk: Any, zipped: Zipped, contents: dict[str, bytes], found: str
) -> None:
    outcome = try_out(publisher, desk, zipped(contents))
    assert outcome.status is Status.FAILED
    assert found in outcome.detail


def corrupt(body: bytes) -> bytes:
    """Flip a bit in the middle of the first member's data."""
    at = body.index(b"PK\x01\x02") // 2
    return body[:at] + bytes([body[at] ^ 0x10]) + body[at + 1 :]


@pytest.mark.parametrize("member", ["table.csv", ""])
def test_a_corrupted_zip(
    publisher: Any, desk: Any, table: bytes, zipped: Zipped, member: str
) -> None:
    outcome = try_out(publisher, desk, corrupt(zipped({"table.csv": table})), member=member)
    assert outcome.status is Status.FAILED
    # Which check finds it depends on where the bit is: the stream, its checksum, or the text.
    assert "damaged zip" in outcome.detail or "not utf-8" in outcome.detail


def test_a_truncated_zip(publisher: Any, desk: Any, table: bytes, zipped: Zipped) -> None:
    outcome = try_out(publisher, desk, zipped({"table.csv": table})[:-100])
    assert "a damaged zip (File is not a zip file)" in outcome.detail


def test_a_corrupted_zip_inside_a_good_one(
    publisher: Any, desk: Any, table: bytes, zipped: Zipped
) -> None:
    inner = zipped({"inner_oa.csv": table})
    body = zipped({"inner_oa.zip": inner[: len(inner) // 2]})
    assert "damaged zip" in try_out(publisher, desk, body, member=NESTED).detail


def test_a_spreadsheet_shaped_like_a_web_page(publisher: Any, desk: Any) -> None:
    outcome = try_out(publisher, desk, b"<html><body>Try later</body></html>")
    assert "a web page (HTML)" in outcome.detail


@pytest.mark.parametrize("member", ["table.csv", ""])
def test_a_bomb_is_not_unpacked(publisher: Any, desk: Any, zipped: Zipped, member: str) -> None:
    body = zipped({"table.csv": b"\0" * 3_000_000})
    assert len(body) < 5_000
    outcome = try_out(publisher, desk, body, member=member)
    assert outcome.status is Status.FAILED
    assert "unpacks to more than 2,000,000 bytes" in outcome.detail


def test_a_bomb_inside_a_zip_is_not_unpacked(publisher: Any, desk: Any, zipped: Zipped) -> None:
    body = zipped({"inner_oa.zip": zipped({"inner_oa.csv": b"\0" * 3_000_000})})
    assert "unpacks to more than" in try_out(publisher, desk, body, member=NESTED).detail


def test_many_small_members_add_up(publisher: Any, desk: Any, zipped: Zipped) -> None:
    body = zipped({f"{n}.bin": b"\0" * 700_000 for n in range(4)})
    assert "unpacks to more than" in try_out(publisher, desk, body, member="").detail


def test_an_encrypted_member_is_told(tmp_path: Path, zipped: Zipped) -> None:
    body = bytearray(zipped({"table.csv": b"code,value\n"}))
    central = body.index(b"PK\x01\x02")
    body[central + 8] |= 1  # general purpose flag, bit 0
    path = tmp_path / "locked.zip"
    path.write_bytes(body)
    assert zipfile.is_zipfile(path)
    from exclusion_map.errors import SourceError

    with (
        pytest.raises(SourceError, match="encrypted"),
        members.open_member(path, "table.csv", limit=1000, label="locked.zip"),
    ):
        pass
