"""A build that is killed, at any point, leaves the edition that was current current and whole."""

import io
import subprocess
import sys
from pathlib import Path

from rich.console import Console

from exclusion_map.editions import current_path, read_manifest, verify_files
from exclusion_map.sampleshire import write_raw
from pipelines.build import build

SMALLEST = 60
# Seconds after the start; finished steps are not made again, so later kills hit later steps.
KILLS_S = (0.7, 1.8, 2.4, 2.8, 3.2, 3.6, 4.0)


def serving(processed: Path) -> str:
    """Return the id of the current edition, once all its files are checked."""
    folder = current_path(processed)
    manifest = read_manifest(folder)
    verify_files(folder, manifest, "full")
    return manifest.edition


def test_a_killed_build_leaves_the_old_edition_serving(tmp_path: Path) -> None:
    processed, old_raw, new_raw = (tmp_path / name for name in ("processed", "old", "new"))
    write_raw(old_raw, seed=1, areas=SMALLEST)
    write_raw(new_raw, seed=2, areas=SMALLEST)
    old = build(old_raw, processed, Console(file=io.StringIO())).name
    command = [
        *(sys.executable, "-m", "exclusion_map", "build"),
        *("--raw-dir", str(new_raw), "--processed-dir", str(processed)),
    ]
    killed = 0
    for seconds in KILLS_S:
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as child:
            try:
                child.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                child.kill()
                killed += 1
        if child.returncode == 0:
            break  # a fast machine got to the end between two kills
        assert serving(processed) == old
        # Killed just before the switch, the new edition is there, and whole.
        for folder in (processed / "editions").iterdir():
            verify_files(folder, read_manifest(folder), "full")
    assert killed
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    assert serving(processed) != old
    assert not list(processed.glob(".building-*"))
