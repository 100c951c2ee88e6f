"""Limits that processes share: what one counts, the others know."""

import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from exclusion_map.accounts import rates
from exclusion_map.accounts.rates import Limit, Rates, open_rates
from exclusion_map.database import open_database

PROCESS = """
import sys
from exclusion_map.accounts.rates import Limit, Rates
from exclusion_map.database import open_database
database = open_database(sys.argv[1])
held = Rates(database)
print("ready", flush=True)
sys.stdin.readline()
held._remembered = lambda key: 0.0
print(sum(held.take(Limit("tries", 20, 3600), "somebody") == 0 for _ in range(25)))
database.close()
"""


def test_two_processes_take_from_one_bucket(database_url: str) -> None:
    command = [sys.executable, "-c", PROCESS, database_url]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, **pipes) for _ in range(2)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate(timeout=300)[0] for process in processes]
    taken = [int(re.search(r"\d+", one)[0]) for one in said]
    assert sum(taken) == 20
    database = open_database(database_url)
    with_another = Rates(database)
    assert with_another.take(Limit("tries", 20, 3600), "somebody") > 0
    assert with_another.take(Limit("tries", 20, 3600), "somebody else") == 0
    assert with_another.take(Limit("other tries", 20, 3600), "somebody") == 0
    database.close()


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rates:
    monkeypatch.setattr(Rates, "_remembered", lambda *_: 0.0)
    return open_rates(tmp_path / "folder" / "limits.db")


def test_a_bucket_fills_at_its_pace(held: Rates, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1_800_000_000.0]
    monkeypatch.setattr(rates.time, "time", lambda: clock[0])
    limit = Limit("tries", 3, 30.0)
    assert [held.take(limit, "a") for _ in range(3)] == [0, 0, 0]
    assert held.take(limit, "a") == pytest.approx(10, abs=0.01)
    clock[0] += 4
    assert held.take(limit, "a") == pytest.approx(6, abs=0.01)
    clock[0] += 6
    assert held.take(limit, "a") == 0
    assert held.take(limit, "a") > 0
    clock[0] += 1_000
    assert [held.take(limit, "a") for _ in range(4)][:3] == [0, 0, 0]


def test_threads_at_once_take_no_more_than_there_is(held: Rates) -> None:
    limit = Limit("tries", 10, 3600)
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: held.take(limit, "a"), range(30)))
    assert waits.count(0.0) == 10


def test_who_is_refused_costs_no_query_until_the_time_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, clock = open_rates(tmp_path / "limits.db"), [1_000.0]
    own = SimpleNamespace(monotonic=lambda: clock[0], time=lambda: clock[0])
    monkeypatch.setattr(rates, "time", own)
    limit = Limit("tries", 1, 60)
    assert held.take(limit, "a") == 0
    assert held.take(limit, "a") > 0
    held._database.close()
    (tmp_path / "limits.db").unlink()
    clock[0] += 50
    assert held.take(limit, "a") == pytest.approx(10, abs=0.01), "from memory: the file is gone"
    clock[0] += 11
    assert held._remembered(next(iter(held._refused))) == 0
    assert not held._refused


def test_memory_of_refusals_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "MOST_REFUSALS", 3)
    held = open_rates(tmp_path / "limits.db")
    for number in range(10):
        held._remember(str(number), 60)
    assert list(held._refused) == ["7", "8", "9"]


def test_what_is_full_again_is_cleared_away(held: Rates, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates.random, "randrange", lambda _: 0)
    for number in range(5):
        held.take(Limit("tries", 1, 0.001), str(number))
    time.sleep(0.01)
    held.take(Limit("tries", 1, 60), "last")
    with held._database.reading() as session:
        assert session.query(rates.RateBucket).count() == 1
