"""Downloads that break off: continued where that is safe, begun again where it is not."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

from exclusion_map.sources.fetching import Status


def ranges(publisher: Any) -> list[str | None]:
    return [seen.headers.get("Range") for seen in publisher.seen]


def wait_for_bytes(path: Path, count: int) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if path.exists() and path.stat().st_size >= count:
            return
        time.sleep(0.01)
    raise AssertionError(f"{path} never held {count} bytes")


def fetched(summary: Any) -> bool:
    (outcome,) = summary.outcomes
    return bool(outcome.status is Status.FETCHED)


def test_a_download_that_broke_off_is_continued(publisher: Any, desk: Any, table: bytes) -> None:
    address = publisher.serve(
        "/t",
        publisher.document(table, cut=1000),
        publisher.document(table, cut=3000),
        publisher.document(table),
    )
    assert fetched(desk.fetch(desk.csv_file(address, rows=400)))
    assert (desk.folder / "table.csv").read_bytes() == table
    assert ranges(publisher) == [None, "bytes=1000-", "bytes=3000-"]
    assert publisher.seen[-1].headers["If-Range"] == '"v1"'
    assert desk.names() == ["table.csv"]


def test_a_connection_reset_midway_is_survived(publisher: Any, desk: Any, table: bytes) -> None:
    part = desk.folder / "table.csv.part"

    def reset(handler: Any) -> None:
        """Reset only when the bytes are on disk: a reset throws away what is still on the way."""
        handler.send_response(200)
        handler.send_header("ETag", '"v1"')
        handler.send_header("Content-Length", str(len(table)))
        handler.end_headers()
        handler.wfile.write(table[:1000])
        handler.wfile.flush()
        wait_for_bytes(part, 1000)
        handler.reset()

    address = publisher.serve("/t", reset, publisher.document(table))
    assert fetched(desk.fetch(desk.csv_file(address)))
    assert ranges(publisher) == [None, "bytes=1000-"]
    assert (desk.folder / "table.csv").read_bytes() == table


def test_a_server_that_knows_no_ranges_sends_it_all(
    publisher: Any, desk: Any, table: bytes
) -> None:
    address = publisher.serve(
        "/t", publisher.document(table, cut=1000), publisher.document(table, ranges=False)
    )
    assert fetched(desk.fetch(desk.csv_file(address)))
    assert ranges(publisher) == [None, "bytes=1000-"]
    assert (desk.folder / "table.csv").read_bytes() == table


@pytest.mark.parametrize("if_range", [True, False], ids=["obeys If-Range", "ignores If-Range"])
def test_two_versions_are_never_joined(
    publisher: Any, desk: Any, table: bytes, if_range: bool
) -> None:
    new = table.replace(b",1", b",9")
    address = publisher.serve(
        "/t",
        publisher.document(table, cut=1000),
        publisher.document(new, etag='"v2"', if_range=if_range),
    )
    assert fetched(desk.fetch(desk.csv_file(address)))
    assert (desk.folder / "table.csv").read_bytes() == new
    assert desk.lock()["made-up/table.csv"]["etag"] == '"v2"'


def test_a_rest_from_another_place_is_not_joined(publisher: Any, desk: Any, table: bytes) -> None:
    wrong = {"ETag": '"v1"', "Content-Range": f"bytes 0-{len(table) - 1}/{len(table)}"}
    address = publisher.serve(
        "/t",
        publisher.document(table, cut=1000),
        lambda handler: handler.reply(206, table, wrong),
        publisher.document(table),
    )
    assert fetched(desk.fetch(desk.csv_file(address)))
    assert (desk.folder / "table.csv").read_bytes() == table


def test_a_file_that_became_shorter_is_begun_again(publisher: Any, desk: Any, table: bytes) -> None:
    address = publisher.serve(
        "/t",
        publisher.document(table, cut=1000),
        publisher.document(table[:700], etag='"v1"'),
        publisher.document(table[:700], etag='"v1"'),
    )
    assert fetched(desk.fetch(desk.csv_file(address)))
    assert ranges(publisher) == [None, "bytes=1000-", None]


@pytest.mark.parametrize("etag", ["", 'W/"weak"'])
def test_without_a_strong_validator_nothing_is_continued(
    publisher: Any, desk: Any, table: bytes, etag: str
) -> None:
    address = publisher.serve(
        "/t", publisher.document(table, etag=etag, cut=1000), publisher.document(table, etag=etag)
    )
    assert fetched(desk.fetch(desk.csv_file(address)))
    assert ranges(publisher) == [None, None]


def test_a_truncated_file_is_refused(publisher: Any, desk: Any, table: bytes) -> None:
    old = desk.put(b"what was there")
    address = publisher.serve("/t", publisher.document(table, ranges=False, cut=1000))
    (outcome,) = desk.fetch(desk.csv_file(address), force=True).outcomes
    assert outcome.status is Status.FAILED
    assert "(3 tries); expected the whole file" in outcome.detail
    assert old.read_bytes() == b"what was there"


def test_the_next_fetch_goes_on_where_the_last_gave_up(
    publisher: Any, desk: Any, table: bytes
) -> None:
    address = publisher.serve("/t", publisher.document(table, cut=1000), publisher.document(table))
    assert not fetched(desk.fetch(desk.csv_file(address), fetch_attempts=1))
    assert desk.names() == ["table.csv.part", "table.csv.part.json"]
    assert fetched(desk.fetch(desk.csv_file(address), fetch_attempts=1))
    assert ranges(publisher) == [None, "bytes=1000-"]
    assert desk.names() == ["table.csv"]
    assert (desk.folder / "table.csv").read_bytes() == table


@pytest.mark.parametrize("note", [b"{}", b"no json", b'{"address": "elsewhere", "etag": "x"}'])
def test_a_part_of_something_else_is_cleared_away(
    publisher: Any, desk: Any, table: bytes, note: bytes
) -> None:
    desk.put(b"half a file", "table.csv.part")
    desk.put(note, "table.csv.part.json")
    address = publisher.serve("/t", publisher.document(table))
    assert fetched(desk.fetch(desk.csv_file(address)))
    assert ranges(publisher) == [None]
    assert (desk.folder / "table.csv").read_bytes() == table


def test_a_server_that_falls_silent_is_given_up(publisher: Any, desk: Any, table: bytes) -> None:
    def silent(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.flush()
        handler.connection.settimeout(5)
        handler.connection.recv(1)  # until the client has had enough

    address = publisher.serve("/t", silent)
    (outcome,) = desk.fetch(
        desk.csv_file(address), fetch_read_timeout_s=0.1, fetch_attempts=2
    ).outcomes
    assert outcome.status is Status.FAILED
    assert "ReadTimeout" in outcome.detail
    assert len(publisher.seen) == 2


def test_a_server_that_drips_is_given_up(publisher: Any, desk: Any) -> None:
    """Each byte comes within the read timeout, so only the pace tells."""
    address = publisher.serve("/t", publisher.endless(b"x", wait_s=0.02))
    (outcome,) = desk.fetch(
        desk.csv_file(address), fetch_read_timeout_s=0.2, fetch_attempts=1
    ).outcomes
    assert outcome.status is Status.FAILED
    assert "bytes in 0 s (1 tries)" in outcome.detail


FETCH = """
    import json, sys
    from pathlib import Path
    from rich.console import Console
    from exclusion_map.catalogue import Source
    from exclusion_map.settings import FetchSettings
    from pipelines.fetch import fetch

    raw_dir, source = Path(sys.argv[1]), Source.model_validate_json(sys.argv[2])
    summary = fetch(raw_dir, console=Console(stderr=True), sources={source.id: source},
                    force=True, settings=FetchSettings(fetch_attempts=1))
    sys.exit(0 if summary.complete else 1)
