"""More requests than can be answered: what is too much is refused at once, not kept waiting.

Past its capacity a service that takes everything answers nobody in time. With so many under way as
a setting allows, the next one gets 503 and a moment to come back in; those under way go on. Tiles
out of the archive pass by: they take no time to speak of.
"""

import random
from typing import Final

from starlette.datastructures import State
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import PROBLEM_JSON, Problem, problem_json
from api.operations.observe import Observing
from api.operations.templates import PROBES
from api.work import queued

SOON_S: Final = (1, 5)
"""Seconds after which to come back: not all at the same moment."""


class Pressure:
    """Lets so many requests through at once, and refuses the others quickly."""

    def __init__(self, app: ASGIApp, observing: Observing, state: State) -> None:
        self.app = app
        self._state = state
        self._observing = observing
        self._most = observing.settings.requests_at_once
        self.within = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self.app(scope, receive, send)
            return
        # Whoever waits in a queue of heavy work costs nothing meanwhile.
        if self.within >= self._most and self.within - queued(self._state) >= self._most:
            if self._observing.metrics is not None:
                self._observing.metrics.refused()
            await self._refuse(scope, send)
            return
        self.within += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.within -= 1

    async def _refuse(self, scope: Scope, send: Send) -> None:
        problem = Problem(
            type="urn:exclusion-map:problem:busy",
            title="The service is busy",
            status=503,
            detail="There are more requests at this moment than the service can answer.",
            instance=scope["path"],
            found=f"{self._most} requests under way",
            expected="fewer at once",
            mend="Nothing was lost. Try again in a moment.",
            request_id=scope.get("state", {}).get("request_id", ""),
        )
        body = b"" if scope["method"] == "HEAD" else problem_json(problem)
        headers = [
            (b"content-type", PROBLEM_JSON.encode()),
            (b"cache-control", b"no-store"),
            (b"access-control-allow-origin", b"*"),
            (b"x-content-type-options", b"nosniff"),
            (b"retry-after", str(random.randint(*SOON_S)).encode()),  # noqa: S311
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": 503, "headers": headers})
        await send({"type": "http.response.body", "body": body})
