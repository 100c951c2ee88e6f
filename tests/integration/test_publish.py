"""Publishing editions: what happens when all goes well, and when the builder is killed."""

import os
import signal
import subprocess
import sys
import textwrap
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from exclusion_map.editions import (
    EditionIndex,
    LevelCount,
    Manifest,
    current_id,
    current_path,
    edition_path,
    list_editions,
    new_edition,
    publish,
    read_manifest,
    set_current,
    verify_files,
)
from exclusion_map.editions.workshop import locked, sweep
from exclusion_map.errors import EditionError
from exclusion_map.terms import AreaKind, Nation

BUILT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def manifest(edition: str, built: datetime = BUILT) -> Manifest:
    return Manifest(
        edition=edition,
        title="Nowhere",
        synthetic=True,
        built=built,
        code_version="0",
        nations=(Nation.ENGLAND,),
        bounds=(-1.0, 50.0, 0.0, 51.0),
        indicators=(),
        indices=(EditionIndex(id="risk", title="Risk", definition={}),),
        default_index="risk",
        levels=(LevelCount(kind=AreaKind.SMALL_AREA, count=1),),
    )


def build(processed: Path, edition: str, text: str, built: datetime = BUILT) -> Path:
    with new_edition(processed, edition) as folder:
        (folder / "areas.parquet").write_text(text * 100)
        (folder / "tiles").mkdir()
        (folder / "tiles" / "areas.pmtiles").write_text(text)
        return publish(folder, manifest(edition, built))


def left_over(processed: Path) -> set[str]:
    return {path.name for path in processed.iterdir()} - {"editions", "current", "previous"}


def test_a_published_edition_is_current_and_whole(tmp_path: Path) -> None:
    path = build(tmp_path, "one", "a")
    assert path == current_path(tmp_path) == tmp_path / "editions" / "one"
    published = read_manifest(path)
    assert set(published.files) == {"areas.parquet", "tiles/areas.pmtiles"}
    assert published.files["areas.parquet"].bytes == 100
    verify_files(path, published, "full")
    assert left_over(tmp_path) == set()


def test_an_error_while_building_leaves_no_trace(tmp_path: Path) -> None:
    build(tmp_path, "one", "a")
    with suppress(ZeroDivisionError), new_edition(tmp_path, "two") as folder:
        (folder / "areas.parquet").write_text("half")
        _ = 1 / 0
    assert current_id(tmp_path) == "one"
    assert list_editions(tmp_path) == ("one",)
    assert left_over(tmp_path) == set()


def test_the_same_edition_again_is_kept_untouched(tmp_path: Path) -> None:
    first = build(tmp_path, "one", "a")
    stamp = (first / "manifest.json").stat()
    build(tmp_path, "two", "b")
    again = build(tmp_path, "one", "a", built=datetime(2027, 1, 1, tzinfo=UTC))
    assert again == first
    assert (first / "manifest.json").stat().st_mtime_ns == stamp.st_mtime_ns
    assert current_id(tmp_path) == "one"
    assert left_over(tmp_path) == set()


def test_other_content_under_the_same_id_gets_a_new_name(tmp_path: Path) -> None:
    first = build(tmp_path, "one", "a")
    second = build(tmp_path, "one", "b")
    third = build(tmp_path, "one", "c")
    assert [path.name for path in (first, second, third)] == ["one", "one-2", "one-3"]
    assert read_manifest(third).edition == "one-3" == current_id(tmp_path)
    assert (first / "tiles" / "areas.pmtiles").read_text() == "a"
    assert build(tmp_path, "one", "b") == second


def test_a_damaged_edition_is_not_taken_for_the_same(tmp_path: Path) -> None:
    first = build(tmp_path, "one", "a")
    (first / "tiles" / "areas.pmtiles").write_text("x")
    assert build(tmp_path, "one", "a").name == "one-2"


@pytest.mark.parametrize(
    ("depth", "damage", "told"),
    [
        ("quick", lambda path: path.unlink(), "no such file"),
        ("quick", lambda path: path.write_text("short"), "5 bytes"),
        ("full", lambda path: path.write_text("b" * 100), "sha256"),
    ],
)
def test_damage_is_told_by_file_name(tmp_path: Path, depth, damage, told) -> None:
    path = build(tmp_path, "one", "a")
    damage(path / "areas.parquet")
    with pytest.raises(EditionError, match=r"areas\.parquet") as caught:
        verify_files(path, read_manifest(path), depth)
    assert told in caught.value.found


def test_a_file_the_manifest_does_not_list_is_told(tmp_path: Path) -> None:
    path = build(tmp_path, "one", "a")
    (path / "stranger").write_text("?")
    verify_files(path, read_manifest(path), "quick")
    with pytest.raises(EditionError, match="stranger"):
        verify_files(path, read_manifest(path), "full")


