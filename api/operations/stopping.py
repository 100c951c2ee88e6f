"""Stopping without dropping anybody: no new requests, those under way to their end, then out."""

import asyncio
import logging
import os
import signal
import threading
import time
from types import FrameType
from typing import Final

import uvicorn
from starlette.datastructures import State

from api.bounded_heads import look_at_all

logger = logging.getLogger(__name__)

SPARE_S: Final = 5.0
"""Seconds beyond the limit after which the process ends, whatever hangs."""

TICKS: Final = 10
"""Rounds of the server from one look at its connections to the next: a second."""


def is_stopping(state: State) -> bool:
    """Whether the service of an app was told to stop."""
    return bool(getattr(state, "stopping", False))


class PoliteServer(uvicorn.Server):
    """Stops at SIGTERM or SIGINT: says so first if wanted, finishes what is under way, ends with 0.

    Args:
        config: of uvicorn; its ``timeout_graceful_shutdown`` is how long requests may take still.
        state: of the app, which readiness looks at.
        notice_s: seconds to go on answering, not ready, so that whoever sends requests here sees
            it and sends them elsewhere.
    """

    def __init__(self, config: uvicorn.Config, state: State, notice_s: float = 0.0) -> None:
        super().__init__(config)
        self._state = state
        self._notice_s = notice_s
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: "list[object] | None" = None) -> None:  # type: ignore[override]
        """Begin to listen."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)  # type: ignore[arg-type]

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: every tenth time look for clients that are too slow."""
        if counter % TICKS == 0 and self._loop is not None:
            look_at_all(self.server_state.connections, self._loop.time())
        return await super().on_tick(counter)

    def handle_exit(self, sig: int, _frame: FrameType | None) -> None:
        """Begin to stop; a second order waits for nobody."""
        if is_stopping(self._state):
            self.should_exit = True
            self.force_exit = sig == signal.SIGINT
            return
        self._state.stopping = True
        limit = self._notice_s + (self.config.timeout_graceful_shutdown or 0) + SPARE_S
        threading.Thread(target=_end_late, args=(limit,), daemon=True).start()
        if self._notice_s and self._loop is not None:
            self._loop.call_soon_threadsafe(self._loop.call_later, self._notice_s, self._exit)
        else:
            self._exit()

    def _exit(self) -> None:
        self.should_exit = True


def _end_late(limit_s: float) -> None:
    """End the process where something under way hears no order to stop."""
    time.sleep(limit_s)
    logger.error("work under way did not end in time; the process ends without it")
    os._exit(1)
