"""Editions fetched from a web server, a folder and object storage, by the real clients of each."""

import io
import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from exclusion_map.cli import app
from exclusion_map.editions import current_id, new_edition, publish, read_manifest
from exclusion_map.editions.reader import open_edition
from exclusion_map.errors import EditionError, FetchError
from pipelines.pulling import keep_pulling, pull

QUIET = Console(quiet=True)


@dataclass
class Origin:
    """A folder of editions that a web server serves, and what it was asked for."""

    folder: Path
    address: str
    asked: list[str] = field(default_factory=list)


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder; answers ranges, as object storage does."""

    origin: Origin

    def do_GET(self) -> None:
        self.origin.asked.append(self.path.split("?")[0])
        wanted = self.headers.get("Range", "")
        path = Path(self.translate_path(self.path))
        if not wanted.startswith("bytes=") or not path.is_file():
            return super().do_GET()
        first, last = wanted.removeprefix("bytes=").split("-")
        body = path.read_bytes()
        part = body[int(first) : int(last) + 1 if last else None]
        self.send_response(206)
        self.send_header("Content-Length", str(len(part)))
        end = int(first) + len(part) - 1
        self.send_header("Content-Range", f"bytes {first}-{end}/{len(body)}")
        self.end_headers()
        self.wfile.write(part)
        return None

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def origin(tmp_path: Path, sample_edition: Path) -> Iterator[Origin]:
    """The edition of Sampleshire as somebody publishes it: a folder behind a web server."""
    folder = tmp_path / "bucket" / "maps"
    shutil.copytree(sample_edition, folder / "editions" / sample_edition.name)
    (folder / "current").write_text(f"{sample_edition.name}\n")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Origin(folder, f"http://127.0.0.1:{server.server_address[1]}/maps")
    handler = type("OwnHandler", (Handler,), {"origin": found})
    server.RequestHandlerClass = partial(handler, directory=str(folder.parent))  # type: ignore[assignment]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return tmp_path / "here"


def another(origin: Origin, title: str) -> str:
    """Publish one more edition at the origin that differs in a single file; returns its id."""
    before = origin.folder / "editions" / current_id(origin.folder)
    manifest = read_manifest(before)
    with new_edition(origin.folder, f"{manifest.edition}-next") as folder:
        for name in manifest.files:
            shutil.copyfile(before / name, folder / name)
        (folder / "validation.json").write_text(json.dumps({"title": title}))
        changes = {"edition": f"{manifest.edition}-next", "title": title, "files": {}}
        return publish(folder, manifest.model_copy(update=changes)).name


def leftovers(here: Path) -> list[str]:
    return [path.name for path in here.glob(".*")]


@pytest.mark.parametrize("kind", ["web", "path", "file", "s3"])
def test_an_edition_is_fetched_whole_and_becomes_current(
    kind: str, origin: Origin, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = origin.address.split("/")[2]
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    address = {
        "web": origin.address + "/",
        "path": str(origin.folder),
        "file": origin.folder.as_uri(),
        "s3": f"s3://key:secret@maps?scheme=http&endpoint_override={endpoint}&region=eu-west-2",
    }[kind]
    found = pull(address, here, QUIET)
    assert found.changed
    assert found.fetched_bytes == sum(
        record.bytes for record in read_manifest(found.folder).files.values()
    )
    assert current_id(here) == current_id(origin.folder)
    edition = open_edition(found.folder)
    assert edition.manifest == read_manifest(origin.folder / "editions" / edition.id)
    assert leftovers(here) == []
    again = pull(address, here, QUIET)
    assert (again.folder, again.changed, again.fetched_bytes) == (found.folder, False, 0)


def test_what_is_here_already_is_not_fetched_again(origin: Origin, here: Path) -> None:
    first = pull(origin.address, here, QUIET)
    origin.asked.clear()
    pull(origin.address, here, QUIET)
    assert origin.asked == ["/maps/current"]
    name = another(origin, "Next")
    origin.asked.clear()
    second = pull(origin.address, here, QUIET)
    assert second.folder.name == name == current_id(here)
    assert second.fetched_bytes == (second.folder / "validation.json").stat().st_size
    start = f"/maps/editions/{name}"
    assert origin.asked == [
        "/maps/current",
        f"{start}/manifest.json",
        f"{start}/SHA256SUMS",
        f"{start}/validation.json",
    ]
    # the publisher goes back: the edition is here still
    (origin.folder / "current").write_text(first.folder.name)
    origin.asked.clear()
    assert pull(origin.address, here, QUIET).changed
    assert current_id(here) == first.folder.name
    assert origin.asked == ["/maps/current"]


def _flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def _forged(path: Path) -> None:
    told = json.loads(path.read_text())
    told["files"]["../../outside"] = {"bytes": 3, "sha256": "0" * 64}
    path.write_text(json.dumps(told))


@pytest.mark.parametrize(
    ("file", "harm", "told"),
    [
        ("scores.parquet", _flip, "scores.parquet: found sha256"),
        ("areas.pmtiles", lambda path: path.write_bytes(path.read_bytes()[:-9]), "bytes"),
        ("areas.pmtiles", lambda path: path.unlink(), "areas.pmtiles"),
        ("support.parquet", lambda path: path.write_bytes(path.read_bytes() + b"more"), "bytes"),
        ("SHA256SUMS", lambda path: path.unlink(), "SHA256SUMS"),
        ("SHA256SUMS", _flip, "SHA256SUMS"),
        ("manifest.json", lambda path: path.write_text("{"), "manifest.json"),
        ("manifest.json", _forged, "names inside it"),
    ],
)
def test_what_is_not_whole_is_refused_and_the_old_edition_stays(
    origin: Origin, here: Path, file: str, harm, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXCLUSION_MAP_FETCH_BACKOFF_S", "0")
    first = pull(str(origin.folder), here, QUIET)
    name = another(origin, "Harmed")
    for inner in (here / "editions").rglob(file):
        if file != "manifest.json" and file != "SHA256SUMS":
            inner.write_bytes(inner.read_bytes() + b"x")  # so that it is not taken from here
    harm(origin.folder / "editions" / name / file)
    for address in (origin.address, str(origin.folder)):
        with pytest.raises((EditionError, FetchError)) as caught:
            pull(address, here, QUIET)
        assert told in caught.value.message
    assert current_id(here) == first.folder.name
    assert leftovers(here) == []
    assert not (here / "editions" / name).exists()
    assert not (here.parent / "outside").exists()


@pytest.mark.parametrize("text", ["../../etc", "", "No Id", "x" * 2000])
def test_a_pointer_that_names_no_edition_is_refused(origin: Origin, here: Path, text: str) -> None:
    (origin.folder / "current").write_text(text)
    with pytest.raises((EditionError, FetchError), match="current"):
        pull(origin.address, here, QUIET)
    assert not (here / "current").exists()


@pytest.mark.parametrize(
    "address", ["nowhere://x/y", "http://127.0.0.1:9/", "/no/such/folder", "s3://"]
)
def test_an_address_without_editions_is_told(address: str, here: Path) -> None:
    result = CliRunner().invoke(app, ["pull", "--from", address, "--processed-dir", str(here)])
    assert result.exit_code != 0
    assert not (here / "current").exists()
    if result.exception is not None:
        assert not isinstance(result.exception, OSError | ValueError)


def test_the_command_stays_and_a_fault_is_told(origin: Origin, here: Path) -> None:
    turns: list[str] = []

    def wait(seconds: float) -> None:
        assert seconds == 5
        turns.append(current_id(here))
        if len(turns) == 1:
            name = another(origin, "Next")
            hidden = origin.folder / "editions" / name
            hidden.rename(hidden.with_name("hidden"))
        elif len(turns) == 2:
            (origin.folder / "editions" / "hidden").rename(
                origin.folder / "editions" / current_id(origin.folder)
            )
        else:
            raise KeyboardInterrupt

    said = io.StringIO()
    with pytest.raises(KeyboardInterrupt):
        keep_pulling(str(origin.folder), here, 5, Console(file=said, width=300), wait)
    first, second, third = turns
    assert first == second
    assert third == f"{first}-next"
    assert "The current edition stays." in said.getvalue()


def test_the_command_prints_where_the_edition_is(origin: Origin, here: Path) -> None:
    given = ["pull", "--from", origin.address, "--processed-dir", str(here)]
    result = CliRunner().invoke(app, given)
    assert result.exit_code == 0, result.output
    assert str(here / "editions" / current_id(origin.folder)) in result.output


def test_a_folder_that_cannot_be_written_is_told(origin: Origin, here: Path) -> None:
    here.write_text("a file where the folder should be")
    with pytest.raises(EditionError, match="space for the edition"):
        pull(origin.address, here, QUIET)
