"""Reports: how long the page, the file and the PDF of one take, and a report for every ICB."""

import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from statistics import median

from exclusion_map.editions.reader import open_edition
from exclusion_map.terms import AreaKind
from tests.benchmarks.figures import Section, Table, Verdict
from tests.benchmarks.service import settled

HTML_S, PDF_S, BATCH_S = 0.3, 4.0, 180.0
"""After the start, when the service has worked out what it does before anybody asks."""
PLACES = 5
_ASKED = (
    ("page, first sight", "page", "/reports/{}"),
    ("PDF", "pdf", "/api/v1/reports.pdf?codes={}"),
)
_BATCH = ("--each", "icb", "--format", "html,pdf")


def measure(processed: Path, edition_folder: Path) -> Section:
    """Ask for reports on councils and ICBs that nobody asked for before, then make a batch."""
    levels = open_edition(edition_folder, verify="quick").atlas.levels
    rows: list[list[str]] = []
    pages: list[float] = []
    pdfs: list[float] = []
    with settled(processed) as service:
        for kind in (AreaKind.LOCAL_AUTHORITY, AreaKind.ICB):
            if kind not in levels:
                continue
            codes = levels[kind].codes[:: max(1, len(levels[kind]) // PLACES)][:PLACES]
            for what, form, path in _ASKED:
                taken = [_get(f"{service.base}{path.format(code)}") for code in codes]
                rows.append(
                    [f"{what}, {kind.label}", f"{median(taken):.2f} s", f"{max(taken):.2f} s"]
                )
                (pages if form == "page" else pdfs).append(median(taken))
    verdicts = [
        Verdict("Report as a page", "300 ms", f"{1000 * max(pages):.0f} ms", max(pages) <= HTML_S),
        Verdict("Report as a PDF", "4 s", f"{max(pdfs):.2f} s", max(pdfs) <= PDF_S),
    ]
    if AreaKind.ICB in levels:
        taken_s, count = _batch(processed), len(levels[AreaKind.ICB])
        rows.append([f"{count} ICBs as HTML and PDF, by command", f"{taken_s:.0f} s", ""])
        verdicts.append(
            Verdict(f"Batch of {count} reports", "180 s", f"{taken_s:.0f} s", taken_s <= BATCH_S)
        )
    note = f"{PLACES} places of each kind, each asked once: median and slowest."
    return Section("Reports", [Table(("", "wall", "slowest"), rows, note)], verdicts)


def _get(address: str) -> float:
    begun = time.perf_counter()
    with urllib.request.urlopen(address, timeout=120) as answer:
        answer.read()
    return time.perf_counter() - begun


def _batch(processed: Path) -> float:
    with tempfile.TemporaryDirectory(prefix="exclusion-map-bench-") as folder:
        begun = time.perf_counter()
        command = [sys.executable, "-m", "exclusion_map", "reports", *_BATCH]
        command += ["--out", folder, "--processed-dir", str(processed)]
        subprocess.run(command, check=True, capture_output=True)
        return time.perf_counter() - begun
