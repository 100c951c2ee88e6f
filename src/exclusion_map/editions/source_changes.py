"""Which data differ between two editions, as their manifests say it."""

from dataclasses import dataclass
from enum import StrEnum

from exclusion_map.editions.manifest import EditionSource, Manifest


class SourceFate(StrEnum):
    """How a source changed."""

    ADDED = "added"
    GONE = "gone"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceChange:
    """A source that differs between two editions.

    Attributes:
        id: of the source.
        title: in the edition that has it, the later one first.
        fate: what became of it.
        old_vintage: date of its data in the old edition; empty where it has none.
        new_vintage: the same in the new one.
        files: how many of its files were added, removed or are of other content.
    """

    id: str
    title: str
    fate: SourceFate
    old_vintage: str
    new_vintage: str
    files: int


def source_changes(old: Manifest, new: Manifest) -> tuple[SourceChange, ...]:
    """Return the sources that differ, in the order of the new edition, those gone last."""
    before = {source.id: source for source in old.sources}
    after = {source.id: source for source in new.sources}
    found = (
        _change(before.get(name), after.get(name)) for name in dict.fromkeys([*after, *before])
    )
    return tuple(change for change in found if change is not None)


def _change(old: EditionSource | None, new: EditionSource | None) -> SourceChange | None:
    one = new or old
    if one is None:
        return None
    files = _files(old) ^ _files(new)
    vintages = (old.vintage if old else "", new.vintage if new else "")
    if old and new and not files and vintages[0] == vintages[1]:
        return None
    fate = SourceFate.CHANGED if old and new else SourceFate.ADDED if new else SourceFate.GONE
    return SourceChange(
        id=one.id,
        title=one.title,
        fate=fate,
        old_vintage=vintages[0],
        new_vintage=vintages[1],
        files=len({path for path, _ in files}),
    )


def _files(source: EditionSource | None) -> set[tuple[str, str]]:
    return {(file.path, file.sha256) for file in source.files} if source else set()