def test_a_damaged_manifest_is_told(tmp_path: Path) -> None:
    path = build(tmp_path, "one", "a")
    whole = (path / "manifest.json").read_text()
    (path / "manifest.json").write_text(whole[: len(whole) // 2])
    with pytest.raises(EditionError, match=r"manifest\.json"):
        read_manifest(path)
    (path / "manifest.json").write_text(whole.replace('"format": 1', '"format": 9'))
    with pytest.raises(EditionError, match="format"):
        read_manifest(path)


def test_nothing_published_and_a_broken_pointer_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(EditionError, match="exclusion-map build"):
        current_path(tmp_path)
    (tmp_path / "current").write_text("../../etc\n")
    with pytest.raises(EditionError, match="id of an edition"):
        current_path(tmp_path)
    (tmp_path / "current").write_text("gone\n")
    with pytest.raises(EditionError, match="no such edition"):
        current_path(tmp_path)
    with pytest.raises(EditionError, match="no such edition"):
        set_current(tmp_path, "gone")


def test_two_builds_of_one_edition_in_one_process_are_refused(tmp_path: Path) -> None:
    with (
        new_edition(tmp_path, "one"),
        pytest.raises(EditionError, match="under way"),
        new_edition(tmp_path, "one"),
    ):
        pass


def test_publish_refuses_what_new_edition_did_not_give(tmp_path: Path) -> None:
    with pytest.raises(EditionError, match="new_edition"):
        publish(tmp_path, manifest("one"))
    with new_edition(tmp_path, "one") as folder, pytest.raises(EditionError, match="no files"):
        publish(folder, manifest("one"))


def test_the_folder_of_a_living_builder_is_not_swept(tmp_path: Path) -> None:
    with new_edition(tmp_path, "one") as folder:
        assert sweep(tmp_path) == ()
        assert folder.is_dir()
        with locked(folder, wait=False) as ours:
            assert not ours


# A builder that kills itself, with a real SIGKILL, just before the n-th thing it does to the disk.
# Python tells an audit hook of opens, renames, folders made and removed; fsync is counted by hand.
# The script imports once and then forks a builder for every n, so that dying is cheap.
KILLED = textwrap.dedent(
    """
    import importlib.util, os, signal, sys
    from pathlib import Path

    spec = importlib.util.spec_from_file_location("made", sys.argv[1])
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)

    def die_before(n, processed):
        done = 0
        def step():
            nonlocal done
            done += 1
            if done == n:
                os.kill(os.getpid(), signal.SIGKILL)
        def hook(event, args):
            if event in {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir"}:
                if str(args[0]).startswith(str(processed)):
                    step()
        sync = os.fsync
        def fsync(descriptor):
            step()
            sync(descriptor)
        os.fsync = fsync
        sys.addaudithook(hook)
        made.build(processed, "two", "b")

    for line in sys.stdin:
        n, folder = line.split()
        child = os.fork()
        if child == 0:
            die_before(int(n), Path(folder))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(status, flush=True)
    """
)


def test_killed_at_any_step_the_old_edition_stays_and_the_next_build_recovers(
    tmp_path: Path,
) -> None:
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    statuses, seen_current = [], []
    with subprocess.Popen(
        [sys.executable, str(script), __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as killer:
        assert killer.stdin is not None
        assert killer.stdout is not None
        for step in range(1, 200):
            processed = tmp_path / str(step)
            build(processed, "one", "a")
            killer.stdin.write(f"{step} {processed}\n")
            killer.stdin.flush()
            statuses.append(int(killer.stdout.readline()))
            seen_current.append(check_after_kill(processed))
            if statuses[-1] == 0:
                break
        killer.stdin.close()
    # Every builder but the last was killed, and there were many points to be killed at.
    assert set(statuses[:-1]) == {signal.SIGKILL.value}
    assert len(statuses) > 25
    # The switch happens once, late, and never back.
    assert seen_current == sorted(seen_current)
    assert seen_current[0] == "one"
    assert seen_current[-1] == "two"


def check_after_kill(processed: Path) -> str:
    """Check that what is visible is whole and the next build recovers; return what was current."""
    seen = current_id(processed)
    assert seen in {"one", "two"}
    for edition in list_editions(processed):
        folder = edition_path(processed, edition)
        verify_files(folder, read_manifest(folder), "full")
    assert {path.name for path in (processed / "editions").iterdir()} <= {"one", "two"}
    assert build(processed, "two", "b").name == "two"
    assert current_id(processed) == "two"
    assert left_over(processed) == set()
    return seen


def test_killed_from_outside_while_writing(tmp_path: Path) -> None:
    build(tmp_path, "one", "a")
    script = textwrap.dedent(
        f"""
        import sys, time
        from pathlib import Path
        from exclusion_map.editions import new_edition
        with new_edition(Path({str(tmp_path)!r}), "two") as folder:
            with (folder / "areas.parquet").open("w") as file:
                file.write("half")
                file.flush()
                print("writing", flush=True)
                time.sleep(60)
        """
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True
    ) as builder:
        assert builder.stdout is not None
        assert builder.stdout.readline() == "writing\n"
        # While it lives, its folder is its own; other editions can be built beside it.
        assert build(tmp_path, "three", "c").name == "three"
        assert any(name.startswith(".building-two") for name in left_over(tmp_path))
        os.kill(builder.pid, signal.SIGKILL)
    assert builder.returncode == -signal.SIGKILL
    assert current_id(tmp_path) == "three"
    assert list_editions(tmp_path) == ("one", "three")
    assert build(tmp_path, "two", "b").name == "two"
    assert left_over(tmp_path) == set()
