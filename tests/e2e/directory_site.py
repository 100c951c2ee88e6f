"""A service with a database behind a real port, for a browser."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from api.app import create_app
from exclusion_map.settings import DatabaseSettings, DataSettings, ServiceSettings

WAIT_S = 120.0


@contextmanager
def directory_site(processed: Path, database_url: str) -> Iterator[tuple[str, FastAPI]]:
    """Yield the address and the app of a service whose directory holds its edition's lists."""
    app = create_app(
        ServiceSettings(),
        DataSettings(processed_dir=processed),
        DatabaseSettings(database_url=database_url),
    )
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + WAIT_S
    while not (server.started and app.state.directory_service.loaded):
        assert thread.is_alive()
        assert time.monotonic() < until
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", app
    finally:
        server.should_exit = True
        thread.join(timeout=10)
