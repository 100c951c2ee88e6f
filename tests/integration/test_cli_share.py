"""``exclusion-map share`` on Sampleshire: the figures of the API, files, and refusals."""

import csv
from pathlib import Path

import pandas as pd
import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from exclusion_map.cli import app
from exclusion_map.editions import current_path
from exclusion_map.editions.reader import open_edition
from exclusion_map.errors import InvalidRequestError
from exclusion_map.settings import DatabaseSettings, DataSettings, ServiceSettings
from exclusion_map.terms import AreaKind

runner = CliRunner()


def run(processed: Path, *options: str) -> str:
    result = runner.invoke(app, ["share", "--processed-dir", str(processed), *options])
    if result.exception is not None:
        raise result.exception
    return result.stderr


@pytest.fixture(scope="module")
def council(sample_processed: Path) -> str:
    edition = open_edition(current_path(sample_processed))
    return edition.atlas.level(AreaKind.LOCAL_AUTHORITY).codes[0]


def test_the_command_gives_what_the_api_gives(
    sample_processed: Path, council: str, tmp_path: Path
) -> None:
    out = tmp_path / "share.csv"
    where = ("--where", council, "--level", "ward", "--rule", "worst-fifth", "--draws", "20")
    told = run(sample_processed, "--total", "150", "--what", "computers", *where, "--out", str(out))
    assert "150 computers for" in told
    assert "counts double" in told
    with out.open(encoding="utf-8", newline="") as file:
        rows = {row["code"]: row for row in csv.DictReader(file)}
    settings = DataSettings(processed_dir=sample_processed)
    made = create_app(ServiceSettings(), settings, DatabaseSettings(database_url="none"))
    with TestClient(made) as client:
        asked = f"total=150&within={council}&level=ward&rule=worst-fifth&draws=20"
        answer = client.get(f"/api/v1/share?{asked}").json()
    for unit in answer["units"]:
        for name in ("given", "fair_share", "given_low", "given_high"):
            assert float(rows[unit["code"]][name]) == pytest.approx(unit[name])


def test_partners_and_a_workbook(sample_processed: Path, council: str, tmp_path: Path) -> None:
    partners = tmp_path / "partners.csv"
    partners.write_text(f"partner,code,received\nLibrary,{council},5.50\n", encoding="utf-8")
    out = tmp_path / "share.xlsx"
    run(
        sample_processed,
        *("--total", "99.99", "--step", "0.01", "--units", str(partners), "--out", str(out)),
    )
    assert pd.read_excel(out, engine="calamine", sheet_name="Data")["given"].tolist() == [99.99]


def test_what_cannot_be_is_refused(sample_processed: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError):
        run(sample_processed, "--total", "5", "--level", "small_area", "--minimum", "1")
    with pytest.raises(InvalidRequestError):
        run(sample_processed, "--total", "5", "--out", str(tmp_path / "share.docx"))
    assert runner.invoke(app, ["share", "--total", "many"]).exit_code == 2
