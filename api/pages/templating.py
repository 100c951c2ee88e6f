"""The template environment: NHS.UK components beneath, our own templates on top."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import ChainableUndefined, ChoiceLoader, Environment, FileSystemLoader, PackageLoader
from markupsafe import Markup

from api import standing_in
from api.accounts.csrf import Csrf
from api.accounts.guard import person_of
from api.pages import words
from api.static_files import STATIC_FOLDER
from exclusion_map import __version__
from exclusion_map.maps import palette
from exclusion_map.terms import AreaKind, SupportKind

TEMPLATES: Final = Path(__file__).parents[1] / "templates"

NAVIGATION: Final = (
    ("/", "Map"),
    ("/areas", "Areas"),
    ("/support", "Support"),
    ("/tools", "Tools"),
    ("/method", "Method"),
    ("/help", "Help"),
)


@dataclass
class Assets:
    """Addresses of built assets, read from Vite's manifest; read again when it was built anew."""

    folder: Path = STATIC_FOLDER
    _stamp: int = 0
    _files: Mapping[str, str] = field(default_factory=dict)

    def url(self, source: str) -> str:
        """Return the address of what a source file was built into; empty before any build."""
        path = self.folder / ".vite" / "manifest.json"
        try:
            stamp = path.stat().st_mtime_ns
        except FileNotFoundError:
            return ""
        if stamp != self._stamp:
            entries = json.loads(path.read_text(encoding="utf-8"))
            self._files = {name: entry["file"] for name, entry in entries.items()}
            self._stamp = stamp
        name = self._files.get(source)
        return f"/static/{name}" if name else ""


ASSETS: Final = Assets()


def script_json(value: object) -> Markup:
    """Return a value as JSON that is safe inside a ``<script type="application/json">`` block."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return Markup(text.replace("<", "\\u003c").replace("\u2028", " ").replace("\u2029", " "))  # noqa: S704


@cache
def environment() -> Environment:
    """Return the environment with our filters; templates are compiled once a process."""
    made = Environment(
        loader=ChoiceLoader([FileSystemLoader(TEMPLATES), PackageLoader("nhsuk_frontend_jinja")]),
        undefined=ChainableUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "about": words.about,
        "count": words.count,
        "decimal": words.decimal,
        "percent": words.percent,
        "distance": words.distance,
        "day": words.day,
        "moment": words.moment,
        "listed": words.listed,
        "upper_first": words.upper_first,
        "script_json": script_json,
        "decile_colour": palette.decile_colour,
        "decile_words": palette.decile_words,
        "text_on": palette.text_on,
    }
    made.globals |= {
        "asset": ASSETS.url,
        "navigation": NAVIGATION,
        "version": __version__,
        "plural": words.plural,
        "kinds": {kind.value: kind for kind in AreaKind},
        "support_kinds": {kind.value: kind for kind in SupportKind},
        "palette": palette,
    }
    return made


def render(
    request: Request, template: str, context: Mapping[str, Any], *, status: int = 200
) -> HTMLResponse:
    """Return a page.

    Every template also gets the edition's manifest, None where none is open; a ``notice`` where
    another edition stands in for the current one, else None; the ``person`` who is signed in, None
    where nobody is; the ``csrf`` token of forms; whether there are accounts; and what stands in for
    the directory on this page, in words, empty where nothing does.
    """
    service = getattr(request.app.state, "service", None)
    manifest = getattr(getattr(service, "edition", None), "manifest", None)
    page = environment().get_template(template)
    known = {
        "manifest": manifest,
        "notice": getattr(getattr(request.app.state, "holder", None), "notice", None),
        "path": request.url.path,
        "person": person_of(request),
        "csrf": Csrf(request),
        "accounts_here": request.app.state.directory is not None,
        "places_stand_in": standing_in.words(),
    }
    html = page.render(**known, **context)
    return HTMLResponse(html, status_code=status, headers={"Cache-Control": "no-cache"})


def render_error(
    request: Request, status: int, title: str, detail: str, *, mend: str = "", again: str = ""
) -> HTMLResponse:
    """Return the error page: what went wrong and what to do about it, in plain words.

    Args:
        request: that failed.
        status: of the response.
        title: of the page.
        detail: what went wrong.
        mend: what to do about it.
        again: address of the same page without what it could not take, if there is one.
    """
    context = {"status": status, "title": title, "detail": detail, "mend": mend, "again": again}
    context["reference"] = getattr(request.state, "request_id", "") if status >= 500 else ""
    return render(request, "errors/error.html", context, status=status)
