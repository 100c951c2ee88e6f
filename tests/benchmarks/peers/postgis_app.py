"""A peer: PostGIS ``ST_AsMVT`` behind a small FastAPI app, the way many services are written.

DATABASE_URL=... python -m tests.benchmarks.peers.postgis_app

Runs in the environment of the peers. The layers of a tile are those our own archive has.
"""

import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import uvicorn
from fastapi import FastAPI
from starlette.responses import Response

from tests.benchmarks.peers.layers import LAYERS

QUERY = """
SELECT ST_AsMVT(cut, '{table}', 4096, 'shape', 'id') FROM (
    SELECT id, ST_AsMVTGeom(geom, ST_TileEnvelope($1, $2, $3), 4096, 64, true) AS shape
    FROM {table} WHERE geom && ST_TileEnvelope($1, $2, $3)
) AS cut WHERE shape IS NOT NULL
"""


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    # As many connections as tipg's pool has.
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=1, max_size=10) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=_lifespan)


@app.get("/tiles/{z}/{x}/{y}.mvt")
async def tile(z: int, x: int, y: int) -> Response:
    """Return a tile, its layers one after the other: that is how tiles are put together."""
    async with app.state.pool.acquire() as connection:
        layers = [
            await connection.fetchval(QUERY.format(table=table), z, x, y)
            for table, first in LAYERS.items()
            if z >= first
        ]
    return Response(b"".join(layers), media_type="application/vnd.mapbox-vector-tile")


@app.get("/readyz")
async def ready() -> str:
    """Answer once the pool is there."""
    return "ready"


def serve(served: object) -> None:
    """Serve an app on a free port of the loopback and print the address."""
    # The protocol is named so that asyncio switches Nagle's algorithm off.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listener.getsockname()[1]}/", flush=True)
    config = uvicorn.Config(served, log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    serve(app)
