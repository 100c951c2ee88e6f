"""Run programs of this project that serve on a port of their own choice, and stop them again."""

import re
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

START_S = 60.0
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


@dataclass(frozen=True)
class Running:
    """A service that has answered.

    Attributes:
        base: its address, without a slash at the end.
        pid: its process.
        ready_s: seconds from the start of the process to its first good answer.
    """

    base: str
    pid: int
    ready_s: float


SETTLED_S = 15.0
"""After so many seconds a service has made ready what first reports need."""


@contextmanager
def settled(processed: Path, workers: int = 1) -> Iterator[Running]:
    """Run the service as :func:`serving` does, and let it settle."""
    with serving(processed, workers) as service:
        time.sleep(SETTLED_S)
        yield service


@contextmanager
def serving(processed: Path, workers: int = 1, start_s: float = START_S) -> Iterator[Running]:
    """Run ``exclusion-map serve`` on the current edition of a folder until the context ends.

    Args:
        processed: the folder.
        workers: processes that answer; with more than one, ``pid`` is the process above them.
        start_s: seconds after which it is given up.
    """
    command = [str(Path(sys.executable).parent / "exclusion-map"), "serve"]
    options = ["--port", "0", "--processed-dir", str(processed)]
    if workers > 1:
        options += ["--workers", str(workers)]
    with running([*command, *options], "/readyz", start_s) as service:
        yield service


@contextmanager
def running(command: Sequence[str], ready_path: str, start_s: float = START_S) -> Iterator[Running]:
    """Run a program that prints its address; it is up once a path of it answers with 200.

    Raises:
        RuntimeError: it ended, or did not answer in time, with what it printed.
    """
    begun = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            base = _address(process)
            # What it prints from here on nobody reads; a pipe that is full would hold it up.
            threading.Thread(target=_pour_away, args=(process,), daemon=True).start()
            _wait(base + ready_path, begun, start_s)
            yield Running(base, process.pid, time.perf_counter() - begun)
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()


def _address(process: subprocess.Popen[str]) -> str:
    said = []
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line)
        found = ADDRESS.search(line)
        if found:
            return found.group()
    raise RuntimeError(f"{process.args!r} ended without an address: {''.join(said)}")


def _pour_away(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    with suppress(ValueError):  # Closed at the end, in the middle of a line.
        for _ in process.stdout:
            pass


def _wait(address: str, begun: float, start_s: float) -> None:
    while time.perf_counter() - begun < start_s:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:  # Not there yet, or too busy to answer in time.
            pass
        time.sleep(0.01)
    raise RuntimeError(f"{address} did not answer with 200 in {start_s:.0f} s")
