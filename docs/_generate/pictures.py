"""Take the pictures of the documentation: ``python -m docs._generate.pictures [SERVICE]``.

They are taken in Chromium from a running service of the national edition, and committed: whoever
builds the documentation needs neither.
"""

import io
import shutil
import sys
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import sync_playwright

FOLDER: Final = Path(__file__).resolve().parents[1] / "tutorials" / "pictures"
COLOURS: Final = 64
LARGEST: Final = 120_000
"""Bytes; a larger one is an error."""
SETTLE_MS: Final = 6_000
"""Time for the map to come to rest when it is drawn by software."""

SAMPLE: Final = "/tools/sample?go=true&within=E54000008&areas=40&interviews=10&size=population"
WARDS: Final = "E05000966,E05000972,E05000955,E05000957,E05000960,E05000968"
TAKEN: Final = {
    "share-map": "/tools/share?total=150&what=computers&within=E08000015&level=ward",
    "gaps-map": "/gaps?within=E08000015",
    "footprint": f"/tools/footprint?where={WARDS}&compare=E08000015&name=Health+app+helpers",
    "sample-map": f"{SAMPLE}&method=systematic&strata=fifth&strata=rural&reserves=1&seed=2026",
}
"""The first map of each page, by name of the picture."""
FRONT: Final = Path(__file__).resolve().parents[1] / "assets" / "map.png"
"""The map page, for the README and the home page of the documentation."""


def take(service: str) -> None:
    """Take every picture.

    Args:
        service: address of a running service, without a slash at the end.

    Raises:
        ValueError: a picture is too large for the repository.
    """
    FOLDER.mkdir(exist_ok=True)
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1000, "height": 900})
        for name, address in TAKEN.items():
            page.goto(service + address)
            picture = page.locator("main .em-picture").first
            picture.scroll_into_view_if_needed()
            page.wait_for_load_state("networkidle")
            _save(picture.screenshot(), FOLDER / f"{name}.png")
        page.set_viewport_size({"width": 1280, "height": 800})
        page.goto(f"{service}/?area=E08000015")
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(SETTLE_MS)
        _save(page.screenshot(), FRONT)
        browser.close()


def _save(screenshot: bytes, path: Path) -> None:
    shown = Image.open(io.BytesIO(screenshot))
    shown.convert("RGB").quantize(COLOURS).save(path, optimize=True)
    if path.stat().st_size > LARGEST:
        raise ValueError(f"{path.name} has {path.stat().st_size} bytes, at most {LARGEST}")


if __name__ == "__main__":
    take(sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000")
