"""Work ends soon after nobody wants it any more: a client left, or it took too long."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import anyio
import pytest
import uvicorn
from starlette.exceptions import HTTPException
from starlette.testclient import TestClient

from api import waiting as waiting_of_pages
from api.engine import Engine
from api.remember import Memory
from api.waiting import Waiting
from api.work import Pool, briefly, in_thread, pool_of
from exclusion_map.errors import InvalidRequestError
from exclusion_map.stopping import StoppedError, as_wanted, check_wanted, while_wanted

from .own_loop import run
from .test_api_work import App, Client


def endless(*_: object) -> None:
    """Work without an end of its own."""
    while True:
        check_wanted()
        time.sleep(0.005)


def test_loops_end_when_told_to_and_only_then() -> None:
    check_wanted()  # Nobody said anything: commands and builds go on.
    assert list(as_wanted("abc")) == ["a", "b", "c"]
    with while_wanted(lambda: False):
        with pytest.raises(StoppedError):
            check_wanted()
        with while_wanted(lambda: True):
            check_wanted()
        with pytest.raises(StoppedError):
            list(as_wanted(range(3)))
    check_wanted()


@pytest.mark.parametrize(("every", "asked"), [(1, 10), (4, 3), (100, 1)])
def test_short_steps_ask_less_often(every: int, asked: int) -> None:
    times = []
    with while_wanted(lambda: bool(times.append(1) or True)):
        assert list(as_wanted(range(10), every)) == list(range(10))
    assert len(times) == asked


def test_who_leaves_ends_work_that_asks() -> None:
    async def main() -> None:
        app, client = App(), Client()
        async with anyio.create_task_group() as tasks:

            async def ask() -> None:
                with pytest.raises(HTTPException) as told:
                    await briefly(client.request(app), endless)
                assert told.value.status_code == 499

            tasks.start_soon(ask)
            pool = pool_of(app.state, "brief")
            while not pool.running:
                await anyio.sleep(0.01)
            client.left.set()
        assert pool.running == 0
        assert pool.threads.borrowed_tokens == 0

    run(main)


def test_work_that_takes_too_long_is_ended_and_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXCLUSION_MAP_WORK_SECONDS", "0.1")

    async def main() -> None:
        app = App()
        with pytest.raises(InvalidRequestError, match=r"more than 0\.1 seconds of work"):
            await in_thread(Client().request(app), endless)
        assert pool_of(app.state).running == 0
        # What did not ask and came to its end is an answer, late as it is.
        assert await in_thread(Client().request(app), lambda _: time.sleep(0.15) or 1) == 1

    run(main)


def test_a_page_that_nobody_asks_for_again_is_worked_out_no_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [1_000.0]
    own = SimpleNamespace(monotonic=lambda: clock[0])
    monkeypatch.setattr(waiting_of_pages, "time", own)

    async def main() -> None:
        pool = Pool("small", at_once=1, most_waiting=1)
        waiting = Waiting(pool)
        for _ in range(4):
            assert not await waiting.done("a page", endless, 0.05)
            clock[0] += waiting_of_pages.FORGOTTEN_S / 2
        assert pool.running == 1  # Somebody asked again and again.
        clock[0] += waiting_of_pages.FORGOTTEN_S
        while pool.running:
            await anyio.sleep(0.02)
        assert await waiting.done("another", lambda: None, 5)

    run(main)


def test_what_one_stops_making_another_makes() -> None:
    memory: Memory[str] = Memory(3)
    begun, left = threading.Event(), threading.Event()
    ends: list[str] = []

    def first() -> str:
        begun.set()
        while True:
            check_wanted()
            time.sleep(0.005)

    def ask(make: Callable[[], str], wanted: Callable[[], bool]) -> None:
        with while_wanted(wanted):
            try:
                ends.append(memory.get("key", make))
            except StoppedError:
                ends.append("stopped")

    maker = threading.Thread(target=ask, args=(first, lambda: not left.is_set()))
    maker.start()
    begun.wait(10)
    waiter = threading.Thread(target=ask, args=(lambda: "made", lambda: True))
    waiter.start()
    time.sleep(0.05)
    left.set()
    maker.join(10)
    waiter.join(10)
    assert sorted(ends) == ["made", "stopped"]
    assert memory.peek("key") == "made"


def test_who_waits_for_what_another_makes_may_leave() -> None:
    memory: Memory[str] = Memory(3)
    begun, go = threading.Event(), threading.Event()

    def make() -> str:
        begun.set()
        go.wait(10)
        return "made"

    maker = threading.Thread(target=memory.get, args=("key", make))
    maker.start()
    begun.wait(10)
    with while_wanted(lambda: False), pytest.raises(StoppedError):
        memory.get("key", make)
    go.set()
    maker.join(10)
    assert memory.peek("key") == "made"


@pytest.fixture
def served(client: TestClient) -> Iterator[tuple[Any, int]]:
    """The app of the tiny edition on a real socket, and its port."""
    config = uvicorn.Config(client.app, port=0, lifespan="off", log_level="critical")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield client.app, server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(20)


def processor_s() -> float:
    return time.clock_gettime(time.CLOCK_PROCESS_CPUTIME_ID)


def rests() -> bool:
    """Whether this process left its cores alone for a while."""
    worked = processor_s()
    time.sleep(0.3)
    return processor_s() - worked < 0.1


def until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 180
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_client_that_closes_its_connection_stops_costing(
    served: tuple[Any, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, port = served
    draws: list[int] = []

    def many(*_: object, on_progress: Callable[[int, int], None], **__: object) -> None:
        while True:
            sum(range(20_000))
            draws.append(1)
            on_progress(len(draws), 0)

    monkeypatch.setattr("api.engine.uncertainty", many)
    pool = pool_of(app.state, "draws", at_once=1)
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"GET /api/v1/uncertainty?draws=123 HTTP/1.1\r\nhost: localhost\r\n\r\n")
        until(lambda: bool(draws))
        assert pool.running == 1
    until(lambda: pool.running == 0)
    made = len(draws)
    # A thread that went on would keep a core at work for ever, whatever else this process does.
    until(rests)
    assert len(draws) == made


def test_an_engine_asks_between_draws(client: TestClient) -> None:
    from exclusion_map.areas.scoring import Question

    engine = Engine(client.app.state.service, client.app.state.settings)  # type: ignore[attr-defined]
    asked = Question(definition=engine.definition(None))
    with while_wanted(lambda: False), pytest.raises(StoppedError):
        engine.uncertainty(asked, 50, 1)
    assert not engine.has_draws(asked, 50, 1)
    assert engine.uncertainty(asked, 50, 1).draws == 50
