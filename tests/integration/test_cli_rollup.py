"""``exclusion-map rollup`` on Sampleshire: the figures of the API, and of ``score --where``."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from exclusion_map.cli import app
from exclusion_map.errors import InvalidRequestError, NotFoundError
from exclusion_map.settings import DataSettings, ServiceSettings
from exclusion_map.terms import AreaKind, SupportKind

runner = CliRunner()


@pytest.fixture(scope="module")
def client(sample_processed: Path) -> Iterator[TestClient]:
    made = create_app(ServiceSettings(), DataSettings(processed_dir=sample_processed))
    with TestClient(made) as opened:
        yield opened


@pytest.fixture(scope="module")
def mixed(client: TestClient) -> list[str]:
    """A ward, a postcode, a GP practice, and something unknown."""
    edition = client.app.state.service.edition  # type: ignore[attr-defined]
    practice = next(
        place.id.partition(":")[2]
        for place in edition.support.places(range(len(edition.support)))
        if place.kind is SupportKind.GP_PRACTICE
    )
    postcode = next(
        code
        for code in (bytes(one).decode().strip() for one in edition.postcodes._codes)
        if edition.postcodes.find(code).area >= 0
    )
    return [edition.atlas.level(AreaKind.WARD).codes[0], postcode, practice, "nowhere"]


def run(processed: Path, command: str, *options: str) -> str:
    result = runner.invoke(app, [command, "--processed-dir", str(processed), *options])
    if result.exception is not None:
        raise result.exception
    return result.stderr


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_command_api_and_scores_agree(
    sample_processed: Path, client: TestClient, mixed: list[str], tmp_path: Path
) -> None:
    where, out, areas = ",".join(mixed), tmp_path / "sum.csv", tmp_path / "areas.csv"
    told = run(
        sample_processed, "rollup", "--where", where, "--out", str(out), "--areas-out", str(areas)
    )
    assert "left out: nowhere" in told
    (summary,) = read(out)
    body = {"where": where.split(",")}  # not in the address: some may be postcodes
    (answer,) = client.post("/api/v1/rollup", json=body).json()["results"]
    assert answer["matched"] == {"area": 1, "postcode": 1, "practice": 1}
    for name in ("score", "population", "worst_tenth", "extent"):
        assert float(summary[name]) == pytest.approx(answer["summary"][name])
    assert float(summary["modelled_households_low"]) == pytest.approx(
        answer["estimate"]["households"]["low"]
    )
    # The same list scores the same small areas, whose mean by people is that of the roll-up.
    scored = tmp_path / "scores.csv"
    run(
        sample_processed, "score", "--definition", "exclusion", "--where", where,
        "--out", str(scored),
    )  # fmt: skip
    rows = {row["code"]: float(row["score"]) for row in read(scored)}
    people = {row["code"]: float(row["people_inside"]) for row in read(areas)}
    assert rows.keys() == people.keys()
    mean = sum(rows[code] * people[code] for code in rows) / sum(people.values())
    assert mean == pytest.approx(answer["summary"]["score"])


def test_lists_of_a_file_and_outlines(
    sample_processed: Path, client: TestClient, tmp_path: Path
) -> None:
    level = client.app.state.service.edition.atlas.level(AreaKind.WARD)  # type: ignore[attr-defined]
    listed = tmp_path / "pcn.csv"
    listed.write_text(f"pcn,code\nEast,{level.codes[0]}\nWest,{level.codes[1]}\n")
    out = tmp_path / "sum.json"
    run(sample_processed, "rollup", "--where-file", str(listed), "--out", str(out))
    assert [row["list"] for row in json.loads(out.read_text())["areas"]] == ["East", "West"]
    outline = tmp_path / "outline.geojson"
    outline.write_text(client.get(f"/api/v1/areas/{level.codes[0]}/outline").text)
    told = run(sample_processed, "rollup", "--polygon", str(outline))
    assert "postcodes in use" in told


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ((), InvalidRequestError),
        (("--where", "x", "--polygon", "y.geojson"), InvalidRequestError),
        (("--where", "nowhere"), NotFoundError),
        (("--where", "x", "--out", "x.pdf"), InvalidRequestError),
        (("--where-file", "none.csv"), InvalidRequestError),
    ],
)
def test_what_cannot_be_is_refused(sample_processed: Path, options, error) -> None:
    with pytest.raises(error):
        run(sample_processed, "rollup", *options)
