"""The service's HTTP/1.1: refuses at once, before there is a task, what is one request too many.

A refusal through the framework costs a fifth of an answer. Under ten times what can be answered
that leaves nothing for answers; here it costs a small part of it.
"""

from functools import partial
from typing import Any, Final, cast

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from api.bounded_heads import BoundedHeads
from api.operations.logs import REQUEST
from api.operations.observe import HEADER, Observing, identity_of
from api.operations.pressure import ALWAYS, Crowd
from api.operations.templates import PROBES
from api.tile_answers import PREFIX

_READING: Final = frozenset({b"GET", b"HEAD"})
_PROBES: Final = frozenset(path.encode() for path in PROBES)
_TILES: Final = PREFIX.encode()
_ALWAYS: Final = b"".join(b"%s: %s\r\n" % header for header in ALWAYS)
_BUSY: Final = 503


def protocol(crowd: Crowd, observing: Observing) -> Any:
    """Return the protocol of an app, for uvicorn.

    Args:
        crowd: how many requests are under way.
        observing: is told of those that are refused.
    """
    return partial(Http, crowd=crowd, observing=observing)


class Http(BoundedHeads):
    """HTTP/1.1 that knows when the service is full."""

    _refused = False

    def __init__(self, *args: Any, crowd: Crowd, observing: Observing, **kept: Any) -> None:
        super().__init__(*args, **kept)
        self._crowd = crowd
        self._observing = observing

    def on_headers_complete(self) -> None:
        """Let a request in, or refuse it."""
        crowd = self._crowd
        refused = self._refused = crowd.full and self._plain()
        super().on_headers_complete()
        if not refused and self._counts():
            crowd.let_in(self.loop)

    def _plain(self) -> bool:
        """Whether a request can be refused here: it only reads, and needs no other care."""
        path, parser = self.url.partition(b"?")[0], self.parser
        return (
            parser.get_method() in _READING
            and path.startswith(b"/")
            and not path.startswith(_TILES)
            and path not in _PROBES
            and not parser.should_upgrade()
            and not self._answering
            and self._observing.tracing is None
        )

    def _counts(self) -> bool:
        path = self.scope.get("path", PREFIX)
        return not path.startswith(PREFIX) and path not in PROBES

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        """Begin to answer, or say that there are too many."""
        if not self._refused:
            super()._start_asgi_task(cycle, app)
            return
        observing, scope = self._observing, cast("Scope", self.scope)
        request = identity_of(scope, observing.trusted)
        scope["state"] = {"request_id": request}
        headers, body = self._crowd.refuse(scope)
        lines = [STATUS_LINE[_BUSY], _ALWAYS]
        for name, value in (*self.server_state.default_headers, *headers):
            lines += (name, b": ", value, b"\r\n")
        lines += (HEADER, b": ", request.encode(), b"\r\n")
        if not cycle.keep_alive:
            lines.append(b"connection: close\r\n")
        self.transport.write(b"".join((*lines, b"\r\n", body)))
        # What is left of it, if it has a body, is read and let go of.
        cycle.response_started = cycle.response_complete = True
        before = REQUEST.set(request)
        observing.tell(scope, _BUSY, 0.0, len(body), None)
        REQUEST.reset(before)
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()
