"""How fast the engine is, on made-up areas of national size: run it and read the table.

    python tests/benchmarks/index_speed.py [draws]

Times are wall-clock medians with the least in brackets; CPU time tells what a busy machine adds.
"""

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from exclusion_map.index import Base, Definition, ValueTable, compose, prepare
from exclusion_map.index.sensitivity import sensitivity
from exclusion_map.index.uncertainty import uncertainty
from exclusion_map.index.vary import Doubts
from exclusion_map.terms import Direction

AREAS, INDICATORS = 35_672, 12
WEIGHTS_ONLY = Doubts(normalisations=(), aggregations=(), leave_out=0, noise=None)


def made_up_table(areas: int = AREAS) -> ValueTable:
    """Return shares of invented people in invented areas, a few missing."""
    rng = np.random.default_rng(1)
    people = rng.integers(900, 3500, (areas, INDICATORS))
    shares = rng.beta(2, 8, (areas, INDICATORS))
    values = 100 * rng.binomial(people, shares) / people
    values[rng.choice(areas, min(1917, areas), replace=False), 3] = np.nan
    return ValueTable(
        codes=np.array([f"E{at:08}" for at in range(areas)]),
        indicators=tuple(f"i{at}" for at in range(INDICATORS)),
        values=values,
        population=people[:, 0].astype(float),
        directions=(Direction.HIGHER_IS_RISKIER,) * INDICATORS,
        denominators=people.astype(float),
    )


def made_up_definition() -> Definition:
    """Return an index of four groups of three indicators."""
    groups = [
        {
            "id": f"g{group}",
            "title": f"G{group}",
            "weight": group + 1,
            "children": [{"indicator": f"i{group * 3 + at}", "weight": at + 1} for at in range(3)],
        }
        for group in range(4)
    ]
    return Definition.parse({"id": "bench", "title": "Bench", "children": groups})


def _show(name: str, job: Callable[[], object], times: int) -> None:
    job()
    walls, cpus = [], []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        job()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    print(
        f"{name:<52} {1e3 * np.median(walls):9.1f} ms "
        f"({1e3 * min(walls):.1f}), CPU {1e3 * np.median(cpus):.1f}"
    )


def main(draws: int) -> None:
    """Print the table."""
    table, definition = made_up_table(), made_up_definition()
    ready = prepare(definition, table)
    authorities = Base.by([f"A{at % 331}" for at in range(AREAS)])
    _show("raw values to tenths, a new table", lambda: compose(definition, replace(table)), 60)
    _show("raw values to tenths, a table seen before", lambda: compose(definition, table), 60)
    _show("normalised columns to tenths", ready.compose, 60)
    _show("the same with new weights", lambda: ready.compose({"g1": 7}), 60)
    _show("contributions", lambda: compose(definition, table).contributions, 10)
    _show("raw values to tenths, 331 bases", lambda: compose(definition, table, authorities), 5)
    few = min(draws, 1000)
    _show(
        "1,000 draws, weights",
        lambda: uncertainty(definition, table, doubts=WEIGHTS_ONLY, draws=few),
        2,
    )
    _show("1,000 draws, everything", lambda: uncertainty(definition, table, draws=few), 2)
    if draws > 1000:
        _show(
            f"{draws:,} draws, everything", lambda: uncertainty(definition, table, draws=draws), 1
        )
    _show("Sobol indices, 64 samples", lambda: sensitivity(definition, table, samples=64), 1)
    print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
