"""What every response gets: security headers; and HEAD, answered as GET without the body.

Plain ASGI, not Starlette's BaseHTTPMiddleware: that one costs a task and two queues a request.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit, urlunsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.accounts.client import scheme_of

OPEN_PREFIXES = ("/api/", "/tiles/", "/legends/", "/styles/", "/ogc/")
"""Addresses that pages of other sites may read."""

SLASH = 307
"""Status of the redirect that the framework makes where only a slash at the end differs."""

EXPOSED = (
    "ETag, Link, Exclusion-Map-Edition, Exclusion-Map-Index, Exclusion-Map-Kind, "
    "Exclusion-Map-Measure, Exclusion-Map-Count, Exclusion-Map-Bits, Exclusion-Map-Order, "
    "Exclusion-Map-Units, Exclusion-Map-Directory, Content-Crs"
)


def content_security_policy(extra_sources: Sequence[str] = ()) -> str:
    """Return the policy: our own scripts and styles only, nothing inline.

    MapLibre runs its worker from a blob; ``extra_sources`` are hosts of a street basemap.
    """
    outside = "".join(f" {source}" for source in extra_sources)
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"img-src 'self' data: blob:{outside}",
            f"connect-src 'self'{outside}",
            "worker-src 'self' blob:",
            "child-src blob:",
            "font-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    )


def origin_of(address: str) -> str:
    """Return scheme and host of an address; empty where it has none."""
    parts = urlsplit(address.replace("{", "").replace("}", ""))
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else ""


def strict_transport(seconds: int, *, subdomains: bool) -> str:
    """Return what keeps browsers with https (RFC 6797); empty for no seconds."""
    if not seconds:
        return ""
    return f"max-age={seconds}{'; includeSubDomains' if subdomains else ''}"


def _without_host(headers: MutableHeaders) -> None:
    """Let a redirect to an address without a slash at its end, or with one, say its path alone.

    The framework makes it of the ``Host`` that was sent, which anybody can forge, and of the scheme
    that reached the service, which behind a proxy is not that of the client.
    """
    parts = urlsplit(headers.get("location", ""))
    if parts.netloc and not parts.path.startswith("//"):
        headers["location"] = urlunsplit(("", "", parts.path or "/", parts.query, ""))


def plain_headers(policy: str, *, shared: bool) -> dict[str, str]:
    """Return the headers that every response gets.

    Args:
        policy: which content the page may load.
        shared: whether pages of other sites may read it.
    """
    every = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Permissions-Policy": "camera=(), microphone=(), payment=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    if not shared:
        return {**every, "Cross-Origin-Resource-Policy": "same-origin"}
    return {
        **every,
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": EXPOSED,
        "Cross-Origin-Resource-Policy": "cross-origin",
    }


class SecurityHeaders:
    """Adds the headers that keep a page from being misused, and opens the API to other sites."""

    def __init__(
        self, app: ASGIApp, policy: str, *, hsts: str = "", trusted_proxies: str = ""
    ) -> None:
        self.app = app
        self._shared = tuple(plain_headers(policy, shared=True).items())
        self._own = tuple(plain_headers(policy, shared=False).items())
        self.hsts = hsts
        self.trusted = trusted_proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add headers to what comes back."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        shared = scope["path"].startswith(OPEN_PREFIXES)
        by_https = bool(self.hsts) and scheme_of(scope, self.trusted) == "https"

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if message["status"] == SLASH:
                    _without_host(headers)
                for name, value in self._shared if shared else self._own:
                    headers.setdefault(name, value)
                if by_https:
                    headers.setdefault("Strict-Transport-Security", self.hsts)
            await send(message)

        await self.app(scope, receive, send_with_headers)


AS_HEAD = "exclusion_map.head"
"""In the scope of a request that was HEAD: what a body would say is not wanted."""


class HeadAsGet:
    """Answers HEAD with the headers of GET, so that no route has to be declared twice."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; of a HEAD, hold the body back."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def send_without_body(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
            elif message["type"] == "http.response.body" and not message.get("more_body", False):
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        inner = {**scope, "method": "GET", AS_HEAD: True}
        try:
            await self.app(inner, receive, send_without_body)
        finally:
            # Who looks from outside wants to know which route it was.
            if "route" in inner:
                scope["route"] = inner["route"]
