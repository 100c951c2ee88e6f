"""A command for which no file can be written but in folders that are named, as in a container."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

# Named folders are mounted on themselves first: they stay as they are when the rest is closed.
_CLOSE = """
set -eu
mount --make-rprivate /
for folder in {open}; do mount --bind "$folder" "$folder"; done
mount -o remount,bind,ro /
! touch {probe} 2>/dev/null
exec {command}
"""


def read_only(command: Sequence[str], writable: Sequence[Path]) -> list[str]:
    """Return the command in a mount namespace of its own; skip where there can be none.

    Args:
        command: what is run.
        writable: folders on the file system of ``/`` that can still be written.
    """
    if shutil.which("unshare") is None:
        _without("unshare is not installed")
    apart = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "-m"]
    if subprocess.run([*apart, "true"], capture_output=True).returncode:
        _without("this system lets nobody have mounts of their own")
    closed = _CLOSE.format(
        open=shlex.join(map(str, writable)),
        probe=shlex.quote(str(writable[0].parent / "probe")),
        command=shlex.join(command),
    )
    return [*apart, "sh", "-c", closed]


def _without(reason: str) -> None:
    pytest.skip(f"a read-only root cannot be tried: {reason}")
