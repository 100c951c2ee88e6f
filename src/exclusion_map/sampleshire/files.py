"""Write files byte for byte the same every time: CSV, zips with a fixed clock, map layers."""

import csv
import io
import json
import os
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray

_CLOCK = (2026, 1, 1, 0, 0, 0)


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]], *, crlf: bool = False) -> str:
    """Return a CSV with quotes only where they are needed; None is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n" if crlf else "\n")
    if header:
        writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def frame_text(frame: pd.DataFrame, *, crlf: bool = False) -> str:
    """Return a frame as CSV without its index; NaN is an empty cell."""
    cells = frame.astype("object").where(frame.notna(), None)
    return csv_text(list(frame.columns), cells.itertuples(index=False, name=None), crlf=crlf)


def write(path: Path, content: str | bytes, encoding: str = "utf-8") -> None:
    """Write a file, making its folder, so that a reader sees the old file or the new, never half.

    A file that holds these bytes already is left alone.
    """
    data = content.encode(encoding) if isinstance(content, str) else content
    if path.is_file() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    aside.write_bytes(data)
    aside.replace(path)


def zip_bytes(members: Mapping[str, bytes]) -> bytes:
    """Return a zip of the members in order, with one fixed time on each."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, _CLOCK)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3  # the same byte on every machine
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)
    return buffer.getvalue()


def write_geoparquet(path: Path, columns: pd.DataFrame, outlines: NDArray[np.object_]) -> None:
    """Write a layer in longitude and latitude as GeoParquet."""
    buffer = io.BytesIO()
    gpd.GeoDataFrame(columns, geometry=outlines, crs=4326).to_parquet(buffer, index=False)
    write(path, buffer.getvalue())


def write_parquet(path: Path, frame: pd.DataFrame) -> None:
    """Write a plain table as Parquet."""
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), buffer)
    write(path, buffer.getvalue())


def write_geojson(path: Path, columns: pd.DataFrame, outlines: NDArray[np.object_]) -> None:
    """Write a layer as an ArcGIS feature service answers with ``f=geojson``, six decimals."""
    features = []
    rows = columns.to_dict("records")
    for number, (row, outline) in enumerate(zip(rows, outlines, strict=True), start=1):
        feature = {
            "type": "Feature",
            "id": number,
            "geometry": _geometry(outline),
            "properties": {"FID": number, **row},
        }
        features.append(feature)
    layer = {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "EPSG:4326"}},
        "features": features,
    }
    write(path, json.dumps(layer, ensure_ascii=False, separators=(",", ":")))


def _geometry(outline: shapely.Geometry) -> dict[str, object]:
    # The coordinates lie on a grid of six decimals, so rounding only drops what binary adds.
    polygons = [
        [
            [[round(x, 6), round(y, 6)] for x, y in shapely.get_coordinates(ring).tolist()]
            for ring in (part.exterior, *part.interiors)
        ]
        for part in shapely.get_parts(outline)
    ]
    if len(polygons) == 1:
        return {"type": "Polygon", "coordinates": polygons[0]}
    return {"type": "MultiPolygon", "coordinates": polygons}
