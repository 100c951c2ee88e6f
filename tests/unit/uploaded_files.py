"""Files as people and attackers send them, made small by the tests themselves."""

import io
import json
import sqlite3
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely

from exclusion_map.settings import UploadSettings
from exclusion_map.uploads.limits import Limits

LIMITS = Limits.of(UploadSettings())
LEEDS = shapely.box(-1.6, 53.7, -1.4, 53.9)
NAMED = "leeds"


def geojson(shape: Any = LEEDS, **more: Any) -> bytes:
    return json.dumps({**json.loads(shapely.to_geojson(shape)), **more}).encode()


def frame(shape: Any = LEEDS, crs: int = 4326) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"name": [NAMED]}, geometry=[shape], crs=4326).to_crs(crs)


def geopackage(folder: Path, shape: Any = LEEDS, crs: int = 27700, layer: str = NAMED) -> bytes:
    path = folder / "made.gpkg"
    frame(shape, crs).to_file(path, layer=layer)
    return path.read_bytes()


def changed(data: bytes, folder: Path, *statements: str) -> bytes:
    """Return a database after statements of an attacker."""
    path = folder / "changed.gpkg"
    path.write_bytes(data)
    with sqlite3.connect(path) as database:
        for statement in statements:
            database.execute(statement)
    database.close()
    return path.read_bytes()


def shapefile(folder: Path, crs: int = 27700, without: tuple[str, ...] = ()) -> dict[str, bytes]:
    inside = folder / "shapes"
    inside.mkdir(exist_ok=True)
    frame(LEEDS, crs).to_file(inside / "leeds.shp")
    return {
        path.name: path.read_bytes()
        for path in sorted(inside.iterdir())
        if path.suffix not in without
    }


def packed(files: Mapping[str | zipfile.ZipInfo, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def kml(inside: str = "", head: str = "") -> bytes:
    corners = " ".join(f"{x},{y},0" for x, y in shapely.get_coordinates(LEEDS))
    ring = f"<LinearRing><coordinates>{corners}</coordinates></LinearRing>"
    polygon = f"<Polygon><outerBoundaryIs>{ring}</outerBoundaryIs></Polygon>"
    return (
        f'<?xml version="1.0"?>{head}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
        f"<Placemark><name>{inside or 'Leeds'}</name>{polygon}</Placemark></Document></kml>"
    ).encode()
