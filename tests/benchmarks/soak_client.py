"""A client that believes nothing: every answer is held against what its edition must answer.

HTTP/1.1 by hand over asyncio streams: hundreds of connections from one process, and nothing of an
answer is hidden by a library.
"""

import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from urllib.parse import urlsplit

from tests.benchmarks.soak_editions import MIX, Ask

ANSWER_S = 30.0
"""Longest wait for an answer."""
FAULTS_KEPT = 20
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
_ETAG = re.compile(rb'\r\netag: (?:W/)?"([^"]*)"', re.IGNORECASE)
_RETRY = re.compile(rb"\r\nretry-after: (\d+)\r", re.IGNORECASE)
_EDITION = re.compile(rb"\r\nexclusion-map-edition: (\S+)", re.IGNORECASE)

Expected = Mapping[tuple[str, str], bytes]
"""Digest of the body by address (as it stands in an :class:`Ask`) and edition."""


@dataclass(frozen=True, slots=True)
class Got:
    """One answer.

    Attributes:
        status: of the answer.
        editions: ids that its headers begin with or name; one, unless they contradict each other.
        digest: of the body.
        retry_after: seconds after which to ask again, as it says; empty where it does not.
    """

    status: int
    editions: frozenset[str]
    digest: bytes
    retry_after: str = ""


class Connection:
    """One kept connection."""

    def __init__(self, base: str, editions: Sequence[str]) -> None:
        parts = urlsplit(base)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._editions = editions
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str) -> Got:
        """Ask for a path.

        Raises:
            OSError: the connection broke, or no answer came in time.
            EOFError: the answer was cut short.
        """
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port, limit=1 << 20)
        reader, writer = self._streams
        request = f"GET {path} HTTP/1.1\r\nHost: {self._host}\r\nAccept-Encoding: gzip\r\n\r\n"
        writer.write(request.encode())
        async with asyncio.timeout(ANSWER_S):
            head = await reader.readuntil(b"\r\n\r\n")
            length = _LENGTH.search(head)
            if length is None:
                raise ValueError(f"an answer without a length: {head[:200]!r}")
            body = await reader.readexactly(int(length[1]))
        digest, again = blake2b(body, digest_size=16).digest(), _RETRY.search(head)
        return Got(int(head[9:12]), self._told(head), digest, again[1].decode() if again else "")

    def _told(self, head: bytes) -> frozenset[str]:
        """Return the editions that the headers speak of."""
        found = {named[1].decode() for named in [_EDITION.search(head)] if named}
        if tag := _ETAG.search(head):
            text = tag[1].decode()
            found |= {one for one in self._editions if text.startswith(f"{one}-")} or {text}
        return frozenset(found)

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


@dataclass
class Tally:
    """What came back.

    Attributes:
        taken: seconds of each answer, by kind.
        by_edition: answers by the edition they came from.
        old_after_switch: answers of the first edition after one of the second was met.
        faults: the first of what went wrong, in words.
        failed: how many went wrong.
        switched_s: when the first answer of the second edition came, from the start.
    """

    taken: dict[str, list[float]] = field(default_factory=dict)
    by_edition: Counter[str] = field(default_factory=Counter)
    old_after_switch: int = 0
    faults: list[str] = field(default_factory=list)
    failed: int = 0
    switched_s: float | None = None

    @property
    def answers(self) -> int:
        """How many answers came."""
        return sum(map(len, self.taken.values()))

    def fault(self, text: str) -> None:
        """Count something that went wrong."""
        self.failed += 1
        if len(self.faults) < FAULTS_KEPT:
            self.faults.append(text)


async def expect(base: str, asks: Sequence[Ask], edition: str) -> dict[tuple[str, str], bytes]:
    """Return what an idle service answers to each address from its current edition.

    Raises:
        RuntimeError: an answer was not good, or from another edition.
    """
    connection = Connection(base, [edition])
    found = {}
    for ask in asks:
        got = await connection.get(ask.path.replace("{edition}", edition))
        if got.status != 200 or got.editions != {edition}:
            raise RuntimeError(f"{ask.path} of {edition} answered {got}")
        found[ask.path, edition] = got.digest
    connection.close()
    return found


@dataclass
class Soak:
    """Many connections at once against a service that changes its edition meanwhile.

    Attributes:
        base: address of the service.
        asks: addresses; each visitor draws a kind, then one of it, from a seed of its own.
        editions: the current edition at the start, and the one after it.
        expected: what each of them answers.
        rate: requests a second of all together, each due at its time whether the one before was
            answered or not, and timed from then; as fast as answers come if 0.
    """

    base: str
    asks: Sequence[Ask]
    editions: tuple[str, str]
    expected: Expected
    rate: float = 0
    tally: Tally = field(default_factory=Tally)
    _begun: float = 0
    _planned_s: float = 0
    _ends: float = 0
    _between: float = 0

    async def run(self, connections: int, seconds: float) -> None:
        """Ask over and over until the time is over; :meth:`go_on` gives more."""
        self._begun, self._planned_s = time.perf_counter(), seconds
        self.go_on(0)
        self._between = connections / self.rate if self.rate else 0
        await asyncio.gather(*(self._visitor(number) for number in range(connections)))

    def go_on(self, until_s: float) -> None:
        """End so many seconds from the start, but not before the time that was planned."""
        self._ends = self._begun + max(self._planned_s, until_s)

    async def _visitor(self, number: int) -> None:
        """Ask over one connection, as one browser would."""
        chance = random.Random(number)
        connection = Connection(self.base, self.editions)
        by_kind = [[ask for ask in self.asks if ask.kind == kind] for kind in MIX]
        shares, met_new = list(MIX.values()), False
        due = self._begun + (number / self.rate if self.rate else 0)
        while time.perf_counter() < self._ends:
            ask = chance.choice(chance.choices(by_kind, shares)[0])
            # Pages that are open go on asking for the edition they were made from.
            choices = self.editions if met_new else self.editions[:1]
            edition = chance.choice(choices) if ask.named else ""
            started = time.perf_counter()
            if self.rate:
                await asyncio.sleep(max(0.0, due - started))
                started, due = due, due + self._between
            try:
                got = await connection.get(ask.path.replace("{edition}", edition))
            except (OSError, EOFError, ValueError) as error:
                self.tally.fault(f"{ask.path}: {type(error).__name__} {error}")
                connection.close()
                continue
            self.tally.taken.setdefault(ask.kind, []).append(time.perf_counter() - started)
            met_new |= self._judge(ask, edition, got, met_new=met_new)
        connection.close()

    def _judge(self, ask: Ask, edition: str, got: Got, *, met_new: bool) -> bool:
        """Hold an answer against what it must be; return whether it came from the new edition."""
        what = f"{ask.path} ({edition or 'current'})"
        if got.status != 200:
            self.tally.fault(f"{what}: status {got.status}")
            return False
        if len(got.editions) != 1 or (edition and got.editions != {edition}):
            self.tally.fault(f"{what}: told to be of {sorted(got.editions)}")
            return False
        (told,) = got.editions
        if self.expected.get((ask.path, told)) != got.digest:
            self.tally.fault(f"{what}: told to be of {told}, but is another body")
            return False
        if not edition and met_new and told != self.editions[1]:
            self.tally.fault(f"{what}: back to {told} after the new edition was met")
        self.tally.by_edition[told] += 1
        if self.tally.switched_s is None and told == self.editions[1]:
            self.tally.switched_s = time.perf_counter() - self._begun
        elif self.tally.switched_s is not None and told == self.editions[0]:
            self.tally.old_after_switch += 1
        return told == self.editions[1]
