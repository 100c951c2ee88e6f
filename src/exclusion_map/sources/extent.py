"""The nations that a raw folder covers: it may be limited to one of them.

Files that cover England only are not needed for a map of Wales.
"""

from collections.abc import Collection, Iterable
from pathlib import Path

from exclusion_map import catalogue
from exclusion_map.sources.files import Absent, find_or_none
from exclusion_map.terms import Nation

NATION_OF_LETTER = {
    "E": Nation.ENGLAND,
    "W": Nation.WALES,
    "S": Nation.SCOTLAND,
    "N": Nation.NORTHERN_IRELAND,
}
"""The nation of an area, by the first letter of its code."""
_BOUNDARIES = ("ons-lsoa21-boundaries", "LSOA_2021_EW_BGC.geojson")


def nations_of(codes: Iterable[str]) -> frozenset[Nation]:
    """Return the nations of area codes; codes of other countries are ignored."""
    letters = {code[:1] for code in codes}
    return frozenset(NATION_OF_LETTER[letter] for letter in letters & NATION_OF_LETTER.keys())


def describes(source_id: str, nations: Collection[Nation]) -> bool:
    """Return whether a source holds data on any of these nations.

    Raises:
        CatalogueError: there is no such source.
    """
    return not set(catalogue.source(source_id).nations).isdisjoint(nations)


def spared(raw_dir: Path, source_id: str, path: str, nations: Collection[Nation]) -> bool:
    """Return whether a file is missing but not needed, because it covers other nations only.

    Raises:
        CatalogueError: the catalogue declares no such file.
    """
    return not describes(source_id, nations) and find_or_none(raw_dir, source_id, path) is None


def needed(raw_dir: Path, lacking: Iterable[Absent]) -> list[Absent]:
    """Return the missing files without which this folder cannot be built.

    Args:
        raw_dir: the raw folder.
        lacking: missing files that an edition of England and Wales needs.
    """
    lacking = list(lacking)
    if not any(len(one.source.nations) == 1 for one in lacking):
        return lacking
    nations = nations_held(raw_dir)
    return [one for one in lacking if not set(one.source.nations).isdisjoint(nations)]


def nations_held(raw_dir: Path) -> frozenset[Nation]:
    """Return the nations in the boundary file, or all if it is missing or unreadable."""
    path = find_or_none(raw_dir, *_BOUNDARIES)
    codes = [] if path is None else _codes(path)
    return nations_of(codes) or frozenset(Nation)


def _codes(path: Path) -> list[str]:
    """Return the area codes in a boundary layer; empty if they cannot be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    from pyogrio import read_arrow
    from pyogrio.errors import DataLayerError, DataSourceError

    try:
        if path.suffix == ".parquet":
            table = pq.read_table(path, columns=["LSOA21CD"])
        else:
            table = read_arrow(path, columns=["LSOA21CD"], read_geometry=False)[1]
        return [str(code) for code in table.column("LSOA21CD").to_pylist()]
    except (DataSourceError, DataLayerError, pa.ArrowException, KeyError, OSError, ValueError):
        return []
