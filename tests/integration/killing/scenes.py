"""What is killed: a publication, a build and a fetch, each over something that stands.

A scene is prepared once and copied for each point. Its work is done by a child that is killed; then
what is visible must be whole, and the same work done again must end as if nothing had happened.
"""

import io
import shutil
import threading
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console

from exclusion_map.editions import (
    current_id,
    edition_path,
    list_editions,
    new_edition,
    publish,
    read_manifest,
    verify_files,
)
from exclusion_map.settings import FetchSettings
from exclusion_map.sources.provenance import read_lock, sha256_of
from pipelines.fetch import fetch
from pipelines.progress import Progress
from pipelines.steps import RawChecksums, Step, Workplace, run_steps
from tests.integration.fetching.conftest import Desk, Publisher
from tests.integration.test_publish import manifest

QUIET = Console(file=io.StringIO())
OLD, NEW = "old", "new"


class Scene(Protocol):
    """Something that can be killed."""

    def prepare(self, folder: Path) -> None:
        """Make what stands before."""

    def copy(self, template: Path, folder: Path) -> None:
        """Make what stands before, as it was prepared elsewhere."""

    def drop(self, folder: Path) -> None:
        """Take it away."""

    def work(self, folder: Path) -> None:
        """Do what is killed; done again, it recovers."""

    def state(self, folder: Path) -> str:
        """Return "old" or "new": which is visible. Fails where anything visible is not whole."""

    def leftovers(self, folder: Path) -> list[str]:
        """Return what is there that should not be after a run to the end."""


class OfFiles:
    """A scene that is files and nothing else."""

    def copy(self, template: Path, folder: Path) -> None:
        shutil.copytree(template, folder)

    def drop(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)


def editions_state(processed: Path) -> str:
    for name in list_editions(processed):
        folder = edition_path(processed, name)
        verify_files(folder, read_manifest(folder), "full")
    names = {path.name for path in (processed / "editions").iterdir()}
    assert names <= {OLD, NEW}, f"visible: {names}"
    return current_id(processed)


def hidden(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


class Publishing(OfFiles):
    """An edition of two files is published beside another."""

    def prepare(self, folder: Path) -> None:
        self._publish(folder, OLD)

    def work(self, folder: Path) -> None:
        self._publish(folder, NEW)

    def state(self, folder: Path) -> str:
        return editions_state(folder)

    def leftovers(self, folder: Path) -> list[str]:
        return hidden(folder)

    def _publish(self, processed: Path, name: str) -> None:
        with new_edition(processed, name) as folder:
            (folder / "areas.parquet").write_text(name * 20_000)
            (folder / "tiles").mkdir()
            (folder / "tiles" / "areas.pmtiles").write_bytes(name.encode() * 5_000)
            publish(folder, manifest(name))


def _table(place: Workplace) -> None:
    text = (place.raw_dir / "lists" / "list.csv").read_text()
    pq.write_table(pa.table({"text": [text] * 500, "n": range(500)}), place.folder / "t.parquet")
    (place.folder / "notes.json").write_text("[]")


def _sum(place: Workplace) -> None:
    rows = sum(pq.read_table(folder / "t.parquet").num_rows for folder in place.made.values())
    (place.folder / "sum.txt").write_text(f"{rows}\n" * 3_000)


class Building(OfFiles):
    """Steps are made, two at a time, put together and published."""

    steps = (
        Step("left", "left", _table, sources=("lists",), pipeline=()),
        Step("right", "right", _table, sources=("lists",), code=("terms.py",), pipeline=()),
        Step("both", "both", _sum, needs=("left", "right"), pipeline=()),
    )

    def prepare(self, folder: Path) -> None:
        self._build(folder, OLD)

    def work(self, folder: Path) -> None:
        self._build(folder, NEW)

    def state(self, folder: Path) -> str:
        for made in (folder / "processed" / ".steps").glob("*-*"):
            if not made.name.startswith("."):
                names = {path.name for path in made.iterdir()}
                assert "SHA256SUMS" in names, f"half a step is visible: {made.name}"
        return editions_state(folder / "processed")

    def leftovers(self, folder: Path) -> list[str]:
        left = [name for name in hidden(folder / "processed") if name != ".steps"]
        return left + hidden(folder / "processed" / ".steps")

    def _build(self, folder: Path, name: str) -> None:
        raw, processed = folder / f"raw-{name}", folder / "processed"
        (raw / "lists").mkdir(parents=True, exist_ok=True)
        (raw / "lists" / "list.csv").write_text(f"a list of {name}")
        checksums = RawChecksums(raw, processed / ".steps" / "checksums.json")
        made, _ = run_steps(self.steps, checksums, processed / ".steps", Progress(QUIET, 3))
        with new_edition(processed, name) as edition:
            for step, file in (("left", "t.parquet"), ("both", "sum.txt")):
                (edition / file).write_bytes((made[step] / file).read_bytes())
            publish(edition, manifest(name))


def rows(word: str) -> bytes:
    lines = "".join(f"E0100{number:04d},{word}\n" for number in range(4_000))
    return f"code,value\n{lines}".encode()


class Fetching(OfFiles):
    """Three files whose publisher has newer ones are downloaded again."""

    files = ("a", "b", "c")

    def __init__(self) -> None:
        self._server = Publisher()
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self._bodies = {
            word: {name: rows(f"{word}-{name}") for name in self.files} for word in (OLD, NEW)
        }

    def prepare(self, folder: Path) -> None:
        self._fetch(folder, OLD)

    def work(self, folder: Path) -> None:
        self._fetch(folder, NEW)

    def state(self, folder: Path) -> str:
        lock, seen = read_lock(folder), set()
        for name in self.files:
            body = (folder / "made-up" / f"{name}.csv").read_bytes()
            words = [word for word in (OLD, NEW) if self._bodies[word][name] == body]
            assert words, f"half of {name}.csv: {len(body)} bytes"
            seen.update(words)
            assert f"made-up/{name}.csv" in lock.files
        return OLD if OLD in seen else NEW

    def leftovers(self, folder: Path) -> list[str]:
        for name, record in read_lock(folder).files.items():
            assert sha256_of(folder / name) == record.sha256
        names = {path.name for path in (folder / "made-up").iterdir()}
        return hidden(folder) + sorted(names - {f"{name}.csv" for name in self.files})

    def _fetch(self, folder: Path, word: str) -> None:
        # Answers are set in the process of the server, before the child is forked.
        settings = FetchSettings(
            fetch_attempts=1,
            fetch_backoff_s=0.0,
            fetch_connect_timeout_s=5.0,
            fetch_read_timeout_s=5.0,
            fetch_max_bytes=1_000_000,
            fetch_max_unpacked_bytes=2_000_000,
        )
        source = Desk.source(
            *(
                Desk.csv_file(f"{self._server.address}/{word}-{name}", path=f"{name}.csv")
                for name in self.files
            )
        )
        summary = fetch(
            folder, force=True, console=QUIET, settings=settings, sources={"made-up": source}
        )
        for outcome in summary.outcomes:
            if outcome.error is not None:
                raise outcome.error

    def serve(self) -> None:
        """Answer from now on."""
        for word, bodies in self._bodies.items():
            for name, body in bodies.items():
                document = Publisher.document(body, etag=f'"{word}-{name}"')
                self._server.serve(f"/{word}-{name}", document)
