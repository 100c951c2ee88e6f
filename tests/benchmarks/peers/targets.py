"""What the project promises beside its peers, and whether one run kept it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from tests.benchmarks.figures import Table, kilobytes, megabytes
from tests.benchmarks.peers.ours import HELD, NATIONAL_ZOOM, SCORED, WEIGHTS, Ours
from tests.benchmarks.peers.race import NGINX, NGINX_ALL, OURS, TIPG, Raced
from tests.benchmarks.soak import FLAT, Soaked

TIMES_TIPG, OF_NGINX, TILE_P99_MS = 100.0, 0.3, 0.6
SCORED_TIMES_TIPG, SCORED_P99_MS = 30.0, 2.5
WEIGHTS_P50_MS, WEIGHTS_RATE = 1.0, 1000.0
HELD_MS, VIEW_BYTES, RESIDENT_BYTES = 0.2, 320e3, 600e6


@dataclass(frozen=True)
class Target:
    """A promise beside what was measured."""

    what: str
    asked: str
    measured: str
    met: bool


def table(targets: list[Target]) -> Table:
    """Return the promises as a table."""
    rows = [[one.what, one.asked, one.measured, "met" if one.met else "**missed**"]
            for one in targets]  # fmt: skip
    return Table(("promise", "asked", "measured", ""), rows)


def _times(ours: float, peer: float) -> float:
    """Return how many times a peer's rate ours is; NaN, which meets no promise, where it has none.

    A peer too slow for a single answer in a run was measured by too short a run.
    """
    return ours / peer if peer else math.nan


def of_tiles(raced: Mapping[str, Raced]) -> list[Target]:
    """Return what is promised of geometry tiles, against the faster of the two nginx."""
    ours = raced[OURS].loads
    nginx = max(raced[name].loads[8].rate for name in (NGINX, NGINX_ALL))
    times, of_nginx = _times(ours[8].rate, raced[TIPG].loads[8].rate), _times(ours[8].rate, nginx)
    p99 = ours[1].p99_ms
    return [
        Target("Geometry tiles, 8 connections, times tipg", f"at least {TIMES_TIPG:g}",
               f"{times:,.0f}", times >= TIMES_TIPG),
        Target("Geometry tiles, 8 connections, share of nginx with files",
               f"at least {OF_NGINX:g}", f"{of_nginx:.2f}", of_nginx >= OF_NGINX),
        Target("Geometry tiles, p99 at 1 connection", f"under {TILE_P99_MS:g} ms",
               f"{p99:.2f} ms", p99 < TILE_P99_MS),
    ]  # fmt: skip


def of_ours(ours: Ours, raced: Mapping[str, Raced]) -> list[Target]:
    """Return what is promised of answers that only we give."""
    scored, weights, held = (ours.answers[name] for name in (SCORED, WEIGHTS, HELD))
    times = _times(scored.loads[8].rate, raced[TIPG].loads[8].rate)
    p99, p50 = scored.loads[1].p99_ms, weights.loads[1].p50_ms
    view = ours.zooms[NATIONAL_ZOOM][1]
    return [
        Target("Scored tiles, any weights, 8 connections, times tipg with one attribute",
               f"at least {SCORED_TIMES_TIPG:g}", f"{times:,.0f}", times >= SCORED_TIMES_TIPG),
        Target("Scored tiles, p99 at 1 connection", f"under {SCORED_P99_MS:g} ms",
               f"{p99:.2f} ms", p99 < SCORED_P99_MS),
        Target("New weights, one byte an area, p50 at 1 connection",
               f"under {WEIGHTS_P50_MS:g} ms", f"{p50:.2f} ms", p50 < WEIGHTS_P50_MS),
        Target("New weights, 8 connections", f"at least {WEIGHTS_RATE:,.0f}/s",
               f"{weights.loads[8].rate:,.0f}/s", weights.loads[8].rate >= WEIGHTS_RATE),
        Target("A 304, processor time", f"under {HELD_MS:g} ms",
               f"{held.cost_ms:.3f} ms", held.cost_ms < HELD_MS),
        Target(f"All tiles of the country at zoom {NATIONAL_ZOOM}, gzip",
               f"at most {kilobytes(VIEW_BYTES)}", kilobytes(view), view <= VIEW_BYTES),
        Target("Resident memory, all layers asked for", f"under {megabytes(RESIDENT_BYTES)}",
               megabytes(ours.resident), ours.resident < RESIDENT_BYTES),
    ]  # fmt: skip


def of_load(soaked: Soaked) -> list[Target]:
    """Return what is promised under load."""
    tally = soaked.tally
    what = f"{soaked.connections} connections for {soaked.seconds:.0f} s"
    peak = max(one.resident for one in soaked.samples)
    return [
        Target(f"{what}, mixed, a new edition in the middle: failed or mixed-up answers",
               "0", f"{tally.failed:,} of {tally.answers:,}",
               tally.failed == 0 and tally.switched_s is not None),
        Target(f"{what}: memory of the last sixth against the sixth before",
               f"at most {FLAT:g}", f"{soaked.growth:.3f}", soaked.growth <= FLAT),
        Target(f"{what}: most resident memory, two editions open",
               f"under {megabytes(RESIDENT_BYTES)}", megabytes(peak), peak < RESIDENT_BYTES),
    ]  # fmt: skip
