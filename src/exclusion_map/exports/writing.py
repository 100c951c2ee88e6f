"""Write a table in any form of file."""

from collections.abc import Callable, Mapping
from pathlib import Path

from exclusion_map.errors import InvalidRequestError
from exclusion_map.exports.dataset import Dataset
from exclusion_map.exports.formats import FileFormat


def write(dataset: Dataset, form: FileFormat, path: Path) -> None:
    """Write a table to a file. It appears under its name only when it is whole.

    Raises:
        InvalidRequestError: the form cannot hold so many rows, or the file cannot be written.
        EditionError: an outline is missing.
    """
    part = path.with_name(f"{path.stem}.part{path.suffix}")
    try:
        if not path.parent.is_dir():
            raise FileNotFoundError(2, "no such folder", str(path.parent))
        # A half-written one of before would be added to, not replaced, by some writers.
        part.unlink(missing_ok=True)
        _writers()[form](dataset, part)
        part.replace(path)
    except OSError as error:
        raise InvalidRequestError(
            f"output {path.name}",
            found=error.strerror or str(error),
            expected="a place to write to",
        ) from None
    finally:
        part.unlink(missing_ok=True)


def _writers() -> Mapping[FileFormat, Callable[[Dataset, Path], None]]:
    # Each form needs a library of its own, which a service that writes none need not load.
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
