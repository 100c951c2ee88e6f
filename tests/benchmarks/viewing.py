"""What the first view of the map weighs on the wire, and how long until it rests."""

import shutil
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

from tests.benchmarks.figures import Section, Table, Verdict, kilobytes
from tests.benchmarks.service import serving
from tests.benchmarks.wire import Wire

VIEWS = ((1280, 800), (375, 700))
HOSTS = {"gzip": "bench.test", "brotli": "127.0.0.1"}
"""Chromium takes brotli only over https or from this machine's own address; elsewhere gzip."""
RUNS = 3
BUDGET = 600_000
RESTS_S, PATIENCE_S = 1.0, 45.0
FLAGS = (
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--host-resolver-rules=MAP bench.test 127.0.0.1",
)
# Each draw of the map is a call of WebGL: the last one tells when the map came to rest.
WATCH = """
window.bench = { drawn: 0, ready: 0 };
for (const kind of [window.WebGL2RenderingContext, window.WebGLRenderingContext]) {
  for (const name of kind ? ["drawElements", "drawArrays"] : []) {
    const draw = kind.prototype[name];
    kind.prototype[name] = function (...rest) {
      window.bench.drawn = performance.now();
      return draw.apply(this, rest);
    };
  }
}
new MutationObserver(() => {
  if (!window.bench.ready && document.querySelector(".em-map-frame--ready"))
    window.bench.ready = performance.now();
}).observe(document, { subtree: true, childList: true, attributes: true });
"""
ASK = """() => ({ ...window.bench, now: performance.now(),
  painted: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0 })"""


@dataclass(frozen=True)
class View:
    """One first view with an empty cache; times are milliseconds since the request."""

    bytes: float
    requests: int
    by_kind: dict[str, float]
    codings: dict[str, int]
    painted_ms: float
    ready_ms: float
    rest_ms: float


def measure(processed: Path, say: Callable[[str], None], *, national: bool) -> Section:
    """Open the map in a real browser, at the size of a laptop and of a phone."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    section = Section("First view of the map")
    if program is None:
        section.notes.append("Not measured: Chromium is not installed (apt-get install chromium).")
        return section
    found: dict[tuple[tuple[int, int], str], View] = {}
    with serving(processed) as service, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        version = browser.version
        for size in VIEWS:
            for name, host in HOSTS.items():
                address = service.base.replace("127.0.0.1", host)
                views = [_look(browser, address, size) for _ in range(RUNS)]
                found[size, name] = _median(views)
                say(f"  {size[0]} x {size[1]}, {name}: {kilobytes(found[size, name].bytes)}")
        browser.close()
    section.tables += [_weights(found, version), _kinds(found)]
    heaviest = max(view.bytes for (_, name), view in found.items() if name == "gzip")
    if national:
        what = "First view at a national view, gzip"
        measured = kilobytes(heaviest)
        section.verdicts.append(Verdict(what, "600 KB", measured, heaviest < BUDGET))
    return section


def _look(browser: Browser, base: str, size: tuple[int, int]) -> View:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    page.add_init_script(WATCH)
    wire = Wire(context.new_cdp_session(page))
    page.goto(f"{base}/")
    told = _rest(page, wire)
    sent = wire.sent()
    by_kind: Counter[str] = Counter()
    for request in sent:
        by_kind[_kind(request.url)] += int(request.bytes)
    context.close()
    return View(
        bytes=sum(request.bytes for request in sent),
        requests=sum(request.bytes > 0 for request in sent),
        by_kind=dict(by_kind),
        codings=dict(Counter(request.coding or "none" for request in sent if request.bytes)),
        painted_ms=told["painted"],
        ready_ms=told["ready"],
        rest_ms=told["drawn"],
    )


def _rest(page: Page, wire: Wire) -> dict[str, float]:
    """Wait until nothing came or was drawn for a second; return what the page has noted.

    Raises:
        RuntimeError: it never rested.
    """
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        page.wait_for_timeout(200)
        told: dict[str, float] = page.evaluate(ASK)
        drawn_s = (told["now"] - told["drawn"]) / 1e3
        heard_s = time.monotonic() - wire.heard
        if told["ready"] and min(drawn_s, heard_s) > RESTS_S:
            return told
    raise RuntimeError(f"the map did not rest within {PATIENCE_S:.0f} s")


def _kind(url: str) -> str:
    path = urlsplit(url).path
    if path.endswith(".mvt"):
        return "tiles"
    if path.startswith("/static/"):
        return {".js": "scripts", ".css": "styles"}.get(Path(path).suffix, "pictures and fonts")
    if path.startswith(("/api/", "/tiles/", "/map/")):
        return "values, labels and descriptions"
    return "page" if path == "/" else "other"


def _median(views: list[View]) -> View:
    middle = sorted(views, key=lambda view: view.bytes)[len(views) // 2]
    return View(
        **{
            **vars(middle),
            "painted_ms": median(view.painted_ms for view in views),
            "ready_ms": median(view.ready_ms for view in views),
            "rest_ms": median(view.rest_ms for view in views),
        }
    )


def _weights(found: dict[tuple[tuple[int, int], str], View], version: str) -> Table:
    rows = [
        [
            f"{size[0]} x {size[1]}, {name}",
            kilobytes(view.bytes),
            str(view.requests),
            f"{view.painted_ms / 1e3:.2f} s",
            f"{view.ready_ms / 1e3:.2f} s",
            f"{view.rest_ms / 1e3:.2f} s",
        ]
        for (size, name), view in found.items()
    ]
    note = (
        f"Chromium {version}, headless, empty cache, software rendering on this machine's "
        "processor, nothing clicked. Bytes as the browser counts them, headers included. Painted: "
        "first text; map: its first tiles drawn; at rest: the last stroke, with labels and colours "
        f"in place. Medians of {RUNS}."
    )
    columns = ("window, coding", "on the wire", "requests", "painted", "map", "at rest")
    return Table(columns, rows, note)


def _kinds(found: dict[tuple[tuple[int, int], str], View]) -> Table:
    kinds = sorted({kind for view in found.values() for kind in view.by_kind})
    shown = [(size, name) for size, name in found if size == VIEWS[0]]
    rows = [
        [kind, *(kilobytes(found[key].by_kind.get(kind, 0)) for key in shown)] for kind in kinds
    ]
    codings = [
        ", ".join(f"{count} {coding}" for coding, count in sorted(found[key].codings.items()))
        for key in shown
    ]
    rows.append(["content codings of the answers", *codings])
    return Table((f"{VIEWS[0][0]} x {VIEWS[0][1]}", *(name for _, name in shown)), rows)
