"""``exclusion-map footprint`` on Sampleshire: the figures of the API, files, and refusals."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from exclusion_map.cli import app
from exclusion_map.editions.reader import open_edition
from exclusion_map.errors import InvalidRequestError, NotFoundError
from exclusion_map.settings import DatabaseSettings, DataSettings, ServiceSettings

runner = CliRunner()


def run(processed: Path, *options: str) -> str:
    result = runner.invoke(app, ["footprint", "--processed-dir", str(processed), *options])
    if result.exception is not None:
        raise result.exception
    return result.stderr


def test_the_command_gives_what_the_api_gives(
    sample_processed: Path, sample_edition: Path, tmp_path: Path
) -> None:
    index = open_edition(sample_edition).postcodes
    assert index is not None
    area, _, _, _ = index.places_at(np.arange(len(index)))
    some = [index._codes[at].decode() for at in np.flatnonzero(area >= 0)[::9].tolist()]
    listed = tmp_path / "list.txt"
    listed.write_text("\n".join([*some, "Zebediah"]), encoding="utf-16")
    out, missed, left = (tmp_path / name for name in ("out.csv", "missed.csv", "left.csv"))
    files = ("--out", str(out), "--neighbourhoods", str(missed), "--unmatched", str(left))
    told = run(sample_processed, "--list", str(listed), "--compare", "all", *files)
    assert f"{len(some):,} of {len(some) + 1:,} rows understood" in told
    assert "Zebediah" not in told
    assert "Zebediah" in left.read_text(encoding="utf-8")
    settings = DataSettings(processed_dir=sample_processed)
    made = create_app(ServiceSettings(), settings, DatabaseSettings(database_url="none"))
    with TestClient(made) as client:
        answer = client.post("/api/v1/footprint?compare=all", json={"where": some}).json()
    with out.open(encoding="utf-8", newline="") as file:
        rows = {row["key"]: row for row in csv.DictReader(file)}
    for part in answer["parts"]:
        for name in ("served", "ratio", "ratio_low"):
            text = rows[part["key"]][name]
            assert (float(text) if text else None) == part[name]
    assert missed.read_text(encoding="utf-8").count("\n") > len(answer["neighbourhoods"][:1])


def test_places_and_a_workbook(
    sample_processed: Path, sample_edition: Path, tmp_path: Path
) -> None:
    edition = open_edition(sample_edition)
    council = next(
        level for kind, level in edition.atlas.levels.items() if kind.value == "local_authority"
    ).codes[0]
    out = tmp_path / "out.xlsx"
    asked = ("--where", council, "--compare", "all", "--draws", "10", "--out", str(out))
    told = run(sample_processed, *asked, "--name", "Hubs")
    assert told.startswith("Hubs: who is served, compared with")
    assert len(pd.read_excel(out, engine="calamine", sheet_name="Data")) > 11
    with pytest.raises(InvalidRequestError, match="one of them"):
        run(sample_processed)
    with pytest.raises(NotFoundError):
        run(sample_processed, "--where", "nowhere at all")
