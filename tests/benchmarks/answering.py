"""How soon the service is ready, what it holds in memory, and how fast it answers."""

import http.client
import json
import random
import sys
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from urllib.parse import quote, urlsplit

import pandas as pd

from exclusion_map.terms import AreaKind
from tests.benchmarks.archive import draw
from tests.benchmarks.figures import Section, Table, Verdict, megabytes
from tests.benchmarks.load import HEADERS, generator, press
from tests.benchmarks.processes import own, resident, spent
from tests.benchmarks.service import Running, running, serving, settled

STARTS, REQUESTS, SEED = 5, 1000, 2026
CONNECTIONS = (1, 8, 32)
READY_S, RESIDENT_BYTES = 3.0, 600e6
TILE_P99_MS = 0.6
"""For a geometry tile at one connection."""


def start_up(processed: Path) -> Section:
    """Start the service some times, and read its memory before and after many requests."""
    starts = []
    for _ in range(STARTS):
        with serving(processed) as service:
            memory = resident(service.pid), own(service.pid)
            starts.append((service.ready_s, spent(service.pid), *memory))
    ready_s, cpu_s, at_start, own_start = (median(column) for column in zip(*starts, strict=True))
    with serving(processed) as service:
        ask_once(service.base, mixed(service.base, processed_edition(processed)))
        after, own_after = resident(service.pid), own(service.pid)
    table = Table(
        ("", "at start", f"after {REQUESTS:,} mixed requests"),
        [
            ["resident", megabytes(at_start), megabytes(after)],
            ["of it not backed by files", megabytes(own_start), megabytes(own_after)],
        ],
        f"`exclusion-map serve` to its first 200 on /readyz: {ready_s:.2f} s, {cpu_s:.2f} s of it "
        f"at work on a processor; medians of {STARTS} starts. Mixed: tiles, values, profiles, "
        "outlines, searches, lists, support and pages.",
    )
    verdicts = [
        Verdict("Service ready", "3 s", f"{ready_s:.2f} s", ready_s <= READY_S),
        Verdict(
            "Service, resident",
            megabytes(RESIDENT_BYTES),
            megabytes(after),
            after <= RESIDENT_BYTES,
        ),
    ]
    return Section("Start and memory of the service", [table], verdicts)


def processed_edition(processed: Path) -> Path:
    """Return the folder of the current edition."""
    return processed / "editions" / (processed / "current").read_text().strip()


def answers(processed: Path, say: Callable[[str], None]) -> Section:
    """Measure tiles beside a peer, then values, profiles, searches and pages."""
    edition = processed_edition(processed)
    places = ["/".join(map(str, place)) for place in draw(edition)]
    section = Section("Answers of the service")
    rows = []
    with settled(processed) as service:
        tiles = [f"/tiles/{edition.name}/areas/{place}.mvt" for place in places]
        rows.append(_tile_row("Exclusion Map", service, tiles, say))
        p99 = rows[0][2]
        others = [
            _answer_row(name, service, paths, say)
            for name, paths in kinds(service.base, edition).items()
        ]
    peer = [sys.executable, "-m", "tests.benchmarks.peer", str(edition / "areas.pmtiles")]
    with running(peer, "/readyz") as service:
        paths = [f"/tiles/{place}.mvt" for place in places]
        rows.append(_tile_row("peer: pmtiles.Reader behind FastAPI", service, paths, say))
    columns = ("tiles of areas", "p50", "p99", *(f"{count} conn." for count in CONNECTIONS))
    note = (
        f"{len(places)} tiles of zooms 5 to 12 over England ({len(set(places))} different), drawn "
        f"from a fixed seed, asked for by {generator()} on the same machine. p50 and p99 at one "
        "connection; then answers a second. Medians of 3 runs of 2 s."
    )
    section.tables.append(Table(columns, [cells for cells, *_ in rows], note))
    section.verdicts.append(
        Verdict(
            "Geometry tile, p99 at one connection",
            f"{TILE_P99_MS} ms",
            f"{p99:.2f} ms",
            p99 <= TILE_P99_MS,
        )
    )
    ratio = rows[0][1] / rows[1][1]
    section.notes.append(f"At 8 connections: {ratio:.0f} times the answers of the peer.")
    section.tables.append(Table(("other answers", "p50", "p99", "8 conn."), others))
    return section


