"""A build that is killed, at any point, leaves the edition that was current current and whole."""

import json
import subprocess
import sys
from pathlib import Path

from exclusion_map.sampleshire import write_raw

REPOSITORY = Path(__file__).parents[2]
SMALLEST = 60
KILLS = 10


def test_a_killed_build_leaves_the_old_edition_serving(
    sample_edition: Path, tmp_path: Path
) -> None:
    processed, raw = tmp_path / "processed", tmp_path / "raw"
    write_raw(raw, seed=2, areas=SMALLEST)
    folders = [str(folder) for folder in (processed, sample_edition, raw)]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.integration.killing.whole"),
            *(*folders, "--kills", str(KILLS)),
        ],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    *killed, last = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(killed) == KILLS
    # Each was killed, or had come to its end before.
    assert {one["ended"] for one in killed} <= {-9, -14, 0}, done.stderr
    assert sum(one["ended"] < 0 for one in killed) > KILLS / 2
    # The old edition serves until one has ended; then the new one, for good.
    seen = [one["serving"] for one in killed]
    old, new = sample_edition.name, last["serving"]
    assert seen[0] == old != new
    assert last["ended"] == 0
    assert seen == sorted(seen, key=[old, new].index)
    assert not list(processed.glob(".building-*"))
    assert not list((processed / ".steps").glob(".making-*"))
