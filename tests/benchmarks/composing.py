"""How long the index takes to compute for every area, in this process."""

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd

from exclusion_map.index import DEFAULT, ValueTable, compose, definitions, prepare
from tests.benchmarks.figures import Section, Table

RUNS = 31


def measure(edition: Path) -> Section:
    """Compose the default index of an edition: from raw values, and with new weights only."""
    areas = pd.read_parquet(edition / "areas.parquet", columns=["code", "population"])
    tidy = pd.read_parquet(edition / "indicators.parquet")
    table = ValueTable.from_tidy(
        tidy, areas["code"].to_numpy(dtype=str), areas["population"].to_numpy(dtype=np.float64)
    )
    definition = definitions()[DEFAULT]
    ready = prepare(definition, table)
    leaves = len(list(definition.leaves()))
    rows = [
        ["raw values to scores, ranks and tenths", timed(lambda: compose(definition, table))],
        ["normalised columns to scores, ranks and tenths", timed(ready.compose)],
        [
            "what each indicator adds to each score",
            timed(lambda: compose(definition, table).contributions),
        ],
    ]
    note = (
        f"The shipped definition: {leaves} indicators, {len(table):,} areas, one core, warm. "
        f"Median of {RUNS} runs."
    )
    return Section("The index", [Table(("", "wall"), rows, note)])


def timed(job: Callable[[], object]) -> str:
    """Return the median time of a job, in words."""
    job()
    taken = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        job()
        taken.append(time.perf_counter() - begun)
    return f"{median(taken) * 1e3:.2f} ms"
