"""Feature layers: GeoParquet and GeoJSON, always in degrees, and what is refused."""

import json
from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import Point, Polygon

from exclusion_map.errors import SourceError
from exclusion_map.sources.readers.layers import read_layer

SQUARE = Polygon([(-3.0, 53.0), (-2.9, 53.0), (-2.9, 53.1), (-3.0, 53.1)])


def frame(crs: int | None = 4326) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"LSOA21CD": ["E01000001"], "extra": [1]}, geometry=[SQUARE], crs=crs)


def geojson(tmp_path: Path, features: list[object], **extra: object) -> Path:
    path = tmp_path / "layer.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **extra}))
    return path


def feature(x: float, y: float) -> dict[str, object]:
    return {
        "type": "Feature",
        "properties": {"name": "A"},
        "geometry": {"type": "Point", "coordinates": [x, y]},
    }


def test_geoparquet_keeps_only_the_columns_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "layer.parquet"
    frame().to_parquet(path)
    layer = read_layer(path, ["LSOA21CD"])
    assert list(layer.columns) == ["LSOA21CD", "geometry"]
    assert layer.crs.to_epsg() == 4326


def test_geoparquet_in_metres_is_brought_to_degrees(tmp_path: Path) -> None:
    path = tmp_path / "layer.parquet"
    frame().to_crs(27700).to_parquet(path)
    assert read_layer(path).total_bounds == pytest.approx(SQUARE.bounds, abs=1e-4)


def test_the_geometry_column_is_always_called_geometry(tmp_path: Path) -> None:
    path = tmp_path / "layer.parquet"
    frame().rename_geometry("shape").to_parquet(path)
    assert read_layer(path, ["LSOA21CD"]).geometry.name == "geometry"


def test_geojson_is_told_by_its_bytes(tmp_path: Path) -> None:
    layer = read_layer(geojson(tmp_path, [feature(-4.1, 53.2)]), ["name"])
    assert layer.geometry.iloc[0] == Point(-4.1, 53.2)
    assert layer.crs.to_epsg() == 4326


def test_geojson_with_british_grid_coordinates_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="outSR=4326"):
        read_layer(geojson(tmp_path, [feature(332000.0, 388000.0)]))


def test_a_layer_without_coordinate_system_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "layer.parquet"
    frame(crs=None).to_parquet(path)
    with pytest.raises(SourceError, match="no coordinate system"):
        read_layer(path)


def test_a_feature_without_a_shape_is_refused(tmp_path: Path) -> None:
    bare = {"type": "Feature", "properties": {"name": "B"}, "geometry": None}
    with pytest.raises(SourceError, match="1 features without a shape"):
        read_layer(geojson(tmp_path, [feature(-4.1, 53.2), bare]))


def test_a_layer_without_features_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "layer.parquet"
    frame().iloc[:0].to_parquet(path)
    with pytest.raises(SourceError, match="no features"):
        read_layer(path)


def test_a_missing_attribute_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="LSOA21NM"):
        read_layer(geojson(tmp_path, [feature(-4.1, 53.2)]), ["LSOA21NM"])


@pytest.mark.parametrize("content", [b"<html></html>", b"PAR1 and no more", b""])
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "layer.geojson"
    path.write_bytes(content)
    with pytest.raises(SourceError, match="Download the file again"):
        read_layer(path)


def test_a_file_that_is_not_there_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="exclusion-map fetch"):
        read_layer(tmp_path / "gone.geojson")
