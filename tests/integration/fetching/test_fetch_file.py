"""One file from a publisher that behaves, and from one that does not."""

import gzip
import hashlib
import json
import os
from typing import Any

import pytest

from exclusion_map.errors import CatalogueError, FetchError, SourceError
from exclusion_map.sources.fetching import Status
from pipelines.fetch import choose, fetch

from .conftest import only


def test_a_file_comes_with_its_provenance(publisher: Any, desk: Any, table: bytes) -> None:
    modified = "Fri, 06 Jun 2025 10:00:00 GMT"
    address = publisher.serve("/table.csv", publisher.document(table, modified=modified))
    summary = desk.fetch(desk.csv_file(address, rows=400))
    assert only(summary).status is Status.FETCHED
    assert summary.complete
    assert desk.names() == ["table.csv"]
    assert (desk.folder / "table.csv").read_bytes() == table
    record = desk.lock()["made-up/table.csv"]
    assert record.pop("fetched").endswith("+00:00")
    assert record == {
        "address": address,
        "bytes": len(table),
        "sha256": hashlib.sha256(table).hexdigest(),
        "licence": "OGL-UK-3.0",
        "etag": '"v1"',
        "last_modified": modified,
    }
    assert "made-up/table.csv: fetched" in desk.text


def test_a_server_that_recovers_is_asked_again(publisher: Any, desk: Any, table: bytes) -> None:
    address = publisher.serve(
        "/t", publisher.status(500), publisher.status(503), publisher.document(table)
    )
    assert only(desk.fetch(desk.csv_file(address))).status is Status.FETCHED
    assert len(publisher.seen) == 3


def test_a_server_that_does_not_recover_is_given_up(publisher: Any, desk: Any) -> None:
    old = desk.put(b"code,value\nold,1\n")
    address = publisher.serve("/t", publisher.status(500))
    outcome = only(desk.fetch(desk.csv_file(address), force=True))
    assert outcome.status is Status.FAILED
    assert isinstance(outcome.error, FetchError)
    assert "HTTP 500 (3 tries)" in outcome.detail
    assert "What was there is untouched." in outcome.detail
    assert len(publisher.seen) == 3
    assert old.read_bytes() == b"code,value\nold,1\n"
    assert desk.names() == ["table.csv"]


def test_a_publisher_that_says_when_to_come_back_is_obeyed(
    publisher: Any, desk: Any, table: bytes
) -> None:
    """With the back-off an hour, only the publisher's own wait lets this test end."""
    address = publisher.serve(
        "/t", publisher.status(429, Retry_After="0"), publisher.document(table)
    )
    outcome = only(desk.fetch(desk.csv_file(address), fetch_backoff_s=3600.0))
    assert outcome.status is Status.FETCHED


def test_a_file_that_moved_is_not_asked_for_again(publisher: Any, desk: Any) -> None:
    address = publisher.serve("/t", publisher.status(404))
    outcome = only(desk.fetch(desk.csv_file(address)))
    assert outcome.status is Status.FAILED
    assert f"HTTP 404 Not Found from {address}" in outcome.detail
    assert len(publisher.seen) == 1


def test_a_redirect_is_followed(publisher: Any, desk: Any, table: bytes) -> None:
    there = publisher.serve("/there", publisher.document(table))
    address = publisher.serve("/here", publisher.status(302, Location=there))
    assert only(desk.fetch(desk.csv_file(address))).status is Status.FETCHED


def test_a_packed_answer_is_unpacked(publisher: Any, desk: Any, table: bytes) -> None:
    body = gzip.compress(table)
    address = publisher.serve(
        "/t", lambda handler: handler.reply(200, body, {"Content-Encoding": "gzip"})
    )
    assert only(desk.fetch(desk.csv_file(address))).status is Status.FETCHED
    assert (desk.folder / "table.csv").read_bytes() == table


