"""The command ``start``: build the national edition if possible, else Sampleshire, and serve it."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from rich.console import Console

from exclusion_map import catalogue, sampleshire
from exclusion_map.catalogue import Source
from exclusion_map.editions import current_path, read_manifest
from exclusion_map.errors import ExclusionMapError
from exclusion_map.settings import DataSettings, FetchSettings
from exclusion_map.sources.extent import needed
from exclusion_map.sources.fetching import Wanted, how_by_hand
from exclusion_map.sources.files import Absent, absent, served
from pipelines.build import NATIONAL, build
from pipelines.downloads import say
from pipelines.fetch import fetch

SAMPLE_SEED = 2026
_NAMED = 5


def prepare(
    data: DataSettings,
    console: Console,
    *,
    sources: Mapping[str, Source] | None = None,
    settings: FetchSettings | None = None,
) -> Path:
    """Build the best edition available, and print which it is and how to get the other.

    Args:
        data: the raw folder and the folder of editions.
        console: for output.
        sources: the catalogue; the shipped one if None.
        settings: limits of the downloader; from the environment if None.

    If the build fails, the existing edition is kept and the reason is printed.

    Raises:
        ExclusionMapError: a raw file is wrong, or a check of the edition fails, and there is no
            edition of the same kind of place yet.
    """
    known = sources if sources is not None else catalogue.sources()
    lacking = obtain(data.raw_dir, console, known, settings)
    if lacking:
        return _sample(data, console, lacking)
    try:
        edition = build(data.raw_dir, data.processed_dir, console)
    except ExclusionMapError as error:
        return _kept(data, console, error)
    if sampleshire.is_synthetic(data.raw_dir):
        say(console, f"{data.raw_dir} holds {sampleshire.TITLE}, an invented county.")
    else:
        say(console, f"{NATIONAL}, from public data in {data.raw_dir}: {edition.name}")
        say(console, "For the invented county instead: exclusion-map build --synthetic")
    _tell_of_optional(data.raw_dir, console, known)
    return edition


def _kept(data: DataSettings, console: Console, error: ExclusionMapError) -> Path:
    """Return the current edition if it is of the same kind (real or invented) as the failed build.

    Raises:
        ExclusionMapError: the error of the build, if there is no such edition.
    """
    try:
        folder = current_path(data.processed_dir)
        alike = read_manifest(folder).synthetic is sampleshire.is_synthetic(data.raw_dir)
    except ExclusionMapError:
        alike = False
    if not alike:
        raise error
    say(console, f"The edition could not be built. {error.message}")
    say(console, f"The previous edition stays current: {folder.name}")
    return folder


def obtain(
    raw_dir: Path,
    console: Console,
    sources: Mapping[str, Source],
    settings: FetchSettings | None = None,
) -> list[Absent]:
    """Return the needed files still missing after trying to download them."""
    lacking = needed(raw_dir, absent(raw_dir, sources))
    if not lacking:
        return []
    say(console, f"{len(lacking)} needed files are not in {raw_dir}; asking the publishers.")
    try:
        fetch(raw_dir, console=console, settings=settings, sources=sources)
    except ExclusionMapError as error:
        say(console, error.message)
    return needed(raw_dir, absent(raw_dir, sources))


def optional(raw_dir: Path, sources: Mapping[str, Source]) -> list[Absent]:
    """Return optional files that would improve an edition and are not in the raw folder."""
    return [
        Absent(source, file)
        for source in sources.values()
        for file in source.files
        if file.recommended and not file.required and not served(raw_dir, source, file)
    ]


def sample_raw(processed_dir: Path, console: Console) -> Path:
    """Return the raw folder of Sampleshire, rewritten so that it matches this version."""
    folder = processed_dir / ".sampleshire"
    say(console, f"Making up {sampleshire.TITLE} from seed {SAMPLE_SEED}.")
    sampleshire.write_raw(folder, seed=SAMPLE_SEED)
    return folder


def _sample(data: DataSettings, console: Console, lacking: Iterable[Absent]) -> Path:
    edition = build(sample_raw(data.processed_dir, console), data.processed_dir, console)
    console.print(
        f"[bold]This is {sampleshire.TITLE}, an invented county: nothing in it is real.[/]",
        highlight=False,
        soft_wrap=True,
    )
    say(
        console,
        f"For the real map of {NATIONAL}, run exclusion-map start again where the publishers can "
        "be reached, or set EXCLUSION_MAP_RAW_DIR to a folder with the raw files.",
    )
    say(console, f"Needed and not in {data.raw_dir}: {_names(lacking)}.")
    return edition


def _tell_of_optional(raw_dir: Path, console: Console, sources: Mapping[str, Source]) -> None:
    """Print which optional files are missing, and how to get them."""
    lacking = optional(raw_dir, sources)
    if fetched := [item for item in lacking if not item.by_hand]:
        say(console, f"Done without {_names(fetched)}: exclusion-map fetch may bring more.")
    for item in lacking:
        if item.by_hand:
            how = how_by_hand(Wanted(item.source, item.file), raw_dir)
            say(console, f"Done without {item.label} ({item.source.title}): {how}")


def _names(items: Iterable[Absent]) -> str:
    labels = [item.label for item in items]
    more = len(labels) - _NAMED
    return ", ".join(labels[:_NAMED]) + (f" and {more} more" if more > 0 else "")
