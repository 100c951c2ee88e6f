"""Values written into tiles without encoding them come back out of ordinary decoders."""

import gzip
import json
from pathlib import Path

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from mapbox_vector_tile.Mapbox.vector_tile_pb2 import tile as VectorTile  # noqa: N812
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from exclusion_map.areas.atlas import Level, ScoreSet
from exclusion_map.errors import EditionError
from exclusion_map.index import library
from exclusion_map.terms import AreaKind
from exclusion_map.tiles.archive import TileArchive
from exclusion_map.tiles.scored import encode_values, make_template, write_tile
from exclusion_map.tiles.scored_store import SizedCache, TemplateStore
from exclusion_map.tiles.scored_wire import padded_varints, split_layers, varint
from exclusion_map.tiles.tilesets import TILESETS

SMALL, COUNCIL = AreaKind.SMALL_AREA, AreaKind.LOCAL_AUTHORITY


def level(kind: AreaKind, count: int) -> Level:
    names = tuple(f"Môr & ‘{kind.value}’ {row}" for row in range(count))
    codes = tuple(f"E{row:08}" for row in range(count))
    return Level(
        kind=kind,
        codes=codes,
        names=names,
        labels=names,
        nations=("England",) * count,
        population=np.ones(count),
        households=np.ones(count),
        longitude=np.zeros(count),
        latitude=np.zeros(count),
        bbox=np.zeros((count, 4)),
        parents={},
        small_areas=np.ones(count, dtype=np.int32),
        position={code: row for row, code in enumerate(codes)},
    )


def scores(values: list[float], rank: list[int], decile: list[int]) -> ScoreSet:
    """Scores as given; where a score is NaN, rank and decile are 0 as everywhere."""
    score = np.array(values, dtype=np.float64)
    gaps = np.isnan(score)
    return ScoreSet(
        score=score,
        rank=np.where(gaps, 0, np.array(rank)).astype(np.int32),
        decile=np.where(gaps, 0, np.array(decile)).astype(np.uint8),
        ranked=int((~gaps).sum()),
        data_share=np.ones(len(score)),
        worst_tenth_share=np.full(len(score), np.nan),
    )


def plain_tile(layers: dict[AreaKind, list[int]]) -> bytes:
    """A tile of squares without attributes, as the build makes them."""
    return bytes(
        mapbox_vector_tile.encode(
            [
                {
                    "name": kind.value,
                    "features": [
                        {"geometry": shapely.box(row, 0, row + 9, 7), "properties": {}, "id": row}
                        for row in rows
                    ],
                }
                for kind, rows in layers.items()
            ]
        )
    )


@st.composite
def questions(draw: st.DrawFn) -> tuple[dict[AreaKind, list[int]], dict[AreaKind, ScoreSet]]:
    """Which areas are in a tile, and scores of all areas, some of them missing."""
    tile, found = {}, {}
    for kind in (COUNCIL, SMALL):
        count = draw(st.integers(1, 200))
        rows = draw(st.lists(st.integers(0, count - 1), min_size=1, max_size=60, unique=True))
        score = st.floats(0, 100, width=32) | st.just(float("nan"))
        tile[kind] = rows
        found[kind] = scores(
            draw(st.lists(score, min_size=count, max_size=count)),
            draw(st.lists(st.integers(1, count), min_size=count, max_size=count)),
            draw(st.lists(st.integers(1, 10), min_size=count, max_size=count)),
        )
    return tile, found


@settings(max_examples=40, deadline=None)
@given(questions())
def test_any_values_written_are_the_values_decoded(
    drawn: tuple[dict[AreaKind, list[int]], dict[AreaKind, ScoreSet]],
) -> None:
    tile, found = drawn
    levels = {kind: level(kind, len(each.score)) for kind, each in found.items()}
    values = {kind: encode_values(each) for kind, each in found.items()}
    plain = plain_tile(tile)
    written = gzip.decompress(
        write_tile(make_template(split_layers(plain), levels, values), values)
    )
    decoded = mapbox_vector_tile.decode(written)
    assert list(decoded) == [kind.value for kind in tile]
    for kind, rows in tile.items():
        features = decoded[kind.value]["features"]
        assert [one["id"] for one in features] == rows
        for row, feature in zip(rows, features, strict=True):
            expected = {"code": levels[kind].codes[row], "name": levels[kind].labels[row]}
            if found[kind].rank[row]:
                expected |= {
                    "score": float(found[kind].score[row]),
                    "rank": int(found[kind].rank[row]),
                    "decile": int(found[kind].decile[row]),
                }
            assert feature["properties"] == expected
    assert_same_geometry(plain, written)


def assert_same_geometry(plain: bytes, written: bytes) -> None:
    before, after = VectorTile.FromString(plain), VectorTile.FromString(written)
    for old, new in zip(before.layers, after.layers, strict=True):
        assert (old.name, old.version, old.extent) == (new.name, new.version, new.extent)
        for one, other in zip(old.features, new.features, strict=True):
            assert (one.id, one.type, list(one.geometry)) == (
                other.id,
                other.type,
                list(other.geometry),
            )


@given(st.lists(st.integers(0, 2**31 - 1), min_size=1), st.integers(5, 8))
def test_padded_numbers_are_read_by_protocol_buffers(numbers: list[int], width: int) -> None:
    for number, padded in zip(numbers, padded_varints(np.array(numbers), width), strict=True):
        value = VectorTile.value.FromString(b"\x28" + padded.tobytes())
        assert value.uint_value == number


@pytest.mark.parametrize(("number", "width"), [(0, 1), (127, 1), (128, 2), (16383, 2), (35672, 3)])
def test_numbers_are_not_padded_beyond_the_width(number: int, width: int) -> None:
    assert padded_varints(np.array([number]), width).tobytes() == varint(number)


