"""Every generated page, by its path under ``docs``."""

from pathlib import Path

from fastapi import FastAPI

from docs._generate import (
    api,
    commands,
    edition,
    glossary,
    indicators,
    indices,
    routes,
    sources,
)
from docs._generate.examples import Examples


def generated(app: FastAPI, folder: Path) -> dict[str, str]:
    """Return the text of every generated page.

    Args:
        app: the service; it need not be running.
        folder: of any edition, for the columns of its tables.
    """
    return {
        **api.pages(app.openapi(), Examples.read()),
        "reference/pages.md": routes.reference(app),
        "reference/commands.md": commands.reference(),
        "reference/indicators.md": indicators.reference(),
        "reference/indices.md": indices.reference(folder),
        "reference/sources.md": sources.reference(),
        "reference/edition.md": edition.reference(folder),
        "reference/glossary.md": glossary.reference(),
    }
