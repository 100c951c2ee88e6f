"""A tiny edition made by hand, small enough to work every figure out on paper.

Four square small areas of 0.1 degrees in a row, A to D from the west. A and B make up one
authority, C and D the other. ``old`` rises from 10 to 40 percent; ``poor`` is not known for D.
"""

import csv
import gzip
import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import mapbox_vector_tile
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer
from starlette.testclient import TestClient

from api.app import create_app
from exclusion_map.catalogue import Bounds, Columns, Indicator
from exclusion_map.editions import (
    EditionIndex,
    EditionSource,
    LevelCount,
    Manifest,
    new_edition,
    publish,
)
from exclusion_map.geography.postcode_index import SCHEMA
from exclusion_map.settings import DataSettings, ServiceSettings
from exclusion_map.terms import LARGER_KINDS, AreaKind, Direction, Nation, NhsGroup
from tests.cheap_hashes import cheap_hashes

SMALL = [f"E0100000{n}" for n in range(1, 5)]
NAMES = ["Ashford 001A", "Ashford 001B", "Bexhill 001A", "Bexhill 001B"]
PEOPLE = [1000.0, 2000.0, 3000.0, 4000.0]
LARGER = {
    AreaKind.NEIGHBOURHOOD: {
        "E02000001": ("Ashford Green", [0, 1]),
        "E02000002": ("The Môr", [2, 3]),
    },
    AreaKind.WARD: {"E05000001": ("=Ashford & St Mary's", [0, 1]), "E05000002": ("Môr", [2, 3])},
    AreaKind.LOCAL_AUTHORITY: {"E06000001": ("Ashford", [0, 1]), "E06000002": ("Bexhill", [2, 3])},
    AreaKind.SUB_ICB: {"E38000001": ("NHS Ashford ICB - 01A", [0, 1])},
    AreaKind.ICB: {"E54000001": ("NHS Ashford Integrated Care Board", [0, 1])},
    AreaKind.REGION: {"E12000001": ("North", [0, 1, 2, 3])},
    AreaKind.NATION: {"E92000001": ("England", [0, 1, 2, 3])},
}
OLD = [10.0, 20.0, 30.0, 40.0]
POOR = [5.0, 10.0, 15.0, np.nan]
SCORES = {
    AreaKind.SMALL_AREA: [0.0, 30.0, 70.0, 100.0],
    AreaKind.NEIGHBOURHOOD: [20.0, 87.1],
    AreaKind.WARD: [20.0, 87.1],
    AreaKind.LOCAL_AUTHORITY: [20.0, 87.1],
    AreaKind.SUB_ICB: [20.0],
    AreaKind.ICB: [20.0],
    AreaKind.REGION: [66.4],
    AreaKind.NATION: [66.4],
}


def box(row: int) -> shapely.Polygon:
    return shapely.box(-1 + row / 10, 51, -0.9 + row / 10, 51.1)


def indicator(identity: str, group: NhsGroup, label: str) -> Indicator:
    return Indicator(
        id=identity,
        label=label,
        short_label=label,
        meaning=f"Share of people who are {identity}.",
        why="They are online less often.",
        numerator=f"{identity} people",
        denominator="all people",
        universe="all usual residents",
        unit="percent",
        date=date(2021, 3, 21),
        direction=Direction.HIGHER_IS_RISKIER,
        nhs_group=group,
        source="census",
        nations=(Nation.ENGLAND,),
        plausible={Nation.ENGLAND: Bounds(low=0, high=100)},
        count=Columns(table="t", columns=(identity,)),
        out_of=Columns(table="t", columns=("all",)),
    )


DEFINITION = {
    "id": "risk",
    "title": "Risk",
    "version": "1.0.0",
    "summary": "Test.",
    "evidence": "None.",
    "cautions": ["It shows risk, not reality."],
    "sources": ["Nobody (2026), Nothing"],
    "normalise": {"method": "percentile_rank"},
    "aggregate": {"method": "arithmetic"},
    "missing": {"minimum_share": 0.5},
    "scale": {"method": "min_max"},
    "children": [
        {"indicator": "old", "weight": 2},
        {"indicator": "poor", "weight": 1},
    ],
}


def manifest(edition: str, title: str = "England") -> Manifest:
    return Manifest(
        edition=edition,
        title=title,
        synthetic=True,
        built=datetime(2026, 11, 22, tzinfo=UTC),
        code_version="0",
        nations=(Nation.ENGLAND,),
        bounds=(-1.0, 51.0, -0.6, 51.1),
        sources=(
            EditionSource(
                id="census",
                title="Census 2021",
                publisher="ONS",
                licence="OGL-UK-3.0",
                attribution="Source: ONS",
                vintage="March 2021",
            ),
        ),
        indicators=(
            indicator("old", NhsGroup.AGE, "Aged 75 and over"),
            indicator("poor", NhsGroup.DEPRIVATION, "Low income"),
        ),
        indices=(EditionIndex(id="risk", title="Risk", definition=DEFINITION),),
        default_index="risk",
        levels=tuple(LevelCount(kind=kind, count=len(scores)) for kind, scores in SCORES.items()),
        validation={},
    )


