"""Run the service under uvicorn on an address a person can open."""

import math
import socket
import sys
from contextlib import suppress
from typing import Final

import uvicorn
from rich.console import Console

from api import memory
from api.app import create_app
from api.bounded_heads import MOST_CONNECTIONS
from api.operations import logs, metrics
from api.operations.observe import Observe
from api.operations.stopping import SPARE_S, PoliteServer
from api.protocol import protocol
from api.routes.tiles import TileServer
from api.warming import WARM_AFTER_S
from api.workers import Serve, once_apart, run_workers
from exclusion_map.errors import ExclusionMapError, InvalidRequestError
from exclusion_map.settings import (
    DatabaseSettings,
    DataSettings,
    OperationsSettings,
    ServiceSettings,
    read,
)

SWITCH_S: Final = 0.0005
"""A thread that works gives way to the others so often; Python's own 5 ms are felt in each tile."""
DOORS: Final = 32
"""Handles on the listening socket. The loop (libuv) takes one new connection from each in a round;
rounds are long when there is too much to do, and at one a round new clients wait for many seconds
even to be told to come back."""

OTHER_FILES: Final = 1_024
"""Files, pipes and connections of our own that a process may have open beside its clients'."""


def run(service: ServiceSettings, data: DataSettings, console: Console, workers: int = 1) -> None:
    """Serve until interrupted, in this process or in several that share its address.

    uvicorn takes uvloop and httptools where they are installed, as they are but on Windows: with
    Python's own loop and parser a tile takes three times as long.

    Raises:
        InvalidRequestError: the address is taken.
    """
    listener = listen(service)
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    console.print(f"Exclusion Map is at [bold]http://{shown}:{port}/[/] (Ctrl+C stops it)")
    operations = read(OperationsSettings)
    logs.install(operations)

    def serve() -> None:
        _serve(service, data, operations, listener)

    if workers > 1:
        # Tables are made by one process, before several could try at once.
        once_apart(_prepare_database)
        sys.exit(_serve_by_many(workers, serve, operations))
    serve()


def _serve_by_many(workers: int, serve: Serve, operations: OperationsSettings) -> int:
    stop_s = operations.stop_seconds + operations.stop_notice_s + 2 * SPARE_S
    with metrics.shared_by_processes():
        return run_workers(workers, serve, stop_s=stop_s, ended=metrics.process_ended)


def _prepare_database() -> None:
    from exclusion_map.database import open_database
    from exclusion_map.directory import prepare

    url = read(DatabaseSettings).database_url
    if url == "none":
        return
    # A database that is away for now is no reason not to serve: workers look for it again.
    with suppress(ExclusionMapError):
        database = open_database(url)
        try:
            prepare(database)
        finally:
            database.close()


def _serve(
    service: ServiceSettings,
    data: DataSettings,
    operations: OperationsSettings,
    listener: socket.socket,
) -> None:
    memory.spare()
    _allow_files()
    sys.setswitchinterval(SWITCH_S)
    app = create_app(service, data, operations=operations)
    app.state.warm_after_s = WARM_AFTER_S
    config = uvicorn.Config(
        # Tiles are most requests: here they meet nothing of the framework at all.
        Observe(TileServer(app, app.state.holder), app.state.observing),
        http=protocol(app.state.crowd, app.state.observing),
        ws="none",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        # Whose forwarded headers are believed is a setting of ours: uvicorn believes this machine.
        proxy_headers=False,
        timeout_graceful_shutdown=math.ceil(operations.stop_seconds),
    )
    PoliteServer(config, app.state, operations.stop_notice_s).run(sockets=doors_of(listener))


def _allow_files() -> None:
    """Have the system allow as many open files as all connections and what we read take."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def doors_of(listener: socket.socket) -> list[socket.socket]:
    """Return the listening socket and the further handles on it."""
    return [listener, *(listener.dup() for _ in range(DOORS - 1))]


def listen(service: ServiceSettings) -> socket.socket:
    """Return a bound socket that never waits; so the address is known before it is printed.

    Raises:
        InvalidRequestError: the address is taken.
    """
    family = socket.AF_INET6 if ":" in service.host else socket.AF_INET
    # asyncio switches Nagle's algorithm off only where the protocol is named; with it on, headers
    # wait for the client's delayed acknowledgement before the body goes: 40 ms an answer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Handles share this mode, in all processes. ``dup`` sets it anew to what its original was made
    # with: were that to wait, a process that begins would make one that serves wait in ``accept``.
    listener.setblocking(False)
    try:
        listener.bind((service.host, service.port))
    except OSError as error:
        listener.close()
        raise InvalidRequestError(
            f"address {service.host}:{service.port}",
            found=error.strerror or str(error),
            expected="a free address of this machine",
            mend="Choose another with --port, or stop the program that uses it.",
        ) from None
    return listener
