"""Under which names the service is asked, and the address that its absolute links begin with.

Links in JSON begin with the public address of the settings; without one, with the name that the
client asked for. Who sends another name in ``Host`` than the service has gets links to it, and a
shared cache might keep them: with a list of names, requests under others are refused.
"""

from collections.abc import Iterable

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import PROBLEM_JSON, Problem, problem_json
from api.operations.templates import PROBES
from exclusion_map.settings import ServiceSettings

MISDIRECTED = 421


def base_address(request: Request) -> str:
    """Return what absolute links begin with, without a slash at the end."""
    settings: ServiceSettings = request.app.state.settings
    return (settings.base_url or str(request.base_url)).rstrip("/")


def names_of(hosts: str) -> frozenset[str]:
    """Return the names of a list with commas."""
    return frozenset(one.strip().lower() for one in hosts.split(",") if one.strip())


class KnownHosts:
    """Refuses requests under a name that the service does not have; probes come under any."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        self.app = app
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        known = not self._hosts or scope["type"] != "http" or scope["path"] in PROBES
        if known or _name(scope) in self._hosts:
            await self.app(scope, receive, send)
            return
        problem = Problem(
            type="urn:exclusion-map:problem:misdirected",
            title="The service is not known by that name",
            status=MISDIRECTED,
            detail="The request names a host that this service does not answer for.",
            instance=scope["path"],
            request_id=scope.get("state", {}).get("request_id", ""),
        )
        body = b"" if scope["method"] == "HEAD" else problem_json(problem)
        headers = [
            (b"content-type", PROBLEM_JSON.encode()),
            (b"cache-control", b"no-store"),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": MISDIRECTED, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _name(scope: Scope) -> str:
    """Return the name that a request is sent to, without its port."""
    told = next((value for name, value in scope["headers"] if name == b"host"), b"")
    text = str(told, "latin-1").strip().lower()
    if text.startswith("["):  # An address of IPv6.
        return text.partition("]")[0] + "]"
    return text.partition(":")[0]
