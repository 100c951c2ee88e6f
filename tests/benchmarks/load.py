"""Ask a service for a list of addresses over and over: with wrk where there is one."""

import asyncio
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from statistics import median

import httpx2

from tests.benchmarks.figures import percentile

SCRIPT = Path(__file__).with_name("paths.lua")
HEADERS = {"Accept-Encoding": "gzip"}


@dataclass(frozen=True)
class Load:
    """Answers over some seconds; medians over the runs."""

    rate: float
    """Answers a second."""
    p50_ms: float
    p99_ms: float


def generator() -> str:
    """Return what asks: wrk, or a client in Python, which is itself the limit at high rates."""
    return "wrk" if shutil.which("wrk") else "httpx2 in Python (install wrk for truer figures)"


def press(
    base: str, paths: Sequence[str], *, connections: int, seconds: int = 2, runs: int = 3
) -> Load:
    """Ask for the paths in turn over kept connections.

    A path may be followed by a tab and the tag of an answer that the client holds.

    Raises:
        RuntimeError: an answer was neither a 2xx nor a 304.
    """
    once = _wrk if shutil.which("wrk") else _python
    loads = [once(base, paths, connections, seconds) for _ in range(runs)]
    return Load(*(median(column) for column in zip(*loads, strict=True)))


def _wrk(
    base: str, paths: Sequence[str], connections: int, seconds: int
) -> tuple[float, float, float]:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as listed:
        listed.write("\n".join(paths) + "\n")
        listed.flush()
        # wrk counts what takes longer than two seconds as a failure; slow peers only are slow.
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s"]
        done = subprocess.run(
            [*command, "-s", str(SCRIPT), base, "--", listed.name],
            capture_output=True,
            text=True,
            check=True,
        )
    line = next(line for line in done.stdout.splitlines() if line.startswith("MEASURED"))
    answers, taken_us, p50_us, p99_us, bad = (float(part) for part in line.split()[1:])
    if bad:
        raise RuntimeError(f"{bad:.0f} of {answers:.0f} answers of {base} were no good")
    return answers / taken_us * 1e6, p50_us / 1e3, p99_us / 1e3


def _python(
    base: str, paths: Sequence[str], connections: int, seconds: int
) -> tuple[float, float, float]:
    return asyncio.run(_ask_all(base, paths, connections, seconds))


async def _ask_all(
    base: str, paths: Sequence[str], connections: int, seconds: int
) -> tuple[float, float, float]:
    taken: list[float] = []
    begun = time.perf_counter()
    following = cycle(paths)

    async def ask(client: httpx2.AsyncClient) -> None:
        while time.perf_counter() - begun < seconds:
            sent = time.perf_counter()
            path, _, held = next(following).partition("\t")
            answer = await client.get(path, headers={"If-None-Match": held} if held else None)
            if answer.status_code != 304:
                answer.raise_for_status()
            taken.append(time.perf_counter() - sent)

    limits = httpx2.Limits(max_connections=connections)
    async with httpx2.AsyncClient(base_url=base, headers=HEADERS, limits=limits) as client:
        await asyncio.gather(*(ask(client) for _ in range(connections)))
    rate = len(taken) / (time.perf_counter() - begun)
    return rate, percentile(taken, 0.5) * 1e3, percentile(taken, 0.99) * 1e3
