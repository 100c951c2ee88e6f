"""A service with a directory of its own, for tests."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.testclient import TestClient

from api.app import create_app
from api.directory_service import DirectoryService
from exclusion_map.settings import DatabaseSettings, DataSettings, ServiceSettings

WAIT_S = 120.0


@contextmanager
def directory_client(processed: Path, database_url: str) -> Iterator[TestClient]:
    """Yield a client of a service whose directory holds the lists of its edition."""
    database = DatabaseSettings(database_url=database_url)
    app = create_app(ServiceSettings(), DataSettings(processed_dir=processed), database)
    with TestClient(app, raise_server_exceptions=False) as client:
        service: DirectoryService = app.state.directory_service
        until = time.monotonic() + WAIT_S
        while not (service.loaded or (service.fault and service.tried)):
            assert time.monotonic() < until, "the directory was not loaded"
            time.sleep(0.05)
        yield client
