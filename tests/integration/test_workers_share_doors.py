"""Processes that begin and end beside a busy one never make it wait at their shared address."""

import os
import threading
from pathlib import Path

import httpx2

from api.server import doors_of, listen
from exclusion_map.settings import ServiceSettings
from tests.integration.service_process import Process, service_process
from tests.integration.test_service_stopping import SETTINGS, ready, until

WAIT_S = 120
"""A process that waits at its door does so until the next client comes, or for ever."""


def test_a_handle_is_never_one_that_waits() -> None:
    """Handles share their mode: one that waits for a moment makes all of them wait."""
    with listen(ServiceSettings(host="127.0.0.1", port=0)) as listener:
        assert not os.get_blocking(listener.fileno())
        for door in doors_of(listener)[1:]:
            assert not os.get_blocking(door.fileno())
            door.close()
        assert not os.get_blocking(listener.fileno())


def test_clients_are_answered_while_processes_are_replaced(sample_processed: Path) -> None:
    with service_process(sample_processed, SETTINGS, workers=2) as service:
        ready(service)
        ended = threading.Event()
        asked: list[str] = []
        clients = [threading.Thread(target=_ask, args=(service, ended, asked)) for _ in range(4)]
        for client in clients:
            client.start()
        try:
            for _ in range(3):
                _replace_one(service)
        finally:
            ended.set()
            for client in clients:
                client.join()
    assert asked
    assert set(asked) <= {"answered", "broken off"}
    # Each end breaks off what that process had in hand: a request of each client at the most.
    assert asked.count("broken off") <= 3 * len(clients)


def _replace_one(service: Process) -> None:
    """Kill a process that serves; wait until another has taken its place."""
    children = Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children")
    before = set(children.read_text().split())
    killed = min(before, key=int)
    os.kill(int(killed), 9)
    until(lambda: len(set(children.read_text().split()) - {killed}) == len(before))
    ready(service)


def _ask(service: Process, ended: threading.Event, asked: list[str]) -> None:
    """Ask on a new connection each time, and note what became of it."""
    while not ended.is_set():
        try:
            answer = httpx2.get(f"{service.base}/livez", timeout=WAIT_S)
            asked.append("answered" if answer.status_code == 200 else str(answer.status_code))
        except httpx2.TimeoutException:
            asked.append("waited in vain")
        except httpx2.TransportError:
            asked.append("broken off")
