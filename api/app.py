"""The app factory: ``uvicorn --factory api.app:create_app``."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware

from api import errors
from api.accounts import pages as account_pages
from api.accounts.gate import AccountGate
from api.directory_service import DirectoryService
from api.editing import forget_people
from api.holder import Holder
from api.middleware import HeadAsGet, SecurityHeaders, content_security_policy, origin_of
from api.ogc import items as ogc_items
from api.ogc import routes as ogc_routes
from api.ogc import tiles as ogc_tiles
from api.openapi import describe
from api.routes import (
    access,
    archives,
    areas,
    catalogue_files,
    certainty,
    changes,
    closing,
    compare_page,
    directory_api,
    directory_downloads,
    directory_tiles,
    download_page,
    downloads,
    edit_pages,
    edition,
    explain,
    features,
    gaps,
    health,
    help_anywhere,
    help_edit,
    import_pages,
    indices,
    legends,
    live,
    local_pages,
    moderate_pages,
    openreferral,
    own,
    pages,
    patterns,
    picking,
    raster,
    review_pages,
    rollup,
    sample_precision,
    sampling,
    sampling_pages,
    scored_tiles,
    scores,
    search,
    share,
    share_page,
    sheet,
    similar,
    siting,
    spread,
    static_map,
    styles,
    suggest_pages,
    suggestions_api,
    support,
    support_pages,
    targeting_pages,
    tilejson,
    tiles,
    uncertainty,
    validation,
    values,
)
from api.static_files import StaticAssets
from exclusion_map import __version__
from exclusion_map.exports.formats import FileFormat
from exclusion_map.settings import (
    AccountSettings,
    DatabaseSettings,
    DataSettings,
    ServiceSettings,
)

LOOK_AGAIN_S = 5.0
"""Seconds between looks at which edition is current."""
FORGET_AGAIN_S = 600.0
"""Seconds between deletions of names and emails whose time is over."""

logger = logging.getLogger(__name__)


def create_app(
    settings: ServiceSettings | None = None,
    data: DataSettings | None = None,
    database: DatabaseSettings | None = None,
) -> FastAPI:
    """Return the service as an ASGI app; it opens the current edition when it starts.

    Args:
        settings: how the service runs; from the environment when left out.
        data: where editions are; from the environment when left out.
        database: where the directory is; from the environment when left out.
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
    app.state.directory_service = DirectoryService(database or DatabaseSettings(), app.state)
    app.state.account_settings = AccountSettings()
    errors.install(app)
    # Its addresses look like those of scored tiles, which come after.
    app.include_router(directory_tiles.router)
    app.include_router(scored_tiles.router)
    for module in (health, tilejson, values, areas, search, support, edition, features):
        app.include_router(module.router)
    for module in (indices, scores, explain, uncertainty, similar, validation):
        app.include_router(module.router)
    for module in (access, gaps, siting, closing, share):
        app.include_router(module.router)
    for module in (raster, legends, static_map, styles):
        app.include_router(module.router)
    app.include_router(directory_api.router)
    app.include_router(suggestions_api.router)
    for module in (downloads, directory_downloads, catalogue_files, openreferral):
        app.include_router(module.router)
    app.include_router(download_page.router, include_in_schema=False)
    for module in (patterns, spread, rollup, changes):
        app.include_router(module.router)
    app.include_router(picking.router)
    app.include_router(sampling.router)
    app.include_router(sample_precision.router)
    app.include_router(sampling_pages.router, include_in_schema=False)
    app.include_router(compare_page.router, include_in_schema=False)
    app.include_router(local_pages.router, include_in_schema=False)
    app.include_router(targeting_pages.router, include_in_schema=False)
    app.include_router(share_page.router, include_in_schema=False)
    for module in (ogc_routes, ogc_items, ogc_tiles):
        app.include_router(module.router)
    # Before the page of one place, whose address they would be taken for.
    editing = (edit_pages, suggest_pages, moderate_pages, import_pages, review_pages)
    for module in (*editing, pages, support_pages):
        app.include_router(module.router, include_in_schema=False)
    app.include_router(sheet.router)
    app.include_router(help_anywhere.router)
    # "add" is an address of its own, not an entry.
    app.include_router(help_edit.router, include_in_schema=False)
    app.include_router(help_anywhere.pages, include_in_schema=False)
    account_pages.install(app)
    for module in (certainty, own):
        app.include_router(module.router, include_in_schema=False)
    app.mount("/static", StaticAssets(), name="static")
    _add_middleware(app, settings)
    describe(app)
    return app


def _add_middleware(app: FastAPI, settings: ServiceSettings) -> None:
    """Wrap the app; what is added last sees a request first."""
    app.add_middleware(AccountGate)
    basemap = origin_of(settings.basemap_style)
    app.add_middleware(
        GZipMiddleware,
        minimum_size=800,
        compresslevel=5,
        exclude_content_types=(
            *DEFAULT_EXCLUDED_CONTENT_TYPES,
            "application/octet-stream",
            *(form.facts.media for form in FileFormat if form.facts.packed),
            "application/vnd.pmtiles",
        ),
    )
    app.add_middleware(
        SecurityHeaders, policy=content_security_policy([basemap] if basemap else [])
    )
    app.add_middleware(HeadAsGet)
    app.add_middleware(live.LiveValues, holder=app.state.holder, state=app.state)
    app.add_middleware(archives.ArchiveServer, holder=app.state.holder)
    app.add_middleware(scored_tiles.ScoredTileServer, state=app.state)
    app.add_middleware(tiles.TileServer, holder=app.state.holder)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    holder: Holder = app.state.holder
    await run_in_threadpool(holder.refresh)
    directory: DirectoryService = app.state.directory_service
    tasks = [
        asyncio.create_task(_watch(holder)),
        asyncio.create_task(_watch_directory(directory, holder)),
        asyncio.create_task(_forget(app)),
    ]
    yield
    for task in tasks:
        task.cancel()
    directory.close()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task


async def _watch(holder: Holder) -> None:
    """Switch to a new edition soon after it is published."""
    while True:
        await asyncio.sleep(LOOK_AGAIN_S)
        try:
            await run_in_threadpool(holder.refresh)
        except Exception:
            logger.exception("looking for a new edition failed; the open one stays")


async def _watch_directory(directory: DirectoryService, holder: Holder) -> None:
    """Open the directory, and keep it fresh: a service answers before that is done."""
    while True:
        try:
            await run_in_threadpool(directory.look, holder.service)
        except Exception:
            logger.exception("looking after the directory failed; what was read last stays")
        await asyncio.sleep(LOOK_AGAIN_S)


async def _forget(app: FastAPI) -> None:
    """Delete what people told about themselves with a suggestion, when its time is over."""
    while True:
        await asyncio.sleep(FORGET_AGAIN_S)
        try:
            await run_in_threadpool(forget_people, app.state)
        except Exception:
            logger.exception("names of people who suggested were not deleted; tried again later")
