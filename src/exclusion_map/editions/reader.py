"""An edition opened for reading: the read model in memory, tiles and postcodes as memory maps."""

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
        """The edition's id, as it stands in addresses."""
        return self.manifest.edition

    @cached_property
    def values(self) -> ValueTable:
        """The values of the small areas, as the index engine takes them."""
        return value_table(
            self.atlas, {str(one.id): one.direction for one in self.manifest.indicators}
        )

    @cached_property
    def prepared(self) -> PreparedIndices:
        """The normalised columns of each index of the edition, made when first asked for."""
        return PreparedIndices(self.manifest.indices, self.values)

    @cached_property
    def patterns(self) -> Mapping[str, PatternTable]:
        """Local patterns by index, read when first asked for; empty where there are none."""
        return read_patterns(self.folder, self.atlas)

    @cached_property
    def spreads(self) -> Spreads:
        """How unevenly risk lies inside larger areas, read when first asked for."""
        return read_spreads(self.folder, self.atlas)

    @cached_property
    def borders(self) -> Contiguity | None:
        """Which small areas touch, read when first asked for; None where it is not held."""
        return read_borders(self.folder, self.atlas)

    def outline(self, level: Level, row: int) -> dict[str, Any]:
        """Return the GeoJSON geometry of an area, read from the disk."""
        return read_outline(self.folder, level.kind, level.codes[row])


def open_edition(folder: Path, verify: Depth = "full") -> Edition:
    """Open an edition.

    Args:
        folder: the edition's folder, as ``exclusion_map.editions.current_path`` gives it.
        verify: "full" checks every byte, some 0.1 s for a country; "quick" that every file is
            there in its full size.

    Raises:
        EditionError: naming the file that is absent or damaged.
    """
    manifest = read_manifest(folder)
    if manifest.edition != folder.name:
        raise EditionError(
            f"edition {folder}",
            found=f"a manifest of edition {manifest.edition!r}",
            expected="an edition in a folder of its own name",
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
