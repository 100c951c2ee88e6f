"""New weights each time: how soon the service answers, beside the least that any answer takes."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from exclusion_map.areas.bases import BaseName, base_of
from exclusion_map.areas.value_table import value_table
from exclusion_map.editions.reader import Edition, open_edition
from exclusion_map.index import Definition, Prepared, prepare
from exclusion_map.index.reweigh import Reweigher
from exclusion_map.terms import AreaKind
from tests.benchmarks.answering import ask_once
from tests.benchmarks.composing import timed
from tests.benchmarks.figures import Section, Table, Verdict
from tests.benchmarks.load import Load, press
from tests.benchmarks.processes import spent
from tests.benchmarks.service import Running, settled

SEED, SETS, COUNTED = 2026, 4000, 800
P50_MS, RATE = 1.0, 1000.0
BASES = (BaseName.ALL, BaseName.NATION, BaseName.REGION, BaseName.LOCAL_AUTHORITY)


@dataclass(frozen=True)
class Pressed:
    """One kind of answer: at one connection, at eight, and its cost in processor time."""

    alone: Load
    many: Load
    cost_ms: float


def measure(processed: Path, say: Callable[[str], None], *, national: bool) -> Section:
    """Press the service with weights it has not seen, and time the arithmetic alone."""
    folder = processed / "editions" / (processed / "current").read_text().strip()
    edition = open_edition(folder)
    section = Section("New weights")
    loads = _loads(processed, edition)
    section.tables.append(_answers(loads))
    weighed, trivial = loads["new weights, all small areas"], loads["/healthz, through FastAPI"]
    say(f"  new weights {weighed.many.rate:,.0f}/s, p50 {weighed.alone.p50_ms:.2f} ms")
    section.notes.append(
        f"New weights take {weighed.alone.p50_ms / trivial.alone.p50_ms:.1f} times as long as the "
        "least that an answer through the framework takes in the same run."
    )
    section.tables.append(_arithmetic(edition))
    if national:
        section.verdicts += [
            _verdict("New weights, p50 in the service", P50_MS, weighed.alone.p50_ms, "ms"),
            Verdict(
                "New weights a second (at least)",
                f"{RATE:,.0f}",
                f"{weighed.many.rate:,.0f}",
                weighed.many.rate >= RATE,
            ),
        ]
    return section


def _verdict(what: str, target: float, found: float, unit: str) -> Verdict:
    return Verdict(what, f"{target:g} {unit}", f"{found:.2f} {unit}", found <= target)


def _loads(processed: Path, edition: Edition) -> dict[str, Pressed]:
    """Measure some kinds of answer by turns, at 1 and at 8 connections."""
    index = edition.manifest.default_index
    values = f"/api/v1/editions/{edition.id}/values"
    small = f"{values}/{AreaKind.SMALL_AREA}/{index}.bin"
    weights = _weights(edition, index)
    asked = {
        "/healthz, through FastAPI": ["/healthz"],
        "published tenths, all small areas": [small],
        "new weights, all small areas": [f"{small}?weights={one}" for one in weights],
        "the same, two areas a byte": [f"{small}?bits=4&weights={one}" for one in weights],
        "new weights, local authorities": [
            f"{values}/{AreaKind.LOCAL_AUTHORITY}/{index}.bin?weights={one}" for one in weights
        ],
    }
    with settled(processed) as service:
        press(service.base, asked["new weights, all small areas"], connections=1, seconds=1, runs=1)
        return {name: _load(service, paths) for name, paths in asked.items()}


def _load(service: Running, paths: Sequence[str]) -> Pressed:
    several = [paths[at % len(paths)] for at in range(COUNTED)]
    ask_once(service.base, several[:50])
    before = spent(service.pid)
    ask_once(service.base, several)
    cost = (spent(service.pid) - before) / COUNTED * 1e3
    alone, many = (press(service.base, paths, connections=count, seconds=1) for count in (1, 8))
    return Pressed(alone, many, cost)


def _weights(edition: Edition, index: str) -> list[str]:
    chance = random.Random(SEED)
    definition = Definition.parse(
        next(one.definition for one in edition.manifest.indices if one.id == index)
    )
    names = [child.id for child in definition.children]
    return [",".join(f"{name}:{chance.randint(1, 50)}" for name in names) for _ in range(SETS)]


def _answers(loads: dict[str, Pressed]) -> Table:
    rows = [
        [
            name,
            f"{by.alone.p50_ms:.2f} ms",
            f"{by.alone.p99_ms:.2f} ms",
            f"{by.alone.rate:,.0f}/s",
            f"{by.many.rate:,.0f}/s",
            f"{by.cost_ms:.2f} ms",
        ]
        for name, by in loads.items()
    ]
    note = (
        f"{SETS:,} sets of weights from a fixed seed, none asked for before. Client and service "
        "share the machine's two cores. p50 and p99 at one connection. Medians of 3 runs of 1 s. "
        "Processor: time the service spends at work for one answer, which tells what a machine "
        f"with nothing else to do would give; over {COUNTED} answers, one after the other."
    )
    return Table(("answer", "p50", "p99", "1 conn.", "8 conn.", "processor"), rows, note)


def _arithmetic(edition: Edition) -> Table:
    """Time compose and the quick way side by side, for several bases."""
    directions = {str(one.id): one.direction for one in edition.manifest.indicators}
    table = value_table(edition.atlas, directions)
    definition = Definition.parse(edition.manifest.indices[0].definition)
    rows: list[Sequence[str]] = []
    for base in BASES:
        prepared = prepare(definition, table, base_of(edition.atlas, base))
        rows.append([base.described, *_both(prepared)])
    note = (
        f"{len(table):,} areas, columns normalised already, one core, warm. Compose gives score, "
        "rank and tenth; the quick way gives the very same scores and tenths "
        "(tests/property/test_reweigh_properties.py)."
    )
    return Table(("arithmetic alone, by base", "compose", "scores", "tenths"), rows, note)


def _both(prepared: Prepared) -> list[str]:
    quick = Reweigher(prepared)
    chance = random.Random(SEED)
    names = [child.id for child in prepared.definition.children]

    def weights() -> dict[str, float]:
        return {name: chance.randint(1, 50) for name in names}

    jobs = (
        lambda: prepared.compose(weights()),
        lambda: quick.score(weights()),
        lambda: quick.deciles(weights()),
    )
    return [timed(job) for job in jobs]
