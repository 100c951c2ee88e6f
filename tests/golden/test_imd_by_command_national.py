"""A person reproduces the Index of Multiple Deprivation 2025 with the commands of the docs."""

import re
import shlex
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from exclusion_map.cli import app

pytestmark = pytest.mark.national

DOCS = Path(__file__).resolve().parents[2] / "docs" / "method" / "index.md"
FILE = "mhclg-iod2025/File_7_IoD2025_All_Ranks_Scores_Deciles_Population_Denominators.csv"


def documented(file7: Path) -> list[str]:
    """Return the options of the documented command, with its variables filled in."""
    text = re.search(r"```sh\n(FILE7=.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert text is not None
    lines = text[1].replace("\\\n", " ").strip().splitlines()
    names = dict(line.split("=", 1) for line in lines if not line.startswith("exclusion-map"))
    values = {name: shlex.split(value)[0] for name, value in names.items()} | {"FILE7": str(file7)}
    (command,) = [line for line in lines if line.startswith("exclusion-map")]
    for name, value in values.items():
        command = command.replace(f"${name}", value)
    return shlex.split(command)[1:]


def test_every_published_score_and_rank(
    national_processed: Path, national_raw: Path, tmp_path: Path
) -> None:
    file7 = national_raw / FILE
    out = tmp_path / "imd.csv"
    options = [str(out) if one == "imd.csv" else one for one in documented(file7)]
    result = CliRunner().invoke(app, [*options, "--processed-dir", str(national_processed)])
    assert result.exception is None, result.output
    ours = pd.read_csv(out).set_index("code")
    theirs = pd.read_csv(file7).set_index("LSOA code (2021)")
    found = ours.loc[theirs.index]
    assert (found["score"].round(3) == theirs["Index of Multiple Deprivation (IMD) Score"]).all()
    rank = "Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived)"
    assert (found["rank"] == theirs[rank]).all()
    # England alone: Wales has no score, and the command says so.
    assert ours["score"].isna().sum() == len(ours) - len(theirs)