def write_edition(folder: Path) -> None:
    write_areas(folder)
    write_indicators(folder)
    write_scores(folder)
    write_postcodes(folder)
    write_support(folder)
    write_tiles(folder)
    (folder / "validation.json").write_text("{}")


def write_areas(folder: Path) -> None:
    parents = {}
    for kind, areas in LARGER.items():
        if kind is not AreaKind.NATION:
            codes = {row: code for code, (_, rows) in areas.items() for row in rows}
            parents[f"{kind.value}_code"] = [codes.get(row) for row in range(4)]
    shapes = [box(row) for row in range(4)]
    small = {
        "feature_id": np.arange(4, dtype=np.int32),
        "code": SMALL,
        "name": NAMES,
        "label": [f"{('Ashford Green', 'The Môr')[row // 2]} ({NAMES[row]})" for row in range(4)],
        "nation": ["England"] * 4,
        "rural_urban": ["Urban", "Urban", "Rural", None],
        "population": PEOPLE,
        "households": [count / 2 for count in PEOPLE],
        **parents,
        **placed(shapes),
    }
    pq.write_table(pa.table(small), folder / "areas.parquet", row_group_size=2)
    rows = [
        (kind, number, code, name, members)
        for kind, areas in LARGER.items()
        for number, (code, (name, members)) in enumerate(areas.items())
    ]
    larger = {
        "kind": [kind.value for kind, *_ in rows],
        "feature_id": pa.array([number for _, number, *_ in rows], pa.int32()),
        "code": [code for _, _, code, *_ in rows],
        "name": [name for _, _, _, name, _ in rows],
        "nation": ["England"] * len(rows),
        "population": [sum(PEOPLE[m] for m in members) for *_, members in rows],
        "households": [sum(PEOPLE[m] for m in members) / 2 for *_, members in rows],
        **placed([shapely.union_all([shapes[m] for m in members]) for *_, members in rows]),
    }
    pq.write_table(pa.table(larger), folder / "larger_areas.parquet")


def placed(shapes: list[shapely.Geometry]) -> dict[str, object]:
    points = [shape.representative_point() for shape in shapes]
    bounds = np.array([shape.bounds for shape in shapes])
    return {
        "longitude": [point.x for point in points],
        "latitude": [point.y for point in points],
        "xmin": bounds[:, 0],
        "ymin": bounds[:, 1],
        "xmax": bounds[:, 2],
        "ymax": bounds[:, 3],
        "geometry": [shapely.to_wkb(shape) for shape in shapes],
    }


def tidy(codes: list[str], old: list[float], poor: list[float], people: list[float]) -> pa.Table:
    values = np.array([*old, *poor])
    out_of = np.array([*people, *people])
    return pa.table(
        {
            "area_code": codes * 2,
            "indicator": ["old"] * len(codes) + ["poor"] * len(codes),
            "value": values,
            "numerator": values / 100 * out_of,
            "denominator": np.where(np.isnan(values), np.nan, out_of),
            "quality": ["missing" if np.isnan(value) else "observed" for value in values],
        }
    )


def write_indicators(folder: Path) -> None:
    pq.write_table(tidy(SMALL, OLD, POOR, PEOPLE), folder / "indicators.parquet")
    tables = []
    for kind in LARGER_KINDS:
        areas = LARGER[kind]
        members = [rows for _, rows in areas.values()]
        people = [sum(PEOPLE[m] for m in rows) for rows in members]
        mean = [
            [float(np.nanmean(np.array(values)[rows])) for rows in members]
            for values in (OLD, POOR)
        ]
        table = tidy(list(areas), *mean, people)
        tables.append(table.add_column(0, "kind", pa.array([kind.value] * table.num_rows)))
    pq.write_table(pa.concat_tables(tables), folder / "larger_indicators.parquet")


def write_scores(folder: Path) -> None:
    tables = []
    for kind, scores in SCORES.items():
        small = kind is AreaKind.SMALL_AREA
        n = len(scores)
        tables.append(
            pa.table(
                {
                    "index": ["risk"] * n,
                    "kind": [kind.value] * n,
                    "code": SMALL if small else list(LARGER[kind]),
                    "score": scores,
                    "rank": pa.array(range(n, 0, -1), pa.int32()),
                    "decile": pa.array([10, 8, 4, 1] if small else [6, 2][:n], pa.uint8()),
                    "ranked": pa.array([n] * n, pa.int32()),
                    "data_share": [1.0, 1.0, 1.0, 2 / 3] if small else [1.0] * n,
                    "worst_tenth_share": [np.nan] * n if small else [0.0, 4 / 7][:n],
                }
            )
        )
    pq.write_table(pa.concat_tables(tables), folder / "scores.parquet")


