import io
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from pipelines.progress import Progress
from pipelines.steps import RawChecksums, Step, Workplace, run_steps


class Kitchen:
    """Two steps, the second using the first, over one raw file; counts how often each is made."""

    def __init__(self, folder: Path) -> None:
        self.raw = folder / "raw"
        (self.raw / "larder").mkdir(parents=True)
        (self.raw / "larder" / "flour.txt").write_text("flour")
        self.steps_dir = folder / "steps"
        self.made: list[str] = []
        self.fail = False
        self.said = io.StringIO()

    def dough(self, place: Workplace) -> None:
        self.made.append("dough")
        (place.folder / "dough").write_text((place.raw_dir / "larder/flour.txt").read_text())

    def bread(self, place: Workplace) -> None:
        self.made.append("bread")
        (place.folder / "bread").write_text((place.made["dough"] / "dough").read_text().upper())
        if self.fail:
            raise RuntimeError("the oven is out")

    def run(self) -> dict[str, Path]:
        self.steps_dir.mkdir(exist_ok=True)
        steps = (
            Step("dough", "Kneading", self.dough, sources=("larder",), code=("terms.py",)),
            Step("bread", "Baking", self.bread, needs=("dough",), code=("terms.py",)),
        )
        progress = Progress(Console(file=self.said, width=200), len(steps))
        checksums = RawChecksums(self.raw, self.steps_dir / "checksums.json")
        return run_steps(steps, checksums, self.steps_dir, progress)[0]


@pytest.fixture
def kitchen(tmp_path: Path) -> Kitchen:
    return Kitchen(tmp_path)


def test_a_step_that_is_done_is_not_made_again(kitchen: Kitchen) -> None:
    first = kitchen.run()
    second = kitchen.run()
    assert first == second
    assert kitchen.made == ["dough", "bread"]
    assert (second["bread"] / "bread").read_text() == "FLOUR"
    assert "already done" in kitchen.said.getvalue()


def test_a_changed_raw_file_makes_the_steps_after_it_anew(kitchen: Kitchen) -> None:
    before = kitchen.run()
    (kitchen.raw / "larder" / "flour.txt").write_text("rye")
    after = kitchen.run()
    assert (after["bread"] / "bread").read_text() == "RYE"
    assert after["dough"] != before["dough"]


def test_a_step_that_fails_leaves_nothing_and_goes_on_later(kitchen: Kitchen) -> None:
    kitchen.fail = True
    with pytest.raises(RuntimeError, match="the oven is out"):
        kitchen.run()
    folders = [path.name for path in kitchen.steps_dir.iterdir() if path.is_dir()]
    assert [name.split("-")[0] for name in folders] == ["dough"]
    kitchen.fail = False
    kitchen.run()
    assert kitchen.made == ["dough", "bread", "bread"]


def test_steps_that_need_nothing_of_each_other_run_at_the_same_time(tmp_path: Path) -> None:
    """Each waits until the other has begun: one after the other, they would never end."""
    begun = {"left": threading.Event(), "right": threading.Event()}

    def meet(mine: str, other: str) -> Callable[[Workplace], None]:
        def make(place: Workplace) -> None:
            begun[mine].set()
            assert begun[other].wait(30)
            (place.folder / mine).touch()

        return make

    steps = (
        Step("left", "Left", meet("left", "right"), code=("terms.py",)),
        Step("right", "Right", meet("right", "left"), code=("terms.py",)),
    )
    progress = Progress(Console(file=io.StringIO()), 2)
    made, _ = run_steps(
        steps, RawChecksums(tmp_path, tmp_path / "sums.json"), tmp_path / "steps", progress
    )
    assert (made["left"] / "left").exists()
    assert (made["right"] / "right").exists()


def test_a_result_that_another_build_has_made_meanwhile_is_taken(kitchen: Kitchen) -> None:
    first = kitchen.run()
    shutil.rmtree(first["bread"])

    def bread_twice(place: Workplace) -> None:
        first["bread"].mkdir()
        (first["bread"] / "bread").write_text("theirs")

    kitchen.bread = bread_twice  # type: ignore[method-assign]
    second = kitchen.run()
    assert (second["bread"] / "bread").read_text() == "theirs"


def test_old_results_are_tidied_away_but_for_one(kitchen: Kitchen) -> None:
    for flour in ("rye", "oats", "barley"):
        (kitchen.raw / "larder" / "flour.txt").write_text(flour)
        kitchen.run()
    folders = [path.name for path in kitchen.steps_dir.iterdir() if path.is_dir()]
    assert sorted(name.split("-")[0] for name in folders) == ["bread", "bread", "dough", "dough"]


def test_a_killed_step_leaves_no_result(tmp_path: Path) -> None:
    script = textwrap.dedent(
        """
        import sys, time
        from pathlib import Path
        from rich.console import Console
        from pipelines.progress import Progress
        from pipelines.steps import RawChecksums, Step, run_steps

        def slow(place):
            (place.folder / "half").write_text("half")
            Path(sys.argv[1], "begun").touch()
            time.sleep(60)

        folder = Path(sys.argv[1])
        (folder / "steps").mkdir()
        step = Step("slow", "Slow", slow, code=("terms.py",))
        run_steps(
            (step,), RawChecksums(folder, folder / "steps/sums.json"), folder / "steps",
            Progress(Console(stderr=True), 1),
        )
        """
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stderr=subprocess.DEVNULL
    ) as child:
        for _ in range(600):
            if (tmp_path / "begun").exists():
                break
            time.sleep(0.05)
        os.kill(child.pid, signal.SIGKILL)
    left = [path for path in (tmp_path / "steps").iterdir() if path.is_dir()]
    visible = [path for path in left if not path.name.startswith(".")]
    assert visible == []
