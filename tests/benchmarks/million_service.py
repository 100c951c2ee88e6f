"""A service over an edition of very many areas: when it is ready, what it holds, how it answers."""

import json
import os
import statistics
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from pipelines.build import build
from pipelines.start import sample_raw
from tests.benchmarks.figures import Table, megabytes
from tests.benchmarks.million_edition import make
from tests.benchmarks.million_parts import Law
from tests.benchmarks.processes import own, resident, spent
from tests.benchmarks.service import Running, serving

TIMES = 5
TEN_MILLION = 10_000_000
START_S = 900.0
TILE = "10/162/435"
"""Of the corner that has tiles; see :mod:`tests.benchmarks.million_parts`."""

_VALUES = "/api/v1/editions/{edition}/values/small_area/exclusion.bin"
_LEGEND = "/api/v1/editions/{edition}/legend/small_area/exclusion?bbox=0,54,2,55"
_VIEW, _ALL, _SORTED = Law.SAME, Law.LINEAR, Law.SORTED
ASKED = {
    "values of all areas, published": (f"{_VALUES}?bits=4", _ALL),
    "values of a tile, published": (f"{_VALUES}?tile={{tile}}", _VIEW),
    "values of all areas, new weights each time": (
        f"{_VALUES}?bits=4&weights=age:{{turn}}",
        _SORTED,
    ),
    "values of a tile, new weights each time": (
        f"{_VALUES}?tile={{tile}}&weights=age:{{turn}}",
        _SORTED,
    ),
    "values of a tile, weights of another tile": (f"{_VALUES}?tile={{tile}}&weights=age:2", _VIEW),
    "outline tile": ("/tiles/{edition}/areas/{tile}.mvt", _VIEW),
    "50 scores as JSON": ("/api/v1/scores?size=50", _ALL),
    "profile of an area": ("/api/v1/areas/{code}", _ALL),
    "search for a code": ("/api/v1/search?q={code}", _VIEW),
    "legend of a view": (_LEGEND, _ALL),
    "page of the map": ("/", _ALL),
    "page of an area": ("/areas/{code}", _ALL),
    "report on an area": ("/reports/{code}", _ALL),
}


def measure(areas: int, say: Callable[[str], None]) -> Table:
    """Return what a service over so many areas takes."""
    with tempfile.TemporaryDirectory() as folder:
        few = Path(folder) / "few"
        quiet = Console(quiet=True)
        say("building the edition of Sampleshire, whose tables are repeated")
        sample = build(sample_raw(few, quiet), few, quiet)
        many = Path(folder) / "many"
        say("making the edition of all areas")
        edition = make(sample, many, areas)
        say("asking the service")
        return measure_edition(many, edition)


def measure_edition(processed: Path, edition: Path) -> Table:
    """Return what a service over the edition of a folder takes."""
    disk = sum(path.stat().st_size for path in edition.iterdir())
    areas = json.loads((edition / "manifest.json").read_text())["levels"][0]["count"]
    os.environ["EXCLUSION_MAP_DATABASE_URL"] = "none"
    with serving(processed, start_s=START_S) as service:
        rows = [
            _sized("edition on disk", disk, areas, f"{disk / areas:.0f} bytes an area"),
            [
                "until it is ready",
                "",
                f"{service.ready_s:.1f} s",
                f"{service.ready_s * TEN_MILLION / areas / 60:.1f} min",
                _ALL.value,
                f"{spent(service.pid):.1f} s of processor",
            ],
            _sized("memory when ready", resident(service.pid), areas, _own(service)),
        ]
        for name, (address, law) in ASKED.items():
            rows.append(_asked(name, service, address, law, edition.name, areas))
        rows.append(_sized("memory after that", resident(service.pid), areas, _own(service)))
    columns = ("what", "first", "median", "10 million", "law", "")
    return Table(columns, rows, f"{areas:,} areas, one process, {TIMES} times each.")


def _sized(what: str, size: float, areas: int, note: str) -> list[str]:
    many = megabytes(size * TEN_MILLION / areas)
    return [what, "", megabytes(size), many, _ALL.value, note]


def _own(service: Running) -> str:
    return f"{megabytes(own(service.pid))} of it its own, the rest mapped files"


def _asked(
    name: str, service: Running, address: str, law: Law, edition: str, areas: int
) -> list[str]:
    times, size, status = [], 0, 200
    for turn in range(TIMES):
        path = address.format(edition=edition, tile=TILE, code="E0100005000", turn=turn + 2)
        request = urllib.request.Request(service.base + path, headers={"Accept-Encoding": "gzip"})
        begun = time.perf_counter()
        try:
            with urllib.request.urlopen(request) as answer:
                size, status = len(answer.read()), answer.status
        except urllib.error.HTTPError as error:
            status = error.code
        times.append(time.perf_counter() - begun)
    told = f"{size:,} bytes" if status == 200 else f"status {status}"
    median = statistics.median(times)
    many = _spell(median * law.times(areas, TEN_MILLION))
    return [name, _spell(times[0]), _spell(median), many, law.value, told]


def _spell(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms" if seconds < 1 else f"{seconds:.1f} s"
