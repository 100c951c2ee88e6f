"""The same job as ``exclusion-map place`` the plain way: geopandas.sjoin and a merge.

In pieces of four million points, as somebody would who has more points than memory.
"""

import json
import sys
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

PIECE = 4_000_000


def main(edition: Path, points: Path, output: Path, grids: Path) -> None:
    """Place points; print processor seconds of the join, and of the grid for the same points."""
    areas = gpd.read_parquet(edition / "areas.parquet", columns=["code", "geometry"])
    areas = areas.rename(columns={"code": "area_code"})
    scores = pd.read_parquet(
        edition / "scores.parquet", columns=["index", "kind", "code", "score", "decile"]
    )
    manifest = json.loads((edition / "manifest.json").read_text(encoding="utf-8"))
    wanted = (scores["kind"] == "small_area") & (scores["index"] == manifest["default_index"])
    scores = scores.loc[wanted, ["code", "score", "decile"]].rename(columns={"code": "area_code"})
    join_s = find_s = 0.0
    writer = None
    with pq.ParquetFile(points) as file:
        for batch in file.iter_batches(PIECE):
            frame = batch.to_pandas()
            x, y = frame["longitude"].to_numpy(), frame["latitude"].to_numpy()
            geometry = gpd.points_from_xy(x, y, crs=4326)
            frame = gpd.GeoDataFrame(frame, geometry=geometry)
            begun = time.process_time()
            joined = gpd.sjoin(frame, areas, how="left", predicate="intersects")
            join_s += time.process_time() - begun
            # A point on a border is in two areas: the first stays.
            joined = joined.sort_values(["person", "index_right"]).drop_duplicates("person")
            joined = joined.merge(scores, on="area_code", how="left", validate="many_to_one")
            table = pa.Table.from_pandas(
                pd.DataFrame(joined.drop(columns=["geometry", "index_right"])), preserve_index=False
            )
            writer = writer or pq.ParquetWriter(output, table.schema)
            writer.write_table(table)
            del frame, joined, table, geometry
            find_s += _grid_s(grids, x, y)
    if writer is not None:
        writer.close()
    print(json.dumps({"join_s": join_s, "find_s": find_s}))


def _grid_s(grids: Path, x: np.ndarray, y: np.ndarray) -> float:
    """Return processor seconds of the grid for the same points, in memory, on one thread."""
    from exclusion_map.placing.store import open_grid

    areas = open_grid(next(grids.glob("grid-*")))
    areas.find(x[:1000], y[:1000])
    begun = time.process_time()
    areas.find(x, y)
    return time.process_time() - begun


if __name__ == "__main__":
    main(*(Path(given) for given in sys.argv[1:5]))