def write_postcodes(folder: Path) -> None:
    table = pa.table(
        {
            "postcode": [
                code.ljust(7).encode() for code in ("AB11AA", "AB11AB", "AB21AA", "ZE11AA")
            ],
            "area": [0, 0, 2, -1],
            "latitude": np.array([51.05, 51.06, 51.05, 60.0], dtype=np.float32),
            "longitude": np.array([-0.95, -0.96, -0.75, -1.0], dtype=np.float32),
            "live": [True, False, True, True],
        },
        schema=SCHEMA,
    )
    path = str(folder / "postcodes.arrow")
    with pa.OSFile(path, "wb") as file, pa.ipc.new_file(file, SCHEMA) as writer:
        writer.write_table(table)


def write_support(folder: Path) -> None:
    rows = [
        ("library:ashford", "library", "Ashford Library", 51.05, -0.95, SMALL[0]),
        ("library:bexhill", "library", "Bexhill Library", 51.05, -0.75, SMALL[2]),
        ("gp_practice:A1", "gp_practice", "The Surgery", 51.05, -0.65, SMALL[3]),
    ]
    names = ("id", "kind", "name", "latitude", "longitude", "area_code")
    columns = {
        name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)
    }
    columns["opening_hours"] = [json.dumps({"mon": [["09:00", "17:00"]]}), None, None]
    columns["address"] = ["1 High Street", None, None]
    pq.write_table(pa.table(columns), folder / "support.parquet")


def write_tiles(folder: Path) -> None:
    for name in ("areas", "support"):
        layer = {
            "name": "small_area" if name == "areas" else "support",
            # In units of the tile, of which there are 4,096: an outline in degrees would vanish.
            "features": [{"geometry": shapely.box(9, 9, 900, 800), "properties": {}, "id": 0}],
        }
        tile = gzip.compress(mapbox_vector_tile.encode([layer]), mtime=0)
        with (folder / f"{name}.pmtiles").open("wb") as file:
            writer = Writer(file)
            for z, x, y in ((6, 31, 21), (6, 32, 21), (7, 63, 42)):
                writer.write_tile(zxy_to_tileid(z, x, y), tile)
            writer.finalize(
                {
                    "tile_type": TileType.MVT,
                    "tile_compression": Compression.GZIP,
                    "min_lon_e7": -10_000_000,
                    "min_lat_e7": 510_000_000,
                    "max_lon_e7": -6_000_000,
                    "max_lat_e7": 511_000_000,
                    "center_zoom": 6,
                    "center_lon_e7": -8_000_000,
                    "center_lat_e7": 510_500_000,
                },
                {"vector_layers": [{"id": layer["name"], "fields": {}}]},
            )


def read_csv(text: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def publish_tiny(processed: Path, edition: str = "tiny") -> Path:
    with new_edition(processed, edition) as folder:
        write_edition(folder)
        return publish(folder, manifest(edition))


@pytest.fixture(scope="module", autouse=True)
def _quick_to_sign_in() -> Iterator[None]:
    """In this folder people sign in in nearly every test."""
    with cheap_hashes():
        yield


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A processed folder of its own with the tiny edition, free to be damaged."""
    publish_tiny(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def tiny_processed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A processed folder with the tiny edition, only to be read."""
    processed = tmp_path_factory.mktemp("tiny")
    publish_tiny(processed)
    return processed


@pytest.fixture(scope="session")
def client(tiny_processed: Path) -> Iterator[TestClient]:
    """A client of the service over the tiny edition."""
    app = create_app(ServiceSettings(), DataSettings(processed_dir=tiny_processed))
    with TestClient(app, raise_server_exceptions=False) as made:
        yield made


@pytest.fixture(scope="session")
def small_limits(tiny_processed: Path) -> Iterator[TestClient]:
    """A client of a service over the tiny edition that takes little and remembers little."""
    settings = ServiceSettings(draws_limit=50, upload_limit=1000, prepared_kept=1)
    app = create_app(settings, DataSettings(processed_dir=tiny_processed))
    with TestClient(app, raise_server_exceptions=False) as made:
        yield made


@pytest.fixture(scope="session")
def sample_client(sample_processed: Path) -> Iterator[TestClient]:
    """A client of the service over Sampleshire, for files that only ask."""
    app = create_app(ServiceSettings(), DataSettings(processed_dir=sample_processed))
    with TestClient(app) as made:
        yield made


@pytest.fixture(scope="session")
def council(sample_client: TestClient) -> str:
    """The code of a council of Sampleshire."""
    areas = sample_client.get("/api/v1/areas?kind=local_authority").json()["areas"]
    code: str = areas[0]["code"]
    return code
