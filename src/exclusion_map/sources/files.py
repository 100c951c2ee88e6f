"""Find the files of a source in the raw folder, under their own name or an accepted one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from exclusion_map import catalogue
from exclusion_map.catalogue import Source, SourceFile
from exclusion_map.errors import CatalogueError, SourceMissingError

_SHOWN = 5
MEND = "Run `exclusion-map fetch`, or set EXCLUSION_MAP_RAW_DIR to a folder with the raw files."


@dataclass(frozen=True)
class Absent:
    """A declared file that is not in the raw folder."""

    source: Source
    file: SourceFile

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Name of the source and file, for messages."""
        return f"{self.source.id}/{self.file.path}"

    @property
    def by_hand(self) -> bool:
        """Whether it must be downloaded by hand, because it has no stable direct address."""
        return self.file.delivery is catalogue.Delivery.BY_HAND


def declared(source_id: str, path: str) -> SourceFile:
    """Return the declaration of a file, given its name or one of its accepted names.

    Raises:
        CatalogueError: there is no such source, or it declares no such file.
    """
    source = catalogue.source(source_id)
    for file in source.files:
        if path in (file.path, *file.also):
            return file
    raise CatalogueError(
        f"source {source_id!r}",
        found=f"no file {path!r}",
        expected=f"one of {', '.join(file.path for file in source.files)}",
    )


def located(raw_dir: Path, source_id: str, file: SourceFile) -> Path | None:
    """Return the path of a declared file, or None if it is not in the raw folder."""
    folder = raw_dir / source_id
    candidates = (folder / name for name in (file.path, *file.also))
    return next((path for path in candidates if path.is_file()), None)


def find_or_none(raw_dir: Path, source_id: str, path: str) -> Path | None:
    """Return the path of a declared file, or None if it is not in the raw folder.

    Raises:
        CatalogueError: the catalogue declares no such file.
    """
    return located(raw_dir, source_id, declared(source_id, path))


def find(raw_dir: Path, source_id: str, path: str) -> Path:
    """Return the path of a declared file, preferring the published name to a re-encoded copy.

    Raises:
        CatalogueError: the catalogue declares no such file.
        SourceMissingError: the file is not in the raw folder under any accepted name.
    """
    file = declared(source_id, path)
    found = located(raw_dir, source_id, file)
    if found is None:
        raise SourceMissingError(
            f"{source_id}/{file.path}",
            found=f"no such file in {raw_dir / source_id}{_instead(raw_dir / source_id)}",
            expected=" or ".join((file.path, *file.also)),
            mend=how_to_get(file),
        )
    return found


def _instead(folder: Path) -> str:
    """Return a folder's content in words, so that a renamed or unpacked file is recognised."""
    held = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    shown = [name for name in held if not name.startswith(".")][:_SHOWN]
    return f", which holds {', '.join(shown)}" if shown else ""


def how_to_get(file: SourceFile) -> str:
    """Return how to obtain a missing file."""
    if file.delivery is catalogue.Delivery.BY_HAND:
        return f"Download it by hand from {file.address or 'its publisher'}. {MEND}"
    return MEND


def absent(raw_dir: Path, sources: Mapping[str, Source] | None = None) -> list[Absent]:
    """Return the files that an edition of England and Wales needs and the raw folder lacks.

    Those with ``by_hand`` cannot be fetched automatically.
    """
    return [
        Absent(source, file)
        for source, file in _required(sources if sources is not None else catalogue.sources())
        if not served(raw_dir, source, file)
    ]


def served(raw_dir: Path, source: Source, file: SourceFile) -> bool:
    """Return whether a file, or an alternative to it, is in the raw folder."""
    others = (other for other in source.files if other.path in file.instead)
    return any(located(raw_dir, source.id, one) is not None for one in (file, *others))


def _required(sources: Mapping[str, Source]) -> Iterable[tuple[Source, SourceFile]]:
    return ((source, file) for source in sources.values() for file in source.files if file.required)