"""


def run_aside(desk: Any, file: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            sys.executable,
            "-c",
            textwrap.dedent(FETCH),
            str(desk.raw_dir),
            desk.source(file).model_dump_json(),
        ],
        cwd=Path(__file__).resolve().parents[3],
        stderr=subprocess.DEVNULL,
    )


def test_a_fetch_killed_in_the_middle_spoils_nothing(
    publisher: Any, desk: Any, table: bytes
) -> None:
    old = desk.put(b"what was there")
    killed: list[subprocess.Popen[bytes]] = []

    def kill_after_a_while(handler: Any) -> None:
        """Send the first 1,000 bytes; when they are on disk, kill whoever asked for them."""
        handler.send_response(200)
        handler.send_header("ETag", '"v1"')
        handler.send_header("Content-Length", str(len(table)))
        handler.end_headers()
        handler.wfile.write(table[:1000])
        handler.wfile.flush()
        wait_for_bytes(desk.folder / "table.csv.part", 1000)
        os.kill(killed[0].pid, signal.SIGKILL)
        killed[0].wait()
        handler.close_connection = True

    publisher.serve("/t", lambda handler: kill_after_a_while(handler), publisher.document(table))
    file = desk.csv_file(publisher.address + "/t", rows=400)
    process = run_aside(desk, file)
    killed.append(process)
    assert process.wait(timeout=60) == -signal.SIGKILL
    assert old.read_bytes() == b"what was there"
    assert not (desk.raw_dir / "provenance.lock.json").exists()
    assert json.loads((desk.folder / "table.csv.part.json").read_text())["etag"] == '"v1"'

    assert run_aside(desk, file).wait(timeout=60) == 0
    assert ranges(publisher) == [None, "bytes=1000-"]
    assert old.read_bytes() == table
    assert desk.names() == ["table.csv"]
    assert list(desk.lock()) == ["made-up/table.csv"]
