"""File formats of downloads: extension, media type, and whether they hold geometry."""

from dataclasses import dataclass
from enum import StrEnum

from exclusion_map.errors import InvalidRequestError


class FileFormat(StrEnum):
    """A file format, by its extension."""

    CSV = "csv"
    ZIP = "zip"
    XLSX = "xlsx"
    GPKG = "gpkg"
    PARQUET = "parquet"
    GEOJSON = "geojson"
    FGB = "fgb"
    ARROW = "arrow"

    @property
    def facts(self) -> "FormatFacts":
        """The properties of the format."""
        return _FACTS[self]


@dataclass(frozen=True, slots=True)
class FormatFacts:
    """Properties of a file format."""

    title: str
    use: str
    """Its purpose, in one short sentence."""
    media: str
    outlines: bool
    """Whether it holds geometry."""
    cell_bytes: float
    """Average bytes per cell, to estimate file sizes; measured on 35,672 small areas of England and
    Wales with all columns."""
    outline_factor: float
    """Bytes of geometry as a multiple of those in the edition."""
    cell_us: float
    """Microseconds to write a cell, to estimate waiting times."""

    @property
    def packed(self) -> bool:
        """Whether it is not text, so that compression during transfer gains little."""
        return self.media not in ("text/csv", "application/geo+json")


_FACTS = {
    FileFormat.CSV: FormatFacts(
        "CSV",
        "Opens anywhere. Plain: its dictionary and credits are at the address in its Link header.",
        "text/csv",
        outlines=False,
        cell_bytes=12,
        outline_factor=0,
        cell_us=0.6,
    ),
    FileFormat.ZIP: FormatFacts(
        "CSV with its dictionary (zip)",
        "The table, a description of every column, and a README, in one file.",
        "application/zip",
        outlines=False,
        cell_bytes=3.5,
        outline_factor=0,
        cell_us=1.3,
    ),
    FileFormat.XLSX: FormatFacts(
        "Excel (XLSX)",
        "For spreadsheets: with sheets of notes, dictionary and sources.",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        outlines=False,
        cell_bytes=7.4,
        outline_factor=0,
        cell_us=7,
    ),
    FileFormat.GPKG: FormatFacts(
        "GeoPackage",
        "For QGIS and ArcGIS: outlines, table, dictionary and credits in one file.",
        "application/geopackage+sqlite3",
        outlines=True,
        cell_bytes=10.5,
        outline_factor=1.5,
        cell_us=0.7,
    ),
    FileFormat.PARQUET: FormatFacts(
        "GeoParquet",
        "For Python, R and DuckDB: small and quick, with outlines.",
        "application/vnd.apache.parquet",
        outlines=True,
        cell_bytes=3.7,
        outline_factor=0.6,
        cell_us=0.4,
    ),
    FileFormat.GEOJSON: FormatFacts(
        "GeoJSON",
        "For web maps: outlines and table as text. Large for many areas.",
        "application/geo+json",
        outlines=True,
        cell_bytes=35,
        outline_factor=1.3,
        cell_us=1.3,
    ),
    FileFormat.FGB: FormatFacts(
        "FlatGeobuf",
        "For web maps and GIS that read parts of a file over the network.",
        "application/flatgeobuf",
        outlines=True,
        cell_bytes=12,
        outline_factor=1.3,
        cell_us=0.6,
    ),
    FileFormat.ARROW: FormatFacts(
        "Arrow",
        "For programs: columns in memory layout, with outlines.",
        "application/vnd.apache.arrow.file",
        outlines=True,
        cell_bytes=10.5,
        outline_factor=1.2,
        cell_us=0.3,
    ),
}


START_S = 2.0
"""Seconds until a process that makes files is ready."""


@dataclass(frozen=True, slots=True)
class Guess:
    """Rough estimates for a file."""

    bytes: int
    seconds: float


def guess(form: FileFormat, rows: int, columns: int, outline_bytes: int) -> Guess:
    """Estimate the size of a file and the time to make it.

    Args:
        form: file format.
        rows: number of rows.
        columns: number of columns.
        outline_bytes: size of the geometry in the edition.
    """
    facts, cells = form.facts, rows * columns
    start = 0.0 if form is FileFormat.CSV else START_S
    return Guess(
        bytes=round(cells * facts.cell_bytes + outline_bytes * facts.outline_factor),
        seconds=start + cells * facts.cell_us / 1e6,
    )


def parse_format(text: str) -> FileFormat:
    """Return a format by its extension, with or without a dot.

    Raises:
        InvalidRequestError: there is no such format.
    """
    try:
        return FileFormat(text.strip().lower().removeprefix("."))
    except ValueError:
        raise InvalidRequestError(
            f"format {text!r}",
            found="no such file format",
            expected=f"one of: {', '.join(FileFormat)}",
        ) from None
