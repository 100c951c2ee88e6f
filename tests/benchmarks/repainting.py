"""How long from the move of a slider to the repainted map, beside the browser's own redraw."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page

from tests.benchmarks import browsing
from tests.benchmarks.bars import Bar, bars
from tests.benchmarks.figures import Section, Table, Verdict
from tests.benchmarks.service import serving

SIZE = (1280, 800)
MOVES, WARM = 7, 1
TARGET_MS = 60.0
PICTURE = "repaint.svg"
SCENES = {
    "national view: local authorities": "",
    "most of England: neighbourhoods": "at=52.6,-1.6&z=7.6",
    "London: small areas": "at=51.5,-0.11&z=10.05",
}
STEPS = ("page", "service", "network", "decode and state", "draw")
"""What the time of a move is made of, in order."""

# Reading one pixel back makes the browser finish what it draws: without it a frame is only queued.
SETUP = """() => {
  const { map } = document.querySelector("[data-map]").mapView;
  const gl = map.getCanvas().getContext("webgl2") ?? map.getCanvas().getContext("webgl");
  const pixel = new Uint8Array(4);
  const drawn = () => {
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
    return performance.now();
  };
  const marks = (step) => performance.getEntriesByName(`exclusion-map:${step}`);
  const last = (step) => marks(step).at(-1)?.startTime ?? 0;
  const frame = () => new Promise((done) => {
    map.once("render", () => done(drawn()));
    map.triggerRepaint();
  });
  // Past the pause after which areas out of view and the legend follow; then until all is drawn.
  const quiet = async () => {
    await new Promise((done) => setTimeout(done, 800));
    for (let turn = 0; turn < 3; turn++) await frame();
  };
  window.bench = {
    async redraw() {
      await quiet();
      const begun = performance.now();
      return { redraw: (await frame()) - begun };
    },
    async move(value) {
      await quiet();
      const sliders = [...document.querySelectorAll("[data-lens-part]")];
      const slider = sliders[0];
      slider.value = `${Number(slider.value) === value ? 10 : value}`;
      performance.clearResourceTimings();
      const begun = performance.now();
      const end = await new Promise((done, fail) => {
        setTimeout(() => fail(new Error("the map was not repainted within 20 s")), 20000);
        const look = () => {
          if (last("state") < begun) return;
          map.off("render", look);
          done(drawn());
        };
        map.on("render", look);
        slider.dispatchEvent(new Event("input", { bubbles: true }));
      });
      const fetched = performance.getEntriesByType("resource");
      const asked = fetched.filter(({ name }) => name.includes("/values/")).at(-1);
      const service = asked?.serverTiming?.find(({ name }) => name === "work")?.duration ?? 0;
      const [request, answer, state] = ["request", "answer", "state"].map(last);
      return {
        total: end - begun,
        page: request - begun,
        service,
        network: answer - request - service,
        "decode and state": state - answer,
        draw: end - state,
        bytes: asked?.encodedBodySize ?? 0,
      };
    },
    features(kind) {
      const found = map.querySourceFeatures("areas", { sourceLayer: kind });
      return new Set(found.map(({ id }) => id)).size;
    },
  };
}"""
KIND = """() => document.querySelector("[data-table-link]").href.match(/kind=([a-z_]+)/)[1]"""


@dataclass(frozen=True)
class Scene:
    """Medians of a scene, in milliseconds."""

    name: str
    areas: int
    redraw: float
    total: float
    steps: dict[str, float]
    bytes: float

    @property
    def extra(self) -> float:
        """What a move costs above the browser's own redraw."""
        return self.total - self.redraw


def measure(processed: Path, say: Callable[[str], None], *, national: bool) -> Section:
    """Move a slider in several scenes; redraws and moves take turns, so that both meet the same
    machine.
    """
    section = Section("From slider to repainted map")
    if browsing.program() is None:
        section.notes.append(browsing.NO_BROWSER)
        return section
    scenes = []
    with serving(processed) as service, browsing.browsing() as browser:
        for name, query in (SCENES if national else {"the county": ""}).items():
            scenes.append(_scene(browser, f"{service.base}/?{query}", name))
            say(f"  {name}: {scenes[-1].total:.0f} ms, redraw alone {scenes[-1].redraw:.0f} ms")
    section.tables.append(_table(scenes))
    section.pictures[PICTURE] = bars(
        "From slider to repainted map, milliseconds (median)",
        [bar for scene in scenes for bar in _bars(scene)],
        ("redraw alone", *STEPS),
    )
    section.notes.append(f"![What the time of a move is made of](benchmarks/{PICTURE})")
    if national:
        worst = max(scenes, key=lambda scene: scene.extra)
        measured = f"{worst.extra:.0f} ms ({worst.name})"
        what = "Slider to repainted map, above the browser's own redraw"
        section.verdicts.append(Verdict(what, "60 ms", measured, worst.extra <= TARGET_MS))
    return section


def _scene(browser: Browser, address: str, name: str) -> Scene:
    context = browser.new_context(viewport={"width": SIZE[0], "height": SIZE[1]})
    page = context.new_page()
    page.goto(address)
    browsing.settle(page)
    page.evaluate(SETUP)
    for value in range(WARM):
        page.evaluate("value => window.bench.move(value)", value + 1)
    moves, redraws = [], []
    for turn in range(MOVES):
        redraws.append(page.evaluate("window.bench.redraw()")["redraw"])
        moves.append(page.evaluate("value => window.bench.move(value)", 1 + turn % 9))
    areas = page.evaluate("kind => window.bench.features(kind)", _kind(page))
    context.close()
    steps = {step: median(move[step] for move in moves) for step in STEPS}
    total = median(move["total"] for move in moves)
    size = median(move["bytes"] for move in moves)
    return Scene(name, areas, median(redraws), total, steps, size)


def _kind(page: Page) -> str:
    kind: str = page.evaluate(KIND)
    return kind


def _table(scenes: Sequence[Scene]) -> Table:
    columns = ("scene", "areas in its tiles", "redraw alone", "slider to map", "above redraw")
    rows = [
        [
            scene.name,
            f"{scene.areas:,}",
            f"{scene.redraw:.0f} ms",
            f"{scene.total:.0f} ms",
            f"{scene.extra:.0f} ms",
            *(f"{scene.steps[step]:.1f}" for step in STEPS),
            f"{scene.bytes:,.0f}",
        ]
        for scene in scenes
    ]
    note = (
        f"{SIZE[0]} x {SIZE[1]}, headless Chromium, drawn in software by the same two cores that "
        f"run the service. Medians of {MOVES} moves of a slider by turns with plain redraws of the "
        "same scene; a frame counts once a pixel of it has been read back. Steps in milliseconds: "
        "page until the request leaves; service at work; network and the browser's own handling; "
        "unpacking and feature state; drawing."
    )
    return Table((*columns, *STEPS, "bytes"), rows, note)


def _bars(scene: Scene) -> list[Bar]:
    return [
        Bar(f"{scene.name}", "redraw alone", {"redraw alone": scene.redraw}),
        Bar("", "slider to map", scene.steps),
    ]
