"""A damaged edition is refused when it is opened, whatever the damage, and the file is named."""

import os
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from exclusion_map.cli import app
from exclusion_map.editions import (
    current_id,
    list_editions,
    new_edition,
    publish,
    read_manifest,
    set_current,
)
from exclusion_map.editions.reader import open_edition
from exclusion_map.editions.store import fallbacks, previous_id
from exclusion_map.editions.verify import SUMS, find_faults
from exclusion_map.errors import EditionError

FLIPS = 6
GOOD, NEWER = "sampleshire-00000000000a", "sampleshire-00000000000b"
Damage = Callable[[Path], object]


def copied(source: Path, processed: Path, name: str, **changes: object) -> Path:
    """Publish the files of an edition under another name."""
    known = read_manifest(source)
    with new_edition(processed, name) as folder:
        for file in known.files:
            shutil.copyfile(source / file, folder / file)
        return publish(folder, known.model_copy(update={"edition": name, "files": {}, **changes}))


@pytest.fixture(scope="module")
def processed(sample_edition: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("processed")
    copied(sample_edition, folder, GOOD)
    copied(sample_edition, folder, NEWER)
    return folder


@pytest.fixture
def spoilt(processed: Path, tmp_path: Path) -> Path:
    """A processed folder of two editions, free to be damaged."""
    folder = tmp_path / "processed"
    shutil.copytree(processed, folder)
    return folder


def flip(path: Path, position: int, bit: int) -> None:
    with path.open("r+b") as file:
        file.seek(position)
        (byte,) = file.read(1)
        file.seek(position)
        file.write(bytes([byte ^ (1 << bit)]))


def refusal(folder: Path) -> str:
    with pytest.raises(EditionError) as caught:
        open_edition(folder)
    return caught.value.message


def test_every_flipped_bit_is_found_and_the_file_named(spoilt: Path) -> None:
    folder = spoilt / "editions" / NEWER
    dice = random.Random(11)
    open_edition(folder)
    names = sorted(path.name for path in folder.iterdir())
    assert {"manifest.json", SUMS, "areas.pmtiles", "postcodes.arrow"} < set(names)
    for name in names:
        path = folder / name
        for _ in range(FLIPS):
            where, bit = dice.randrange(path.stat().st_size), dice.randrange(8)
            flip(path, where, bit)
            assert name in refusal(folder), (name, where, bit)
            flip(path, where, bit)
    assert not find_faults(folder, read_manifest(folder))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def grow(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


@pytest.mark.parametrize("damage", [cut, grow, Path.unlink], ids=["cut", "grown", "removed"])
def test_every_file_cut_grown_or_removed_is_named(spoilt: Path, damage: Damage) -> None:
    folder = spoilt / "editions" / NEWER
    for path in sorted(folder.iterdir()):
        whole = path.read_bytes()
        damage(path)
        assert path.name in refusal(folder)
        path.write_bytes(whole)
    assert not find_faults(folder, read_manifest(folder))


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def linked(path: Path, to: str) -> None:
    path.unlink()
    path.symlink_to(to)


STRANGE: dict[str, Damage] = {
    "emptied": lambda path: path.write_bytes(b""),
    "first byte": lambda path: flip(path, 0, 0),
    "last byte": lambda path: flip(path, path.stat().st_size - 1, 7),
    "folder": a_folder,
    # Whoever opened one of these would wait, or read, for ever.
    "pipe": a_pipe,
    "endless": lambda path: linked(path, "/dev/zero"),
    "link to nothing": lambda path: linked(path, "nothing"),
    "link to itself": lambda path: linked(path, path.name),
    "link to another": lambda path: linked(path, "estimate.parquet"),
}


@pytest.mark.parametrize("damage", STRANGE.values(), ids=STRANGE)
@pytest.mark.parametrize("name", ["manifest.json", SUMS, "areas.pmtiles", "postcodes.arrow"])
def test_a_file_that_became_something_else_is_named(
    spoilt: Path, name: str, damage: Damage
) -> None:
    folder = spoilt / "editions" / NEWER
    damage(folder / name)
    assert name in refusal(folder)
    (spoilt / "current").unlink()
    (spoilt / "current").symlink_to("/dev/zero")
    with pytest.raises(EditionError, match="no ordinary file"):
        current_id(spoilt)


def test_a_link_to_the_same_bytes_is_as_good(spoilt: Path) -> None:
    path = spoilt / "editions" / NEWER / "scores.parquet"
    path.rename(spoilt / "scores.parquet")
    path.symlink_to(spoilt / "scores.parquet")
    assert open_edition(path.parent).id == NEWER


def test_a_file_that_was_added_is_named_unless_it_is_hidden(spoilt: Path) -> None:
    folder = spoilt / "editions" / NEWER
    (folder / ".DS_Store").write_text("left by a file manager")
    open_edition(folder)
    (folder / "hotspots_2.parquet").write_text("?")
    assert "hotspots_2.parquet" in refusal(folder)


def test_two_files_that_changed_places_are_named(spoilt: Path) -> None:
    folder = spoilt / "editions" / NEWER
    one, other = folder / "support.pmtiles", folder / "wards.pmtiles"
    one.rename(folder / "x")
    other.rename(one)
    (folder / "x").rename(other)
    assert "support.pmtiles" in refusal(folder)


def test_the_checksums_are_those_of_the_ordinary_program(spoilt: Path) -> None:
    folder = spoilt / "editions" / NEWER
    told = subprocess.run(
        ["sha256sum", "-c", SUMS], cwd=folder, capture_output=True, text=True, check=True
    )
    assert told.stdout.count(": OK\n") == len(list(folder.iterdir())) - 1


def test_an_edition_of_an_older_version_has_no_checksums_and_is_served(spoilt: Path) -> None:
    folder = spoilt / "editions" / NEWER
    (folder / SUMS).unlink()
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace('"sealed": true', '"sealed": false'))
    assert open_edition(folder).id == NEWER


def order(spoilt: Path, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, [*arguments, "--processed-dir", str(spoilt)])
    if isinstance(done.exception, EditionError):
        return 2, done.exception.message
    return done.exit_code, done.output


def test_the_command_lists_editions_and_all_their_faults(spoilt: Path) -> None:
    code, told = order(spoilt, "editions")
    assert code == 0
    assert [GOOD in told, f"{NEWER}  Sampleshire, built" in told] == [True, True]
    assert told.count("(current)") == told.count("(before)") == 1
    assert order(spoilt, "verify", "--all")[0] == 0
    folder = spoilt / "editions" / NEWER
    flip(folder / "scores.parquet", 100, 0)
    (folder / "wards.pmtiles").unlink()
    (folder / "stranger.csv").write_text("?")
    code, told = order(spoilt, "verify")
    assert code == 1
    for name in ("scores.parquet", "wards.pmtiles", "stranger.csv"):
        assert told.count(f"file {name}") == 1
    assert f"{NEWER}: damaged, 3 faults." in told
    code, told = order(spoilt, "verify", GOOD)
    assert (code, "whole, every byte" in told) == (0, True)
    (folder / "manifest.json").write_text("{")
    assert "damaged" in order(spoilt, "editions")[1]
    (folder / "manifest.json").unlink()
    assert f"{NEWER}  damaged" in order(spoilt, "editions")[1]
    for asked in (("verify",), ("verify", NEWER), ("verify", "--all")):
        code, told = order(spoilt, *asked)
        assert code != 0
        assert f"{NEWER}, file manifest.json: found no such file" in told


def test_rolling_back_takes_the_edition_before_and_refuses_a_damaged_one(spoilt: Path) -> None:
    assert (current_id(spoilt), previous_id(spoilt)) == (NEWER, GOOD)
    code, told = order(spoilt, "rollback")
    assert (code, GOOD in told) == (0, True)
    assert (current_id(spoilt), previous_id(spoilt)) == (GOOD, NEWER)
    flip(spoilt / "editions" / NEWER / "scores.parquet", 100, 0)
    for asked in (("rollback",), ("rollback", NEWER)):
        code, told = order(spoilt, *asked)
        assert (code, "scores.parquet" in told) == (2, True)
        assert current_id(spoilt) == GOOD
    assert order(spoilt, "rollback", "nowhere")[0] == 2


def test_nothing_to_list_or_go_back_to_is_said(tmp_path: Path, sample_edition: Path) -> None:
    for asked in ("editions", "verify", "rollback"):
        assert order(tmp_path, asked)[0] == 2
    copied(sample_edition, tmp_path, GOOD)
    code, told = order(tmp_path, "rollback")
    assert (code, "none besides the current one" in told) == (2, True)


def test_what_can_stand_in_for_what(sample_edition: Path, tmp_path: Path) -> None:
    real, newer_real = "england-00000000000a", "england-00000000000b"
    for name in (real, newer_real):
        copied(sample_edition, tmp_path, name, synthetic=False)
    for name in (GOOD, NEWER):
        copied(sample_edition, tmp_path, name)
    # The one that was current before comes first, then the newest of the same kind of place.
    set_current(tmp_path, real)
    set_current(tmp_path, newer_real)
    assert fallbacks(tmp_path, newer_real) == (real,)
    assert set(fallbacks(tmp_path, NEWER)) == {GOOD}
    # Also when the lost one can no longer say what it was, its name tells.
    (tmp_path / "editions" / NEWER / "manifest.json").write_text("{")
    (tmp_path / "editions" / newer_real / "manifest.json").write_text("{")
    assert fallbacks(tmp_path, NEWER) == (GOOD,)
    assert fallbacks(tmp_path, newer_real) == (real,)
    # Where nothing tells, an invented county is not shown for a real place.
    assert fallbacks(tmp_path, "wales-00000000000a") == (real,)
    assert fallbacks(tmp_path, None) == (real,)
    shutil.rmtree(tmp_path / "editions" / real)
    assert fallbacks(tmp_path, "england-00000000000c") == ()
    assert fallbacks(tmp_path, None) == (GOOD,)
    assert list_editions(tmp_path)
