"""A service in a process of its own, and clients that send and read by hand."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)")
WAIT_S = 300


@dataclass
class Process:
    """A service that has said its address.

    Attributes:
        lines: what it wrote to its log until now.
    """

    process: subprocess.Popen[str]
    port: int
    lines: list[str] = field(default_factory=list)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> int:
        """Tell it to stop; return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(WAIT_S)

    def logged(self) -> list[dict[str, Any]]:
        """Return its log, which must be JSON to the last line."""
        return [json.loads(line) for line in self.lines]


@contextmanager
def service_process(
    processed: Path, environment: Mapping[str, str], *, workers: int = 1
) -> Iterator[Process]:
    """Run ``exclusion-map serve`` until the context ends."""
    command = [sys.executable, "-m", "exclusion_map", "serve", "--port", "0"]
    command += ["--workers", str(workers), "--processed-dir", str(processed)]
    with subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "COLUMNS": "200", **environment},
    ) as process:
        assert process.stderr is not None
        reader = None
        try:
            # The first line is for people; what follows is the log.
            found = ADDRESS.search(process.stderr.readline())
            assert found is not None
            service = Process(process, int(found[1]))
            reader = threading.Thread(target=_read, args=(process.stderr, service.lines))
            reader.start()
            yield service
        finally:
            if process.poll() is None:
                process.terminate()
            try:
                process.wait(WAIT_S)
            except subprocess.TimeoutExpired:
                process.kill()
            if reader is not None:
                reader.join()


def _read(stream: Any, lines: list[str]) -> None:
    lines.extend(line.rstrip("\n") for line in stream)


class HalfAsked:
    """A request of which only the head has been sent: it is under way until the rest comes.

    Args:
        port: of the service.
        begun: wait until the service reads it, which it says where a client expects it to.
    """

    BODY = b'{"codes": ["nowhere"]}'
    GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"

    def __init__(self, port: int, *, begun: bool = False) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=WAIT_S)
        head = (
            "POST /api/v1/scores HTTP/1.1\r\nHost: localhost\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(self.BODY)}\r\n"
        )
        head += "Expect: 100-continue\r\n\r\n" if begun else "\r\n"
        self.socket.sendall(head.encode() + self.BODY[:5])
        if begun:
            assert self.socket.recv(len(self.GO_ON), socket.MSG_WAITALL) == self.GO_ON

    def finish(self) -> bytes:
        """Send the rest; return the answer, up to where the service hangs up."""
        self.socket.sendall(self.BODY[5:])
        return self.answer()

    def answer(self) -> bytes:
        """Return what comes until the service hangs up, or one whole answer came."""
        found = b""
        while part := self.socket.recv(65536):
            found += part
            head, ended, body = found.partition(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head.lower())
            if ended and length and len(body) >= int(length[1]):
                break
        self.socket.close()
        return found
