"""The template of the route that answered: what logs and metrics call an address.

An address itself may hold a postcode, a name or a token; its template cannot. There are as many
templates as routes, so metrics stay few whatever is asked.
"""

from typing import Final

from starlette.types import Scope

UNMATCHED: Final = "unmatched"
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
TILES: Final = "/tiles/{tile}.mvt"
ARCHIVES: Final = "/tiles/{archive}.pmtiles"
VALUES: Final = "/api/v1/editions/{edition}/values/{kind}/{index}.bin"
ASSETS: Final = "/static/{file}"
PROBES: Final = frozenset({"/livez", "/healthz", "/readyz", "/metrics"})
"""What machines ask every few seconds."""
ASIDE: Final = PROBES | {TILES, ARCHIVES, VALUES, ASSETS}
"""Probes, and what a browser loads on its own by the dozen."""


def template_of(scope: Scope) -> str:
    """Return the template of the route that answered a request; call it after the answer."""
    path = getattr(scope.get("route"), "path", "")
    if isinstance(path, str) and path:
        return path
    asked: str = scope["path"]
    if asked.startswith("/tiles/"):
        if asked.endswith(".mvt"):
            return TILES
        if asked.endswith(".pmtiles"):
            return ARCHIVES
    elif asked.startswith("/static/"):
        return ASSETS
    elif asked.startswith("/api/v1/editions/") and "/values/" in asked:
        return VALUES
    return UNMATCHED


def method_of(scope: Scope) -> str:
    """Return the method of a request; ``OTHER`` for one that we do not know."""
    method: str = scope["method"]
    return method if method in METHODS else "OTHER"
