"""An edition open for reading: tables in memory, tiles and postcodes memory-mapped."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from exclusion_map.areas.atlas import Atlas, Level
from exclusion_map.areas.value_table import value_table
from exclusion_map.editions.local_tables import (
    PatternTable,
    Spreads,
    read_borders,
    read_patterns,
    read_spreads,
)
from exclusion_map.editions.manifest import Manifest, read_manifest
from exclusion_map.editions.outline import read_outline
from exclusion_map.editions.prepared import PreparedIndices
from exclusion_map.editions.tables import read_atlas
from exclusion_map.editions.verify import Depth, verify_files
from exclusion_map.errors import EditionError
from exclusion_map.geography.contiguity import Contiguity
from exclusion_map.geography.postcode_index import PostcodeIndex
from exclusion_map.index import ValueTable
from exclusion_map.support.nearest import SupportTable
from exclusion_map.tiles.archive import TileArchive
from exclusion_map.tiles.tilesets import TILESETS

POSTCODES = "postcodes.arrow"
SUPPORT = "support.parquet"
NEEDED_TILES = ("areas", "support")
"""Tilesets every edition holds; editions built by older versions lack the others."""


@dataclass(frozen=True, kw_only=True)
class Edition:
    """One edition, open and read-only."""

    folder: Path
    manifest: Manifest
    atlas: Atlas
    tiles: Mapping[str, TileArchive]
    postcodes: PostcodeIndex | None
    support: SupportTable

    @property
    def id(self) -> str:
        """The edition's id, as used in addresses."""
        return self.manifest.edition

    @cached_property
    def values(self) -> ValueTable:
        """The values of the small areas, as input for the index engine."""
        return value_table(
            self.atlas, {str(one.id): one.direction for one in self.manifest.indicators}
        )

    @cached_property
    def prepared(self) -> PreparedIndices:
        """The normalised columns of each index, computed on first use."""
        return PreparedIndices(self.manifest.indices, self.values)

    @cached_property
    def patterns(self) -> Mapping[str, PatternTable]:
        """Local patterns by index, read on first use; empty if there are none."""
        return read_patterns(self.folder, self.atlas)

    @cached_property
    def spreads(self) -> Spreads:
        """Spread of risk inside larger areas, read on first use."""
        return read_spreads(self.folder, self.atlas)

    @cached_property
    def borders(self) -> Contiguity | None:
        """Contiguity of small areas, read on first use; None if the edition has none."""
        return read_borders(self.folder, self.atlas)

    def outline(self, level: Level, row: int) -> dict[str, Any]:
        """Return the GeoJSON geometry of an area, read from the disk."""
        return read_outline(self.folder, level.kind, level.codes[row])


def open_edition(folder: Path, verify: Depth = "full") -> Edition:
    """Open an edition.

    Args:
        folder: the edition's folder, from ``exclusion_map.editions.current_path``.
        verify: "full" checks every byte, about 0.1 s for a country; "quick" only checks that all
            files exist with the right size.

    Raises:
        EditionError: it names the file that is missing or damaged.
    """
    manifest = read_manifest(folder)
    if manifest.edition != folder.name:
        raise EditionError(
            f"edition {folder}",
            found=f"a manifest of edition {manifest.edition!r}",
            expected="a folder named after its edition",
            mend="Rename the folder back: tile addresses depend on its name.",
        )
    verify_files(folder, manifest, verify)
    atlas = read_atlas(folder)
    for level in manifest.levels:
        held = len(atlas.levels.get(level.kind, ()))
        if held != level.count:
            raise EditionError(
                f"edition {folder}",
                found=f"{held:,} areas of kind {level.kind.value}",
                expected=f"{level.count:,}, as its manifest says",
                mend="Build the edition again.",
            )
    postcodes = folder / POSTCODES
    return Edition(
        folder=folder,
        manifest=manifest,
        atlas=atlas,
        tiles=_open_tiles(folder),
        postcodes=PostcodeIndex.open(postcodes) if postcodes.exists() else None,
        support=SupportTable.open(folder / SUPPORT),
    )


def _open_tiles(folder: Path) -> dict[str, TileArchive]:
    return {
        name: TileArchive(folder / tileset.file)
        for name, tileset in TILESETS.items()
        if name in NEEDED_TILES or (folder / tileset.file).exists()
    }
