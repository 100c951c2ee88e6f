"""A peer to compare with: ``pmtiles.Reader`` behind a small FastAPI app, as its README suggests.

python -m tests.benchmarks.peer ARCHIVE
"""

import socket
import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from pmtiles.reader import MmapSource, Reader
from starlette.responses import Response


def make_app(archive: Path) -> FastAPI:
    """Return an app that serves the tiles of an archive."""
    app = FastAPI()
    # Open for as long as the process lives: the reader keeps a memory map of it.
    reader = Reader(MmapSource(archive.open("rb")))
    headers = {"Content-Encoding": "gzip"}

    @app.get("/tiles/{z}/{x}/{y}.mvt")
    async def tile(z: int, x: int, y: int) -> Response:
        found = reader.get(z, x, y)
        if found is None:
            return Response(status_code=204)
        return Response(found, media_type="application/vnd.mapbox-vector-tile", headers=headers)

    @app.get("/readyz")
    async def ready() -> str:
        return "ready"

    return app


def main(archive: Path) -> None:
    """Serve on a free port and print the address."""
    # The protocol is named so that asyncio switches Nagle's algorithm off.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listener.getsockname()[1]}/", flush=True)
    config = uvicorn.Config(make_app(archive), log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
