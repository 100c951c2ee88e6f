"""What only we are asked: any weights, one byte an area, answers that are held already."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.archive import sizes
from tests.benchmarks.grid import Place
from tests.benchmarks.load import Load, press
from tests.benchmarks.peers.race import CONNECTIONS, Pace, ask
from tests.benchmarks.processes import resident, spent
from tests.benchmarks.scored import QUESTIONS, each
from tests.benchmarks.service import Running, serving

SEED, SETS = 2026, 4000
NATIONAL_ZOOM = 5
"""Of the first view of the map: the whole country."""


@dataclass(frozen=True)
class Alone:
    """Answers at 1, 8 and 32 connections, and what one costs the service.

    Attributes:
        loads: by connections.
        cost_ms: processor time of the service for an answer.
    """

    loads: dict[int, Load]
    cost_ms: float


@dataclass(frozen=True)
class Ours:
    """Everything measured of our service alone.

    Attributes:
        answers: by what was asked for.
        resident: bytes of memory after all of it, every layer of tiles asked for too.
        byte_an_area: bytes of the answer to a set of weights.
        zooms: tiles of areas and their gzipped bytes together, by zoom.
    """

    answers: dict[str, Alone]
    resident: int
    byte_an_area: int
    zooms: dict[int, tuple[int, int]]


SCORED = "scored tiles, any weights"
WEIGHTS, HELD = "a new set of weights, a byte an area", "304: a tile that is held already"


def measure(edition: Path, places: Sequence[Place], index: str, pace: Pace) -> Ours:
    """Measure our service on the edition, the current one of its folder."""
    plain = [f"/tiles/{edition.name}/areas/{z}/{x}/{y}.mvt" for z, x, y in places]
    scored = [
        f"/tiles/{edition.name}/{index}/{z}/{x}/{y}.mvt?{query}"
        for query in QUESTIONS
        for z, x, y in places
    ]
    values = f"/api/v1/editions/{edition.name}/values/small_area/{index}.bin"
    weights = [f"{values}?weights={one}" for one in _weights()]
    with serving(edition.parents[1]) as service:
        tags = [headers["etag"] for _, headers, _ in ask(service.base, plain)]
        held = [f"{path}\t{tag}" for path, tag in zip(plain, tags, strict=True)]
        size = len(next(ask(service.base, weights[:1]))[2])
        each(service.base, scored)  # a template a tile is made when it is first met
        answers = {
            SCORED: _alone(service, scored, pace),
            WEIGHTS: _alone(service, weights, pace),
            HELD: _alone(service, held, pace),
        }
        _ask_for_all(service, edition)
        memory = resident(service.pid)
    return Ours(answers, memory, size, _zooms(edition))


def _alone(service: Running, paths: Sequence[str], pace: Pace) -> Alone:
    loads, cost = {}, 0.0
    for count in CONNECTIONS:
        before = spent(service.pid)
        load = press(service.base, paths, connections=count, seconds=pace.seconds, runs=pace.runs)
        answers = load.rate * pace.seconds * pace.runs
        cost = (spent(service.pid) - before) / max(1.0, answers) * 1e3 if count == 1 else cost
        loads[count] = load
    return Alone(loads, cost)


def _weights() -> list[str]:
    chance = random.Random(SEED)
    ids = ("age", "disability", "socio_economic", "household", "connectivity", "english")
    return [",".join(f"{one}:{chance.randint(1, 50)}" for one in ids) for _ in range(SETS)]


def _ask_for_all(service: Running, edition: Path) -> None:
    """Ask for tiles of every archive, so that all layers count towards memory."""
    for archive in sorted(edition.glob("*.pmtiles")):
        places = list(sizes(archive))[:: max(1, len(sizes(archive)) // 300)]
        start = f"/tiles/{edition.name}/{archive.stem}"
        for _ in ask(service.base, [f"{start}/{z}/{x}/{y}.mvt" for z, x, y in places]):
            pass


def _zooms(edition: Path) -> dict[int, tuple[int, int]]:
    found: defaultdict[int, list[int]] = defaultdict(list)
    for (zoom, _, _), size in sizes(edition / "areas.pmtiles").items():
        found[zoom].append(size)
    return {zoom: (len(each), sum(each)) for zoom, each in sorted(found.items())}