def test_an_area_that_is_not_asked_for_has_no_score() -> None:
    found = scores([10.0, 20.0, 30.0], [3, 2, 1], [10, 5, 1])
    values = {SMALL: encode_values(found, np.array([1], dtype=np.int32))}
    layers = split_layers(plain_tile({SMALL: [0, 1]}))
    body = write_tile(make_template(layers, {SMALL: level(SMALL, 3)}, values), values)
    first, second = mapbox_vector_tile.decode(gzip.decompress(body))["small_area"]["features"]
    assert set(first["properties"]) == {"code", "name"}
    assert second["properties"]["score"] == 20.0


def test_one_layer_alone_and_none() -> None:
    found = {kind: scores([10.0, 20.0], [2, 1], [10, 1]) for kind in (SMALL, COUNCIL)}
    values = {kind: encode_values(each) for kind, each in found.items()}
    levels = {kind: level(kind, 2) for kind in found}
    layers = split_layers(plain_tile({COUNCIL: [1], SMALL: [0, 1]}))
    template = make_template(layers, levels, values)
    alone = mapbox_vector_tile.decode(gzip.decompress(write_tile(template, values, COUNCIL)))
    assert list(alone) == ["local_authority"]
    assert write_tile(template, values, AreaKind.WARD) == b""


def test_the_same_values_give_the_same_bytes() -> None:
    values = {SMALL: encode_values(scores([10.0, 20.0], [2, 1], [10, 1]))}
    template = make_template(
        split_layers(plain_tile({SMALL: [0, 1]})), {SMALL: level(SMALL, 2)}, values
    )
    assert write_tile(template, values) == write_tile(template, values)


WHOLE = plain_tile({SMALL: [0, 1]})


def one_point(**parts: object) -> bytes:
    feature = {"geometry": "POINT(1 1)", "properties": {}, **parts}
    return bytes(mapbox_vector_tile.encode([{"name": "small_area", "features": [feature]}]))


@pytest.mark.parametrize(
    ("damaged", "found"),
    [
        (WHOLE[:-1], "cut short"),
        (WHOLE[:1], "cut short"),
        (b"\x1b\x00", "wire type 3"),
        (one_point(), "without an id"),
        (one_point(id=1, properties={"b": 1}), "attributes"),
    ],
    ids=["last byte", "first byte", "wire type", "no id", "attributes"],
)
def test_tiles_that_cannot_be_written_into_are_refused(damaged: bytes, found: str) -> None:
    with pytest.raises(EditionError, match=found):
        split_layers(damaged)


PLACES = [(6, 31, 21), (6, 32, 21), (7, 63, 42)]


def archive_of(folder: Path, tile: bytes) -> TileArchive:
    path = folder / "areas.pmtiles"
    with path.open("wb") as file:
        writer = Writer(file)
        for place in PLACES:
            writer.write_tile(zxy_to_tileid(*place), gzip.compress(tile))
        header = {"tile_type": TileType.MVT, "tile_compression": Compression.GZIP}
        bounds = {f"{end}_{axis}_e7": 0 for end in ("min", "max") for axis in ("lon", "lat")}
        centre = {"center_zoom": 6, "center_lon_e7": 0, "center_lat_e7": 0}
        layers = [{"id": "small_area", "fields": {}}, {"id": "roads", "fields": {}}]
        writer.finalize({**header, **bounds, **centre}, {"vector_layers": layers})
    return TileArchive(path)


def test_templates_are_kept_within_a_limit(tmp_path: Path) -> None:
    archive = archive_of(tmp_path, plain_tile({SMALL: list(range(50))}))
    values = {SMALL: encode_values(scores([1.0] * 50, [1] * 50, [5] * 50))}
    one = make_template(split_layers(plain_tile({SMALL: [0]})), {SMALL: level(SMALL, 50)}, values)
    cache = SizedCache(3 * one.nbytes)
    store = TemplateStore(archive, {SMALL: level(SMALL, 50)}, cache)
    assert store.kinds == (SMALL,)
    for place in PLACES:
        assert store.find(place, values) is None
        made = store.make(place, values)
        assert made is not None
        assert store.find(place, values) is made
    assert store.find(PLACES[0], values) is None, "what was used longest ago went first"
    assert cache.nbytes <= max(3 * one.nbytes, made.nbytes)
    assert store.make((6, 0, 0), values) is None


def test_templates_differ_by_which_areas_have_a_score(tmp_path: Path) -> None:
    archive = archive_of(tmp_path, plain_tile({SMALL: [0, 1]}))
    store = TemplateStore(archive, {SMALL: level(SMALL, 3)}, SizedCache(1_000_000))
    nan = float("nan")
    gaps = {
        name: {SMALL: encode_values(scores(list(values), [1, 2, 3], [1, 5, 10]))}
        for name, values in {
            "none": (3.0, 2.0, 1.0),
            "elsewhere": (3.0, 2.0, nan),
            "here": (nan, 2.0, 1.0),
        }.items()
    }
    made = {name: store.make(PLACES[0], values) for name, values in gaps.items()}
    assert made["here"] is not store.find(PLACES[0], gaps["none"])
    assert store.find(PLACES[0], gaps["elsewhere"]) is store.find(PLACES[0], gaps["none"])
    assert store.find(PLACES[0], gaps["here"]) is made["here"]
    body = write_tile(made["here"], gaps["here"])
    decoded = json.dumps(mapbox_vector_tile.decode(gzip.decompress(body)))
    assert decoded.count('"score"') == 1


def test_no_index_has_the_name_of_a_set_of_plain_tiles() -> None:
    assert not library().keys() & TILESETS.keys()
