"""A footprint of 200,000 postcodes: how long it takes, and how much memory."""

import io
import json
import random
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import xlsxwriter

from exclusion_map.editions.reader import POSTCODES, Edition, open_edition
from tests.benchmarks.figures import Section, Table, Verdict, megabytes
from tests.benchmarks.processes import Peak
from tests.benchmarks.service import settled

ROWS, SECONDS, MEMORY = 200_000, 3.0, 500_000_000
"""After the start, when the service has worked out what it does before anybody asks."""
_LIST, _PAGE = "/api/v1/footprint", "/tools/footprint"


@dataclass(frozen=True)
class Step:
    """Something that is sent: where to, what, and in which file."""

    what: str
    path: str
    name: str
    content: bytes
    accept: str = "application/json"


def measure(processed: Path, edition_folder: Path) -> Section:
    """Send the same long list in every way, and an outline, one after another."""
    edition = open_edition(edition_folder, verify="quick")
    steps = list(_steps(edition))
    del edition
    rows, taken, most, child = [], [], 0, 0
    with settled(processed) as service:
        for step in steps:
            with Peak(service.pid) as peak:
                wall = _send(service.base, step)
            rows.append([step.what, f"{wall:.2f} s", megabytes(peak.own), megabytes(peak.children)])
            taken.append(wall)
            most, child = max(most, peak.own), max(child, peak.children)
    first, page = taken[0], taken[2]
    note = (
        f"{ROWS:,} postcodes of all there ever were, in mixed case, a third without a blank, with "
        "counts, semicolons and a byte order mark; then the same rows. From the first byte sent to "
        "the last received. Memory is the most the service has resident meanwhile, mapped files "
        "counted, and the most of the processes it starts to read what was sent."
    )
    return Section(
        "Footprint of a long list",
        [Table(("", "wall", "service", "child"), rows, note)],
        [
            Verdict(
                f"footprint of {ROWS:,} postcodes, asked first",
                f"{SECONDS:g} s",
                f"{first:.2f} s",
                first <= SECONDS,
            ),
            Verdict(
                "its page with the map, asked first",
                f"{SECONDS:g} s",
                f"{page:.2f} s",
                page <= SECONDS,
            ),
            Verdict(
                "most memory of the service", megabytes(MEMORY), megabytes(most), most <= MEMORY
            ),
            Verdict(
                "most memory of its child", megabytes(MEMORY), megabytes(child), child <= MEMORY
            ),
        ],
    )


def _steps(edition: Edition) -> Iterator[Step]:
    rows = list(_rows(edition))
    text = "\ufeffpostcode;patients\r\n" + "".join(f"{code};{n}\r\n" for code, n in rows)
    listed = text.encode()
    yield Step("as data, the first time", _LIST, "list.csv", listed)
    yield Step("as data, again", _LIST, "list.csv", listed)
    yield Step("page with map and files", _PAGE, "list.csv", listed, "text/html")
    yield Step("table (CSV)", f"{_LIST}?format=csv", "list.csv", listed)
    yield Step("workbook", f"{_LIST}?format=xlsx", "list.csv", listed)
    yield Step("rows not understood", f"{_LIST}?format=csv&part=unmatched", "list.csv", listed)
    yield Step("the list as a workbook", _LIST, "list.xlsx", _workbook(rows))
    yield Step("an outline instead", _LIST, "outline.geojson", _outline(edition))


def _rows(edition: Edition) -> Iterator[tuple[str, int]]:
    """Yield postcodes as people write them, each with a count; the same ones each time."""
    chance = random.Random(1)
    codes = pa.ipc.open_file(str(edition.folder / POSTCODES)).read_all().column("postcode")
    for at in chance.sample(range(len(codes)), min(ROWS, len(codes))):
        code = codes[at].as_py().decode().strip()
        code = code if chance.random() < 1 / 3 else f"{code[:-3]} {code[-3:]}"
        yield code.lower() if chance.random() < 1 / 3 else code, chance.randint(1, 9)


def _workbook(rows: Sequence[tuple[str, int]]) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ("postcode", "patients"))
        for number, row in enumerate(rows, 1):
            sheet.write_row(number, 0, row)
    return made.getvalue()


def _outline(edition: Edition) -> bytes:
    """Return a circle of many corners about the middle of the edition."""
    west, south, east, north = edition.manifest.bounds
    turn = np.linspace(0, 2 * np.pi, 20_000)
    ring = np.column_stack(
        [
            (west + east) / 2 + np.cos(turn) * (east - west) / 6,
            (south + north) / 2 + np.sin(turn) * (north - south) / 6,
        ]
    )
    ring[-1] = ring[0]
    return json.dumps({"type": "Polygon", "coordinates": [ring.tolist()]}).encode()


def _send(base: str, step: Step) -> float:
    """Send a form with a file; return seconds until all of the answer is there."""
    mark = "footprint-benchmark"
    head = (
        f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{step.name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    body = head.encode() + step.content + f"\r\n--{mark}--\r\n".encode()
    headers = {
        "Content-Type": f"multipart/form-data; boundary={mark}",
        "Accept": step.accept,
        "Origin": base,
    }
    asked = urllib.request.Request(f"{base}{step.path}", data=body, headers=headers)
    begun = time.perf_counter()
    with urllib.request.urlopen(asked, timeout=120) as answer:
        answer.read()
    return time.perf_counter() - begun
