"""Thirty-two who write to one SQLite file, in threads of several processes: nothing is lost."""

import os
import random
import threading
import time
import traceback
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from exclusion_map.database import Database, open_database
from exclusion_map.directory import Directory, Listing
from exclusion_map.errors import ConflictError

PROCESSES, THREADS, ROUNDS = 4, 8, 1


def append(directory: Directory, listing_id: str, word: str) -> None:
    """Add a word to a description, as an editor does who opens it anew after a conflict."""
    while True:
        held = directory.get(listing_id)
        text = f"{held.listing.description} {word}"
        try:
            listing = held.listing.model_copy(update={"description": text})
            directory.change(listing_id, listing, version=held.version, by=word)
        except ConflictError:
            time.sleep(random.uniform(0, 0.1))
        else:
            return


def write(url: str, process: int, work: Callable[[Directory, str], None]) -> None:
    """Do some work in threads of one process that share their connections."""
    database = open_database(url)
    faults: list[BaseException] = []

    def run(word: str) -> None:
        try:
            for number in range(ROUNDS):
                work(Directory(database), f"{word}-{number}")
        except BaseException as fault:
            traceback.print_exc()
            faults.append(fault)

    threads = [
        threading.Thread(target=run, args=(f"w{process}-{thread}",)) for thread in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    database.close()
    assert not faults


def in_processes(url: str, work: Callable[[Directory, str], None]) -> None:
    children = []
    for process in range(PROCESSES):
        child = os.fork()
        if child == 0:
            status = 1
            try:
                write(url, process, work)
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * PROCESSES


def words() -> set[str]:
    return {
        f"w{process}-{thread}-{number}"
        for process in range(PROCESSES)
        for thread in range(THREADS)
        for number in range(ROUNDS)
    }


def opened(prepared_file: Path, tmp_path: Path) -> tuple[str, Path]:
    path = tmp_path / "directory.db"
    path.write_bytes(prepared_file.read_bytes())
    return f"sqlite:///{path}", path


def test_no_update_of_32_writers_is_lost(prepared_file: Path, tmp_path: Path) -> None:
    url, _ = opened(prepared_file, tmp_path)
    database = open_database(url)
    shared = Directory(database).add(Listing(name="Shared"), by="ada").id
    database.close()

    def work(directory: Directory, word: str) -> None:
        directory.add(Listing(name=word), by=word)
        directory.confirm(shared, by=word)
        if word.endswith("-0"):
            append(directory, shared, word)

    in_processes(url, work)
    database = open_database(url)
    check(database, shared)
    database.close()


def check(database: Database, shared: str) -> None:
    """Compare what is there to what was done, and the rows to their history."""
    directory = Directory(database)
    firsts = {word for word in words() if word.endswith("-0")}
    held = directory.get(shared)
    assert set(held.listing.description.split()) == firsts
    assert held.version == 1 + len(words()) + len(firsts)
    history = directory.history(shared)
    assert [change.version for change in history] == list(range(held.version, 0, -1))
    assert {change.by for change in history if change.action == "confirmed"} == words()
    # Each saw what the one before it wrote: nothing was overwritten unseen.
    for later, earlier in pairwise(history):
        assert later.before == earlier.after
    assert {one.listing.name for one in directory.all()} == {"Shared", *words()}
    assert directory.generation() == 1 + 2 * len(words()) + len(firsts)
