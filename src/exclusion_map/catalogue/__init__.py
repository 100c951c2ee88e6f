"""The catalogue of sources and indicators, declared in TOML and validated on loading."""

from exclusion_map.catalogue.load import (
    indicator,
    indicators,
    load_indicators,
    load_sources,
    source,
    sources,
)
from exclusion_map.catalogue.models import (
    Bounds,
    Columns,
    Delivery,
    FileFormat,
    Indicator,
    Source,
    SourceFile,
)

__all__ = [
    "Bounds",
    "Columns",
    "Delivery",
    "FileFormat",
    "Indicator",
    "Source",
    "SourceFile",
    "indicator",
    "indicators",
    "load_indicators",
    "load_sources",
    "source",
    "sources",
]
