"""The service never serves a damaged edition: another takes its place, and it says so."""

import logging
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api import holder as holding
from api.app import create_app
from exclusion_map.editions import new_edition, publish
from exclusion_map.settings import DataSettings, ServiceSettings

from .conftest import manifest, write_edition

GOOD, NEWER = "tiny-00000000000a", "tiny-00000000000b"
PAGE = {"Accept": "text/html"}


def put(processed: Path, name: str, day: int) -> Path:
    built = datetime(2026, 11, day, tzinfo=UTC)
    with new_edition(processed, name) as folder:
        write_edition(folder)
        return publish(folder, manifest(name).model_copy(update={"built": built}))


@pytest.fixture
def processed(tmp_path: Path) -> Path:
    put(tmp_path, GOOD, 1)
    put(tmp_path, NEWER, 2)
    return tmp_path


def served(processed: Path) -> TestClient:
    app = create_app(ServiceSettings(), DataSettings(processed_dir=processed))
    return TestClient(app, raise_server_exceptions=False)


def spoil(folder: Path, name: str) -> None:
    """Change one byte in the middle of a file, and nothing of its size."""
    whole = bytearray((folder / name).read_bytes())
    whole[len(whole) // 2] ^= 4
    (folder / name).write_bytes(whole)


@pytest.mark.parametrize(
    "name", ["areas.pmtiles", "scores.parquet", "postcodes.arrow", "manifest.json", "SHA256SUMS"]
)
def test_at_a_start_the_last_good_edition_takes_the_place_of_a_damaged_one(
    processed: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    spoil(processed / "editions" / NEWER, name)
    with caplog.at_level(logging.ERROR), served(processed) as client:
        ready = client.get("/readyz")
        assert ready.status_code == 200
        told = ready.json()
        assert (told["status"], told["edition"], told["current"]) == ("degraded", GOOD, NEWER)
        assert name in told["problem"]
        assert str(processed) not in told["problem"]
        assert client.get("/api/v1/edition").json()["edition"] == GOOD
        assert client.get(f"/tiles/{GOOD}/areas/6/31/21.mvt").status_code == 200
        assert client.get(f"/tiles/{NEWER}/areas/6/31/21.mvt").status_code == 404
        page = client.get("/method", headers=PAGE).text
        assert "This is the edition of 1 November 2026, not the current one" in page
        # Looking again says nothing again, and switches nothing.
        assert not client.app.state.holder.refresh()
    said = [one.message for one in caplog.records if "refused" in one.message]
    assert len(said) == 1
    assert name in said[0]
    assert GOOD in said[0]


def test_no_notice_where_all_is_well(processed: Path) -> None:
    with served(processed) as client:
        assert client.get("/readyz").json()["status"] == "ready"
        assert "not the current one" not in client.get("/method", headers=PAGE).text


def test_a_lost_pointer_is_a_reason_too(processed: Path) -> None:
    (processed / "current").write_text("../../etc\n")
    with served(processed) as client:
        told = client.get("/readyz").json()
        assert (told["status"], told["edition"], "current" in told) == ("degraded", GOOD, False)


def test_when_no_edition_is_whole_nothing_is_served_and_the_file_is_named(
    processed: Path,
) -> None:
    for name in (GOOD, NEWER):
        spoil(processed / "editions" / name, "scores.parquet")
    with served(processed) as client:
        for path in ("/readyz", "/api/v1/edition"):
            answer = client.get(path)
            assert answer.status_code == 503
            assert f"{NEWER}, file scores.parquet" in answer.json()["detail"]
        assert client.get("/healthz").status_code == 200


def test_a_damaged_new_edition_is_not_taken_up_and_a_mended_one_is(processed: Path) -> None:
    with served(processed) as client:
        holder = client.app.state.holder
        third = put(processed, "tiny-00000000000c", 3)
        spoil(third, "larger_areas.parquet")
        assert not holder.refresh()
        told = client.get("/readyz").json()
        assert (told["status"], told["edition"]) == ("degraded", NEWER)
        assert "larger_areas.parquet" in told["problem"]
        spoil(third, "larger_areas.parquet")  # Flipped back.
        assert holder.refresh()
        told = client.get("/readyz").json()
        assert (told["status"], told["edition"]) == ("ready", third.name)
        assert "problem" not in told


def test_an_edition_changed_under_a_running_service_is_let_go(processed: Path) -> None:
    with served(processed) as client:
        holder = client.app.state.holder
        spoil(processed / "editions" / NEWER, "areas.pmtiles")
        assert holder.refresh()
        told = client.get("/readyz").json()
        assert (told["status"], told["edition"]) == ("degraded", GOOD)
        assert client.get(f"/tiles/{NEWER}/areas/6/31/21.mvt").status_code == 404
        spoil(processed / "editions" / GOOD, "areas.pmtiles")
        assert not holder.refresh()
        assert client.get("/readyz").status_code == 503
        assert client.get("/api/v1/edition").status_code == 503
        # A new build mends it all.
        put(processed, NEWER, 4)
        assert holder.refresh()
        assert client.get("/readyz").json()["edition"] == f"{NEWER}-2"


def test_damage_that_changes_no_time_is_found_by_the_next_full_check(
    processed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a disk that fails: nothing tells of it but the bytes."""
    monkeypatch.setattr(holding, "stamp_of", lambda _: ())
    with served(processed) as client:
        holder = client.app.state.holder
        spoil(processed / "editions" / NEWER, "support.pmtiles")
        assert not holder.refresh()
        assert client.get("/readyz").json()["edition"] == NEWER
        monkeypatch.setattr(holding, "CHECK_AGAIN_S", 0.0)
        assert holder.refresh()
        assert client.get("/readyz").json()["edition"] == GOOD


def test_an_edition_taken_away_under_a_running_service_is_stood_in_for(processed: Path) -> None:
    with served(processed) as client:
        shutil.rmtree(processed / "editions" / NEWER)
        assert client.get("/readyz").status_code == 503
        assert client.app.state.holder.refresh()
        assert client.get("/readyz").json()["edition"] == GOOD
