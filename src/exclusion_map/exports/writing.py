"""Write a table in any file format."""

from collections.abc import Callable, Mapping
from pathlib import Path

from exclusion_map.exports.dataset import Dataset
from exclusion_map.exports.formats import FileFormat
from exclusion_map.outputs import written_aside


def write(dataset: Dataset, form: FileFormat, path: Path) -> None:
    """Write a table to a file, which gets its name only when complete.

    Raises:
        InvalidRequestError: the format cannot hold so many rows, or the file cannot be written.
        EditionError: an outline is missing.
    """
    with written_aside(path) as draft:
        _writers()[form](dataset, draft)


def _writers() -> Mapping[FileFormat, Callable[[Dataset, Path], None]]:
    # Imported here, because each format needs its own library.
    from exclusion_map.exports.arrow_files import write_arrow, write_parquet
    from exclusion_map.exports.csv_files import write_csv, write_zip
    from exclusion_map.exports.geojson import write_geojson
    from exclusion_map.exports.gis import write_fgb, write_gpkg
    from exclusion_map.exports.xlsx import write_xlsx

    return {
        FileFormat.CSV: write_csv,
        FileFormat.ZIP: write_zip,
        FileFormat.XLSX: write_xlsx,
        FileFormat.GPKG: write_gpkg,
        FileFormat.PARQUET: write_parquet,
        FileFormat.GEOJSON: write_geojson,
        FileFormat.FGB: write_fgb,
        FileFormat.ARROW: write_arrow,
    }
