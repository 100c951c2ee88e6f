"""Ask for ten times what a service can answer, at set times, whatever comes back.

Capacity is what it answers when each of a few clients asks again as soon as it is answered. Then
requests come at a rate ten times that, from many connections, and none waits for another.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.benchmarks.figures import Verdict, percentile
from tests.benchmarks.soak_client import Connection

TIMES, SECONDS, FEW, MANY = 10, 6.0, 8, 800
PATH, PROBE = "/api/v1/search?q=ash", "/livez"
PROBE_S = 0.1
ACCEPTED_S, PROBE_MOST_S = 2.0, 1.0
"""p99 that answers and probes keep to under ten times too much."""
AFTER_S = 2.0
SHARES = (0.5, 0.95, 0.99)


@dataclass
class Pressed:
    """What came of it; times in seconds from when each request was sent."""

    capacity: float = 0
    seconds: float = SECONDS
    asked: int = 0
    answered: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    probes: list[float] = field(default_factory=list)
    failed: int = 0
    unsaid: int = 0
    """Refusals without Retry-After."""
    after_s: float = float("inf")
    """From the end of it to the first answer as ever."""

    def table(self) -> tuple[Sequence[str], list[list[str]], str]:
        """Return columns, rows and a note."""
        rows = [
            _row("answered", self.answered, self.seconds),
            _row("refused with 503", self.refused, self.seconds),
            _row(f"{PROBE} meanwhile", self.probes, self.seconds),
        ]
        note = (
            f"`{PATH}`: capacity {self.capacity:,.0f}/s with {FEW} clients; then "
            f"{self.asked / self.seconds:,.0f}/s were sent over {MANY} connections for "
            f"{self.seconds:.0f} s ({TIMES} times were wanted: client and service share the "
            f"machine). {self.failed} broke."
        )
        return ("under too much", "a second", "p50", "p95", "p99"), rows, note

    def verdicts(self) -> list[Verdict]:
        """Return what is promised."""
        accepted, probe = percentile(self.answered, 0.99), percentile(self.probes, 0.99)
        return [
            Verdict("connections that broke under ten times too much", "0", f"{self.failed}",
                    self.failed == 0),
            Verdict("p99 of what is answered then", f"{ACCEPTED_S:g} s", f"{accepted:.2f} s",
                    accepted <= ACCEPTED_S),
            Verdict(f"p99 of {PROBE} then", f"{PROBE_MOST_S:g} s", f"{probe:.2f} s",
                    probe <= PROBE_MOST_S),
            Verdict("refusals without Retry-After", "0", f"{self.unsaid:,}", self.unsaid == 0),
            Verdict("until it answers again as ever", f"{AFTER_S:g} s", f"{self.after_s:.2f} s",
                    self.after_s <= AFTER_S),
        ]  # fmt: skip


def _row(name: str, taken: Sequence[float], seconds: float) -> list[str]:
    if not taken:
        return [name, "0", *"---"]
    at = (percentile(taken, share) * 1e3 for share in SHARES)
    return [name, f"{len(taken) / seconds:,.0f}", *(f"{one:,.0f} ms" for one in at)]


async def overload(base: str, seconds: float = SECONDS) -> Pressed:
    """Measure what a service can answer, then ask ten times that of it."""
    found = Pressed(seconds=seconds)
    found.capacity = await _capacity(base, seconds / 3)
    ends = time.perf_counter() + seconds
    every = MANY / (TIMES * found.capacity)
    await asyncio.gather(
        _probe(base, ends, found),
        *(_insist(base, ends, every, number, found) for number in range(MANY)),
    )
    found.after_s = await _recovered(base)
    return found


async def _recovered(base: str) -> float:
    """Return how long it takes, now that nobody insists, until it answers with 200."""
    begun, connection = time.perf_counter(), Connection(base, ())
    while time.perf_counter() - begun < 5 * AFTER_S:
        try:
            if (await connection.get(PATH)).status == 200:
                connection.close()
                return time.perf_counter() - begun
        except (OSError, EOFError, ValueError):
            connection.close()
        await asyncio.sleep(PROBE_S)
    return float("inf")


async def _capacity(base: str, seconds: float) -> float:
    counts, begun = [0] * FEW, time.perf_counter()

    async def ask(number: int) -> None:
        connection = Connection(base, ())
        await connection.get(PATH)
        while time.perf_counter() - begun < seconds:
            await connection.get(PATH)
            counts[number] += 1
        connection.close()

    await asyncio.gather(*map(ask, range(FEW)))
    return sum(counts) / (time.perf_counter() - begun)


async def _insist(base: str, ends: float, every: float, number: int, found: Pressed) -> None:
    connection = Connection(base, ())
    due = time.perf_counter() + every * number / MANY
    while due < ends:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        due += every
        found.asked += 1
        sent = time.perf_counter()
        try:
            got = await connection.get(PATH)
        except (OSError, EOFError, ValueError):
            found.failed += 1
            connection.close()
            continue
        taken, refused = time.perf_counter() - sent, got.status == 503
        (found.refused if refused else found.answered).append(taken)
        found.failed += got.status not in (200, 503)
        found.unsaid += refused and not got.retry_after
    connection.close()


async def _probe(base: str, ends: float, found: Pressed) -> None:
    connection = Connection(base, ())
    while time.perf_counter() < ends:
        sent = time.perf_counter()
        try:
            await connection.get(PROBE)
        except (OSError, EOFError, ValueError):
            found.failed += 1
            connection.close()
        found.probes.append(time.perf_counter() - sent)
        await asyncio.sleep(PROBE_S)
    connection.close()
