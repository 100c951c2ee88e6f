"""What is handed out: sdist and wheel, alike, whole, and at work where there is no checkout."""

import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import httpx2
import pytest

from tests.benchmarks.service import running
from tests.integration.read_only import read_only

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGES = {"exclusion_map": "src/exclusion_map", "api": "api", "pipelines": "pipelines"}
_LEFT = (".git", ".venv", ".cache", "node_modules", "processed", "raw", "*.db*", "*_cache", "site")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the checkout as it lies about: assets built, data and bytecode beside."""
    if not (REPOSITORY / "api/static/.vite/manifest.json").is_file():
        pytest.fail("the assets are not built: run make assets")
    folder = tmp_path_factory.mktemp("tree") / "exclusion-map"
    shutil.copytree(REPOSITORY, folder, ignore=shutil.ignore_patterns(*_LEFT))
    for lying_about in ("data/exclusion-map.db", "data/processed/editions/x", ".cache/x"):
        (folder / lying_about).parent.mkdir(parents=True, exist_ok=True)
        (folder / lying_about).write_text("not for others", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def archives(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the sdist, and the wheel that was made from it."""
    out = tmp_path_factory.mktemp("dist")
    environment = {"PATH": "/usr/bin:/bin", "BIN": str(Path(sys.executable).parent)}
    done = subprocess.run(
        [tree / "scripts/dist", out], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.glob("*.tar.gz")), next(out.glob("*.whl"))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _in_wheel(wheel: Path) -> dict[str, str]:
    with zipfile.ZipFile(wheel) as packed:
        names = [name for name in packed.namelist() if ".dist-info/" not in name]
        return {name: _digest(packed.read(name)) for name in names}


def _in_tree(tree: Path) -> dict[str, str]:
    found = {}
    for package, folder in PACKAGES.items():
        for path in (tree / folder).rglob("*"):
            inside = path.relative_to(tree / folder)
            if path.is_file() and "__pycache__" not in inside.parts:
                found[f"{package}/{inside.as_posix()}"] = _digest(path.read_bytes())
    return found


def test_the_wheel_holds_every_file_of_the_packages_and_no_other(
    tree: Path, archives: tuple[Path, Path]
) -> None:
    held = _in_wheel(archives[1])
    assert held == _in_tree(tree)
    kinds = {Path(name).suffix for name in held}
    assert {".py", ".html", ".toml", ".css", ".js", ".txt", ".ttf", ".mako", ".br"} <= kinds


def test_the_wheel_is_the_same_to_the_byte_from_the_checkout(
    tree: Path, archives: tuple[Path, Path], tmp_path: Path
) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=tree, check=True, capture_output=True)
    assert (tmp_path / archives[1].name).read_bytes() == archives[1].read_bytes()


def test_the_sdist_holds_what_is_needed_to_build_check_and_run(
    archives: tuple[Path, Path],
) -> None:
    with tarfile.open(archives[0]) as packed:
        names = {name.partition("/")[2] for name in packed.getnames()}
    needed = (
        *("Makefile", "Dockerfile", "requirements.lock", "requirements-build.lock", "LICENSE"),
        *("scripts/lock", "web/package-lock.json", "tests/conftest.py", "docs/security.md"),
        "api/static/.vite/manifest.json",
    )
    assert [name for name in needed if name not in names] == []
    kept_out = re.compile(r"(\.venv|\.git|\.cache|.*node_modules|data/.*x|.*__pycache__)/|.*\.db$")
    assert [name for name in names if kept_out.match(f"{name}/") or kept_out.match(name)] == []


@pytest.fixture(scope="module")
def clean(archives: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an environment outside the checkout with the wheel in it.

    What it depends on is lent by the environment of the tests: nothing is downloaded. A line in a
    path file lends the folder alone, not the checkout that is installed there as editable.
    """
    folder = tmp_path_factory.mktemp("clean") / "venv"
    venv.create(folder)
    (packages,) = folder.glob("lib/python*/site-packages")
    (lent,) = Path(sys.prefix).glob("lib/python*/site-packages")
    (packages / "lent.pth").write_text(f"{lent}\n", encoding="utf-8")
    uv = [sys.executable, "-m", "uv", "pip", "install", "--offline", "--no-index", "--no-deps"]
    install = [*uv, "--python", str(folder / "bin/python"), str(archives[1])]
    subprocess.run(install, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def county(sample_processed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of a folder of editions with Sampleshire, and the steps that made it."""
    folder = tmp_path_factory.mktemp("county") / "processed"
    current = (sample_processed / "current").read_text().strip()
    others = {path.name for path in (sample_processed / "editions").iterdir()} - {current}
    shutil.copytree(sample_processed, folder, ignore=shutil.ignore_patterns(*others))
    return folder


def _knowing_nothing(clean: Path, **variables: str) -> list[str]:
    """Return what runs a command away from the checkout, and without what is set here."""
    said = {"PATH": f"{clean}/bin:/usr/bin:/bin", "EXCLUSION_MAP_DATABASE_URL": "none"} | variables
    return ["env", "-i", f"--chdir={clean.parent}", *(f"{k}={v}" for k, v in said.items())]


def _run(clean: Path, *command: str) -> str:
    done = subprocess.run([*_knowing_nothing(clean), *command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_installed_command_tells_its_version(clean: Path, archives: tuple[Path, Path]) -> None:
    version = archives[1].name.split("-")[1]
    assert _run(clean, "exclusion-map", "--version") == f"exclusion-map {version}\n"
    where = "import api, pipelines, exclusion_map as e; print(*api.__path__, e.__path__[0])"
    assert all(path.startswith(str(clean)) for path in _run(clean, "python", "-c", where).split())


def test_the_installed_command_builds_the_same_edition(clean: Path, county: Path) -> None:
    """Steps are named by the code that made them: those of the checkout are found again."""
    before = (county / "current").read_text().strip()
    build = ("exclusion-map", "build", "--synthetic", "--processed-dir", str(county))
    built = Path(_run(clean, *build).strip()).name
    # Built again by another version, the same id has a suffix; the copy holds the last one alone.
    assert before in (built, *(f"{built}-{number}" for number in range(2, 10)))


def test_the_installed_service_needs_no_folder_but_those_of_the_container(
    clean: Path, county: Path, tmp_path: Path
) -> None:
    temporary, directory = tmp_path / "tmp", tmp_path / "directory"
    temporary.mkdir()
    directory.mkdir()
    environment = _knowing_nothing(
        clean,
        HOME="/nonexistent",
        TMPDIR=str(temporary),
        EXCLUSION_MAP_DATABASE_URL=f"sqlite:///{directory}/exclusion-map.db",
    )
    serve = ["exclusion-map", "serve", "--port", "0", "--processed-dir", str(county)]
    closed = read_only([*environment, *serve], [temporary, directory])
    with (
        running(closed, "/readyz") as served,
        httpx2.Client(base_url=served.base, timeout=60) as client,
    ):
        page = client.get("/").raise_for_status().text
        linked = re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"', page)
        assert {Path(name).suffix for name in linked} == {".css", ".js"}
        for name in (*linked, "/areas", "/about", "/support", "/sheet", "/api/v1/openapi.json"):
            assert len(client.get(name).raise_for_status().content) > 100
        report = "/api/v1/reports.pdf?codes=E02900001"
        assert client.get(report).raise_for_status().content.startswith(b"%PDF")
    assert (directory / "exclusion-map.db").is_file()
    assert list(temporary.iterdir()) == [], "something is left in the temporary folder"
