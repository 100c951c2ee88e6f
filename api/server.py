"""Run the service under uvicorn on an address a person can open."""

import socket
import sys
from contextlib import suppress

import uvicorn
from rich.console import Console

from api.app import create_app
from api.routes.tiles import TileServer
from api.workers import once_apart, run_workers
from exclusion_map.errors import ExclusionMapError, InvalidRequestError
from exclusion_map.settings import DatabaseSettings, DataSettings, ServiceSettings, read


def run(service: ServiceSettings, data: DataSettings, console: Console, workers: int = 1) -> None:
    """Serve until interrupted, in this process or in several that share its address.

    uvicorn takes uvloop and httptools where they are installed, as they are but on Windows: with
    Python's own loop and parser a tile takes three times as long.

    Raises:
        InvalidRequestError: the address is taken.
    """
    listener = _listen(service)
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    console.print(f"Exclusion Map is at [bold]http://{shown}:{port}/[/] (Ctrl+C stops it)")
    if workers > 1:
        # Tables are made by one process, before several could try at once.
        once_apart(_prepare_database)
        sys.exit(run_workers(workers, lambda: _serve(service, data, listener)))
    _serve(service, data, listener)


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


def _serve(service: ServiceSettings, data: DataSettings, listener: socket.socket) -> None:
    app = create_app(service, data)
    config = uvicorn.Config(
        # Tiles are most requests: here they meet nothing of the framework at all.
        TileServer(app, app.state.holder),
        log_level="warning",
        access_log=False,
        server_header=False,
        # Whose forwarded headers are believed is a setting of ours: uvicorn believes this machine.
        proxy_headers=False,
    )
    uvicorn.Server(config).run(sockets=[listener])


def _listen(service: ServiceSettings) -> socket.socket:
    """Return a listening socket, so that the address is known before anything is printed."""
    family = socket.AF_INET6 if ":" in service.host else socket.AF_INET
    # asyncio switches Nagle's algorithm off only where the protocol is named; with it on, headers
    # wait for the client's delayed acknowledgement before the body goes: 40 ms an answer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((service.host, service.port))
    except OSError as error:
        listener.close()
        raise InvalidRequestError(
            f"address {service.host}:{service.port}",
            found=error.strerror or str(error),
            expected="a free address of this machine",
            mend="Choose another with --port, or stop what uses it.",
        ) from None
    return listener
