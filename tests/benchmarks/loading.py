"""The first view over a slow line: when it is of use, when the map can be used, what it weighs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser

from tests.benchmarks import browsing
from tests.benchmarks.bars import Bar, bars
from tests.benchmarks.figures import Section, Table, Verdict, kilobytes
from tests.benchmarks.service import serving
from tests.benchmarks.wire import Wire

KILOBITS, LATENCY_MS = 400, 400
LINE = {
    "latency": LATENCY_MS,
    "downloadThroughput": KILOBITS * 1000 / 8,
    "uploadThroughput": KILOBITS * 1000 / 8,
}
SIZES = {"laptop, 1280 x 800": (1280, 800), "phone, 375 x 700": (375, 700)}
RUNS = 3
USEFUL_S, USABLE_S, BYTES = 5.0, 20.0, 500_000
PICTURE = "slow-3g.svg"
PARTS = ("first text", "heading, search and table", "map coloured", "at rest")

WATCH = """
window.bench = { useful: 0, coloured: 0, drawn: 0 };
for (const kind of [window.WebGL2RenderingContext, window.WebGLRenderingContext]) {
  for (const name of kind ? ["drawElements", "drawArrays"] : []) {
    const draw = kind.prototype[name];
    kind.prototype[name] = function (...rest) {
      window.bench.drawn = performance.now();
      return draw.apply(this, rest);
    };
  }
}
const painted = () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0;
const whole = () => ["h1", "[data-search] input", "[data-top-table] tbody tr"]
  .every((one) => document.querySelector(one)?.getClientRects().length);
const look = () => {
  const { bench } = window;
  if (!bench.useful && painted() && whole()) bench.useful = performance.now();
  const frame = performance.getEntriesByName("exclusion-map:frame")[0];
  if (!bench.coloured) bench.coloured = frame?.startTime ?? 0;
  if (!bench.coloured) setTimeout(look, 50);
};
look();
"""
ASK = """() => ({ ...window.bench, now: performance.now(),
  painted: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0 })"""
PATIENCE_MS, RESTS_MS = 60_000, 1_500


@dataclass(frozen=True)
class Load:
    """One first view; seconds since the request."""

    painted: float
    useful: float
    coloured: float
    rest: float
    bytes: float


def measure(processed: Path, say: Callable[[str], None], *, national: bool) -> Section:
    """Open the map with an empty cache over a slow line, as a laptop and as a phone."""
    section = Section("First view on slow 3G")
    if browsing.program() is None:
        section.notes.append(browsing.NO_BROWSER)
        return section
    found = {}
    with serving(processed) as service, browsing.browsing() as browser:
        for name, size in SIZES.items():
            found[name] = _median([_look(browser, f"{service.base}/", size) for _ in range(RUNS)])
            load = found[name]
            say(f"  {name}: useful {load.useful:.1f} s, map {load.coloured:.1f} s")
    section.tables.append(_table(found))
    section.pictures[PICTURE] = bars(
        f"First view at {KILOBITS} kbit/s and {LATENCY_MS} ms, seconds",
        [Bar("", name, _parts(load)) for name, load in found.items()],
        PARTS,
    )
    section.notes.append(f"![When the first view is of use](benchmarks/{PICTURE})")
    if national:
        section.verdicts += _verdicts(list(found.values()))
    return section


def _look(browser: Browser, address: str, size: tuple[int, int]) -> Load:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    page.add_init_script(WATCH)
    wire = Wire(context.new_cdp_session(page), conditions=LINE)
    page.goto(address, wait_until="commit")
    told: dict[str, Any] = {}
    for _ in range(PATIENCE_MS // 250):
        page.wait_for_timeout(250)
        told = page.evaluate(ASK)
        if told["coloured"] and told["now"] - told["drawn"] > RESTS_MS:
            break
    else:
        raise RuntimeError(f"the map did not rest within {PATIENCE_MS / 1e3:.0f} s")
    size_on_wire = sum(request.bytes for request in wire.sent())
    context.close()
    painted, useful, coloured, drawn = (
        told[one] / 1e3 for one in ("painted", "useful", "coloured", "drawn")
    )
    return Load(painted, useful, coloured, drawn, size_on_wire)


def _median(loads: Sequence[Load]) -> Load:
    names = ("painted", "useful", "coloured", "rest", "bytes")
    return Load(*(median(getattr(load, name) for load in loads) for name in names))


def _parts(load: Load) -> dict[str, float]:
    ends = (load.painted, load.useful, load.coloured, load.rest)
    starts = (0.0, *ends[:-1])
    lengths = (max(0.0, end - start) for start, end in zip(starts, ends, strict=True))
    return dict(zip(PARTS, lengths, strict=True))


def _table(found: dict[str, Load]) -> Table:
    rows = [
        [
            name,
            *(f"{one:.1f} s" for one in (load.painted, load.useful, load.coloured, load.rest)),
            kilobytes(load.bytes),
        ]
        for name, load in found.items()
    ]
    note = (
        f"{KILOBITS} kbit/s and {LATENCY_MS} ms a request, by the browser's own emulation, in the "
        "page and in its worker; empty cache, brotli; medians of "
        f"{RUNS}. Of use: heading, search box and first row of the table are on the page."
    )
    return Table(("window", *PARTS, "on the wire"), rows, note)


def _verdicts(loads: Sequence[Load]) -> list[Verdict]:
    useful, usable = (max(getattr(one, name) for one in loads) for name in ("useful", "coloured"))
    heaviest = max(load.bytes for load in loads)
    return [
        Verdict("Slow 3G: heading, search and table", "5 s", f"{useful:.1f} s", useful <= USEFUL_S),
        Verdict("Slow 3G: map usable", "20 s", f"{usable:.1f} s", usable <= USABLE_S),
        Verdict("Slow 3G: first view", "500 KB", kilobytes(heaviest), heaviest <= BYTES),
    ]
