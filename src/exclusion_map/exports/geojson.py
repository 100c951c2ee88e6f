"""A table with outlines as GeoJSON (RFC 7946); what it is stands before the features."""

import json
from pathlib import Path
from typing import TextIO

import numpy as np

from exclusion_map.exports.dataset import Dataset

DECIMALS = 6
"""Of a degree: about a tenth of a metre."""


def write_geojson(dataset: Dataset, path: Path) -> None:
    """Write a feature collection, one feature a line, outer rings anticlockwise."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        top = {
            "type": "FeatureCollection",
            "name": dataset.name,
            "title": dataset.about.title,
            "edition": dataset.about.edition,
            "about": dataset.about.plain(),
            "dictionary": [field.plain() for field in dataset.fields],
        }
        file.write(_text(top)[:-1])
        file.write(',\n"features":[')
        _features(dataset, file)
        file.write("\n]}\n")


def _features(dataset: Dataset, file: TextIO) -> None:
    import shapely

    names, key = dataset.names, dataset.names.index(dataset.key)
    start = 0
    for wkb in dataset.shapes.batches():
        rounded = shapely.transform(shapely.from_wkb(wkb), lambda at: np.round(at, DECIMALS))
        outlines = shapely.to_geojson(shapely.orient_polygons(rounded))
        rows = dataset.rows(start, start + len(wkb))
        for at, (row, outline) in enumerate(zip(rows, outlines, strict=True), start=start):
            properties = _text(dict(zip(names, row, strict=True)))
            file.write(
                f"{',' if at else ''}\n"
                f'{{"type":"Feature","id":{_text(row[key])},'
                f'"properties":{properties},"geometry":{outline or "null"}}}'
            )
        start += len(wkb)


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
