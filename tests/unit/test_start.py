"""What `start` decides: whether to ask the publishers, and what an edition does without."""

import io
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from exclusion_map import catalogue
from exclusion_map.catalogue import Source, SourceFile
from exclusion_map.settings import FetchSettings
from pipelines.start import obtain, optional

SETTINGS = FetchSettings(
    fetch_attempts=1,
    fetch_backoff_s=0.0,
    fetch_connect_timeout_s=0.5,
    fetch_read_timeout_s=1.0,
)
NEEDED_TO_JUDGE = ("nomis-census2021", "ons-nspl-postcodes", "ons-lsoa21-boundaries")
SUPPORT = (
    "ace-libraries",
    "dwp-jobcentres",
    "nhs-ods-gp-practices",
    "nhs-ods-pharmacies",
    "nhs-pharmacies",
)


@pytest.fixture
def told() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def console(told: io.StringIO) -> Console:
    return Console(file=told, width=200)


@pytest.fixture
def closed_address() -> str:
    """An address on the loopback at which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}/table.csv"


def made_up(*declared: SourceFile) -> Mapping[str, Source]:
    plain = catalogue.source("dwp-jobcentres")
    return {"made-up": plain.model_copy(update={"id": "made-up", "files": declared})}


def file_of(path: str, **fields: Any) -> SourceFile:
    settings = {"path": path, "format": "csv", "delivery": "by_hand"}
    return SourceFile.model_validate(settings | fields)


def test_an_edition_needs_no_file_that_only_a_person_can_get() -> None:
    for source in catalogue.sources().values():
        for file in source.files:
            if file.required and file.delivery is catalogue.Delivery.BY_HAND:
                others = {other.path: other for other in source.files}
                assert any(others[name].recommended for name in file.instead), file.path


def test_an_edition_needs_no_list_of_support_but_asks_for_each_kind() -> None:
    for identity in SUPPORT:
        assert not any(file.required for file in catalogue.source(identity).files)
        recommended = any(file.recommended for file in catalogue.source(identity).files)
        assert recommended == (identity != "nhs-pharmacies")
    for identity in NEEDED_TO_JUDGE:
        assert any(file.required for file in catalogue.source(identity).files)


def test_a_complete_folder_is_taken_without_asking_anybody(
    tmp_path: Path, console: Console, told: io.StringIO, closed_address: str
) -> None:
    (tmp_path / "made-up").mkdir()
    (tmp_path / "made-up" / "a.csv").touch()
    optional_file = file_of("b.csv", required=False, recommended=True)
    sources = made_up(file_of("a.csv", delivery="file", address=closed_address), optional_file)
    assert obtain(tmp_path, console, sources, SETTINGS) == []
    assert told.getvalue() == ""


def test_what_no_publisher_gives_is_lacking_still(
    tmp_path: Path, console: Console, told: io.StringIO, closed_address: str
) -> None:
    sources = made_up(file_of("a.csv", delivery="file", address=closed_address))
    lacking = obtain(tmp_path, console, sources, SETTINGS)
    assert [item.label for item in lacking] == ["made-up/a.csv"]
    assert "1 needed files are not in" in told.getvalue()
    assert "cannot be reached" in told.getvalue()


def test_a_folder_that_cannot_be_made_is_told_and_lacks_everything(
    tmp_path: Path, console: Console, told: io.StringIO, closed_address: str
) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    sources = made_up(file_of("a.csv", delivery="file", address=closed_address))
    assert len(obtain(blocked, console, sources, SETTINGS)) == 1
    assert "expected a folder" in told.getvalue()


def test_only_what_would_add_something_is_missed(tmp_path: Path) -> None:
    sources = made_up(
        file_of("needed.csv"),
        file_of("there.csv", required=False, recommended=True),
        file_of("missed.csv", required=False, recommended=True),
        file_of("served.csv", required=False, recommended=True, instead=("there.csv",)),
        file_of("unused.csv", required=False),
    )
    (tmp_path / "made-up").mkdir()
    (tmp_path / "made-up" / "there.csv").touch()
    assert [item.file.path for item in optional(tmp_path, sources)] == ["missed.csv"]
