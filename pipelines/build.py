"""Build an edition from a raw folder: run missing steps, assemble, verify and publish it."""

import errno
import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
from rich.console import Console

from exclusion_map import __version__, catalogue, index, sampleshire
from exclusion_map.editions import Manifest, new_edition, publish
from exclusion_map.editions.manifest import (
    Check,
    EditionIndex,
    EditionSource,
    LevelCount,
    RawFile,
)
from exclusion_map.errors import EditionError
from exclusion_map.terms import AreaKind, Nation
from exclusion_map.tiles.tilesets import TILESETS
from pipelines.checks import run_checks
from pipelines.plan import STEPS
from pipelines.progress import Progress
from pipelines.steps import RawChecksums, run_steps, write_json

FILES = {
    "areas.parquet": "areas",
    "larger_areas.parquet": "areas",
    "indicators.parquet": "indicators",
    "larger_indicators.parquet": "indicators",
    "scores.parquet": "scores",
    "postcodes.arrow": "postcodes",
    "support.parquet": "support",
    "uncertainty.parquet": "intervals",
    "spread.parquet": "intervals",
    "contiguity.arrow": "patterns",
    "hotspots.parquet": "patterns",
    "estimate.parquet": "estimate",
}
"""Files of an edition and the step that produces each."""
TILES = {one.file: "area_tiles" if one.layers else "support_tiles" for one in TILESETS.values()}
"""The same for tile archives; an archive is omitted if the edition has none of its areas."""
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
DEFAULT_INDEX = "exclusion"
NATIONAL = "England and Wales"


def build(raw_dir: Path, processed_dir: Path, console: Console) -> Path:
    """Build and publish the edition for a raw folder; return its folder.

    Raises:
        ExclusionMapError: a raw file is missing or wrong, a check fails, or the disk is full. The
            previous edition then stays current.
    """
    try:
        return _build(raw_dir, processed_dir, console)
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise EditionError(
            str(processed_dir),
            found=os.strerror(error.errno),
            expected="enough space for the edition",
            mend="Free some space and build again: completed steps are kept.",
        ) from error


def _build(raw_dir: Path, processed_dir: Path, console: Console) -> Path:
    steps_dir = processed_dir / ".steps"
    steps_dir.mkdir(parents=True, exist_ok=True)
    progress = Progress(console, len(STEPS) + 1)
    checksums = RawChecksums(raw_dir, steps_dir / "checksums.json")
    made, digest = run_steps(STEPS, checksums, steps_dir, progress)
    synthetic = sampleshire.is_synthetic(raw_dir)
    title = sampleshire.TITLE if synthetic else _title(made["areas"] / "areas.parquet")
    edition_id = f"{title.lower().replace(' ', '-')}-{digest}"
    with progress.step("Assembling, checking and publishing the edition"):
        return _publish(processed_dir, edition_id, title, synthetic, made, checksums)


def _title(areas: Path) -> str:
    """Return the title: the nations in the edition, which may be only one."""
    held = set(pq.read_table(areas, columns=["nation"]).column("nation").to_pylist())
    return " and ".join(nation.value for nation in Nation if nation.value in held)


def _publish(
    processed_dir: Path,
    edition_id: str,
    title: str,
    synthetic: bool,
    made: dict[str, Path],
    checksums: RawChecksums,
) -> Path:
    with new_edition(processed_dir, edition_id) as folder:
        for name, step in (FILES | TILES).items():
            if name in FILES or (made[step] / name).exists():
                shutil.copyfile(made[step] / name, folder / name)
        write_json(folder / "validation.json", _validation(made))
        checks = run_checks(folder)
        manifest = _manifest(folder, edition_id, title, synthetic, made, checksums, checks)
        return publish(folder, manifest)


def _validation(made: dict[str, Path]) -> dict[str, object]:
    """Return the validation results of all steps."""
    whole: dict[str, object] = json.loads((made["scores"] / "validation.json").read_text())
    for name in ("intervals", "patterns", "practices", "estimate"):
        whole[name] = json.loads((made[name] / "report.json").read_text(encoding="utf-8"))
    return whole


def _manifest(
    folder: Path,
    edition_id: str,
    title: str,
    synthetic: bool,
    made: dict[str, Path],
    checksums: RawChecksums,
    checks: tuple[Check, ...],
) -> Manifest:
    small = pq.read_table(
        folder / "areas.parquet", columns=["nation", "xmin", "ymin", "xmax", "ymax"]
    ).to_pandas()
    notes = [
        note
        for step in ("geography", "indicators", "scores", "support")
        for note in json.loads((made[step] / "notes.json").read_text(encoding="utf-8"))
    ]
    return Manifest(
        edition=edition_id,
        title=title,
        synthetic=synthetic,
        built=datetime.now(UTC).replace(microsecond=0),
        code_version=__version__,
        nations=tuple(nation for nation in Nation if nation.value in set(small["nation"])),
        bounds=(
            float(small["xmin"].min()),
            float(small["ymin"].min()),
            float(small["xmax"].max()),
            float(small["ymax"].max()),
        ),
        sources=_sources(checksums),
        indicators=tuple(catalogue.indicators().values()),
        indices=tuple(
            EditionIndex(
                id=definition.id,
                title=definition.title,
                definition=definition.model_dump(mode="json"),
            )
            for definition in map(index.library().__getitem__, _indices(made))
        ),
        default_index=DEFAULT_INDEX,
        levels=_levels(folder),
        notes=tuple(notes),
        checks=checks,
        validation=json.loads((folder / "validation.json").read_text(encoding="utf-8")),
    )


def _indices(made: dict[str, Path]) -> list[str]:
    """Return the ids of the indices computed, the default index first."""
    return [str(one) for one in json.loads((made["scores"] / "indices.json").read_text())]


def _sources(checksums: RawChecksums) -> tuple[EditionSource, ...]:
    used = {source for step in STEPS for source in step.sources}
    return tuple(
        EditionSource(
            **{
                name: getattr(source, name)
                for name in EditionSource.model_fields
                if name != "files"
            },
            files=tuple(RawFile.model_validate(file) for file in checksums.of(identity)),
        )
        for identity, source in catalogue.sources().items()
        if identity in used and checksums.of(identity)
    )


def _levels(folder: Path) -> tuple[LevelCount, ...]:
    counts = {AreaKind.SMALL_AREA.value: pq.read_metadata(folder / "areas.parquet").num_rows}
    kinds = pq.read_table(folder / "larger_areas.parquet", columns=["kind"]).column("kind")
    for entry in kinds.value_counts().to_pylist():
        counts[str(entry["values"])] = int(entry["counts"])
    return tuple(
        LevelCount(kind=kind, count=counts[kind.value]) for kind in AreaKind if kind.value in counts
    )
