"""`start` end to end on the loopback: which edition is built, and what is said of the other."""

import csv
import io
import shutil
import socket
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from exclusion_map import catalogue, sampleshire
from exclusion_map.catalogue import Delivery, Source
from exclusion_map.editions import Manifest, current_path
from exclusion_map.editions.manifest import MANIFEST
from exclusion_map.settings import DataSettings, FetchSettings
from exclusion_map.terms import SupportKind
from pipelines.start import prepare

SETTINGS = FetchSettings(
    fetch_attempts=1, fetch_backoff_s=0.0, fetch_connect_timeout_s=0.5, fetch_read_timeout_s=1.0
)


@pytest.fixture(scope="module")
def offline() -> dict[str, Source]:
    """The catalogue with every address on a closed port: publishers that cannot be reached."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/table"
    return {
        source.id: source.model_copy(
            update={
                "files": tuple(
                    file
                    if file.delivery is Delivery.BY_HAND
                    else file.model_copy(update={"address": address})
                    for file in source.files
                )
            }
        )
        for source in catalogue.sources().values()
    }


@pytest.fixture
def processed(tmp_path: Path, sample_processed: Path) -> Path:
    """A processed folder without an edition, in which the steps of Sampleshire are made already."""
    folder = tmp_path / "processed"
    shutil.copytree(sample_processed / ".steps", folder / ".steps")
    return folder


def started(
    raw_dir: Path, processed: Path, sources: dict[str, Source]
) -> tuple[Path, Manifest, str]:
    told = io.StringIO()
    data = DataSettings(raw_dir=raw_dir, processed_dir=processed)
    edition = prepare(data, Console(file=told, width=300), sources=sources, settings=SETTINGS)
    assert current_path(processed) == edition
    manifest = Manifest.model_validate_json((edition / MANIFEST).read_bytes())
    return edition, manifest, told.getvalue()


def test_an_empty_folder_and_no_publisher_give_sampleshire(
    tmp_path: Path, processed: Path, offline: dict[str, Source]
) -> None:
    raw_dir = tmp_path / "raw"
    _, manifest, told = started(raw_dir, processed, offline)
    assert manifest.synthetic
    assert manifest.title == sampleshire.TITLE
    assert "an invented county: nothing in it is real" in told
    assert "set EXCLUSION_MAP_RAW_DIR to a folder with the raw files" in told
    assert f"Needed and not in {raw_dir}: " in told
    assert not any(path.is_file() for path in raw_dir.rglob("*"))


def test_a_complete_folder_is_built_without_asking_a_publisher(
    sample_processed: Path, processed: Path, offline: dict[str, Source]
) -> None:
    _, manifest, told = started(sample_processed / ".sampleshire", processed, offline)
    assert "asking the publishers" not in told
    assert "No list of" not in " ".join(manifest.notes)
    counted = [note for note in manifest.notes if " on the map, of " in note]
    assert len(counted) == len(SupportKind)


@pytest.mark.parametrize(
    "without",
    [
        pytest.param(("ace-libraries", "dwp-jobcentres", "nhs-pharmacies"), id="by hand"),
        pytest.param(
            (*("ace-libraries", "dwp-jobcentres", "nhs-pharmacies"), "nhs-ods-gp-practices"),
            id="no list at all",
        ),
    ],
)
def test_a_folder_without_lists_of_support_is_built_and_says_what_is_missing(
    tmp_path: Path,
    sample_processed: Path,
    processed: Path,
    offline: dict[str, Source],
    without: tuple[str, ...],
) -> None:
    raw_dir = tmp_path / "raw"
    ignored = shutil.ignore_patterns(*without, "nhs-ods-pharmacies")
    shutil.copytree(sample_processed / ".sampleshire", raw_dir, ignore=ignored)
    edition, manifest, told = started(raw_dir, processed, offline)
    assert "asking the publishers" not in told
    assert "Done without dwp-jobcentres/jobcentres_gb_2017_01.csv" in told
    assert "get it from https://www.gov.uk/" in told
    assert "nhs-ods-pharmacies/edispensary_report.csv" in told
    assert any(note.startswith("No list of jobcentres:") for note in manifest.notes)
    kinds = set(pd.read_parquet(edition / "support.parquet", columns=["kind"])["kind"])
    assert kinds == (set() if "nhs-ods-gp-practices" in without else {"gp_practice"})


class _Handler(BaseHTTPRequestHandler):
    server: "_Publisher"

    def do_HEAD(self) -> None:
        self.send_response(404)
        self.end_headers()

    def do_GET(self) -> None:
        body = self.server.files.get(self.path)
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Type", "text/csv")
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *args: object) -> None:
        """Say nothing."""


class _Publisher(ThreadingHTTPServer):
    daemon_threads = True
    files: dict[str, bytes]


@pytest.fixture
def publisher() -> Iterator[_Publisher]:
    with _Publisher(("127.0.0.1", 0), _Handler) as server:
        server.files = {}
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def report_of(register: Path) -> bytes:
    """Return a register as Data Search and Export writes it today: roles and words for codes."""
    with zipfile.ZipFile(register) as archive:
        rows = list(csv.reader(io.StringIO(archive.read("epraccur.csv").decode())))
    for row in rows:
        row[12] = "ACTIVE" if row[12] == "A" else "INACTIVE"
        row[25] = "RO177|RO76" if row[25] == "4" else "RO177"
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue().encode()


def test_what_the_publishers_still_give_is_fetched_and_is_enough(
    tmp_path: Path,
    sample_processed: Path,
    processed: Path,
    offline: dict[str, Source],
    publisher: _Publisher,
) -> None:
    """A needed file and one list of support come over the network; nothing is got by hand."""
    sample, raw_dir = sample_processed / ".sampleshire", tmp_path / "raw"
    names = "MSOA-Names-Latest2.csv"
    fetched = {
        "hoc-msoa-names": (sample / "hoc-msoa-names" / names).read_bytes(),
        "nhs-ods-gp-practices": report_of(sample / "nhs-ods-gp-practices" / "epraccur.zip"),
    }
    by_hand = ("ace-libraries", "dwp-jobcentres", "nhs-pharmacies", "nhs-ods-pharmacies")
    shutil.copytree(sample, raw_dir, ignore=shutil.ignore_patterns(*fetched, *by_hand))
    sources = dict(offline)
    for identity, body in fetched.items():
        publisher.files[f"/{identity}"] = body
        address = f"http://127.0.0.1:{publisher.server_port}/{identity}"
        (file,) = sources[identity].files
        # A county is smaller than a country.
        served = file.model_copy(update={"address": address, "rows": None, "min_bytes": 1})
        sources[identity] = sources[identity].model_copy(update={"files": (served,)})
    edition, manifest, told = started(raw_dir, processed, sources)
    assert "1 needed files are not in" in told
    assert "nothing in it is real" not in told
    support = pd.read_parquet(edition / "support.parquet", columns=["kind", "as_of"])
    assert set(support["kind"]) == {"gp_practice"}
    assert support["as_of"].str.fullmatch(r"\d{1,2} [A-Z][a-z]+ 20\d\d").all()
    assert [note.split(":")[0] for note in manifest.notes if note.startswith("No list of")] == [
        "No list of libraries",
        "No list of pharmacies",
        "No list of jobcentres",
    ]
