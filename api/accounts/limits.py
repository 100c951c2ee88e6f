"""How often one client, or one account, may do a thing; every process of the service counts along.

The counts are in the database; without one, in a small file that the processes on this machine
share. A client is told by its network address, also behind proxies that are named.
"""

import hashlib
import logging
import os
import tempfile
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import State
from starlette.requests import HTTPConnection

from api.accounts.cookies import settings_of
from api.accounts.guard import client_address, person_of
from api.errors import problem_of, respond
from api.operations.rarely import Rarely
from exclusion_map.accounts.rates import Limit, Rates, open_rates
from exclusion_map.errors import TooManyRequestsError

ANYTHING: Final = "requests"
MINUTE_S: Final = 60.0
UNCOUNTED: Final = frozenset({"/healthz", "/livez", "/readyz", "/metrics"})
_opening = threading.Lock()
logger = logging.getLogger(__name__)
_uncounted: Final = Rarely(logger, "a request could not be counted")


def limited(
    name: str, *, per_client: int, window_s: float, per_account: int | None = None
) -> Callable[[Request], Awaitable[None]]:
    """Return a dependency that lets only so many requests through in a while.

    Args:
        name: what is limited, as the error tells it.
        per_client: most requests of a network address in a window.
        window_s: the window, in seconds.
        per_account: most requests of one who is signed in; as of a client when left out. People
            who are signed in are not counted by their address, which a whole office may share.
    """
    client = Limit(name, per_client, window_s)
    account = Limit(name, per_account or per_client, window_s)

    async def limit(request: Request) -> None:
        await run_in_threadpool(count, request, client, account)

    limit.__dict__["limited"] = name
    return limit


def count(connection: HTTPConnection, client: Limit, account: Limit) -> None:
    """Count a request under who sent it.

    Raises:
        TooManyRequestsError: that is one too many.
    """
    person = person_of(connection)
    limit = account if person else client
    who = f"account {person.id}" if person else f"client {client_address(connection)}"
    wait = rates_of(connection.app.state).take(limit, who)
    if wait:
        raise TooManyRequestsError(
            limit.name,
            found="too many requests",
            expected=f"at most {limit.size} in {limit.window_s:g} seconds",
            mend=f"Try again in {int(wait) + 1} seconds.",
            wait_s=wait,
        )


async def held_up(connection: HTTPConnection) -> Response | None:
    """Count a request, of whatever kind, where a setting limits them; refuse one too many.

    Returns:
        The refusal; None where the request may go on, also where the counts cannot be reached:
        reading must not fail because the database does.
    """
    most = settings_of(connection.app.state).requests_per_minute
    if not most or connection.scope["path"] in UNCOUNTED:
        return None
    limit = Limit(ANYTHING, most, MINUTE_S)
    try:
        await run_in_threadpool(count, connection, limit, limit)
    except TooManyRequestsError as error:
        request = Request(connection.scope)
        problem = problem_of(error, request.url.path)
        wait = {"Retry-After": str(int(error.wait_s) + 1)}
        return await run_in_threadpool(respond, request, problem, wait)
    except Exception as error:
        _uncounted.tell(error)
    return None


def rates_of(state: State) -> Rates:
    """Return where an app counts: in its database, or in a file where it has none."""
    directory = state.directory
    held: tuple[object, Rates] | None = getattr(state, "rates_held", None)
    if held is not None and held[0] is directory:
        return held[1]
    with _opening:
        made = Rates(directory.database) if directory is not None else open_rates(_file(state))
        state.rates_held = (directory, made)
    return made


def _file(state: State) -> Path:
    """Return the file that the processes of one service share, and other services do not."""
    service = f"{state.settings.host}:{state.settings.port} {os.getppid()}"
    folder = Path(tempfile.gettempdir()) / f"exclusion-map-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        # Somebody else on this machine made it: then each process counts for itself.
        folder = Path(tempfile.mkdtemp(prefix="exclusion-map-"))
    return folder / f"limits-{hashlib.sha256(service.encode()).hexdigest()[:16]}.db"
