"""How often one client, or one account, may do a thing: token buckets in memory.

Each process counts for itself: with several, that many times as much gets through. What must hold
across processes, the lockout of signing in, is counted in the database.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from api.accounts.guard import client_address, person_of
from exclusion_map.errors import TooManyRequestsError

MOST_HELD: Final = 20_000
"""Buckets remembered; beyond, those used longest ago are forgotten."""


class Buckets:
    """Buckets of tokens that fill up again at a steady pace."""

    def __init__(self, size: int, window_s: float) -> None:
        self._size = size
        self._pace = size / window_s
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str) -> float:
        """Take a token; return 0, or the seconds until there is one."""
        moment = time.monotonic()
        with self._lock:
            left, since = self._held.pop(key, (float(self._size), moment))
            left = min(float(self._size), left + (moment - since) * self._pace)
            wait = 0.0 if left >= 1 else (1 - left) / self._pace
            self._held[key] = (left if wait else left - 1, moment)
            while len(self._held) > MOST_HELD:
                self._held.popitem(last=False)
        return wait


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
    attribute = f"limit_{name.replace(' ', '_')}"

    async def limit(request: Request) -> None:
        state = request.app.state
        if not hasattr(state, attribute):
            sizes = (per_client, per_account or per_client)
            setattr(state, attribute, tuple(Buckets(size, window_s) for size in sizes))
        clients, accounts = getattr(state, attribute)
        person = await run_in_threadpool(person_of, request)
        wait = accounts.take(person.id) if person else clients.take(client_address(request))
        if wait:
            raise TooManyRequestsError(
                name,
                found="too many requests",
                expected=f"at most {per_client} in {window_s:g} seconds",
                mend=f"Try again in {int(wait) + 1} seconds.",
                wait_s=wait,
            )

    limit.__dict__["limited"] = name
    return limit
