"""A PostgreSQL server of a test's own: started, stopped as by a crash, and held still."""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path


class OwnPostgres:
    """A server on a socket in a temporary folder.

    Attributes:
        url: of its first database.
    """

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._folder = Path(tempfile.mkdtemp(prefix="em-pg-"))
        # PostgreSQL refuses to run as root; Debian's package comes with a user for it.
        root = os.geteuid() == 0
        self._as_user = ["runuser", "-u", "postgres", "--"] if root else []
        if root:
            shutil.chown(self._folder, "postgres")
        self._run("initdb", "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync")
        self.url = f"postgresql://tester@/postgres?host={self._folder}"

    @property
    def runs(self) -> bool:
        """Whether it was started and not stopped since."""
        return (self._folder / "data" / "postmaster.pid").exists()

    def start(self) -> None:
        """Start, and wait until it lets clients in."""
        options = f"-k {self._folder} -c listen_addresses='' -c fsync=off"
        self._run("pg_ctl", "-o", options, "-l", str(self._folder / "log"), "-w", "start")

    def crash(self) -> None:
        """Stop at once, as a crash would: clients are cut off."""
        self._run("pg_ctl", "-m", "immediate", "-w", "stop")

    def hold(self) -> None:
        """Hold every process of the server still: it neither answers nor refuses."""
        for process in self._processes():
            os.kill(process, signal.SIGSTOP)

    def release(self) -> None:
        """Let the server go on."""
        for process in self._processes():
            os.kill(process, signal.SIGCONT)

    def remove(self) -> None:
        """Stop it if it runs, and delete what it kept."""
        if self.runs:
            self.release()
            self.crash()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _processes(self) -> list[int]:
        first = (self._folder / "data" / "postmaster.pid").read_text(encoding="ascii").split()[0]
        children = Path(f"/proc/{first}/task/{first}/children").read_text(encoding="ascii")
        return [int(first), *map(int, children.split())]

    def _run(self, program: str, *arguments: str) -> None:
        data = str(self._folder / "data")
        command = [*self._as_user, str(self._programs / program), "-D", data, *arguments]
        subprocess.run(
            command,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
            timeout=120,
        )
