"""What passes every request to pages and API: who asks is looked up, and answers are kept apart.

A page for somebody who is signed in is stored nowhere; other pages vary by cookie, so that no cache
hands the page of one to the other. Plain ASGI, and nothing is done for tiles and assets.
"""

import uuid

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.accounts import cookies
from api.accounts.guard import has_secret, is_guarded, person_of
from api.accounts.limits import held_up
from api.errors import plain_problem, respond

UNGUARDED = ("/static/", "/tiles/")
PRIVATE = "private, no-store"


class AccountGate:
    """Looks up who asks before a request is answered, and minds caches and cookies after."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http" or scope["path"].startswith(UNGUARDED):
            await self.app(scope, receive, send)
            return
        if "\x00" in scope["path"]:
            # No id holds NUL, and PostgreSQL does not even compare with one.
            problem = plain_problem(404, "There is nothing at this address.", scope["path"])
            await respond(Request(scope), problem)(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        scope.setdefault("state", {}).setdefault("request_id", uuid.uuid4().hex)
        if has_secret(connection):
            # Here, not where it is first asked for: that may be on the event loop.
            await run_in_threadpool(person_of, connection)
        refusal = await held_up(connection)
        if refusal is not None:
            await refusal(scope, receive, send)
            return

        async def send_apart(message: Message) -> None:
            if message["type"] == "http.response.start":
                _finish(connection, MutableHeaders(scope=message))
            await send(message)

        await self.app(scope, receive, send_apart)


def _finish(connection: HTTPConnection, headers: MutableHeaders) -> None:
    waiting = connection.scope["state"].get("em_cookies", ())
    if waiting:
        secure = cookies.is_secure(connection.app.state, connection.scope)
        for wanted in waiting:
            headers.append("Set-Cookie", cookies.header_of(wanted, secure=secure))
    page = headers.get("content-type", "").startswith("text/html")
    if waiting or is_guarded(connection) or (page and person_of(connection) is not None):
        headers["Cache-Control"] = PRIVATE
        if "etag" in headers:
            del headers["etag"]
    if page or is_guarded(connection):
        headers.add_vary_header("Cookie")
