"""SIGKILL and full disks at hundreds of points of a publication, build, fetch and import; full
disks at some of a migration, backup and restore, which other tests kill.

``tests.integration.killing.run`` plays them; by hand it plays thousands (``--points``).
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[2]
POINTS = 10
SCENES = ("Publishing", "Building", "Fetching", "Importing")
ENDING = ("killed", "ended")
FILLING = ("full", "small")
FEW = 2
OF_DATABASE = ("Migrating", "BackingUp", "Restoring")
Tallies = dict[tuple[str, str], dict[str, Any]]


def may_mount() -> bool:
    """Whether a small file system can be mounted here, where no other process sees it."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    script = 'd=$(mktemp -d) && mount -t tmpfs none "$d"; r=$?; umount "$d"; rmdir "$d"; exit $r'
    tried = subprocess.run(["unshare", "--mount", "sh", "-c", script], capture_output=True)
    return tried.returncode == 0


@pytest.fixture(scope="module")
def tallies(sample_edition: Path) -> Tallies:
    scenes = ("publish", "build", "fetch", "import")
    return played(sample_edition, POINTS, *(f"--scene={scene}" for scene in scenes))


@pytest.fixture(scope="module")
def of_database(sample_edition: Path) -> Tallies:
    scenes = (f"--scene={scene}" for scene in ("migrate", "backup", "restore"))
    return played(sample_edition, FEW, *scenes, "--mode=small", "--mode=room")


def played(edition: Path, points: int, *more: str) -> Tallies:
    arguments = ("--edition", str(edition), "--points", str(points), *more)
    command = [sys.executable, "-m", "tests.integration.killing.run", *arguments]
    mounted = may_mount()
    done = subprocess.run(
        ["unshare", "--mount", *command] if mounted else command,
        env=os.environ | ({"EXCLUSION_MAP_UNSHARED": "1"} if mounted else {}),
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert told, done.stderr
    return {(one["scene"], one["mode"]): one | {"said": done.stderr} for one in told}


def checked(tallies: Tallies, scene: str, mode: str, points: int = POINTS) -> dict[str, Any]:
    assert (scene, mode) in tallies, next(iter(tallies.values()))["said"]
    tally = tallies[scene, mode]
    assert tally["faults"] == [], tally["said"]
    assert tally["points"] == points == tally["old_seen"] + tally["new_seen"]
    return tally


@pytest.mark.parametrize("mode", ENDING)
@pytest.mark.parametrize("scene", SCENES)
def test_killed_anywhere_nothing_half_is_seen_and_the_next_run_recovers(
    tallies: Tallies, scene: str, mode: str
) -> None:
    tally = checked(tallies, scene, mode)
    assert tally["killed"] + tally["finished"] == POINTS
    if mode == "killed":
        assert tally["killed"] == POINTS


@pytest.mark.parametrize("mode", FILLING)
@pytest.mark.parametrize("scene", SCENES)
def test_a_disk_that_fills_up_anywhere_spoils_nothing(
    tallies: Tallies, scene: str, mode: str
) -> None:
    tally = checked(tallies, scene, mode)
    assert tally["refused"] + tally["finished"] == POINTS
    assert sum(tallies[scene, one]["refused"] for one in FILLING) > 0


@pytest.mark.parametrize("scene", SCENES)
def test_a_small_file_system_that_runs_out_of_room_spoils_nothing(
    tallies: Tallies, scene: str
) -> None:
    if not any(mode == "room" for _, mode in tallies):
        pytest.skip("this process may not mount a file system: run as root")
    tally = checked(tallies, scene, "room")
    assert tally["refused"] + tally["finished"] == POINTS


@pytest.mark.parametrize("scene", OF_DATABASE)
def test_a_full_disk_leaves_the_old_database_and_the_old_backup(
    of_database: Tallies, scene: str
) -> None:
    modes = [mode for name, mode in of_database if name == scene]
    tallies = [checked(of_database, scene, mode, FEW) for mode in modes]
    assert sum(one["refused"] for one in tallies) > 0
    assert {one["killed"] for one in tallies} == {0}
