"""Making files in another process: what it refuses comes back, and nothing is left behind."""

import multiprocessing
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import pytest
from starlette.datastructures import State
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from api.making import bench_of, make_file
from api.work import turn
from exclusion_map.editions import current_path
from exclusion_map.editions.jobs import SupportJob
from exclusion_map.editions.support_downloads import SupportOrder
from exclusion_map.errors import BusyError, NotFoundError
from exclusion_map.exports.formats import FileFormat

from .own_loop import run


@dataclass
class App:
    state: State = field(default_factory=State)


def request_of(app: App, *, gone: bool = False) -> Request:
    async def receive() -> Message:
        if not gone:
            await anyio.sleep_forever()
        return {"type": "http.disconnect"}

    scope: dict[str, Any] = {"type": "http", "app": app, "headers": [], "path": "/"}
    return Request(scope, receive)


@pytest.fixture
def job(tiny_processed: Path) -> SupportJob:
    folder = current_path(tiny_processed)
    return SupportJob(folder=folder, order=SupportOrder(), form=FileFormat.GEOJSON)


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_made_file_has_no_name_any_more(job: SupportJob, scratch: Path) -> None:
    with run(make_file, request_of(App()), job) as file:
        assert not list(scratch.iterdir())
        assert b"Ashford Library" in file.read()


def test_a_client_that_goes_away_ends_the_work(job: SupportJob, scratch: Path) -> None:
    with pytest.raises(HTTPException) as refused:
        run(make_file, request_of(App(), gone=True), job)
    assert refused.value.status_code == 499
    assert not multiprocessing.active_children()
    assert not list(scratch.iterdir())


def test_a_refusal_comes_back_as_it_was(job: SupportJob, scratch: Path) -> None:
    wrong = SupportJob(
        folder=job.folder, order=SupportOrder(area="E99999999"), form=FileFormat.GEOJSON
    )
    with pytest.raises(NotFoundError, match="E99999999") as refused:
        run(make_file, request_of(App()), wrong)
    assert refused.value.mend == "Look the place up by name or postcode: /search"
    assert not list(scratch.iterdir())


def test_too_many_at_a_time_are_sent_away(job: SupportJob, scratch: Path) -> None:
    app = App()
    answered: list[float] = []

    async def wait() -> None:
        bench = bench_of(app.state)
        await bench.limiter.acquire_on_behalf_of("somebody")
        async with anyio.create_task_group() as tasks:
            for _ in range(bench.most_waiting):
                tasks.start_soon(_queue, app)
            await anyio.sleep(0.1)
            with pytest.raises(BusyError) as refused:
                await make_file(request_of(app), job)
            answered.append(refused.value.wait_s)
            tasks.cancel_scope.cancel()

    run(wait)
    assert answered == [20]


async def _queue(app: App) -> None:
    async with turn(request_of(app), bench_of(app.state)):
        pass
