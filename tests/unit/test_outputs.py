"""A file has its name when it is whole, and where it cannot be written is said in words."""

import os
import stat
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from exclusion_map.cli import app
from exclusion_map.cli_later import real
from exclusion_map.cli_outputs import FILES, FOLDERS
from exclusion_map.errors import InvalidRequestError
from exclusion_map.outputs import (
    check_folder,
    check_place,
    forget_drafts,
    write_file,
    written_aside,
)

READ = frozenset(
    (
        *("raw_dir", "processed_dir", "grid_dir", "where_file", "polygon", "outline", "listed"),
        *("streets", "own", "record", "units", "codes", "figures", "timetable", "input_", "file"),
        *("values", "mapping", "definition", "paths", "files"),
    )
)
"""Options that name what is read, or a folder that the settings name otherwise."""
OF_ITS_OWN = {("place", "output")}
"""Looked at by the command itself: a file or a folder, which may not be there yet."""


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_file_appears_when_it_is_whole_and_keeps_rights_and_links(tmp_path: Path) -> None:
    path, link = tmp_path / "a.csv", tmp_path / "link.csv"
    path.write_text("old")
    path.chmod(0o600)
    link.symlink_to(path)
    with written_aside(link) as draft:
        assert draft.suffix == ".csv"
        draft.write_text("new")
        assert path.read_text() == "old"
    assert (path.read_text(), link.is_symlink()) == ("new", True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert names(tmp_path) == {"a.csv", "link.csv"}


@pytest.mark.parametrize("ends", [ValueError, KeyboardInterrupt, OSError])
def test_whatever_goes_wrong_the_old_file_stays(tmp_path: Path, ends: type[BaseException]) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    told = InvalidRequestError if ends is OSError else ends

    def write() -> None:
        with written_aside(path) as draft:
            draft.write_text("ne")
            raise ends

    with pytest.raises(told):
        write()
    assert (path.read_text(), names(tmp_path)) == ("old", {"a.csv"})


def test_what_is_being_written_can_be_forgotten(tmp_path: Path) -> None:
    def write() -> None:
        with written_aside(tmp_path / "a.csv") as draft:
            draft.write_text("ne")
            forget_drafts()

    with pytest.raises(InvalidRequestError):
        write()
    assert not names(tmp_path)


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    path = tmp_path / "pipe.csv"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    write_file(path, "é\n")
    assert os.read(reader, 10) == "é\n".encode()
    os.close(reader)
    assert stat.S_ISFIFO(path.stat().st_mode)


def test_a_full_disk_is_told_in_words() -> None:
    with pytest.raises(InvalidRequestError, match="No space left on device"):
        write_file(Path("/dev/full"), "x")


def test_places_that_cannot_be_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "file.csv").write_text("old")
    for path, told in (
        (tmp_path / "nowhere" / "a.csv", "no folder"),
        (tmp_path / "folder.csv", "found a folder"),
        (tmp_path / "file.csv" / "a.csv", "no folder"),
        (tmp_path / f"{'a' * 300}.csv", "name too long"),
        (tmp_path / "a\0.csv", "null"),
    ):
        with pytest.raises(InvalidRequestError, match=told):
            check_place(path)
        with pytest.raises(InvalidRequestError, match=told):
            write_file(path, "new")
    check_place(tmp_path / f"{'a' * 240}.csv")
    write_file(tmp_path / f"{'a' * 240}.csv", "new")
    check_folder(tmp_path / "new" / "newer")
    with pytest.raises(InvalidRequestError, match=r"file\.csv is a file"):
        check_folder(tmp_path / "file.csv" / "new")
    # Root may write anywhere, so the system is asked through this one function.
    monkeypatch.setattr(os, "access", lambda *_: False)
    for path in (tmp_path / "file.csv", tmp_path / "new.csv"):
        with pytest.raises(InvalidRequestError, match="may not be written"):
            check_place(path)
    with pytest.raises(InvalidRequestError, match="may not be written"):
        check_folder(tmp_path / "new")
    assert (tmp_path / "file.csv").read_text() == "old"


def commands(command: Any, *words: str) -> list[tuple[tuple[str, ...], Any]]:
    whole = real(command)
    if not hasattr(whole, "commands"):
        return [(words, whole)]
    return [found for name, one in whole.commands.items() for found in commands(one, *words, name)]


def test_every_option_that_names_a_file_is_read_or_looked_at_first() -> None:
    seen = 0
    for words, command in commands(typer.main.get_command(app)):
        for option in command.params:
            if "Path" not in str(option.type_descriptor.annotation):
                continue
            written = option.name in FILES or (command.name, option.name) in FOLDERS
            assert written or option.name in READ or (command.name, option.name) in OF_ITS_OWN, (
                f"{' '.join(words)}: {option.name} is in no list of cli_outputs or of this test"
            )
            assert (option.callback is not None) == written, (words, option.name)
            seen += written
    assert seen > 30


@pytest.mark.parametrize(
    "words",
    [
        ["gaps", "--out"],
        ["gaps", "--report"],
        ["score", "--definition", "exclusion", "--out"],
        ["export"],
        ["assessment", "--where", "x", "--out"],
        ["directory", "export"],
        ["backup", "--out"],
    ],
    ids=" ".join,
)
def test_a_command_says_so_before_it_works(tmp_path: Path, words: list[str]) -> None:
    # There is no edition and no database: whoever looked for one first would say that instead.
    done = CliRunner().invoke(
        app,
        [*words, str(tmp_path / "nowhere" / "a.csv")],
        env={"EXCLUSION_MAP_PROCESSED_DIR": str(tmp_path), "EXCLUSION_MAP_DATABASE_URL": "none"},
    )
    assert isinstance(done.exception, InvalidRequestError)
    assert "no folder" in done.exception.message
