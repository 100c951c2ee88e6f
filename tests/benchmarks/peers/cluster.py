"""A PostgreSQL of our own with PostGIS, on a port of the loopback, for as long as it is needed."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.processes import family

OPTIONS = (
    "-c listen_addresses=127.0.0.1 -c fsync=off -c shared_buffers=256MB -c work_mem=32MB -c jit=off"
)
"""Kinder to the peers than PostgreSQL's own: compiling costs more than these queries take."""


@dataclass(frozen=True)
class Cluster:
    """A running database server.

    Attributes:
        address: of its one database.
        pid: the process that all others descend from.
    """

    address: str
    pid: int

    def resident(self) -> int:
        """Return its bytes of memory: pages that several processes share are counted once."""
        return sum(_proportional(pid) for pid in family(self.pid))


@contextmanager
def postgres() -> Iterator[Cluster]:
    """Start a server in a temporary folder; stop it and remove the folder afterwards.

    Raises:
        RuntimeError: PostgreSQL is not installed.
    """
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise RuntimeError("PostgreSQL is not here: run make bench-peers as root, or install it")
    programs = found[-1].parent
    folder = Path(tempfile.mkdtemp(prefix="em-peers-pg-"))
    # PostgreSQL refuses to run as root; Debian's package comes with a user for it.
    root = os.geteuid() == 0
    as_user = ["runuser", "-u", "postgres", "--"] if root else []
    if root:
        shutil.chown(folder, "postgres")

    def run(program: str, *arguments: str) -> None:
        command = [*as_user, str(programs / program), *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd=folder, timeout=120)

    data, port = str(folder / "data"), free_port()
    try:
        run("initdb", "-D", data, "-U", "peer", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-k {folder} -p {port} {OPTIONS}"
        run("pg_ctl", "-D", data, "-o", options, "-l", str(folder / "log"), "-w", "start")
        try:
            pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
            yield Cluster(f"postgresql://peer@127.0.0.1:{port}/postgres", pid)
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """Return a port of the loopback that nothing listens to at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _proportional(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)
