"""More requests than can be answered: what is too much is refused at once, not kept waiting.

Past its capacity a service that takes everything answers nobody in time. With so many under way as
a setting allows, the next one gets 503 and a moment to come back in; those under way go on. Tiles
out of the archive pass by: they take no time to speak of.

Refusing must cost next to nothing, or most work goes into saying no: the server's protocol
(``api.protocol``) asks here as soon as it has read the head of a request, before there is a task
or anything of the framework. What comes another way is refused by ``Pressure``, in the same words.
"""

import asyncio
import json
import random
from typing import Final

from starlette.datastructures import State
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import PROBLEM_JSON, Problem, problem_json
from api.middleware import content_security_policy, plain_headers
from api.negotiation import prefers_html
from api.operations.observe import REFUSED, Observing
from api.operations.templates import PROBES
from api.work import queued

_SOON: Final = (b"1", b"2", b"3", b"4", b"5")
"""Seconds after which to come back: not all at the same moment."""
_HERE, _ID = "here", "this"

Header = tuple[bytes, bytes]


class Crowd:
    """How many requests are under way in this process, and what those are told who are too many.

    Attributes:
        within: requests under way.
    """

    def __init__(self, observing: Observing, state: State) -> None:
        self.within = 0
        self._state = state
        self._observing = observing
        self._most = observing.settings.requests_at_once
        self._let_in = 0
        self._body = _parts(self._most)

    @property
    def full(self) -> bool:
        """Whether the next one that is read is to be refused."""
        return self._too_many(self.within + self._let_in)

    @property
    def full_within(self) -> bool:
        """Whether one whose task has begun is to be refused."""
        return self._too_many(self.within)

    def _too_many(self, taken: int) -> bool:
        # Whoever waits in a queue of heavy work costs nothing meanwhile.
        return taken >= self._most and taken - queued(self._state) >= self._most

    def let_in(self, loop: asyncio.AbstractEventLoop) -> None:
        """Count one whose task begins with the next round of the loop, and is within from then."""
        if not self._let_in:
            loop.call_soon(self._begun)
        self._let_in += 1

    def _begun(self) -> None:
        self._let_in = 0

    def refuse(self, scope: Scope) -> tuple[tuple[Header, ...], bytes]:
        """Count a request that is refused; return the body that says so, and headers of its own.

        Those that every refusal has are ``ALWAYS``.
        """
        scope[REFUSED] = True
        if self._observing.metrics is not None:
            self._observing.metrics.refused()
        identity = scope.get("state", {}).get("request_id", "")
        first, middle, last = self._body
        if _asked_by_person(scope):
            kind, body = _HTML, _PAGE % identity.encode()
        else:
            kind = _JSON
            body = b"%s%s%s%s%s" % (
                first,
                json.dumps(scope["path"]).encode(),
                middle,
                json.dumps(identity).encode(),
                last,
            )
        soon = random.choice(_SOON)  # noqa: S311
        headers = (kind, (b"retry-after", soon), (b"content-length", b"%d" % len(body)))
        return headers, b"" if scope["method"] == "HEAD" else body


ALWAYS: Final[tuple[Header, ...]] = (
    (b"cache-control", b"no-store"),
    (b"vary", b"Accept"),
    *(
        (name.lower().encode(), value.encode())
        for name, value in plain_headers(content_security_policy(), shared=True).items()
    ),
)


_JSON: Final[Header] = (b"content-type", PROBLEM_JSON.encode())
_HTML: Final[Header] = (b"content-type", b"text/html; charset=utf-8")
_PAGE: Final = b"""<!doctype html>
<html lang="en-GB">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The service is busy - Exclusion Map</title>
<h1>The service is busy</h1>
<p>There are more requests at this moment than the service can answer.</p>
<p>Wait a few seconds, then reload this page. If you sent a form, it was not taken: go back and
send it again.</p>
<p>Error 503. If it goes on, tell whoever runs this service the reference %s</p>
</html>
"""
"""Without style or picture: those would be requests, and refused too."""


def _asked_by_person(scope: Scope) -> bool:
    for name, value in scope["headers"]:
        if name == b"accept":
            return prefers_html(value.decode("latin-1"))
    return False


def _parts(most: int) -> tuple[bytes, bytes, bytes]:
    """Return what stands before, between and after the address and the id in a refusal's body."""
    problem = Problem(
        type="urn:exclusion-map:problem:busy",
        title="The service is busy",
        status=503,
        detail="There are more requests at this moment than the service can answer.",
        instance=_HERE,
        found=f"{most} requests under way",
        expected="fewer at once",
        mend="Nothing was lost. Try again in a moment.",
        request_id=_ID,
    )
    first, rest = problem_json(problem).split(f'"{_HERE}"'.encode())
    middle, last = rest.split(f'"{_ID}"'.encode())
    return first, middle, last


class Pressure:
    """Lets so many requests through at once, and refuses the others quickly."""

    def __init__(self, app: ASGIApp, crowd: Crowd) -> None:
        self.app = app
        self._crowd = crowd

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self.app(scope, receive, send)
            return
        crowd = self._crowd
        if crowd.full_within:
            headers, body = crowd.refuse(scope)
            told = [*ALWAYS, *headers]
            await send({"type": "http.response.start", "status": 503, "headers": told})
            await send({"type": "http.response.body", "body": body})
            return
        crowd.within += 1
        try:
            await self.app(scope, receive, send)
        finally:
            crowd.within -= 1
