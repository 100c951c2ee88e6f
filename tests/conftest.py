"""Fixtures every test folder shares: raw folders, and editions built from them by the pipeline."""

import os
from pathlib import Path

import pytest
from rich.console import Console

REPOSITORY = Path(__file__).resolve().parents[1]
CACHE = REPOSITORY / ".cache" / "tests"
"""Editions built for tests stay here: steps that are made already are found again."""


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


@pytest.fixture(scope="session")
def sample_processed() -> Path:
    """Return a processed folder whose current edition is Sampleshire."""
    from pipelines.build import build
    from pipelines.start import sample_raw

    processed = CACHE / "sampleshire"
    console = Console(quiet=True)
    build(sample_raw(processed, console), processed, console)
    return processed


@pytest.fixture(scope="session")
def national_processed(national_raw: Path) -> Path:
    """Return a processed folder whose current edition is England and Wales."""
    from pipelines.build import build

    processed = CACHE / "national"
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
