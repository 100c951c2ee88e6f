"""Heavy work takes turns: bounded, in order, and never for somebody who left."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import anyio
import pytest
from starlette.datastructures import State
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.testclient import TestClient
from starlette.types import Message

from api import siting_jobs
from api.work import Pool, in_thread, turn
from exclusion_map.errors import BusyError, InvalidRequestError

from .own_loop import run


@dataclass
class App:
    state: State = field(default_factory=State)


@dataclass
class Client:
    """A client that may leave."""

    left: anyio.Event = field(default_factory=anyio.Event)

    def request(self, app: App) -> Request:
        async def receive() -> Message:
            if not self.left.is_set():
                await self.left.wait()
            return {"type": "http.disconnect"}

        scope: dict[str, Any] = {"type": "http", "app": app, "headers": [], "path": "/"}
        return Request(scope, receive)


def test_work_is_done_and_its_errors_come_back() -> None:
    async def main() -> None:
        request = Client().request(App())
        assert await in_thread(request, lambda wanted: wanted() and 42) == 42

        def refuse(_wanted: Callable[[], bool]) -> None:
            raise InvalidRequestError("x", found="y", expected="z")

        with pytest.raises(InvalidRequestError, match="found y"):
            await in_thread(request, refuse)

    run(main)


def test_so_much_at_once_so_many_waiting_and_the_rest_are_sent_away() -> None:
    async def main() -> None:
        app, pool = App(), Pool("small", at_once=2, most_waiting=3)
        at_work, most, go = 0, 0, threading.Event()
        lock = threading.Lock()

        def work(_wanted: Callable[[], bool]) -> None:
            nonlocal at_work, most
            with lock:
                at_work += 1
                most = max(most, at_work)
            go.wait(10)
            with lock:
                at_work -= 1

        async def ask() -> None:
            await in_thread(Client().request(app), work, pool)

        async with anyio.create_task_group() as tasks:
            for _ in range(5):
                tasks.start_soon(ask)
            await anyio.sleep(0.2)
            with pytest.raises(BusyError) as refused:
                await ask()
            assert refused.value.wait_s > 0
            go.set()
        assert most == 2
        await ask()  # There is room again.
        assert pool.limiter.borrowed_tokens == 0

    run(main)


def test_who_leaves_while_waiting_leaves_the_queue() -> None:
    async def main() -> None:
        app, pool, ran = App(), Pool("small", at_once=1, most_waiting=1), []
        client = Client()
        await pool.limiter.acquire_on_behalf_of("somebody")
        async with anyio.create_task_group() as tasks:

            async def ask() -> None:
                with pytest.raises(HTTPException) as told:
                    await in_thread(client.request(app), lambda _: ran.append(1), pool)
                assert told.value.status_code == 499

            tasks.start_soon(ask)
            await anyio.sleep(0.1)
            assert pool.full
            client.left.set()
            await anyio.sleep(0.2)
            assert not pool.full
        assert not ran

    run(main)


def test_who_leaves_during_the_work_is_worked_for_no_longer() -> None:
    async def main() -> None:
        app, client, ended = App(), Client(), threading.Event()
        begun = threading.Event()

        def work(wanted: Callable[[], bool]) -> None:
            begun.set()
            while wanted():
                threading.Event().wait(0.01)
            ended.set()

        async with anyio.create_task_group() as tasks:

            async def ask() -> None:
                with pytest.raises(HTTPException) as told:
                    await in_thread(client.request(app), work)
                assert told.value.status_code == 499

            tasks.start_soon(ask)
            await anyio.to_thread.run_sync(begun.wait, 10)
            client.left.set()
        assert ended.is_set()

    run(main)


def test_work_within_a_turn_has_it_already() -> None:
    async def main() -> None:
        request, pool = Client().request(App()), Pool("small", at_once=1, most_waiting=0)
        async with turn(request, pool), turn(request, pool):
            assert await in_thread(request, lambda _: 1, pool) == 1
        assert not pool.full

    run(main)


def test_a_full_service_says_when_to_come_back(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Pool, "full", property(lambda _: True))
    answer = client.get("/api/v1/gaps")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "21"
    assert answer.json()["type"].endswith(":busy")


def test_siting_ends_when_nobody_asks_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(siting_jobs, "FORGOTTEN_S", 0.2)

    def work(_report: object, wanted: Callable[[], bool]) -> Any:
        while wanted():
            threading.Event().wait(0.01)
        return "the best so far"

    async def main() -> None:
        jobs = siting_jobs.SitingJobs(Pool("small", at_once=2, most_waiting=0))
        page, api = jobs.start("page", work), jobs.start("api", work)
        page.look()
        assert jobs.start("page", work) is page
        await anyio.sleep(0.05)
        with pytest.raises(BusyError):
            jobs.start("third", work)
        with api.waited_for():
            await anyio.sleep(0.3)
            assert not api.result.done()  # Somebody waits for it.
            assert page.result.done()  # Nobody has looked for a while.
        await anyio.sleep(0.1)
        assert api.result.result() == "the best so far"
        assert jobs.start("api", work) is not api  # What ended early is not the answer.
        jobs.start("api", work).stop.set()
        await anyio.sleep(0.1)

    run(main)
