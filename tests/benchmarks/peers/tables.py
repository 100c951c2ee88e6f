"""The areas of an edition as tables of PostGIS: one for each layer of the tiles."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import psycopg

from exclusion_map.terms import AreaKind
from tests.benchmarks.peers.layers import LAYERS

MERCATOR = 3857
"""Stored as the tiles want it: the peers then have nothing to transform."""


def fill(address: str, edition: Path, index: str) -> int:
    """Write the layers into a database, with the score of an index; return how many areas."""
    scores = pd.read_parquet(edition / "scores.parquet", columns=["index", "kind", "code", "score"])
    scores = scores.loc[scores["index"] == index]
    total = 0
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION postgis")
        for kind in LAYERS:
            areas = _areas(edition, AreaKind(kind))
            own = scores.loc[scores["kind"] == kind, ["code", "score"]]
            total += _write(connection, kind, areas.merge(own, on="code", validate="1:1"))
    return total


def _areas(edition: Path, kind: AreaKind) -> gpd.GeoDataFrame:
    columns = ["feature_id", "code", "geometry"]
    if kind is AreaKind.SMALL_AREA:
        areas = gpd.read_parquet(edition / "areas.parquet", columns=columns)
    else:
        every = gpd.read_parquet(edition / "larger_areas.parquet", columns=["kind", *columns])
        areas = every.loc[every["kind"] == kind, columns]
    return areas.to_crs(MERCATOR)


def _write(connection: psycopg.Connection, table: str, areas: gpd.GeoDataFrame) -> int:
    """Write one table with its spatial index, in the order of that index."""
    connection.execute(
        f"CREATE TABLE {table} (id integer PRIMARY KEY, score double precision, "
        f"geom geometry(Geometry, {MERCATOR}))"
    )
    shapes = areas.geometry.to_wkb(hex=True)
    scores = areas["score"].astype(object).where(areas["score"].notna(), None)
    rows = zip(areas["feature_id"].tolist(), scores, shapes, strict=True)
    with connection.cursor().copy(f"COPY {table} (id, score, geom) FROM STDIN") as copy:
        for identity, score, shape in rows:
            copy.write_row((identity, score, f"SRID={MERCATOR};{shape}"))
    connection.execute(f"CREATE INDEX {table}_geom ON {table} USING gist (geom)")
    connection.execute(f"CLUSTER {table} USING {table}_geom")
    connection.execute(f"VACUUM ANALYZE {table}")
    return len(areas)
