"""Commands that write reports of tools: the same tables as the pages send, and how to ask again."""

import io
import json
from pathlib import Path

import docx
import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from exclusion_map.cli import app
from exclusion_map.editions.frames import open_current
from exclusion_map.editions.reaching import sites_of
from exclusion_map.errors import ExclusionMapError, InvalidRequestError, NotFoundError
from exclusion_map.targeting.sites import Sites
from exclusion_map.terms import AreaKind

runner = CliRunner()


@pytest.fixture(scope="module")
def sites(sample_processed: Path) -> Sites:
    return sites_of(open_current(sample_processed))


@pytest.fixture(autouse=True)
def without_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXCLUSION_MAP_DATABASE_URL", "")


def run(processed: Path | None, *options: str) -> str:
    where = [] if processed is None else ["--processed-dir", str(processed)]
    result = runner.invoke(app, [*options, *where])
    if result.exception is not None:
        raise result.exception
    return " ".join(result.stderr.split())


def tables(made: bytes) -> list[list[list[str]]]:
    document = docx.Document(io.BytesIO(made))
    return [[[c.text for c in row.cells] for row in table.rows] for table in document.tables]


def test_the_report_of_a_command_is_that_of_the_page(
    sample_processed: Path, sample_client: TestClient, tmp_path: Path
) -> None:
    council = open_current(sample_processed).atlas.level(AreaKind.LOCAL_AUTHORITY).codes[0]
    out = tmp_path / "share.docx"
    asked = ("--total", "150", "--what", "computers", "--where", council)
    told = run(sample_processed, "share", *asked, "--report", str(out))
    assert "share.docx" in told
    page = sample_client.get(
        f"/tools/share/report.docx?total=150&what=computers&within={council}&level=ward"
    )
    ours, theirs = tables(out.read_bytes()), tables(page.content)
    assert ours[:3] == theirs[:3]
    command = dict(row for table in ours for row in table if len(row) == 2)["Command"]
    assert command == f"exclusion-map share --total 150 --what computers --where {council}"


@pytest.mark.parametrize(
    "asked",
    [
        ("gaps", "--threshold", "800"),
        ("siting", "--within", "COUNCIL", "--grid", "2000", "--k", "2"),
        ("sample", "--areas", "9", "--strata", "fifth"),
        ("matrix", "--where", "COUNCIL"),
        ("footprint", "--where", "COUNCIL"),
        ("precision", "--areas", "30"),
    ],
    ids=lambda asked: asked[0],
)
def test_every_tool_writes_a_page_that_says_how(
    sample_processed: Path, tmp_path: Path, asked: tuple[str, ...]
) -> None:
    council = open_current(sample_processed).atlas.level(AreaKind.LOCAL_AUTHORITY).codes[0]
    asked = tuple(council if one == "COUNCIL" else one for one in asked)
    out = tmp_path / "report.html"
    run(None if asked[0] == "precision" else sample_processed, *asked, "--report", str(out))
    page = out.read_text(encoding="utf-8")
    assert f"exclusion-map {' '.join(asked)}" in page
    assert "What to know before you use this" in page
    assert ("<svg" in page) == (asked[0] != "precision")


def test_a_closing_by_name(sample_processed: Path, sites: Sites, tmp_path: Path) -> None:
    name = next(sites.name(row) for row in range(len(sites)) if sites.kind(row) == "library")
    out, report = tmp_path / "areas.json", tmp_path / "closing.html"
    told = run(sample_processed, "closing", name, "--out", str(out), "--report", str(report))
    assert f"{name} is the nearest library for" in told
    rows = json.loads(out.read_text(encoding="utf-8"))
    assert rows
    page = report.read_text(encoding="utf-8")
    assert f"If {name} closed" in page.replace("&#39;", "'")
    assert "<circle" in page


def test_a_closing_of_nothing_is_refused(sample_processed: Path, sites: Sites) -> None:
    with pytest.raises(NotFoundError, match="no such place"):
        run(sample_processed, "closing", "The moon")
    name = next(sites.name(row) for row in range(len(sites)) if sites.kind(row) == "library")
    with pytest.raises(NotFoundError) as raised:
        run(sample_processed, "closing", f"{name}y")
    assert name in str(raised.value)


@pytest.mark.parametrize("name", ["report.odt", "report", "nowhere/report.html"])
def test_files_that_cannot_be_are_refused_before_the_work(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidRequestError):
        run(tmp_path, "share", "--total", "1", "--report", str(tmp_path / name))


def test_a_plan_that_cannot_be_is_refused() -> None:
    for asked in (("--share", "120"), ("--people", "10")):
        with pytest.raises(ExclusionMapError):
            run(None, "precision", *asked)
    assert "5.9 percentage points" in run(None, "precision", "--interviews", "10")
