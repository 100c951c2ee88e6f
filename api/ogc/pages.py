"""The HTML form of every address of these standards."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from api.ogc.wire import root_of
from api.pages.templating import render


def page(request: Request, template: str, context: Mapping[str, Any]) -> HTMLResponse:
    """Return a page; every template also gets the address of the landing page."""
    answer = render(request, f"ogc/{template}", {"root": root_of(request), **context})
    answer.headers["Vary"] = "Accept"
    return answer
