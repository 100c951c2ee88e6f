"""A real browser for measuring: the same flags and waiting for every figure."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

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
NO_BROWSER = "Not measured: Chromium is not installed (apt-get install chromium)."


def program() -> str | None:
    """Return the path of Chromium; None where there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def browsing() -> Iterator[Browser]:
    """Run Chromium without a window, drawing in software.

    Raises:
        RuntimeError: it is not installed.
    """
    found = program()
    if found is None:
        raise RuntimeError(NO_BROWSER)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def settle(page: Page, patience_s: float = 60.0) -> None:
    """Wait until the map is ready and has drawn all it wants to.

    Raises:
        RuntimeError: it did not.
    """
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        if page.query_selector(".em-map-frame--ready[data-idle]"):
            return
        page.wait_for_timeout(50)
    raise RuntimeError(f"the map did not rest within {patience_s:.0f} s")
