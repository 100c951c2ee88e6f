"""Feature layers as GeoParquet or GeoJSON, returned in longitude and latitude (EPSG:4326)."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from exclusion_map.errors import SourceError
from exclusion_map.sources.readers.text import check_columns, renamed

if TYPE_CHECKING:
    import geopandas as gpd

LONGITUDE_LATITUDE = 4326
_PARQUET_MAGIC = b"PAR1"
# ArcGIS returns projected coordinates unless asked for EPSG:4326; these limits detect metres.
_LIMITS = (-180.0, -90.0, 180.0, 90.0)


def read_layer(path: Path, columns: Sequence[str] = ()) -> "gpd.GeoDataFrame":
    """Return a layer with its geometry in EPSG:4326 (x = longitude, y = latitude).

    Args:
        path: GeoParquet or GeoJSON, recognised by content and not by name.
        columns: attributes that must be present; if given, only these and the geometry are
            returned.

    Raises:
        SourceError: the file is missing, damaged or in neither format; it has no features, lacks a
            declared column, has empty geometries, or has coordinates that are not degrees.
    """
    frame = _read_parquet(path) if _is_parquet(path) else _read_geojson(path)
    if columns:
        names = renamed([str(name) for name in frame.columns], columns)
        check_columns(names, columns, str(path))
        frame = frame.rename(columns=dict(zip(frame.columns, names, strict=True)))
        frame = frame[[*columns, frame.geometry.name]]
    if frame.geometry.name != "geometry":
        frame = frame.rename_geometry("geometry")
    frame = _to_degrees(frame, path)
    _check_geometry(frame, path)
    return frame.reset_index(drop=True)


def _is_parquet(path: Path) -> bool:
    try:
        with path.open("rb") as handle:
            return handle.read(4) == _PARQUET_MAGIC
    except OSError as error:
        raise SourceError(
            str(path),
            found=error.strerror or str(error),
            expected="a GeoParquet or GeoJSON file",
            mend="Run `exclusion-map fetch`, or set EXCLUSION_MAP_RAW_DIR to your raw folder.",
        ) from None


def _read_parquet(path: Path) -> "gpd.GeoDataFrame":
    import geopandas as gpd
    import pyarrow as pa

    try:
        return gpd.read_parquet(path)
    except (ValueError, OSError, pa.ArrowException) as error:
        raise _damaged(path, error) from None


def _read_geojson(path: Path) -> "gpd.GeoDataFrame":
    import geopandas as gpd
    from pyogrio.errors import DataLayerError, DataSourceError

    try:
        return gpd.read_file(path, engine="pyogrio")
    except (DataSourceError, DataLayerError, ValueError) as error:
        raise _damaged(path, error) from None


def _damaged(path: Path, error: Exception) -> SourceError:
    return SourceError(
        str(path),
        found=str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__,
        expected="a GeoParquet or GeoJSON layer",
        mend="Download the file again.",
    )


def _to_degrees(frame: "gpd.GeoDataFrame", path: Path) -> "gpd.GeoDataFrame":
    if frame.crs is None:
        raise SourceError(
            str(path),
            found="no coordinate system",
            expected="one, so that it can be converted to longitude and latitude",
            mend="Save the layer with its coordinate system.",
        )
    return frame if frame.crs == LONGITUDE_LATITUDE else frame.to_crs(LONGITUDE_LATITUDE)


def _check_geometry(frame: "gpd.GeoDataFrame", path: Path) -> None:
    empty = int((frame.geometry.isna() | frame.geometry.is_empty).sum())
    if len(frame) == 0 or empty:
        raise SourceError(
            str(path),
            found=f"{empty} features without a shape" if empty else "no features",
            expected="a shape for every feature",
            mend="Download the layer again.",
        )
    west, south, east, north = (float(bound) for bound in frame.total_bounds)
    if west < _LIMITS[0] or south < _LIMITS[1] or east > _LIMITS[2] or north > _LIMITS[3]:
        raise SourceError(
            str(path),
            found=f"coordinates from {west:.0f}, {south:.0f} to {east:.0f}, {north:.0f}",
            expected="degrees of longitude and latitude",
            mend="Request the layer with outSR=4326.",
        )
