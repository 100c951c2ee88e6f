"""``exclusion-map score`` on Sampleshire: the same figures as the API, in every format."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console
from starlette.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from exclusion_map.cli import app
from exclusion_map.errors import ExclusionMapError
from exclusion_map.settings import DataSettings, ServiceSettings
from exclusion_map.terms import AreaKind

runner = CliRunner()


@pytest.fixture(scope="module")
def client(sample_processed: Path) -> Iterator[TestClient]:
    made = create_app(ServiceSettings(), DataSettings(processed_dir=sample_processed))
    with TestClient(made) as opened:
        yield opened


@pytest.fixture
def score(sample_processed: Path, tmp_path: Path):
    def run(*options: str, out: str = "out.csv") -> Path:
        path = tmp_path / out
        given = ["score", "--processed-dir", str(sample_processed), "--out", str(path), *options]
        result = runner.invoke(app, given)
        if result.exception is not None:
            raise result.exception
        return path

    return run


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("options", "params"),
    [
        ((), {}),
        (("--base", "local_authority", "--weights", '{"age": 1}'),
         {"base": "local_authority", "weights": "age:1"}),
        (("--level", "ward", "--base", "rural_urban"), {"level": "ward", "base": "rural_urban"}),
    ],
)  # fmt: skip
def test_the_command_and_the_service_give_the_same(score, client, options, params) -> None:
    rows = read(score("--definition", "exclusion", *options))
    answer = client.get("/api/v1/scores", params={"index": "exclusion", "format": "csv", **params})
    served = list(csv.DictReader(answer.text.removeprefix("\ufeff").splitlines()))
    assert rows == served
    assert len(rows) > 10


def test_a_definition_values_and_an_outline_of_ones_own(score, client, tmp_path: Path) -> None:
    atlas = client.app.state.service.edition.atlas
    small = atlas.level(AreaKind.SMALL_AREA)
    council = atlas.level(AreaKind.LOCAL_AUTHORITY)
    west, south, east, north = (float(edge) for edge in council.bbox[0])
    corners = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    outline = {"type": "Polygon", "coordinates": [corners]}
    values = {code: float(n % 7) for n, code in enumerate(small.codes)}
    definition = {
        "id": "mine",
        "title": "Mine",
        "normalise": {"method": "min_max"},
        "children": [{"indicator": "disabled"}, {"indicator": "meals", "weight": 2}],
    }
    (tmp_path / "area.geojson").write_text(json.dumps(outline))
    (tmp_path / "mine.json").write_text(json.dumps(definition))
    lines = "".join(f"{code},{value}\n" for code, value in values.items())
    (tmp_path / "meals.csv").write_text(f"area_code,value\n{lines}X0,1\n")
    path = score(
        *("--definition", str(tmp_path / "mine.json")),
        *("--values", str(tmp_path / "meals.csv")),
        *("--polygon", str(tmp_path / "area.geojson")),
        *("--base", "selection"),
        out="out.json",
    )
    written = json.loads(path.read_text())
    body = {
        "definition": definition,
        "values": [{"id": "meals", "values": values}],
        "polygon": outline,
    }
    params = {"base": "selection", "size": 5000}
    served = client.post("/api/v1/scores", params=params, json=body).json()
    assert written["areas"] == served["areas"]
    assert 0 < len(served["areas"]) < len(small)


def test_every_format_holds_the_same(score, client) -> None:
    code = client.app.state.service.edition.atlas.level(AreaKind.LOCAL_AUTHORITY).codes[0]
    options = ("--definition", "exclusion", "--where", code, "--components", "--uncertainty", "20")
    rows = read(score(*options))
    assert "component:age" in rows[0]
    assert rows[0]["robustness"]
    assert all(int(row["rank_low"]) <= int(row["rank_high"]) for row in rows)
    as_json = json.loads(score(*options, out="out.json").read_text())
    parquet = pq.read_table(score(*options, out="out.parquet"))
    arrow = pa.ipc.open_file(score(*options, out="out.arrow")).read_all()
    scores = [float(row["score"]) for row in rows]
    assert [row["score"] for row in as_json["areas"]] == scores
    assert parquet.column("score").to_pylist() == scores
    assert arrow.column("score").to_pylist() == scores
    assert parquet.schema.metadata[b"draws"] == b"20"
    assert json.loads(parquet.schema.metadata[b"definition"])["id"] == "exclusion"


def test_a_list_in_a_file(score, client, tmp_path: Path) -> None:
    codes = client.app.state.service.edition.atlas.level(AreaKind.SMALL_AREA).codes[:3]
    (tmp_path / "codes.csv").write_text("code\n" + "\n".join((*codes, "X1")))
    rows = read(score("--definition", "exclusion", "--where-file", str(tmp_path / "codes.csv")))
    assert [row["code"] for row in rows] == list(codes)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--definition", "nope"), "definition 'nope'"),
        (("--definition", "absent.toml"), "absent.toml"),
        (("--definition", "exclusion", "--base", "street"), "base 'street'"),
        (("--definition", "exclusion", "--base", "selection"), "no areas chosen"),
        (("--definition", "exclusion", "--weights", "luck:1"), "luck"),
        (("--definition", "exclusion", "--weights", "age"), "weights"),
        (("--definition", "exclusion", "--where", "E1,E2"), "E1, E2"),
        (("--definition", "exclusion", "--where", "E1", "--polygon", "x"), "--where and --polygon"),
        (("--definition", "exclusion", "--polygon", "absent.geojson"), "absent.geojson"),
        (("--definition", "exclusion", "--values", "absent.csv"), "absent.csv"),
        (("--definition", "exclusion", "--level", "ward", "--uncertainty", "10"), "small_area"),
    ],
)
def test_mistakes_are_named(score, options: tuple[str, ...], told: str) -> None:
    with pytest.raises(ExclusionMapError, match=told):
        score(*options)


def test_an_ending_that_is_no_format(score) -> None:
    with pytest.raises(ExclusionMapError, match=r"ending '\.xls'"):
        score("--definition", "exclusion", out="out.xls")


def test_a_mistake_is_one_message_and_no_traceback(sample_processed: Path, tmp_path: Path) -> None:
    given = ["--definition", "nope", "--out", str(tmp_path / "x.csv")]
    command = [sys.executable, "-m", "exclusion_map", "score", *given]
    ran = subprocess.run(
        [*command, "--processed-dir", str(sample_processed)], capture_output=True, text=True
    )
    assert ran.returncode == 2
    assert ran.stderr.startswith("Error definition 'nope'")
    assert "Traceback" not in ran.stderr


def test_a_slow_job_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines import score as module

    console = Console(record=True, file=io.StringIO())
    monkeypatch.setattr(module, "SLOW_S", 0.0)
    with module.told_if_slow(console, "draws") as told:
        told(50, 1000)
    assert "50 of 1,000 draws" in console.export_text()
