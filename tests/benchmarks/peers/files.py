"""A peer: nginx with tiles as files, compressed already, by a configuration of its own."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from exclusion_map.tiles.archive import TileArchive
from tests.benchmarks.grid import Place
from tests.benchmarks.peers.cluster import free_port
from tests.benchmarks.service import Running, running

CONFIGURATION = """
daemon off;
worker_processes {workers};
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush off;
    tcp_nodelay on;
    keepalive_timeout 60;
    keepalive_requests 100000000;
    open_file_cache max=2000 inactive=60s;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location = /readyz {{ return 200; }}
        location /tiles/ {{
            root {folder}/files;
            types {{ }}
            default_type application/vnd.mapbox-vector-tile;
            add_header Content-Encoding gzip;
            add_header Cache-Control "public, max-age=31536000, immutable";
        }}
    }}
}}
"""


def nginx() -> str | None:
    """Return where nginx is; Debian keeps it out of the path of ordinary users."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


@contextmanager
def files(archive: TileArchive, places: Sequence[Place], workers: str) -> Iterator[Running]:
    """Write tiles out and serve them until the context ends.

    Args:
        archive: where the tiles are.
        places: which of them.
        workers: processes of nginx, or "auto" for one a core, as Debian sets it.

    Raises:
        RuntimeError: nginx is not installed.
    """
    program = nginx()
    if program is None:
        raise RuntimeError("nginx is not here: run make bench-peers as root, or install it")
    with tempfile.TemporaryDirectory(prefix="em-peers-nginx-") as name:
        folder, port = Path(name), free_port()
        folder.chmod(0o755)  # Started by root, its workers run as another user.
        _write_out(folder / "files" / "tiles", archive, places)
        configuration = folder / "nginx.conf"
        text = CONFIGURATION.format(folder=folder, port=port, workers=workers)
        configuration.write_text(text, encoding="utf-8")
        # nginx does not print its address; exec keeps the process one and the same.
        script = f"echo http://127.0.0.1:{port}; exec {program} -p {folder} -c {configuration}"
        with running(["sh", "-c", script], "/readyz") as service:
            yield service


def _write_out(folder: Path, archive: TileArchive, places: Sequence[Place]) -> None:
    for z, x, y in set(places):
        path = folder / str(z) / str(x) / f"{y}.mvt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(archive.get(z, x, y) or b"")
