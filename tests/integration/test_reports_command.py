"""The command ``reports``: a folder filled, stopped and gone on with, and told of."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from exclusion_map.cli import app
from exclusion_map.editions.reader import open_edition
from exclusion_map.terms import AreaKind
from pipelines import reports as batch


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["reports", *arguments], env={"COLUMNS": "200"})
    told = str(result.exception or "")
    return result.exit_code, result.output + told


@pytest.fixture(scope="module")
def folder(
    sample_processed: Path, sample_edition: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    out = tmp_path_factory.mktemp("reports")
    council = open_edition(sample_edition).atlas.level(AreaKind.LOCAL_AUTHORITY).codes[0]
    code, told = run(
        *("--wards-of", council, "--format", "html,csv", "--out", str(out)),
        *("--processed-dir", str(sample_processed), "--workers", "2"),
    )
    assert code == 0, told
    return out


def entries(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "reports.jsonl").read_text(encoding="utf-8").splitlines()
    return list({one["title"]: one for one in map(json.loads, lines[1:])}.values())


def test_each_ward_has_its_files(folder: Path, sample_edition: Path) -> None:
    atlas = open_edition(sample_edition).atlas
    council = atlas.level(AreaKind.LOCAL_AUTHORITY)
    wards = atlas.within(AreaKind.WARD, council, 0)
    level = atlas.level(AreaKind.WARD)
    for row in wards.tolist():
        assert len(list(folder.glob(f"{level.codes[row]}-*"))) == 2
    held = entries(folder)
    assert len(held) == len(wards)
    index = (folder / "index.html").read_text(encoding="utf-8")
    for entry in held:
        assert all(f'href="{name}"' in index for name in entry["files"].values())
    assert not list(folder.glob(".*"))


def test_a_batch_goes_on_where_it_stopped(
    folder: Path, sample_processed: Path, sample_edition: Path
) -> None:
    council = open_edition(sample_edition).atlas.level(AreaKind.LOCAL_AUTHORITY).codes[0]
    files = sorted(folder.glob("*.html"))
    gone, kept = files[0], files[1]
    before = kept.stat().st_mtime_ns
    gone.unlink()
    with (folder / "reports.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"asked": ["cut')  # as a run leaves it that is killed while it writes
    code, told = run(
        *("--each", "ward", "--within", council, "--format", "html", "--out", str(folder)),
        *("--processed-dir", str(sample_processed), "--workers", "1"),
    )
    assert code == 0, told
    assert gone.is_file()
    assert kept.stat().st_mtime_ns == before
    assert all(set(entry["files"]) == {"html", "csv"} for entry in entries(folder))


def test_what_cannot_be_made_is_told_and_the_rest_is_made(
    sample_processed: Path, sample_edition: Path, tmp_path: Path
) -> None:
    small = open_edition(sample_edition).atlas.level(AreaKind.SMALL_AREA).codes[0]
    code, told = run(
        *(f"Ours: {small}", "Theirs: nothing", "--format", "json", "--out", str(tmp_path)),
        *("--processed-dir", str(sample_processed), "--workers", "1"),
    )
    assert code == 1
    assert "Theirs" in told
    made = list(tmp_path.glob("ours-*.json"))
    assert len(made) == 1
    assert json.loads(made[0].read_text(encoding="utf-8"))["places"][0]["name"] == "Ours"


def test_side_by_side_and_what_is_refused(
    sample_processed: Path, sample_edition: Path, tmp_path: Path
) -> None:
    codes = open_edition(sample_edition).atlas.level(AreaKind.LOCAL_AUTHORITY).codes[:2]
    common = ("--out", str(tmp_path / "new"), "--processed-dir", str(sample_processed))
    assert run(*codes, "--side-by-side", "--format", "xlsx", *common)[0] == 0
    assert len(list((tmp_path / "new").glob("*-and-1-more.xlsx"))) == 1
    assert run("--format", "doc", *codes, *common)[0] == 2
    code, told = run(*common)
    assert code != 0
    assert "nothing to report on" in told
    code, told = run("E99999999", *common)
    assert code != 0
    (tmp_path / "new" / "reports.jsonl").write_text('{"of": {"edition": "x"}}\n')
    code, told = run(*codes, *common)
    assert code != 0
    assert "another edition" in told


def test_one_process_makes_the_same_as_two(
    folder: Path, sample_processed: Path, tmp_path: Path
) -> None:
    made = min(folder.glob("*.csv"))
    code, told = run(
        *(made.name.split("-")[0], "--format", "csv", "--out", str(tmp_path)),
        *("--processed-dir", str(sample_processed)),
    )
    assert code == 0, told
    assert (tmp_path / made.name).read_bytes() == made.read_bytes()
    assert not batch._held


def test_weights_and_a_definition_of_ones_own(
    sample_processed: Path, sample_edition: Path, tmp_path: Path
) -> None:
    edition = open_edition(sample_edition)
    small = edition.atlas.level(AreaKind.SMALL_AREA).codes[0]
    default = edition.manifest.default_index
    definition: dict[str, Any] = dict(
        next(one for one in edition.manifest.indices if one.id == default).definition
    )
    first = definition["children"][0]["id"]
    ours = {**definition, "id": "ours", "title": "Ours", "children": definition["children"][:2]}
    file = tmp_path / "ours.json"
    file.write_text(json.dumps(ours), encoding="utf-8")
    same = ("--format", "json", "--processed-dir", str(sample_processed), "--workers", "1")
    told = []
    for name, more in (
        ("published", ()),
        ("weights", ("--weights", f"{first}:9")),
        ("ours", ("--index", str(file))),
    ):
        code, said = run(small, *same, *more, "--out", str(tmp_path / name))
        assert code == 0, said
        made = next((tmp_path / name).glob("*.json"))
        told.append(json.loads(made.read_text(encoding="utf-8")))
    published, weighed, own = told
    assert published["own"] == []
    assert weighed["weights"] == f"{first}:9"
    assert own["index"] == "ours"
    assert {one["indicator"] for one in own["places"][0]["drivers"]} < {
        one["indicator"] for one in published["places"][0]["drivers"]
    }
    scores = [one["places"][0]["score"]["score"] for one in told]
    assert len(set(scores)) == 3
    code, said = run(small, *same, "--out", str(tmp_path / "weights"))
    assert code != 0, "a folder of reports by other weights is not added to"
    code, said = run(small, *same, "--weights", "nothing:1", "--out", str(tmp_path / "none"))
    assert code != 0
    assert "nothing" in said
