import csv
import json
from pathlib import Path

from typer.testing import CliRunner

from exclusion_map.cli import app


def test_an_edition_compared_with_itself_has_not_changed(
    sample_processed: Path, sample_edition: Path, tmp_path: Path
) -> None:
    out = tmp_path / "changes.csv"
    arguments = ["compare", sample_edition.name, str(sample_edition), "--out", str(out)]
    done = CliRunner().invoke(
        app, [*arguments, "--processed-dir", str(sample_processed)], catch_exceptions=False
    )
    summary = json.loads(done.stdout)
    assert summary
    with out.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 320
    assert {row["decile_old"] == row["decile_new"] for row in rows} == {True}
