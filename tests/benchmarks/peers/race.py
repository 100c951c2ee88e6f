"""The same tiles from us and from every peer, by turns, at several connections."""

import http.client
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from exclusion_map.tiles.archive import TileArchive
from tests.benchmarks.grid import Place
from tests.benchmarks.load import HEADERS, Load, press
from tests.benchmarks.peers.contents import areas, finest
from tests.benchmarks.peers.files import files
from tests.benchmarks.processes import family, resident
from tests.benchmarks.service import Running, running, serving

CONNECTIONS = (1, 8, 32)


@dataclass(frozen=True)
class Raced:
    """One server: its answers by the number of connections, its memory, and what it sends.

    Attributes:
        loads: by connections.
        resident: bytes of memory of its processes after the run, without a database's.
        body_bytes: average of a tile, as sent.
        areas: of the finest layer, over all the tiles.
    """

    loads: dict[int, Load]
    resident: int
    body_bytes: float
    areas: int


@dataclass(frozen=True)
class Pace:
    """How long to press."""

    seconds: int
    runs: int


def race(service: Running, paths: Sequence[str], places: Sequence[Place], pace: Pace) -> Raced:
    """Ask for every path, that of a place each, once, so that caches are warm; then press."""
    size = found = 0
    for (zoom, _, _), (_, headers, body) in zip(places, ask(service.base, paths), strict=True):
        size += len(body)
        found += areas(body, headers.get("content-encoding", ""), zoom)
    loads = {
        count: press(service.base, paths, connections=count, seconds=pace.seconds, runs=pace.runs)
        for count in CONNECTIONS
    }
    memory = sum(resident(pid) for pid in family(service.pid))
    return Raced(loads, memory, size / len(paths), found)


def ask(base: str, paths: Sequence[str]) -> Iterator[tuple[int, dict[str, str], bytes]]:
    """Yield status, headers (names in lower case) and body of each path, over one connection.

    Raises:
        RuntimeError: an answer was not good.
    """
    parts = urlsplit(base)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
    try:
        for path in paths:
            connection.request("GET", path, headers=HEADERS)
            answer = connection.getresponse()
            body = answer.read()
            if answer.status not in (200, 204):
                raise RuntimeError(f"{base}{path} answered {answer.status}: {body[:200]!r}")
            yield answer.status, {name.lower(): text for name, text in answer.getheaders()}, body
    finally:
        connection.close()


@dataclass(frozen=True)
class Entrant:
    """A server to be run, and what it is asked for."""

    name: str
    start: Callable[[], AbstractContextManager[Running]]
    paths: Sequence[str]


OURS = "Exclusion Map"
NGINX, NGINX_ALL = "nginx, files, 1 worker", "nginx, files, a worker a core"
READER = "pmtiles.Reader, FastAPI"
POSTGIS = "PostGIS ST_AsMVT, FastAPI"
TIPG = "tipg, one attribute"


def entrants(edition: Path, places: Sequence[Place], python: Path, database: str) -> list[Entrant]:
    """Return us and the peers, over the areas of one edition.

    Args:
        edition: its folder, the current edition of its processed folder.
        places: the tiles.
        python: interpreter of the environment of the peers.
        database: address of the PostGIS that holds the layers.
    """
    archive = TileArchive(edition / "areas.pmtiles")
    plain = [f"/tiles/{z}/{x}/{y}.mvt" for z, x, y in places]
    ours = [f"/tiles/{edition.name}/areas/{z}/{x}/{y}.mvt" for z, x, y in places]
    address = ["env", f"DATABASE_URL={database}", str(python), "-m"]
    package = "tests.benchmarks.peers"
    reader = [str(python), "-m", "tests.benchmarks.peer", str(archive.path)]
    return [
        Entrant(OURS, lambda: serving(edition.parents[1]), ours),
        Entrant(NGINX, lambda: files(archive, places, "1"), plain),
        Entrant(NGINX_ALL, lambda: files(archive, places, "auto"), plain),
        Entrant(READER, lambda: running(reader, "/readyz"), plain),
        Entrant(POSTGIS, lambda: running([*address, f"{package}.postgis_app"], "/readyz"), plain),
        Entrant(
            TIPG,
            lambda: running([*address, f"{package}.tipg_app"], "/healthz"),
            [tipg_path(place) for place in places],
        ),
    ]


def tipg_path(place: Place) -> str:
    """Return the path of a tile of tipg: the finest of the layers of its zoom, with its score.

    tipg serves a table at a time, so it is asked for less than the others send.
    """
    zoom, x, y = place
    tiles = f"/collections/public.{finest(zoom)}/tiles/WebMercatorQuad"
    return f"{tiles}/{zoom}/{x}/{y}?properties=score"
