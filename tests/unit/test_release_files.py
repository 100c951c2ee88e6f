"""What a release rests on: one version, locks without addresses, a Dockerfile as it should be."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from api.app import create_app
from exclusion_map import __version__
from scripts.container_file import Stage, Step, fill, ignore_lines, read_stages, sent

REPOSITORY = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-build.lock", "requirements-dev.lock")


def _read(name: str) -> str:
    return (REPOSITORY / name).read_text(encoding="utf-8")


def _locked(name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for package, version in re.findall(r"(?m)^([a-z0-9._-]+)==(\S+)", _read(name)):
        found.setdefault(package, set()).add(version)
    return found


def test_there_is_one_version() -> None:
    released = re.findall(r"(?m)^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$", _read("CHANGELOG.md"))
    assert released[0] == __version__ == create_app().openapi()["info"]["version"]
    assert json.loads(_read("web/package.json"))["version"] == __version__
    assert tomllib.loads(_read("pyproject.toml"))["project"]["version"] == __version__
    notes = re.findall(r"(?m)^\| (\d+\.\d+\.\d+) \|", _read("docs/how-to/upgrade.md"))
    assert notes == released, "each version has its row in the upgrade notes, in the same order"


@pytest.mark.parametrize("name", [*LOCKS, "web/package-lock.json", "web/.npmrc"])
def test_no_lock_names_an_index(name: str) -> None:
    assert re.findall(r'--(?:extra-)?index-url|--find-links|"resolved"', _read(name)) == []
    assert re.findall(r"https?://\S*(?:pypi|registry|simple|wheels)\S*", _read(name)) == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_of_a_lock_has_its_hashes(name: str) -> None:
    entries = re.split(r"(?m)^(?=[a-z0-9])", _read(name))[1:]
    assert entries
    assert [one.split()[0] for one in entries if "--hash=sha256:" not in one] == []


def test_locks_agree_and_what_serves_holds_nothing_that_builds_or_tests() -> None:
    runtime, build, dev = map(_locked, LOCKS)
    for small in (runtime, build):
        assert {name: found for name, found in small.items() if dev.get(name) != found} == {}
    kept_out = {"numba", "llvmlite", "dask", "distributed", "matplotlib", "ipython", "pandana"}
    kept_out |= {"hatchling", "setuptools", "pip", "pytest", "mypy", "ruff", "playwright"}
    assert kept_out & set(runtime) == set()
    project = tomllib.loads(_read("pyproject.toml"))["project"]
    declared = {re.split(r"[^\w-]", one)[0] for one in project["dependencies"]}
    assert declared - set(runtime) == set(), "locks are older than pyproject.toml: make lock"


@pytest.mark.parametrize(
    ("file", "bundled"),
    [
        ("api/static/licences.txt", {"maplibre-gl", "nhsuk-frontend", "terra-draw", "gl-matrix"}),
        ("src/exclusion_map/maps/assets/licences.txt", {"leaflet", "leaflet.heat"}),
    ],
)
def test_what_is_bundled_comes_with_its_notices(file: str, bundled: set[str]) -> None:
    if not (REPOSITORY / file).is_file():
        pytest.fail("the assets are not built: run make assets")
    assert bundled <= set(re.findall(r"(?m)^(\S+) \d+\.\d+\.\d+ \(", _read(file)))


def test_the_dockerfile_passes_its_lint() -> None:
    lint = [Path(sys.executable).parent / "hadolint", REPOSITORY / "Dockerfile"]
    done = subprocess.run(lint, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def stages() -> list[Stage]:
    return read_stages(_read("Dockerfile"))


def test_base_images_are_pinned_to_a_whole_version(stages: list[Stage]) -> None:
    assert len(stages) > 1
    for stage in stages:
        assert re.search(r":\d+\.\d+\.\d+-[a-z-]*slim|@sha256:[0-9a-f]{64}", stage.image)


def test_the_image_runs_as_a_number_with_a_check_and_two_volumes(stages: list[Stage]) -> None:
    runtime = stages[-1]
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", runtime.last("USER").text)
    assert "/readyz" in runtime.last("HEALTHCHECK").text
    assert runtime.last("VOLUME").words() == ["/data/processed", "/data/directory"]
    assert runtime.last("ENTRYPOINT").words() == ["exclusion-map"]
    copied = [step.text for step in runtime.steps if step.name == "COPY"]
    assert copied == ["--from=packages /opt/venv /opt/venv"], "nothing that builds comes along"


def test_all_that_is_copied_is_sent_and_nothing_else(stages: list[Stage]) -> None:
    let_in = set(sent(REPOSITORY, ignore_lines(_read(".dockerignore"))))
    copies = [step.words() for stage in stages for step in stage.steps if step.name == "COPY"]
    wanted = {word for words in copies if not words[0].startswith("--") for word in words[:-1]}
    for source in wanted:
        assert any(path.is_relative_to(source) for path in let_in), source
    stray = [path for path in let_in if not any(path.is_relative_to(one) for one in wanted)]
    assert stray == []
    assert [path for path in let_in if {"node_modules", "__pycache__"} & set(path.parts)] == []


def test_a_dockerfile_is_read_by_stages_and_lines() -> None:
    text = (
        'ARG BASE=a:1\nFROM ${BASE} AS one\n# said\nRUN x \\\n    && y\nFROM b\nCMD ["c", "d e"]\n'
    )
    first, second = read_stages(text)
    assert (first.image, first.name, second.image, second.name) == ("a:1", "one", "b", "1")
    assert first.steps == [Step(4, "RUN", "x && y")]
    assert second.last("CMD").words() == ["c", "d e"]
    with pytest.raises(ValueError, match="has no USER"):
        second.last("USER")
    assert fill("$A:${B}-$C", {"A": "1", "B": "2"}) == "1:2-"


def test_the_last_line_that_fits_decides_what_is_sent(tmp_path: Path) -> None:
    for name in ("kept/a.py", "kept/inner/__pycache__/a.pyc", "kept/built/b", "other/c", "d"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    ignore = ignore_lines("# said\n*\n!kept\n!d\n\n**/__pycache__\nkept/built/\n")
    assert set(sent(tmp_path, ignore)) == {Path("d"), Path("kept/a.py")}
