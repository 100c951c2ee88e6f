"""Fixtures every test folder shares: raw folders, and editions built from them by the pipeline."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.console import Console

from tests.own_postgres import OwnPostgres

REPOSITORY = Path(__file__).resolve().parents[1]
# Services that tests start have no directory unless a test gives them one.
os.environ.setdefault("EXCLUSION_MAP_DATABASE_URL", "none")
# Editions of tests have fixed dates: years from now they are no fault.
os.environ.setdefault("EXCLUSION_MAP_EDITION_DAYS", "0")
# Admins of tests sign in without codes, and databases of tests have no key file, unless a test is
# about these.
os.environ.setdefault("EXCLUSION_MAP_SECOND_FACTOR", "offered")
os.environ.setdefault("EXCLUSION_MAP_SECRET_KEYS", "a secret that is the same for all tests")

CACHE = REPOSITORY / ".cache" / "tests"
"""Editions built for tests stay here: steps that are made already are found again."""


DEAR = ("tests/notebooks/", "tests/e2e/", "tests/integration/", "tests/fuzz/")
"""Folders whose files hold few tests that take long."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put files in an order in which no process of the tests waits for another.

    One builds the national edition while the others do what needs none, dear files first; those
    that need it come when it is there, and the many quick ones fill up the end.
    """
    national = {item.path for item in items if item.get_closest_marker("national")}
    builder = next((item.path for item in items if item.path in national), None)

    def turn(item: pytest.Item) -> int:
        if item.path == builder:
            return 0
        if item.path in national:
            return 2
        return 1 if item.nodeid.startswith(DEAR) else 3

    items.sort(key=turn)


@pytest.fixture(scope="session", autouse=True)
def own_temporary_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give this process of the tests a temporary folder of its own, and clear it away.

    Services keep counts and uploads in the system's: two processes of tests would share them.
    What is killed on purpose leaves its files there.
    """
    tmp_path_factory.getbasetemp()  # that of pytest stays where people look for it
    before = os.environ.get("TMPDIR")
    folder = Path(tempfile.mkdtemp(prefix="em-tests-"))
    folder.chmod(0o711)  # PostgreSQL runs as a user of its own
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    yield
    tempfile.tempdir = None
    if before is None:
        del os.environ["TMPDIR"]
    else:
        os.environ["TMPDIR"] = before
    shutil.rmtree(folder, ignore_errors=True)


def national_raw_dir() -> Path | None:
    """Return the folder of real national raw files, or None where there is none."""
    named = os.environ.get("EXCLUSION_MAP_RAW_DIR")
    candidates = [Path(named)] if named else []
    candidates.append(REPOSITORY.parent / "shared" / "data" / "raw")
    return next((folder for folder in candidates if (folder / "nomis-census2021").is_dir()), None)


@pytest.fixture(scope="session")
def national_raw() -> Path:
    """Return the folder of national raw files; skip, with the reason, where it is not there."""
    folder = national_raw_dir()
    if folder is None:
        pytest.skip("national raw files are not here: set EXCLUSION_MAP_RAW_DIR to a filled folder")
    return folder


@contextmanager
def _one_at_a_time(name: str) -> Iterator[Path]:
    """Yield a folder of the cache while no other process of the tests makes it."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield CACHE / name


@pytest.fixture(scope="session")
def sample_processed() -> Path:
    """Return a processed folder whose current edition is Sampleshire."""
    from pipelines.build import build
    from pipelines.start import sample_raw

    console = Console(quiet=True)
    with _one_at_a_time("sampleshire") as processed:
        build(sample_raw(processed, console), processed, console)
    return processed


@pytest.fixture(scope="session")
def national_processed(national_raw: Path) -> Path:
    """Return a processed folder whose current edition is England and Wales."""
    from pipelines.build import build

    with _one_at_a_time("national") as processed:
        build(national_raw, processed, Console(quiet=True))
    return processed


def _current(processed: Path) -> Path:
    from exclusion_map.editions import current_path

    return current_path(processed)


@pytest.fixture(scope="session")
def sample_edition(sample_processed: Path) -> Path:
    """Return the folder of the Sampleshire edition."""
    return _current(sample_processed)


@pytest.fixture(scope="session")
def national_edition(national_processed: Path) -> Path:
    """Return the folder of the edition of England and Wales."""
    return _current(national_processed)


@pytest.fixture(scope="session")
def postgres_programs() -> Path:
    """Return the folder of PostgreSQL's programs; skip, with the reason, where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is not installed: run scripts/install-test-packages")
        pytest.skip("PostgreSQL is not here: run scripts/install-test-packages")
    return found[-1].parent


@pytest.fixture(scope="session")
def postgres_server(postgres_programs: Path) -> Iterator[str]:
    """Start a PostgreSQL of our own on a socket in a temporary folder; return its address."""
    server = OwnPostgres(postgres_programs)
    try:
        server.start()
        yield server.url
    finally:
        server.remove()


@contextmanager
def _new_database(server: str, name: str, of: str = "template1") -> Iterator[str]:
    """Make a database of PostgreSQL as a copy of another; yield its address, and drop it."""
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {of}")
    yield server.replace("/postgres?", f"/{name}?")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _prepare(url: str) -> None:
    from exclusion_map.database import open_database
    from exclusion_map.directory import prepare

    database = open_database(url)
    prepare(database)
    database.close()


@pytest.fixture(scope="session")
def prepared_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a SQLite file with every table of this version, to copy: migrations take a while."""
    path = tmp_path_factory.mktemp("prepared") / "directory.db"
    _prepare(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def prepared_template(postgres_server: str) -> Iterator[str]:
    """Return the name of a database of PostgreSQL with every table, to copy."""
    with _new_database(postgres_server, "prepared") as url:
        _prepare(url)
        yield "prepared"


def _name(request: pytest.FixtureRequest) -> str:
    return f"test_{abs(hash(request.node.nodeid))}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the address of a database as this version makes it: of SQLite, then of PostgreSQL."""
    if request.param == "sqlite":
        path = tmp_path / "directory.db"
        shutil.copyfile(request.getfixturevalue("prepared_file"), path)
        yield f"sqlite:///{path}"
        return
    server: str = request.getfixturevalue("postgres_server")
    template: str = request.getfixturevalue("prepared_template")
    with _new_database(server, _name(request), template) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the address of a database without any table: of SQLite, then of PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: str = request.getfixturevalue("postgres_server")
    with _new_database(server, _name(request)) as url:
        yield url