REFUSED = {
    "a web page, said so": (
        {"body": b"<!doctype html><title>Sorry</title>", "kind": "text/html; charset=utf-8"},
        {},
        "a web page (text/html)",
    ),
    "a web page, sent as CSV": (
        {"body": b"\n <!DOCTYPE html><title>Sign in</title>"},
        {},
        "a web page (HTML)",
    ),
    "other columns": ({"body": b"code,wert\nE01,1\n"}, {}, "no column value among code, wert"),
    "no columns": ({"body": b"\n"}, {}, "no column code, value"),
    "rows missing": ({"body": b"code,value\nE01,1\n"}, {"rows": 2}, "1 rows; expected 2 rows"),
    "rows far off": (
        {"body": b"code,value\n" + b"E01,1\n" * 8},
        {"rows": 10, "rows_within": 0.1},
        "8 rows; expected 10 give or take 1 rows",
    ),
    "another encoding": (
        {"body": "code,value\nCaf\u00e9,1\n".encode("cp1252")},
        {},
        "bytes that are not utf-8",
    ),
    "no text": ({"body": b"code,value\n" + b'"' + b"x" * 200_000}, {}, "no table"),
    "far too small": ({"body": b"code,value\n"}, {"min_bytes": 1000}, "11 bytes"),
    "far too large": (
        {"body": b"code,value\n" * 100},
        {"max_bytes": 500},
        "at least 1,100 bytes; expected 1 to 500 bytes",
    ),
    "no zip": (
        {"body": b"code,value\n"},
        {"format": "zip", "path": "table.zip", "member": "table.csv"},
        "a damaged zip (File is not a zip file)",
    ),
    "no workbook": (
        {"body": b"code,value\n"},
        {"format": "xlsx", "path": "table.xlsx", "columns": ()},
        "a file that cannot be read",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_the_declared_file_is_refused(publisher: Any, desk: Any, case: str) -> None:
    answer, declared, found = REFUSED[case]
    name = declared.get("path", "table.csv")
    old = desk.put(b"what was there", name)
    address = publisher.serve("/t", publisher.document(**answer))
    outcome = only(desk.fetch(desk.csv_file(address, **declared), force=True))
    assert outcome.status is Status.FAILED
    assert isinstance(outcome.error, SourceError)
    assert found in outcome.detail
    assert outcome.error.expected
    assert outcome.error.mend
    assert old.read_bytes() == b"what was there"
    assert desk.names() == [name]
    assert not (desk.raw_dir / "provenance.lock.json").exists()
    assert len(publisher.seen) == 1


def test_rows_may_differ_as_far_as_declared(publisher: Any, desk: Any) -> None:
    address = publisher.serve("/t", publisher.document(b"code,value\n" + b"E01,1\n" * 9))
    outcome = only(desk.fetch(desk.csv_file(address, rows=10, rows_within=0.1)))
    assert outcome.status is Status.FETCHED


def test_a_stream_without_end_stops_at_the_limit(publisher: Any, desk: Any) -> None:
    sent: list[int] = []
    address = publisher.serve("/t", publisher.endless(b"x" * 10_000, counted=sent))
    outcome = only(desk.fetch(desk.csv_file(address, max_bytes=100_000)))
    assert outcome.status is Status.FAILED
    assert "expected 1 to 100,000 bytes" in outcome.detail
    assert sum(sent) < 20_000_000  # what the sockets hold, not what the publisher would send
    assert desk.names() == []


def test_the_setting_limits_every_file(publisher: Any, desk: Any, table: bytes) -> None:
    address = publisher.serve("/t", publisher.document(table))
    outcome = only(desk.fetch(desk.csv_file(address), fetch_max_bytes=100))
    assert "expected 1 to 100 bytes" in outcome.detail


@pytest.mark.parametrize("name", ["table.csv", "table.parquet"])
def test_a_filled_folder_is_left_alone(publisher: Any, desk: Any, name: str) -> None:
    desk.put(b"from elsewhere", name)
    address = publisher.serve("/t", publisher.status(500))
    summary = desk.fetch(desk.csv_file(address, also=("table.parquet",)))
    assert only(summary).status is Status.KEPT
    assert summary.complete
    assert publisher.seen == []
    assert sorted(path.name for path in desk.raw_dir.iterdir()) == ["made-up"]


def test_what_no_download_brings_is_said_to_be_got_by_hand(desk: Any) -> None:
    file = desk.csv_file("https://example.invalid/page", delivery="by_hand")
    summary = desk.fetch(file)
    assert only(summary).status is Status.BY_HAND
    assert not summary.complete
    assert "get it from https://example.invalid/page and save it as" in desk.text
    desk.put(b"code,value\n")
    summary = desk.fetch(file)
    assert only(summary).status is Status.KEPT
    assert summary.complete


def test_an_optional_file_by_hand_leaves_a_fetch_complete(desk: Any) -> None:
    file = desk.csv_file("", delivery="by_hand", required=False, recommended=True)
    assert desk.fetch(file).complete


def test_what_a_download_replaces_need_not_be_got_by_hand(
    publisher: Any, desk: Any, table: bytes
) -> None:
    address = publisher.serve("/t", publisher.document(table))
    by_hand = desk.csv_file("", delivery="by_hand", path="query.csv", instead=("table.csv",))
    summary = desk.fetch(by_hand, desk.csv_file(address, required=False, recommended=True))
    assert [outcome.status for outcome in summary.outcomes] == [Status.KEPT, Status.FETCHED]
    assert summary.complete


def test_one_failure_does_not_stop_the_others(publisher: Any, desk: Any, table: bytes) -> None:
    bad = desk.csv_file(publisher.serve("/bad", publisher.status(404)), path="bad.csv")
    good = desk.csv_file(publisher.serve("/good", publisher.document(table)), path="good.csv")
    summary = desk.fetch(bad, good)
    assert [outcome.status for outcome in summary.outcomes] == [Status.FAILED, Status.FETCHED]
    assert not summary.complete
    assert list(desk.lock()) == ["made-up/good.csv"]


def test_the_lock_keeps_its_order(publisher: Any, desk: Any, table: bytes) -> None:
    address = publisher.serve("/t", publisher.document(table))
    for name in ("b.csv", "a.csv"):
        desk.fetch(desk.csv_file(address, path=name))
    text = (desk.raw_dir / "provenance.lock.json").read_text()
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True) + "\n"
    assert text.index("a.csv") < text.index("b.csv")


def test_a_damaged_lock_is_an_error(desk: Any) -> None:
    desk.raw_dir.mkdir()
    (desk.raw_dir / "provenance.lock.json").write_text("{}{")
    with pytest.raises(SourceError, match="a damaged lock"):
        desk.fetch(desk.csv_file("http://127.0.0.1:9/x"))


def test_one_fetch_at_a_time(desk: Any) -> None:
    import fcntl

    desk.raw_dir.mkdir()
    held = os.open(desk.raw_dir, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(FetchError, match="another fetch at work"):
            desk.fetch(desk.csv_file("http://127.0.0.1:9/x"))
    finally:
        os.close(held)


def test_a_folder_that_cannot_be_made(desk: Any) -> None:
    desk.raw_dir.write_text("a file where the folder should be")
    with pytest.raises(FetchError, match="expected a folder"):
        desk.fetch(desk.csv_file("http://127.0.0.1:9/x"))


def test_a_disk_that_cannot_be_written(publisher: Any, desk: Any, table: bytes) -> None:
    desk.raw_dir.mkdir()
    (desk.raw_dir / "made-up").write_text("a file where the folder should be")
    address = publisher.serve("/t", publisher.document(table))
    outcome = only(desk.fetch(desk.csv_file(address)))
    assert outcome.status is Status.FAILED
    assert "cannot be written" in outcome.detail


def test_bars_are_shown_on_a_terminal(publisher: Any, desk: Any, table: bytes) -> None:
    from rich.console import Console

    address = publisher.serve("/t", publisher.document(table))
    fetch(
        desk.raw_dir,
        console=Console(file=desk.printed, force_terminal=True, width=120),
        settings=desk.settings,
        sources={"made-up": desk.source(desk.csv_file(address))},
    )
    assert "all files" in desk.text
    assert "1 of 1" in desk.text


def test_named_sources_are_asked_for_whole_and_only_they(desk: Any) -> None:
    one = desk.source(desk.csv_file("https://a.invalid", required=False), identity="one")
    two = desk.source(
        desk.csv_file("https://b.invalid"),
        desk.csv_file("https://c.invalid", path="c.csv", required=False),
        desk.csv_file("https://d.invalid", path="d.csv", required=False, recommended=True),
        identity="two",
    )
    sources = {"one": one, "two": two}
    assert [item.name for item in choose(sources, None)] == ["two/table.csv", "two/d.csv"]
    assert [item.name for item in choose(sources, ["one"])] == ["one/table.csv"]
    with pytest.raises(CatalogueError, match="three"):
        choose(sources, ["three"])
