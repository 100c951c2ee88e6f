"""How commands end: told to stop, with nobody reading, on a full disk, left by who began them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from exclusion_map.cli_ending import STOPPED

COMMAND = [sys.executable, "-m", "exclusion_map"]
LATE = """
import threading, time
from exclusion_map import cli_ending
from exclusion_map.outputs import written_aside
from pathlib import Path
cli_ending.TIDY_S = 0.2
def work():
    with written_aside(Path("late.csv")) as draft:
        draft.write_text("half")
        print("ready", flush=True)
        threading.Event().wait(60)
def command():
    thread = threading.Thread(target=work)
    thread.start()
    try:
        time.sleep(60)
    finally:
        thread.join()
raise SystemExit(cli_ending.run(command, print))
"""
POOL = """
import os, sys, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from exclusion_map.cli_ending import follow_parent
follow_parent()
if __name__ == "__main__":
    pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
    print(pool.submit(os.getpid).result(), flush=True)
    time.sleep(60)
"""


def order(edition: Path, *words: str) -> tuple[list[str], dict[str, str]]:
    environment = os.environ | {
        "EXCLUSION_MAP_PROCESSED_DIR": str(edition.parents[1]),
        "EXCLUSION_MAP_DATABASE_URL": "none",
    }
    return [*COMMAND, *words], environment


def begun(
    command: Sequence[str], folder: Path, environment: dict[str, str] | None = None
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell that runs tests in the background has Ctrl-C ignored, which is inherited.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_told_to_stop_a_command_says_one_line(
    sample_edition: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / "out.csv").write_text("old")
    os.mkfifo(tmp_path / "codes.csv")
    words = ("score", "--definition", "exclusion", "--where-file", "codes.csv", "--out", "out.csv")
    command, environment = order(sample_edition, *words)
    # Opened for writing as soon as the command reads it, in the middle of its work.
    with begun(command, tmp_path, environment) as process, (tmp_path / "codes.csv").open("w"):
        process.send_signal(getattr(signal, name))
        said = process.communicate(timeout=300)
    assert process.returncode == 128 + getattr(signal, name)
    assert said == ("", f"{STOPPED}\n")
    assert (tmp_path / "out.csv").read_text() == "old"
    assert {path.name for path in tmp_path.iterdir()} == {"out.csv", "codes.csv"}


def test_threads_that_hear_nothing_do_not_hold_up_the_end(tmp_path: Path) -> None:
    with begun([sys.executable, "-c", LATE], tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        assert len(list(tmp_path.iterdir())) == 1
        process.terminate()
        _, said = process.communicate(timeout=300)
    assert (process.returncode, said.strip()) == (128 + signal.SIGTERM, STOPPED)
    assert not list(tmp_path.iterdir())


def test_workers_end_with_a_command_that_was_killed(tmp_path: Path) -> None:
    script = tmp_path / "pool.py"
    script.write_text(POOL)
    with begun([sys.executable, str(script)], tmp_path) as process:
        assert process.stdout is not None
        worker = Path(f"/proc/{process.stdout.readline().strip()}")
        assert worker.exists()
        process.kill()
    # It may stay as a zombie for a while, until whoever inherits it asks after it.
    for _ in range(600):
        if not worker.exists() or "\nState:\tZ" in (worker / "status").read_text():
            return
        time.sleep(0.05)
    raise AssertionError("the worker waits for ever")


def test_nobody_reads_and_files_are_written_all_the_same(
    sample_edition: Path, tmp_path: Path
) -> None:
    command, environment = order(sample_edition, "gaps", "--out", "gaps.csv")
    with begun(command, tmp_path, environment) as process:
        for stream in (process.stdout, process.stderr):
            assert stream is not None
            stream.close()
    assert process.returncode == 0
    assert (tmp_path / "gaps.csv").read_text().endswith("\n")


def test_output_that_goes_nowhere_or_finds_no_room(tmp_path: Path) -> None:
    def ended(redirected: str) -> tuple[int, str]:
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {sys.executable} -m exclusion_map {redirected}"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stderr

    assert ended("settings | head -n 1 > /dev/null") == (0, "")
    code, said = ended("settings > /dev/full")
    assert code == 2
    assert "No space left on device" in said
    assert "Traceback" not in said
    assert said.count("\n") == 1
