"""Sees every request first: gives it an id, counts it, logs it, traces it."""

import logging
import os
import re
from time import perf_counter
from typing import TYPE_CHECKING, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import standing_in
from api.accounts.client import from_proxy
from api.operations.logs import REQUEST, told
from api.operations.metrics import Metrics
from api.operations.rarely import Together
from api.operations.templates import ASIDE, method_of, template_of
from api.operations.tracing import Tracing, finish, trace_id
from exclusion_map.settings import OperationsSettings

if TYPE_CHECKING:
    from opentelemetry.trace import Span

HEADER: Final = b"x-request-id"
MARK: Final = "exclusion_map.observed"
REFUSED: Final = "exclusion_map.refused"
"""In the scope of a request that was one too many."""
_ID = re.compile(rb"[0-9a-fA-F-]{16,64}")
"""Ids that are believed of a proxy: digits to 16 only, for a word could be a name."""
_FAILED: Final = 500
_REFUSED: Final = 400
_BUSY: Final = 503

logger = logging.getLogger(__name__)


class Observing:
    """What is done with what is seen."""

    def __init__(self, settings: OperationsSettings, trusted: str) -> None:
        """Begin to watch.

        Raises:
            SettingsError: traces are wanted, and the packages for it are not there.
        """
        self.settings = settings
        self.trusted = trusted
        self.metrics = Metrics() if settings.metrics_token.get_secret_value() else None
        self.tracing = Tracing(settings.traces_to) if settings.traces_to else None
        self.under_way = 0
        self._refusals = Together(logger, "requests refused, as too many were under way")

    def close(self) -> None:
        """Send what was not sent yet."""
        if self.tracing is not None:
            self.tracing.close()

    def wants_line(self, route: str, status: int, seconds: float) -> bool:
        """Return whether a request gets a line of the log."""
        wanted = self.settings.log_requests
        if wanted in ("all", "none"):
            return wanted == "all"
        if status >= _FAILED or seconds >= self.settings.log_slow_s:
            return True
        return wanted == "pages" and (route not in ASIDE or status >= _REFUSED)

    def tell(
        self, scope: Scope, status: int, seconds: float, size: int, span: "Span | None"
    ) -> None:
        """Count, trace and log a request that has been answered."""
        method, route = method_of(scope), template_of(scope)
        if self.metrics is not None:
            self.metrics.answered(method, route, status, seconds, size)
        traced = {}
        if span is not None:
            finish(span, method=method, route=route, status=status, request=REQUEST.get())
            traced["trace_id"] = trace_id(span)
        if REFUSED in scope and self.settings.log_requests in ("pages", "failures"):
            self._refusals.add()
        elif self.wants_line(route, status, seconds):
            told(
                logger,
                logging.ERROR if status >= _FAILED and status != _BUSY else logging.INFO,
                "request",
                method=method,
                route=route,
                status=status,
                ms=round(seconds * 1e3, 1),
                bytes=size,
                **traced,
            )


class Observe:
    """Passes requests on and tells how they went; of two in a row only the first does."""

    def __init__(self, app: ASGIApp, observing: Observing) -> None:
        self.app = app
        self._observing = observing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, and tell how it went."""
        if scope["type"] != "http" or MARK in scope:
            await self.app(scope, receive, send)
            return
        scope[MARK] = True
        observing = self._observing
        tracing = observing.tracing
        request = identity_of(scope, observing.trusted)
        sent_id = request.encode()
        scope.setdefault("state", {})["request_id"] = request
        # Not taken back at the end: what the server says of a failure after it belongs to it too.
        REQUEST.set(request)
        places = standing_in.begin()
        status = size = 0
        failed = False

        async def send_seen(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message.get("headers", ()), (HEADER, sent_id)]
                if places:
                    headers.append((standing_in.HEADER, places[-1].encode()))
                message = {**message, "headers": headers}
            elif message["type"] == "http.response.body":
                size += len(message.get("body", b""))
            await send(message)

        span = None
        if tracing is not None:
            believed = from_proxy(scope, observing.trusted)
            span = tracing.begin(dict(scope["headers"]), believed=believed)
        observing.under_way += 1
        begun = perf_counter()
        try:
            await self.app(scope, receive, send_seen)
        except Exception:
            failed = True
            raise
        finally:
            seconds = perf_counter() - begun
            observing.under_way -= 1
            status = _FAILED if failed and not status else status
            observing.tell(scope, status, seconds, size, span)


def identity_of(scope: Scope, trusted: str) -> str:
    """Return the id of a request: a proper one that a proxy of ours gave it, or a new one."""
    if trusted:
        for name, value in scope["headers"]:
            if name == HEADER:
                if _ID.fullmatch(value) and from_proxy(scope, trusted):
                    return str(value.decode())
                break
    return os.urandom(16).hex()
