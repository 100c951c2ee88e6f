"""What a killed or spoilt build leaves in the folder of steps does not spoil the next one."""

import io
import os
from contextlib import suppress
from pathlib import Path

import pytest
from rich.console import Console

from exclusion_map.editions import current_path
from exclusion_map.errors import EditionError
from exclusion_map.settings import DataSettings
from pipelines import build as building
from pipelines.keeping import is_whole, made_aside, sweep
from pipelines.progress import Progress
from pipelines.start import prepare
from pipelines.steps import RawChecksums, Step, Workplace, run_steps

MADE: list[str] = []


def _write(place: Workplace) -> None:
    MADE.append("made")
    (place.folder / "table.txt").write_text("whole")
    (place.folder / "inner").mkdir()
    (place.folder / "inner" / "more.txt").write_text("too")


STEP = Step("only", "only", _write, pipeline=())


def run(folder: Path) -> Path:
    checksums = RawChecksums(folder / "raw", folder / "steps" / "checksums.json")
    progress = Progress(Console(file=io.StringIO()), 1)
    made, _ = run_steps((STEP,), checksums, folder / "steps", progress)
    return made["only"]


@pytest.fixture(autouse=True)
def _fresh() -> None:
    MADE.clear()


@pytest.mark.parametrize("name", ["table.txt", "inner/more.txt", "SHA256SUMS"])
@pytest.mark.parametrize("damage", ["flipped", "removed", "emptied"])
def test_a_spoilt_step_is_made_again(tmp_path: Path, name: str, damage: str) -> None:
    path = run(tmp_path) / name
    run(tmp_path)
    assert len(MADE) == 1
    if damage == "removed":
        path.unlink()
    else:
        whole = path.read_bytes()
        path.write_bytes(bytes([whole[0] ^ 1]) + whole[1:] if damage == "flipped" else b"")
    made = run(tmp_path)
    if (name, damage) == ("SHA256SUMS", "removed"):
        assert len(MADE) == 1  # As an older version left it: believed.
        return
    assert len(MADE) == 2
    assert (made / "table.txt").read_text() == "whole"
    assert is_whole(made)


def test_a_damaged_memory_of_checksums_is_forgotten(tmp_path: Path) -> None:
    run(tmp_path)
    memory = tmp_path / "steps" / "checksums.json"
    for text in ("", "{", "[1]", '{"x": 3}'):
        memory.write_text(text)
        run(tmp_path)
    assert len(MADE) == 1


def test_leftovers_of_the_dead_are_swept_and_those_of_the_living_are_not(tmp_path: Path) -> None:
    dead = tmp_path / ".making-only-0123-1"
    dead.mkdir()
    (dead / "half").write_text("half")
    with made_aside(tmp_path / "alive") as living:
        (living / "x").write_text("x")
        sweep(tmp_path)
        assert living.is_dir()
        assert not dead.exists()
    assert is_whole(tmp_path / "alive")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["alive"]


def test_a_step_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with suppress(ZeroDivisionError), made_aside(tmp_path / "never") as folder:
        (folder / "half").write_text("half")
        _ = 1 / 0
    assert list(tmp_path.iterdir()) == []


def full(*_: object) -> None:
    raise OSError(28, os.strerror(28))


def test_start_keeps_the_edition_that_is_there_when_the_disk_is_full(
    sample_processed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "run_steps", full)
    raw, told = sample_processed / ".sampleshire", io.StringIO()
    data = DataSettings(raw_dir=raw, processed_dir=sample_processed)
    assert prepare(data, Console(file=told, width=300)) == current_path(sample_processed)
    assert "No space left on device" in told.getvalue()
    with pytest.raises(EditionError, match="No space left"):
        prepare(DataSettings(raw_dir=raw, processed_dir=tmp_path), Console(file=told))


def test_a_full_disk_is_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "run_steps", full)
    with pytest.raises(EditionError, match="No space left on device") as caught:
        building.build(tmp_path / "raw", tmp_path / "processed", Console(file=io.StringIO()))
    assert "Free some space" in caught.value.mend
