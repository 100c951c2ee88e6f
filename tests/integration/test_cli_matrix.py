"""``exclusion-map matrix`` on Sampleshire: words, files, refusals."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from exclusion_map.cli import app
from exclusion_map.editions.frames import open_current
from exclusion_map.errors import InvalidRequestError
from exclusion_map.terms import AreaKind

runner = CliRunner()


def run(processed: Path, *options: str) -> str:
    result = runner.invoke(app, ["matrix", "--processed-dir", str(processed), *options])
    if result.exception is not None:
        raise result.exception
    return result.stderr


def test_a_list_for_a_campaign(sample_processed: Path, tmp_path: Path) -> None:
    council = open_current(sample_processed).atlas.level(AreaKind.LOCAL_AUTHORITY).codes[0]
    out = tmp_path / "campaign.geojson"
    told = run(sample_processed, "--where", council, "--cells", "3-3,2-3", "--out", str(out))
    assert "high likelihood, high impact" in told
    assert "might fall in another cell" in told
    features = json.loads(out.read_text(encoding="utf-8"))["features"]
    assert {one["properties"]["cell"] for one in features} <= {"3-3", "2-3"}
    assert (
        f"Areas with high likelihood, high impact and medium likelihood, high impact: "
        f"{len(features)}" in " ".join(told.split())
    )


def test_figures_of_a_service_by_ward(sample_processed: Path, tmp_path: Path) -> None:
    wards = open_current(sample_processed).atlas.level(AreaKind.WARD)
    file = tmp_path / "patients.csv"
    file.write_text("".join(f"{code},{7 * at}\n" for at, code in enumerate(wards.codes)))
    figures = ("--figures", str(file), "--figures-name", "Patients", "--level", "ward")
    told = run(sample_processed, *figures, "--size", "5", "--draws", "10")
    assert "against patients" in told
    assert "10 draws, seed 1" in told
    with pytest.raises(InvalidRequestError, match="3 or 5"):
        run(sample_processed, "--size", "4")
    with pytest.raises(InvalidRequestError, match=r"ending \.doc"):
        run(sample_processed, "--out", str(tmp_path / "list.doc"))
