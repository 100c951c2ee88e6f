"""The app factory: ``uvicorn --factory api.app:create_app``."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware

from api import errors
from api.holder import Holder
from api.middleware import HeadAsGet, SecurityHeaders, content_security_policy, origin_of
from api.openapi import describe
from api.routes import (
    areas,
    edition,
    explain,
    features,
    health,
    indices,
    pages,
    scores,
    search,
    similar,
    support,
    tilejson,
    tiles,
    uncertainty,
    validation,
    values,
)
from api.static_files import StaticAssets
from exclusion_map import __version__
from exclusion_map.settings import DataSettings, ServiceSettings

LOOK_AGAIN_S = 5.0
"""Seconds between looks at which edition is current."""

logger = logging.getLogger(__name__)


def create_app(
    settings: ServiceSettings | None = None, data: DataSettings | None = None
) -> FastAPI:
    """Return the service as an ASGI app; it opens the current edition when it starts.

    Args:
        settings: how the service runs; from the environment when left out.
        data: where editions are; from the environment when left out.
    """
    settings = settings or ServiceSettings()
    data = data or DataSettings()
    app = FastAPI(
        title="Exclusion Map",
        version=__version__,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # The documentation pages of the framework load scripts from other sites.
        redoc_url=None,
        lifespan=_lifespan,
    )
    app.state.settings = settings
    app.state.holder = Holder(data.processed_dir, app.state)
    errors.install(app)
    for module in (health, tilejson, values, areas, search, support, edition, features):
        app.include_router(module.router)
    for module in (indices, scores, explain, uncertainty, similar, validation):
        app.include_router(module.router)
    app.include_router(pages.router, include_in_schema=False)
    app.mount("/static", StaticAssets(), name="static")
    _add_middleware(app, settings)
    describe(app)
    return app


def _add_middleware(app: FastAPI, settings: ServiceSettings) -> None:
    """Wrap the app; what is added last sees a request first."""
    basemap = origin_of(settings.basemap_style)
    app.add_middleware(
        GZipMiddleware,
        minimum_size=800,
        compresslevel=5,
        exclude_content_types=(*DEFAULT_EXCLUDED_CONTENT_TYPES, "application/octet-stream"),
    )
    app.add_middleware(
        SecurityHeaders, policy=content_security_policy([basemap] if basemap else [])
    )
    app.add_middleware(HeadAsGet)
    app.add_middleware(tiles.TileServer, holder=app.state.holder)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    holder: Holder = app.state.holder
    await run_in_threadpool(holder.refresh)
    watcher = asyncio.create_task(_watch(holder))
    yield
    watcher.cancel()
    with suppress(asyncio.CancelledError):
        await watcher


async def _watch(holder: Holder) -> None:
    """Switch to a new edition soon after it is published."""
    while True:
        await asyncio.sleep(LOOK_AGAIN_S)
        try:
            await run_in_threadpool(holder.refresh)
        except Exception:
            logger.exception("looking for a new edition failed; the open one stays")