def _tile_row(
    name: str, service: Running, paths: Sequence[str], say: Callable[[str], None]
) -> tuple[list[str], float, float]:
    """Return the cells of a tile server, its answers a second at 8 connections, and its p99."""
    loads = {count: press(service.base, paths, connections=count) for count in CONNECTIONS}
    rates = [f"{load.rate:,.0f}/s" for load in loads.values()]
    cells = [name, f"{loads[1].p50_ms:.2f} ms", f"{loads[1].p99_ms:.2f} ms", *rates]
    say("  " + ", ".join(cells))
    return cells, loads[8].rate, loads[1].p99_ms


def _answer_row(
    name: str, service: Running, paths: Sequence[str], say: Callable[[str], None]
) -> list[str]:
    alone = press(service.base, paths, connections=1, seconds=1)
    many = press(service.base, paths, connections=8, seconds=2, runs=1)
    cells = [name, f"{alone.p50_ms:.2f} ms", f"{alone.p99_ms:.2f} ms", f"{many.rate:,.0f}/s"]
    say("  " + ", ".join(cells))
    return cells


def kinds(base: str, edition: Path) -> dict[str, list[str]]:
    """Return paths by the kind of answer, drawn from a fixed seed."""
    chance = random.Random(SEED)
    areas = pd.read_parquet(edition / "areas.parquet", columns=["code", "label"])
    larger = pd.read_parquet(edition / "larger_areas.parquet", columns=["kind", "code", "name"])
    codes = chance.sample(areas["code"].tolist(), 60)
    wider = chance.sample(larger["code"].tolist(), 20)
    councils = larger.loc[larger["kind"] == "local_authority"]
    values = f"/api/v1/editions/{edition.name}/values"
    index = _json(base, "/api/v1/edition")["default_index"]
    return {
        "values of small areas": [f"{values}/{AreaKind.SMALL_AREA}/{index}.bin"],
        "profile, a small area": [f"/api/v1/areas/{code}" for code in codes],
        "profile, a wider area": [f"/api/v1/areas/{code}" for code in wider],
        "outline": [f"/api/v1/areas/{code}/outline" for code in codes],
        "search": [f"/api/v1/search?q={quote(text)}" for text in _queries(chance, councils, codes)],
        "list of a council's areas": [
            f"/api/v1/areas?within={code}" for code in councils["code"].head(20)
        ],
        "support near an area": [f"/api/v1/support?area={code}&limit=20" for code in codes],
        "page of an area": [f"/areas/{code}" for code in codes],
        "page of the map": ["/"],
    }


def _queries(chance: random.Random, councils: pd.DataFrame, codes: Sequence[str]) -> list[str]:
    """Whole names, first letters as they are typed, a slip of the finger, codes."""
    names = chance.sample(councils["name"].tolist(), min(20, len(councils)))
    slips = [name[:2] + name[3:] for name in names if len(name) > 5]
    return [*names, *(name[:4] for name in names), *slips, *codes[:10]]


def mixed(base: str, edition: Path) -> list[str]:
    """Return a thousand paths of every kind, tiles half of them."""
    chance = random.Random(SEED)
    tiles = [f"/tiles/areas/{z}/{x}/{y}.mvt" for z, x, y in draw(edition)]
    others = list(kinds(base, edition).values())
    return [
        chance.choice(tiles if chance.random() < 0.5 else chance.choice(others))
        for _ in range(REQUESTS)
    ]


def ask_once(base: str, paths: Sequence[str]) -> None:
    """Ask for each path once over one connection.

    Raises:
        RuntimeError: an answer was not good.
    """
    parts = urlsplit(base)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    for path in paths:
        connection.request("GET", path, headers=HEADERS)
        answer = connection.getresponse()
        answer.read()
        if answer.status not in (200, 204):
            raise RuntimeError(f"{path} answered {answer.status}")
    connection.close()


def _json(base: str, path: str) -> dict[str, str]:
    with urllib.request.urlopen(base + path) as answer:
        found: dict[str, str] = json.load(answer)
        return found
