"""Work out what the first report needs before anybody asks for one.

Only a real service does it, some seconds after it began to answer, in one thread: a start stays
fast, and the first reader of a report does not pay for all that follow.
"""

import asyncio
import logging
from typing import Final

import anyio.to_thread
from fastapi import FastAPI, Request

from api.reports import ReportParams, reports_of
from api.service import Service
from exclusion_map.terms import AreaKind

logger = logging.getLogger(__name__)
WARM_AFTER_S: Final = 5.0
"""Seconds after the start: who opened a page at once was answered by then."""


async def warm_later(app: FastAPI) -> None:
    """Make a report on one place, so that what all reports share is there."""
    after: float = getattr(app.state, "warm_after_s", 0.0)
    if after <= 0:
        return
    await asyncio.sleep(after)
    service: Service | None = app.state.holder.service
    if service is None:
        return
    try:
        # A service that is told to stop does not wait for it.
        await anyio.to_thread.run_sync(_warm, app, service, abandon_on_cancel=True)
    except Exception:
        logger.exception("warming up failed; the first report is made from cold")


def _warm(app: FastAPI, service: Service) -> None:
    scope = {"type": "http", "app": app, "method": "GET", "path": "/", "headers": []}
    level = service.edition.atlas.levels.get(AreaKind.LOCAL_AUTHORITY)
    small = service.edition.atlas.level(AreaKind.SMALL_AREA)
    code = (small if level is None else level).codes[0]
    reports_of(app.state).report(Request(scope), service, ReportParams(codes=code))
