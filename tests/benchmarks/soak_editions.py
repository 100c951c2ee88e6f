"""Two editions that answer alike but never the same, and the addresses that are asked of them."""

import random
import shutil
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from exclusion_map.editions import new_edition, publish, read_manifest, set_current
from exclusion_map.terms import AreaKind
from exclusion_map.tiles.archive import TileArchive
from tests.benchmarks.archive import draw, sizes

TWIN, SEED = "twin", 2026
MARK = (2026).to_bytes(4, "little")
"""Stands in the gzip header of each tile of the twin, where a time may stand; ours have 0 there."""
MIX = {
    "tiles": 40,
    "tiles, current": 10,
    "scored tiles": 10,
    "profiles": 12,
    "search": 12,
    "values": 6,
    "values, weights": 10,
}
"""Of a hundred requests, how many of each kind."""
SETS = 6
"""Sets of weights; what each is answered with is known before."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One address.

    Attributes:
        kind: what sort of answer, for the table.
        path: with ``{edition}`` where an address names one.
    """

    kind: str
    path: str

    @property
    def named(self) -> bool:
        """Whether the address names its edition."""
        return "{edition}" in self.path


def stage(edition: Path, processed: Path) -> tuple[str, str]:
    """Put a copy of an edition and its twin into a folder, the copy current; return their ids."""
    shutil.copytree(edition, processed / "editions" / edition.name)
    with new_edition(processed, TWIN) as folder:
        shutil.copytree(edition, folder, dirs_exist_ok=True)
        for archive in folder.glob("*.pmtiles"):
            _mark(archive)
        _turn(folder / "scores.parquet")
        _rename(folder / "larger_areas.parquet")
        manifest = read_manifest(folder).model_copy(update={"edition": TWIN, "files": {}})
        publish(folder, manifest)
    set_current(processed, edition.name)
    return edition.name, TWIN


def _mark(path: Path) -> None:
    """Mark each tile of an archive: it decodes to the same, and is known from its bytes."""
    archive = TileArchive(path)
    if not archive.info.gzipped:
        return
    content = bytearray(path.read_bytes())
    for place in sizes(path):
        found = archive.find(*place)
        assert found is not None
        content[found[0] + 4 : found[0] + 8] = MARK
    path.write_bytes(content)


def _turn(path: Path) -> None:
    """Turn the tenths round: the highest becomes the lowest; 0, no data, stays."""
    scores = pd.read_parquet(path)
    scores["decile"] = scores["decile"].where(scores["decile"] == 0, 11 - scores["decile"])
    scores.to_parquet(path, index=False)


def _rename(path: Path) -> None:
    """Give every larger area another name."""
    table = pq.read_table(path)
    at = table.schema.get_field_index("name")
    names = pc.binary_join_element_wise(table["name"].cast(pa.string()), "(twin)", " ")
    pq.write_table(table.set_column(at, table.schema.field(at).with_type(pa.string()), names), path)


def addresses(edition: Path, index: str) -> list[Ask]:
    """Return what people's browsers ask for, about as often as they do, from a fixed seed."""
    chance = random.Random(SEED)
    tiles = ["/".join(map(str, place)) for place in draw(edition)]
    areas = pd.read_parquet(edition / "areas.parquet", columns=["code", "local_authority"])
    codes = chance.sample(areas["code"].tolist(), 60)
    names = sorted(set(areas["local_authority"].dropna()))
    words = [name[: chance.randint(3, 8)].strip() for name in chance.choices(names, k=60)]
    weights = [f"age:{n},disability:{n % 3 + 1},connectivity:2" for n in range(1, SETS + 1)]
    values = "/api/v1/editions/{edition}/values"
    kinds = [kind.value for kind in (AreaKind.SMALL_AREA, AreaKind.LOCAL_AUTHORITY)]
    asks = [Ask("tiles", f"/tiles/{{edition}}/areas/{tile}.mvt") for tile in tiles]
    asks += [Ask("tiles, current", f"/tiles/areas/{tile}.mvt") for tile in tiles[:60]]
    asks += [Ask("profiles", f"/api/v1/areas/{code}") for code in codes]
    asks += [Ask("search", f"/api/v1/search?q={word.replace(' ', '+')}") for word in words]
    for kind in kinds:
        stored = f"{values}/{kind}/{index}.bin"
        asks += [Ask("values", f"{stored}{query}") for query in ("", "?bits=4", "?measure=score")]
        asks += [Ask("values, weights", f"{stored}?weights={one}") for one in weights]
    for number, tile in enumerate(tiles[:120]):
        query = f"weights={weights[number % len(weights)]}"
        start = "/tiles/{edition}" if number % 2 else "/tiles"
        asks.append(Ask("scored tiles", f"{start}/{index}/{tile}.mvt?{query}"))
    return asks
