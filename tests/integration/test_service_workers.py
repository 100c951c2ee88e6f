"""Several processes on one address: all answer, one that dies is replaced, all end together."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def served(sample_processed: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    port = _free_port()
    command = [
        *(sys.executable, "-m", "exclusion_map", "serve", "--workers", "2", "--port", str(port)),
        *("--processed-dir", str(sample_processed)),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        _until(lambda: _answers(address))
        yield process, address
    finally:
        process.terminate()
        process.wait(30)


def test_workers_answer_are_replaced_and_end_together(
    served: tuple[subprocess.Popen[bytes], str],
) -> None:
    process, address = served
    first = _children(process.pid)
    assert len(first) == 2
    os.kill(first[0], signal.SIGKILL)
    _until(lambda: len(set(_children(process.pid)) - {first[0]}) == 2)
    _until(lambda: _answers(address))
    now = _children(process.pid)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert not [pid for pid in now if Path(f"/proc/{pid}").exists()]
    assert not _answers(address)


def test_workers_do_not_outlive_what_began_them(
    served: tuple[subprocess.Popen[bytes], str],
) -> None:
    process, _ = served
    workers = _children(process.pid)
    process.kill()
    process.wait()
    _until(lambda: not any(_alive(pid) for pid in workers))


def _answers(address: str) -> bool:
    try:
        return httpx2.get(f"{address}/healthz", timeout=30).status_code == 200
    except httpx2.TransportError:
        return False


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split() if _alive(int(child))]


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _until(met: object) -> None:
    assert callable(met)
    until = time.monotonic() + 180
    while not met():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.05)
