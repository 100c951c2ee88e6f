"""Have an edition ready: the national one when its raw files can be had, else Sampleshire."""

from pathlib import Path

from rich.console import Console

from exclusion_map import sampleshire
from exclusion_map.errors import ExclusionMapError
from exclusion_map.settings import DataSettings
from exclusion_map.sources.files import Absent, absent
from pipelines.build import build
from pipelines.fetch import fetch

SAMPLE_SEED = 2026


def prepare(data: DataSettings, console: Console) -> Path:
    """Build the best edition that can be had, and say which it is and how to get the other."""
    lacking = absent(data.raw_dir)
    if lacking:
        console.print(
            f"{len(lacking)} raw files are not in {data.raw_dir}; asking the publishers.",
            highlight=False,
        )
        lacking = _try_to_fetch(data.raw_dir, console)
    if not lacking:
        edition = build(data.raw_dir, data.processed_dir, console)
        console.print(f"Built from real public data in {data.raw_dir}: {edition.name}")
        console.print("For the invented county instead: exclusion-map build --synthetic")
        return edition
    edition = build(sample_raw(data.processed_dir, console), data.processed_dir, console)
    console.print(
        f"[bold]This is {sampleshire.TITLE}, an invented county: nothing in it is real.[/] "
        f"For the real map, run exclusion-map fetch where the publishers can be reached, or set "
        f"EXCLUSION_MAP_RAW_DIR to a filled folder; {len(lacking)} files are missing, such as "
        f"{lacking[0]}."
    )
    return edition


def sample_raw(processed_dir: Path, console: Console) -> Path:
    """Return the raw folder of Sampleshire, written anew so that it fits this version's code."""
    folder = processed_dir / ".sampleshire"
    console.print(f"Making up {sampleshire.TITLE} from seed {SAMPLE_SEED}.", highlight=False)
    sampleshire.write_raw(folder, seed=SAMPLE_SEED)
    return folder


def _try_to_fetch(raw_dir: Path, console: Console) -> list[Absent]:
    try:
        fetch(raw_dir, console=console)
    except ExclusionMapError as error:
        console.print(error.message, markup=False, highlight=False)
    return absent(raw_dir)
