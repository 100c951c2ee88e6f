"""A file that is there already, asked for once more; and publishers that cannot be reached."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from exclusion_map.sources.fetching import Status

from .conftest import only


def test_a_file_that_did_not_change_is_not_sent_again(
    publisher: Any, desk: Any, table: bytes
) -> None:
    address = publisher.serve("/t", publisher.document(table))
    desk.fetch(desk.csv_file(address))
    before = (desk.folder / "table.csv").stat()
    lock = desk.lock()
    summary = desk.fetch(desk.csv_file(address))
    assert only(summary).status is Status.UNCHANGED
    assert summary.complete
    assert publisher.seen[-1].headers["If-None-Match"] == '"v1"'
    assert (desk.folder / "table.csv").stat().st_mtime_ns == before.st_mtime_ns
    assert desk.lock() == lock
    assert desk.names() == ["table.csv"]


def test_without_a_tag_the_date_is_asked_by(publisher: Any, desk: Any, table: bytes) -> None:
    modified = "Fri, 06 Jun 2025 10:00:00 GMT"
    address = publisher.serve("/t", publisher.document(table, etag="", modified=modified))
    desk.fetch(desk.csv_file(address))
    assert only(desk.fetch(desk.csv_file(address))).status is Status.UNCHANGED
    assert publisher.seen[-1].headers["If-Modified-Since"] == modified


def test_a_file_that_changed_is_replaced(publisher: Any, desk: Any, table: bytes) -> None:
    new = table + b"E01009999,1\n"
    address = publisher.serve("/t", publisher.document(table), publisher.document(new, etag='"v2"'))
    desk.fetch(desk.csv_file(address))
    assert only(desk.fetch(desk.csv_file(address))).status is Status.FETCHED
    assert (desk.folder / "table.csv").read_bytes() == new
    assert desk.lock()["made-up/table.csv"]["etag"] == '"v2"'


def test_a_file_changed_by_others_is_fetched_whole(publisher: Any, desk: Any, table: bytes) -> None:
    address = publisher.serve("/t", publisher.document(table))
    desk.fetch(desk.csv_file(address))
    desk.put(b"spoilt")
    assert only(desk.fetch(desk.csv_file(address))).status is Status.FETCHED
    assert "If-None-Match" not in publisher.seen[-1].headers
    assert (desk.folder / "table.csv").read_bytes() == table


def test_force_asks_for_the_whole_file(publisher: Any, desk: Any, table: bytes) -> None:
    address = publisher.serve("/t", publisher.document(table))
    desk.fetch(desk.csv_file(address))
    assert only(desk.fetch(desk.csv_file(address), force=True)).status is Status.FETCHED
    assert "If-None-Match" not in publisher.seen[-1].headers


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port at which nobody listens, and which nobody else can take meanwhile."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_a_host_out_of_reach_is_found_out_once(desk: Any, closed_port: int) -> None:
    files = [
        desk.csv_file(f"http://127.0.0.1:{closed_port}/{number}", path=f"{number}.csv")
        for number in range(5)
    ]
    summary = desk.fetch(*files, fetch_backoff_s=3600.0)
    assert {outcome.status for outcome in summary.outcomes} == {Status.UNREACHABLE}
    assert not summary.complete
    assert desk.text.count(f"127.0.0.1:{closed_port} cannot be reached") == 1
    assert list(desk.raw_dir.iterdir()) == []


def test_a_host_that_takes_connections_and_says_nothing(desk: Any) -> None:
    """With a read timeout of an hour, only the first knock can tell."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/t"
        summary = desk.fetch(
            desk.csv_file(address), fetch_connect_timeout_s=0.1, fetch_read_timeout_s=3600.0
        )
    assert only(summary).status is Status.UNREACHABLE


def test_a_host_that_dies_later_is_not_tried_again(
    desk: Any, publisher: Any, table: bytes, closed_port: int
) -> None:
    """It answers the probe; then the file's own address leads to where nobody listens."""
    gone = f"http://127.0.0.1:{closed_port}/x"
    address = publisher.serve("/t", publisher.status(302, Location=gone))
    first, second = desk.fetch(
        desk.csv_file(address), desk.csv_file(address, path="second.csv"), fetch_backoff_s=3600.0
    ).outcomes
    assert first.status is second.status is Status.UNREACHABLE
    assert f"at 127.0.0.1:{closed_port}, where it leads on to" in first.detail
    assert len(publisher.seen) == 1


def test_a_fetched_file_outlives_its_publisher(publisher: Any, desk: Any, table: bytes) -> None:
    address = publisher.serve("/t", publisher.document(table))
    desk.fetch(desk.csv_file(address))
    publisher.shutdown()
    publisher.server_close()
    summary = desk.fetch(desk.csv_file(address))
    assert only(summary).status is Status.KEPT
    assert summary.complete
