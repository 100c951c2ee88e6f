"""A service over an edition of very many areas: when it is ready, what it holds, how it answers."""

import json
import os
import statistics
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from rich.console import Console

from pipelines.build import build
from pipelines.start import sample_raw
from tests.benchmarks.figures import Table, megabytes
from tests.benchmarks.million_edition import make
from tests.benchmarks.processes import own, resident, spent
from tests.benchmarks.service import Running, serving

TIMES = 5
START_S = 900.0
TILE = "10/162/435"
"""Of the corner that has tiles; see :mod:`tests.benchmarks.million_parts`."""

_VALUES = "/api/v1/editions/{edition}/values/small_area/exclusion.bin"
ASKED = {
    "values of all areas, published": f"{_VALUES}?bits=4",
    "values of a tile, published": f"{_VALUES}?tile={{tile}}",
    "values of all areas, new weights each time": f"{_VALUES}?bits=4&weights=age:{{turn}}",
    "values of a tile, new weights each time": f"{_VALUES}?tile={{tile}}&weights=age:{{turn}}",
    "values of a tile, weights of another tile": f"{_VALUES}?tile={{tile}}&weights=age:2",
    "outline tile": "/tiles/{edition}/areas/{tile}.mvt",
    "50 scores as JSON": "/api/v1/scores?size=50",
    "profile of an area": "/api/v1/areas/{code}",
    "search for a code": "/api/v1/search?q={code}",
    "legend of a view": "/api/v1/editions/{edition}/legend/small_area/exclusion?bbox=0,54,2,55",
    "page of the map": "/",
    "page of an area": "/areas/{code}",
}


def measure(areas: int) -> Table:
    """Return what a service over so many areas takes."""
    with tempfile.TemporaryDirectory() as folder:
        few = Path(folder) / "few"
        quiet = Console(quiet=True)
        sample = build(sample_raw(few, quiet), few, quiet)
        many = Path(folder) / "many"
        edition = make(sample, many, areas)
        return measure_edition(many, edition)


def measure_edition(processed: Path, edition: Path) -> Table:
    """Return what a service over the edition of a folder takes."""
    disk = sum(path.stat().st_size for path in edition.iterdir())
    areas = json.loads((edition / "manifest.json").read_text())["levels"][0]["count"]
    os.environ["EXCLUSION_MAP_DATABASE_URL"] = "none"
    with serving(processed, start_s=START_S) as service:
        rows = [
            ["edition on disk", megabytes(disk), f"{disk / areas:.0f} bytes an area"],
            [
                "until it is ready",
                f"{service.ready_s:.1f} s",
                f"{spent(service.pid):.1f} s of processor",
            ],
            ["memory when ready", megabytes(resident(service.pid)), _own(service)],
        ]
        for name, address in ASKED.items():
            rows.append([name, *_asked(service, address, edition.name)])
        rows.append(["memory after that", megabytes(resident(service.pid)), _own(service)])
    return Table(("what", "median", ""), rows, f"{areas:,} areas, one process, {TIMES} times each.")


def _own(service: Running) -> str:
    return f"{megabytes(own(service.pid))} of it its own, the rest mapped files"


def _asked(service: Running, address: str, edition: str) -> tuple[str, str]:
    times, size, status = [], 0, 200
    for turn in range(TIMES):
        path = address.format(edition=edition, tile=TILE, code="E0100005000", turn=turn + 2)
        request = urllib.request.Request(service.base + path, headers={"Accept-Encoding": "gzip"})
        begun = time.perf_counter()
        try:
            with urllib.request.urlopen(request) as answer:
                size = len(answer.read())
        except urllib.error.HTTPError as error:
            status = error.code
        times.append(time.perf_counter() - begun)
    told = f"{size:,} bytes" if status == 200 else f"status {status}"
    first = (
        f", the first {1000 * times[0]:.0f} ms" if times[0] > 2 * statistics.median(times) else ""
    )
    return f"{1000 * statistics.median(times):.1f} ms", told + first
