"""Read postcodes from the publisher's file, assign them to small areas, write the index."""

import zipfile
from fnmatch import fnmatch
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from exclusion_map import catalogue
from exclusion_map.errors import SourceError
from exclusion_map.geography.placing import Placement, locate
from exclusion_map.geography.postcode_index import (
    SCHEMA,
    WIDTH,
    PostcodeGroup,
    PostcodeIndex,
    PostcodePlace,
    normalise,
    pretty,
)
from exclusion_map.sources.files import find
from exclusion_map.sources.members import DAMAGE

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

__all__ = [
    "Placement",
    "PostcodeGroup",
    "PostcodeIndex",
    "PostcodePlace",
    "Postcodes",
    "index_table",
    "locate",
    "normalise",
    "place",
    "pretty",
    "read_postcodes",
    "write_postcodes",
]

Postcodes = PostcodeIndex
"""An opened index, as needed for geocoding by postcode."""

SOURCE = "ons-nspl-postcodes"
_MEMBER = "NSPL*_UK.csv"
_LAT_UNKNOWN = 99.0  # NSPL writes latitude 99.999999 where a postcode has no location


def read_postcodes(raw_dir: Path) -> "pd.DataFrame":
    """Return every postcode: postcode (normalised), latitude, longitude (NaN: unknown), live.

    Takes the publisher's zip or CSV (National Statistics Postcode Lookup) or a Parquet copy of it.

    Raises:
        SourceMissingError: there is no such file.
        SourceError: a column is missing, or a postcode is repeated.
    """
    path = find(raw_dir, SOURCE, catalogue.source(SOURCE).files[0].path)
    try:
        return _frame(path)
    except (pa.ArrowException, OSError) as error:
        raise SourceError(
            f"{SOURCE}/{path.name}",
            found=str(error).splitlines()[0] if str(error) else type(error).__name__,
            expected="postcodes with a latitude and a longitude",
            mend="Download the file again.",
        ) from None


def _frame(path: Path) -> "pd.DataFrame":
    table = _read(path)
    table = table.filter(pc.is_valid(table["pcds"]))
    codes = pc.utf8_upper(pc.replace_substring(table["pcds"], " ", ""))
    if pc.count_distinct(codes).as_py() != len(codes):
        raise SourceError(
            f"{SOURCE}/{path.name}", found="repeated postcodes", expected="each postcode once"
        )
    latitude = pc.cast(table["lat"], pa.float64())
    known = pc.fill_null(pc.less(latitude, _LAT_UNKNOWN), False)
    longitude = pc.cast(table["long"], pa.float64())
    frame: pd.DataFrame = pa.table(
        {
            "postcode": codes,
            "latitude": pc.if_else(known, latitude, np.nan),
            "longitude": pc.if_else(known, longitude, np.nan),
            "live": table["live"],
        }
    ).to_pandas()
    return frame


def _read(path: Path) -> pa.Table:
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        return _checked(path, table, ("pcds", "lat", "long", "live"))
    if path.suffix == ".zip":
        return _read_zip(path)
    with path.open("rb") as stream:
        return _read_csv(path, stream)


def _read_zip(path: Path) -> pa.Table:
    """Return the national table of the publisher's zip, which also holds extracts by area."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if fnmatch(Path(name).name, _MEMBER)]
            if len(names) != 1:
                raise SourceError(
                    f"{SOURCE}/{path.name}",
                    found=f"{len(names)} members named like {_MEMBER}",
                    expected="one",
                )
            # Streamed, because the whole text is nearly a gigabyte.
            with archive.open(names[0]) as stream:
                return _read_csv(path, stream)
    except DAMAGE as error:
        raise SourceError(
            f"{SOURCE}/{path.name}",
            found=str(error),
            expected="a whole zip file",
            mend="Download the file again.",
        ) from None


def _read_csv(path: Path, stream: IO[bytes]) -> pa.Table:
    names = ["pcds", "lat", "long", "doterm"]
    options = pa_csv.ConvertOptions(
        include_columns=names,
        column_types={"pcds": pa.string(), "doterm": pa.string()},
    )
    try:
        table = pa_csv.read_csv(stream, convert_options=options)
    except (pa.ArrowInvalid, KeyError) as error:
        raise SourceError(
            f"{SOURCE}/{path.name}", found=str(error), expected=f"columns {', '.join(names)}"
        ) from None
    live = pc.equal(pc.fill_null(table["doterm"], ""), "")
    return table.append_column("live", live)


def _checked(path: Path, table: pa.Table, names: tuple[str, ...]) -> pa.Table:
    lacking = [name for name in names if name not in table.schema.names]
    if lacking:
        raise SourceError(
            f"{SOURCE}/{path.name}",
            found=f"no column {', '.join(lacking)}",
            expected=f"columns {', '.join(names)}",
        )
    return table.select(list(names))


def place(frame: "pd.DataFrame", small_areas: "gpd.GeoDataFrame") -> npt.NDArray[np.int32]:
    """Return the small-area row (n,) of each point, -1 outside the map; see :func:`locate`.

    ``frame`` has columns latitude and longitude in degrees (WGS 84); NaN counts as outside.
    """
    return locate(
        frame["longitude"].to_numpy(dtype=float),
        frame["latitude"].to_numpy(dtype=float),
        np.asarray(small_areas.geometry.array),
    ).area


def index_table(frame: "pd.DataFrame", area_index: npt.NDArray[np.int32]) -> pa.Table:
    """Return the table for a :class:`PostcodeIndex`: the frame with areas, sorted by postcode."""
    codes = frame["postcode"].astype("str").str.ljust(WIDTH).to_numpy(dtype=f"S{WIDTH}")
    order = np.argsort(codes, kind="stable")
    packed = pa.Array.from_buffers(
        SCHEMA.field("postcode").type, len(codes), [None, pa.py_buffer(codes[order].tobytes())]
    )
    columns = [
        packed,
        pa.array(np.asarray(area_index, dtype=np.int32)[order]),
        pa.array(frame["latitude"].to_numpy(dtype=np.float32)[order]),
        pa.array(frame["longitude"].to_numpy(dtype=np.float32)[order]),
        pa.array(frame["live"].to_numpy(dtype=bool)[order]),
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def write_postcodes(frame: "pd.DataFrame", area_index: npt.NDArray[np.int32], path: Path) -> None:
    """Write the index as one uncompressed record batch, so that it can be memory-mapped."""
    table = index_table(frame, area_index).combine_chunks()
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, SCHEMA) as writer:
        writer.write_table(table)
