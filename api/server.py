"""Run the service under uvicorn on an address a person can open."""

import socket

import uvicorn
from rich.console import Console

from api.app import create_app
from api.routes.tiles import TileServer
from exclusion_map.errors import InvalidRequestError
from exclusion_map.settings import DataSettings, ServiceSettings


def run(service: ServiceSettings, data: DataSettings, console: Console) -> None:
    """Serve until interrupted.

    uvicorn takes uvloop and httptools where they are installed, as they are but on Windows: with
    Python's own loop and parser a tile takes three times as long.

    Raises:
        InvalidRequestError: the address is taken.
    """
    listener = _listen(service)
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    console.print(f"Exclusion Map is at [bold]http://{shown}:{port}/[/] (Ctrl+C stops it)")
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
