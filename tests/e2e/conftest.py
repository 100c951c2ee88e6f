"""A real browser before a real service: uvicorn on a free port, Debian's Chromium."""

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect, sync_playwright
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.app import create_app
from api.static_files import STATIC_FOLDER
from exclusion_map.settings import DataSettings, ServiceSettings

REPOSITORY = Path(__file__).resolve().parents[2]
AXE = REPOSITORY / "web" / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    # Painted by the processor itself, pages cost half of what they cost by a simulated GPU.
    "--disable-gpu-rasterization",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
WAIT_S = 90.0
"""How long anything may take on a machine with much else to do; nothing waits longer than it must.
"""
expect.set_options(timeout=WAIT_S * 1_000)


@dataclass
class Meter:
    """An ASGI wrapper that writes down every answer with its bytes on the wire."""

    app: ASGIApp
    coding: str | None = None
    """The only content coding clients are said to take; what they say themselves when None."""
    answers: list[tuple[str, int]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        size = 0

        async def count(message: Message) -> None:
            nonlocal size
            if message["type"] == "http.response.start":
                size += sum(len(name) + len(value) + 4 for name, value in message["headers"])
            else:
                size += len(message.get("body", b""))
            await send(message)

        await self.app(self._asked(scope), receive, count)
        self.answers.append((scope["path"], size))

    def _asked(self, scope: Scope) -> Scope:
        if self.coding is None:
            return scope
        kept = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]
        return {**scope, "headers": [*kept, (b"accept-encoding", self.coding.encode())]}


@dataclass(frozen=True)
class Site:
    """A running service."""

    base: str
    meter: Meter


@contextmanager
def running(processed: Path, settings: ServiceSettings | None = None) -> Iterator[Site]:
    data = DataSettings(processed_dir=processed)
    meter = Meter(create_app(settings or ServiceSettings(), data))
    config = uvicorn.Config(meter, host="127.0.0.1", port=0, log_level="error", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + WAIT_S
    while not server.started and thread.is_alive() and time.monotonic() < until:
        time.sleep(0.05)
    assert server.started, "the service did not start"
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Site(f"http://127.0.0.1:{port}", meter)
    finally:
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture(scope="session")
def built_assets() -> None:
    if not (STATIC_FOLDER / ".vite" / "manifest.json").is_file():
        pytest.skip("the pages' assets are not built: run make assets")


@pytest.fixture(scope="session")
def browser(built_assets: None) -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def sample_site(sample_processed: Path) -> Iterator[Site]:
    with running(sample_processed) as site:
        yield site


@pytest.fixture(scope="session")
def national_site(national_processed: Path) -> Iterator[Site]:
    with running(national_processed) as site:
        yield site


@dataclass
class Watched:
    """A page with what went wrong in it and which hosts it asked."""

    page: Page
    faults: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def open(self, address: str, *, map_ready: bool = False) -> Page:
        self.page.goto(address)
        if map_ready:
            self.map_ready()
        return self.page

    def until(self, function: str, argument: object = None, *, seconds: float = WAIT_S) -> None:
        """Wait until a function in the page says yes.

        Asked from here: the page's policy forbids what Playwright evaluates to ask again there.
        """
        last = time.monotonic() + seconds
        while not self.page.evaluate(function, argument):
            assert time.monotonic() < last, f"never came: {function}; {self.faults}"
            self.page.wait_for_timeout(100)

    def map_ready(self) -> None:
        """Wait until the map is loaded, painted and at rest."""
        self.page.wait_for_selector(".em-map-frame--ready[data-idle]")


def watch(page: Page) -> Watched:
    watched = Watched(page)
    page.on("console", lambda message: message.type == "error" and _note(watched, message.text))
    page.on("pageerror", lambda error: _note(watched, str(error)))
    page.on("request", lambda request: _host(watched, request.url))
    return watched


def _note(watched: Watched, text: str) -> None:
    watched.faults.append(text)


def _host(watched: Watched, address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme in ("http", "https", "ws", "wss"):
        watched.hosts.add(parts.hostname or "")


def patient(context: BrowserContext) -> BrowserContext:
    context.set_default_timeout(WAIT_S * 1_000)
    return context


@pytest.fixture
def desktop(browser: Browser) -> Iterator[Watched]:
    context = patient(browser.new_context(viewport={"width": 1280, "height": 900}))
    yield watch(context.new_page())
    context.close()


@pytest.fixture
def small_desktop(browser: Browser) -> Iterator[Watched]:
    """A smaller window, for software draws a large map slowly."""
    context = patient(browser.new_context(viewport={"width": 940, "height": 620}))
    yield watch(context.new_page())
    context.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Watched]:
    size: ViewportSize = {"width": 375, "height": 760}
    context = patient(browser.new_context(viewport=size, has_touch=True))
    yield watch(context.new_page())
    context.close()


@pytest.fixture
def scriptless(browser: Browser) -> Iterator[Watched]:
    context = patient(browser.new_context(java_script_enabled=False))
    yield watch(context.new_page())
    context.close()
