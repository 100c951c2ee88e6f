"""Frozen models of what the catalogue declares: sources with their files, and indicators.

Each fact is declared once, in TOML. Everything else is derived from it: what ``fetch`` downloads,
what readers expect, what contracts check, and what the pages and the method notes say.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from exclusion_map.terms import Direction, IndicatorId, Nation, NhsGroup, SourceId

Text = Annotated[str, Field(min_length=1)]


class Declared(BaseModel):
    """Base class of all declarations: frozen, and unknown fields are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FileFormat(StrEnum):
    """Format of a file."""

    CSV = "csv"
    ZIP = "zip"
    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    GEOJSON = "geojson"
    PARQUET = "parquet"


class Delivery(StrEnum):
    """How a file is obtained from its publisher."""

    FILE = "file"
    ARCGIS_LAYER = "arcgis_layer"
    BY_HAND = "by_hand"


class SourceFile(Declared):
    """One file of a source, stored as ``<raw dir>/<source id>/<path>``."""

    path: Text = Field(description="Name in the raw folder, in the publisher's own layout.")
    also: tuple[str, ...] = Field(
        (), description="Other accepted names of the same data, such as re-encoded copies."
    )
    format: FileFormat
    delivery: Delivery
    address: str = Field(
        "", description="Official address of the file, of the layer's query, or of a page to visit."
    )
    member: str = Field("", description="Member to read inside a zip; a / steps into an inner zip.")
    rows: int | None = Field(None, gt=0, description="Expected number of data rows.")
    rows_within: float = Field(
        0.0, ge=0, lt=1, description="Tolerance of rows as a share, for lists that change."
    )
    columns: tuple[str, ...] = Field((), description="Columns that must be present.")
    copy_columns: tuple[str, ...] = Field(
        (), description="Columns of the re-encoded copies, where they differ from the publisher's."
    )
    headings: bool = Field(True, description="Whether the publisher's table has a heading line.")
    skip_lines: int = Field(0, ge=0, description="Lines above the heading line.")
    sheet: str = Field("", description="Sheet of a workbook that holds the table.")
    rename: dict[str, str] = Field(
        {}, description="Fields of an ArcGIS layer that are saved under another name."
    )
    encoding: str = "utf-8"
    min_bytes: int = Field(1, gt=0)
    max_bytes: int | None = Field(None, gt=0)
    required: bool = Field(True, description="Whether an edition of England and Wales needs it.")
    recommended: bool = Field(
        False, description="Fetched by default, although an edition can be built without it."
    )
    instead: tuple[str, ...] = Field(
        (), description="Files of the same source that can be used instead of this one."
    )

    @model_validator(mode="after")
    def _address_where_fetched(self) -> Self:
        if self.delivery is not Delivery.BY_HAND and "://" not in self.address:
            raise ValueError(f"file {self.path}: delivery {self.delivery} needs an address")
        if self.max_bytes is not None and self.max_bytes < self.min_bytes:
            raise ValueError(f"file {self.path}: max_bytes is smaller than min_bytes")
        return self


class Source(Declared):
    """A dataset of one publisher."""

    id: SourceId
    title: Text
    publisher: Text
    licence: Text = Field(description="Name of the licence: its SPDX identifier, if any.")
    licence_url: str = ""
    attribution: Text = Field(description="The credit line the licence asks for.")
    page: str = Field("", description="Landing page for people.")
    vintage: Text = Field(description="Date or period that the data describe.")
    geography: Text = Field(description="Unit and vintage of the areas, such as 'LSOA 2021'.")
    nations: tuple[Nation, ...] = Field(min_length=1)
    used_for: Text = Field(description="What the project does with it, in one sentence.")
    warnings: tuple[str, ...] = Field((), description="What users of the numbers must know.")
    files: tuple[SourceFile, ...] = Field(min_length=1)


class Columns(Declared):
    """Columns of one table, to be added up."""

    table: Text = Field(description="Name of the table in the readers' registry, such as 'ts038'.")
    columns: tuple[str, ...] = Field(min_length=1)


class Bounds(Declared):
    """The plausible range of an indicator's value in one nation."""

    low: float
    high: float

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"plausible range {self.low} to {self.high} is empty")
        return self


class Indicator(Declared):
    """A measure of every small area, with what is needed to interpret it."""

    id: IndicatorId
    label: Text
    short_label: Text = Field(description="For legends and narrow tables.")
    meaning: Text = Field(description="What it measures, in plain English.")
    why: Text = Field(description="How it relates to digital exclusion, with the evidence.")
    numerator: Text
    denominator: str = ""
    universe: Text = Field(description="Who or what is counted: the population of the denominator.")
    unit: Text = Field(description="'percent' for shares of people or households, else the unit.")
    people: Text = Field(
        "people", description="What the numerator counts: people, households, premises, or none."
    )
    date: date
    direction: Direction
    nhs_group: NhsGroup
    source: SourceId
    nations: tuple[Nation, ...] = Field(min_length=1)
    comparable_across_nations: bool = True
    plausible: dict[Nation, Bounds]
    min_coverage: float = Field(
        0.99, ge=0, le=1, description="Smallest acceptable share of a nation's areas with a value."
    )
    warnings: tuple[str, ...] = ()
    count: Columns | None = Field(None, description="Where the numerator comes from.")
    out_of: Columns | None = Field(None, description="Where the denominator comes from.")
    value: Columns | None = Field(None, description="Where a published value comes from.")
    factor: float = Field(100.0, gt=0, description="Value = factor x numerator / denominator.")

    @model_validator(mode="after")
    def _computable(self) -> Self:
        ratio = self.count is not None and self.out_of is not None
        if not ratio and self.value is None:
            raise ValueError(f"indicator {self.id}: give count and out_of, or value")
        missing = set(self.nations) - set(self.plausible)
        if missing:
            raise ValueError(f"indicator {self.id}: no plausible range for {sorted(missing)}")
        return self
