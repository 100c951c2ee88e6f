"""The app factory: ``uvicorn --factory api.app:create_app``."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import anyio.to_thread
from fastapi import APIRouter, FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware

from api import errors
from api.accounts import pages as account_pages
from api.accounts.gate import AccountGate
from api.directory_service import DirectoryService
from api.editing import forget_people
from api.holder import Holder
from api.hosts import KnownHosts, names_of
from api.middleware import (
    HeadAsGet,
    SecurityHeaders,
    content_security_policy,
    origin_of,
    strict_transport,
)
from api.ogc import items as ogc_items
from api.ogc import routes as ogc_routes
from api.ogc import tiles as ogc_tiles
from api.openapi import describe
from api.operations.checks import Checks
from api.operations.gauges import EVERY_S, set_gauges
from api.operations.observe import Observe, Observing
from api.operations.pressure import Crowd, Pressure
from api.routes import (
    access,
    archives,
    areas,
    assessment,
    assessment_page,
    boundaries,
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
    footprint,
    footprint_page,
    gaps,
    health,
    help_anywhere,
    help_edit,
    import_pages,
    indices,
    legends,
    live,
    local_pages,
    matrix,
    matrix_page,
    metrics,
    moderate_pages,
    openreferral,
    own,
    pages,
    papers,
    patterns,
    picking,
    raster,
    readiness,
    readiness_edit,
    readiness_pages,
    readiness_team,
    report_pages,
    reports,
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
    support_downloads,
    support_pages,
    targeting_pages,
    tilejson,
    tiles,
    uncertainty,
    validation,
    values,
)
from api.static_files import StaticAssets
from api.warming import warm_later
from exclusion_map import __version__
from exclusion_map.exports.formats import FileFormat
from exclusion_map.settings import (
    AccountSettings,
    DatabaseSettings,
    DataSettings,
    OpenIdSettings,
    OperationsSettings,
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
    operations: OperationsSettings | None = None,
) -> FastAPI:
    """Return the service as an ASGI app; it opens the current edition when it starts.

    Args:
        settings: how the service runs; from the environment when left out.
        data: where editions are; from the environment when left out.
        database: where the directory is; from the environment when left out.
        operations: what is logged, measured and refused; from the environment when left out.
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
    app.state.openid_settings = OpenIdSettings()
    _watch_over(app, operations or OperationsSettings(), database or DatabaseSettings())
    errors.install(app)
    for router, described in _routers():
        app.include_router(router, include_in_schema=described)
    account_pages.install(app)
    app.mount("/static", StaticAssets(), name="static")
    _add_middleware(app, settings)
    describe(app)
    return app


def _watch_over(app: FastAPI, operations: OperationsSettings, database: DatabaseSettings) -> None:
    """Give an app what those who run it see of it."""
    app.state.observing = Observing(operations, app.state.account_settings.trusted_proxies)
    app.state.checks = Checks(app.state, operations, database)
    app.state.crowd = Crowd(app.state.observing, app.state)


def _routers() -> Iterator[tuple[APIRouter, bool]]:
    """Yield every router, and whether the API's description tells of it.

    The first that fits an address answers. Addresses of directory tiles look like those of scored
    tiles; pages to edit, and "add", like the page of one place.
    """
    data = (directory_tiles, scored_tiles, tilejson, values, features, raster, legends, styles)
    facts = (health, areas, search, support, edition, indices, scores, explain, uncertainty)
    more = (similar, validation, patterns, spread, rollup, reports, changes, picking, static_map)
    tools = (
        access,
        gaps,
        siting,
        closing,
        share,
        assessment,
        footprint,
        matrix,
        sampling,
        sample_precision,
    )
    writing = (directory_api, suggestions_api, readiness)
    files = (downloads, support_downloads, directory_downloads, catalogue_files, openreferral)
    uploads = (boundaries,)
    standards = (ogc_routes, ogc_items, ogc_tiles)
    for module in (*data, *facts, *more, *tools, *writing, *files, *uploads, *standards):
        yield module.router, True
    editing = (edit_pages, suggest_pages, moderate_pages, import_pages, review_pages)
    of_tools = (
        assessment_page,
        sampling_pages,
        targeting_pages,
        share_page,
        footprint_page,
        matrix_page,
        papers,
        compare_page,
        report_pages,
        download_page,
    )
    teams = (readiness_team, readiness_edit, readiness_pages)
    for module in (*editing, *teams, *of_tools, local_pages, pages, support_pages, certainty, own):
        yield module.router, False
    yield sheet.router, True
    yield help_anywhere.router, True
    yield help_edit.router, False
    yield help_anywhere.pages, False
    yield metrics.router, False


def _add_middleware(app: FastAPI, settings: ServiceSettings) -> None:
    """Wrap the app; what is added last sees a request first."""
    accounts: AccountSettings = app.state.account_settings
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
        SecurityHeaders,
        policy=content_security_policy([basemap] if basemap else []),
        hsts=strict_transport(accounts.hsts_seconds, subdomains=accounts.hsts_subdomains),
        trusted_proxies=accounts.trusted_proxies,
    )
    app.add_middleware(HeadAsGet)
    app.add_middleware(KnownHosts, hosts=names_of(settings.hosts))
    app.add_middleware(live.LiveValues, holder=app.state.holder, state=app.state)
    app.add_middleware(archives.ArchiveServer, holder=app.state.holder)
    app.add_middleware(scored_tiles.ScoredTileServer, state=app.state)
    app.add_middleware(Pressure, crowd=app.state.crowd)
    app.add_middleware(tiles.TileServer, holder=app.state.holder)
    app.add_middleware(Observe, observing=app.state.observing)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    holder: Holder = app.state.holder
    # Threads at work take the interpreter in turn: with forty, the loop that takes, refuses and
    # sends would wait for each of them after every step.
    threads = anyio.to_thread.current_default_thread_limiter()
    threads.total_tokens = app.state.observing.settings.answer_threads
    await run_in_threadpool(holder.refresh)
    gc.enable()  # The command that serves switches it off: a start makes little garbage.
    directory: DirectoryService = app.state.directory_service
    tasks = [
        asyncio.create_task(run_in_threadpool(holder.warm)),
        asyncio.create_task(_watch(holder)),
        asyncio.create_task(_watch_directory(directory, holder)),
        asyncio.create_task(_forget(app)),
        asyncio.create_task(_measure(app)),
        asyncio.create_task(warm_later(app)),
    ]
    yield
    app.state.stopping = True
    for task in tasks:
        task.cancel()
    directory.close()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task
    await run_in_threadpool(app.state.observing.close)


async def _measure(app: FastAPI) -> None:
    """Keep figures fresh that another process may be asked for."""
    while app.state.observing.metrics is not None:
        await app.state.checks.ask_database()
        set_gauges(app.state)
        await asyncio.sleep(EVERY_S)


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
