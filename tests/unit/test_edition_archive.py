import gzip
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pmtiles.reader import MmapSource, Reader
from pmtiles.tile import (
    Compression,
    Entry,
    TileType,
    serialize_directory,
    tileid_to_zxy,
    write_varint,
    zxy_to_tileid,
)
from pmtiles.writer import Writer

from exclusion_map.errors import EditionError
from exclusion_map.tiles.archive import TileArchive, parse_directory, parse_varints


def write(path: Path, tiles: dict[int, bytes], kind: TileType = TileType.MVT) -> Path:
    with path.open("wb") as file:
        writer = Writer(file)
        for tile, data in tiles.items():
            writer.write_tile(tile, data)
        writer.finalize(
            {
                "tile_type": kind,
                "tile_compression": Compression.GZIP,
                "min_lon_e7": -60_000_000,
                "min_lat_e7": 490_000_000,
                "max_lon_e7": 20_000_000,
                "max_lat_e7": 560_000_000,
                "center_zoom": 0,
                "center_lon_e7": 0,
                "center_lat_e7": 0,
            },
            {"vector_layers": [{"id": "one"}]},
        )
    return path


def test_an_archive_with_leaf_directories_gives_what_the_reference_reader_gives(
    tmp_path: Path,
) -> None:
    random = np.random.default_rng(7)
    first = zxy_to_tileid(10, 0, 0)
    ids = np.sort(random.choice(200_000, size=15_000, replace=False)) + first
    # Few distinct contents, so that some neighbours are stored as one run.
    tiles = {int(tile): f"tile {random.integers(40)}".encode() * 3 for tile in ids}
    path = write(tmp_path / "a.pmtiles", tiles)
    archive = TileArchive(path)
    assert len(archive) == len(tiles)
    with path.open("rb") as file:
        reader = Reader(MmapSource(file))
        assert reader.header()["leaf_directory_length"] > 0
        # The reference reads its directories at every call: a few calls are enough.
        for tile in random.integers(first - 50, first + 200_050, size=15):
            z, x, y = tileid_to_zxy(int(tile))
            assert archive.get(z, x, y) == reader.get(z, x, y)
    for tile in random.integers(first - 50, first + 200_050, size=2_000):
        assert archive.get(*tileid_to_zxy(int(tile))) == tiles.get(int(tile))
    assert archive.get(*tileid_to_zxy(int(ids[0]))) == tiles[int(ids[0])]
    assert archive.get(*tileid_to_zxy(int(ids[-1]))) == tiles[int(ids[-1])]


def test_runs_cover_their_tiles_and_no_more(tmp_path: Path) -> None:
    start = zxy_to_tileid(4, 3, 3)
    archive = TileArchive(write(tmp_path / "a.pmtiles", {start + n: b"sea" for n in range(5)}))
    found = [archive.get(*tileid_to_zxy(start + n)) for n in range(-1, 6)]
    assert found == [None, *[b"sea"] * 5, None]
    assert len(archive) == 5


def test_what_the_header_says(tmp_path: Path) -> None:
    tiles = {zxy_to_tileid(z, 0, 0): b"x" for z in (3, 5)}
    archive = TileArchive(write(tmp_path / "a.pmtiles", tiles))
    assert (archive.info.min_zoom, archive.info.max_zoom) == (3, 5)
    assert archive.info.bounds == (-6.0, 49.0, 2.0, 56.0)
    assert archive.metadata["vector_layers"] == [{"id": "one"}]
    assert archive.holds(4, 15, 15)
    assert not any(archive.holds(*tile) for tile in ((2, 0, 0), (6, 0, 0), (4, 16, 0), (4, 0, -1)))


@pytest.mark.parametrize("keep", [0, 50, 127, 140, -1])
def test_an_archive_cut_short_is_refused(tmp_path: Path, keep: int) -> None:
    path = write(
        tmp_path / "a.pmtiles", {zxy_to_tileid(3, n, 0): bytes([n]) * 99 for n in range(8)}
    )
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(EditionError, match=r"a\.pmtiles"):
        TileArchive(path)


def test_what_is_not_an_archive_of_vector_tiles_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EditionError, match="unreadable"):
        TileArchive(tmp_path / "nothing.pmtiles")
    other = write(tmp_path / "png.pmtiles", {0: b"x"}, TileType.PNG)
    with pytest.raises(EditionError, match="PNG"):
        TileArchive(other)
    (tmp_path / "text.pmtiles").write_text("PMTiles are not text" * 20)
    with pytest.raises(EditionError):
        TileArchive(tmp_path / "text.pmtiles")


@given(st.lists(st.integers(0, 2**56 - 1), max_size=40))
def test_numbers_of_variable_length(numbers: list[int]) -> None:
    buffer = io.BytesIO()
    for number in numbers:
        write_varint(buffer, number)
    assert parse_varints(buffer.getvalue()).tolist() == numbers


@given(
    st.lists(
        st.tuples(st.integers(1, 9), st.integers(0, 5), st.integers(1, 99), st.booleans()),
        min_size=1,
        max_size=30,
    )
)
def test_directories_as_the_reference_writes_them(rows) -> None:
    entries, tile, end = [], 0, 0
    for step, run, length, follows in rows:
        tile += step
        offset = end if follows else end + 7
        entries.append(Entry(tile, offset, length, run))
        end = offset + length
    parsed = parse_directory(gzip.decompress(serialize_directory(entries)))
    expected = [[e.tile_id, e.run_length, e.offset, e.length] for e in entries]
    assert parsed.tolist() == expected


@pytest.mark.parametrize("raw", [b"", b"\x05\x01", b"\x80", b"\x01\x01\x01\x01\x80"])
def test_damaged_directories(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"damaged|cut short"):
        parse_directory(raw)
