"""What the figures were measured on."""

import os
import platform
import shutil
import subprocess
from pathlib import Path


def describe() -> list[tuple[str, str]]:
    """Return name and value of what matters about this machine."""
    facts = [
        ("processor", f"{_processor()}, {len(os.sched_getaffinity(0))} cores"),
        ("memory", f"{_memory_gib():.0f} GiB"),
        ("system", f"{_system()}, Linux {platform.release().split('-')[0]}"),
        ("Python", platform.python_version()),
        ("load before the run", f"{os.getloadavg()[0]:.1f}"),
    ]
    if os.getloadavg()[0] > 1:
        facts.append(("caution", "the machine was busy with other work: figures are worse for it"))
    return facts


def first_line(*command: str) -> str:
    """Return the first line a program prints, such as its version; empty without the program."""
    if shutil.which(command[0]) is None:
        return ""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).strip().partition("\n")[0]


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _system() -> str:
    return platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
