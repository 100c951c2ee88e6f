"""Download ArcGIS feature layers page by page, count the features and write them to disk.

A layer limits the features per request (2,000 on the Open Geography Portal) and reports its errors
with HTTP status 200 and an ``error`` object in the response.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TextIO

from exclusion_map.catalogue import FileFormat, SourceFile
from exclusion_map.errors import FetchError
from exclusion_map.sources.download import Report
from exclusion_map.sources.web import Passing, Web

PAGE_FEATURES = 2000
_PASSING_CODES = frozenset({429, 500, 502, 503, 504})
_CHUNK = 1 << 16
_MEND = "Try again later. If it still fails, compare the layer with its catalogue declaration."

Feature = dict[str, Any]


@dataclass(frozen=True)
class Layer:
    """A layer to download.

    Attributes:
        label: name of the file in errors.
        file: its declaration; CSV means attributes only, GeoJSON attributes and geometry.
        part: file to write to.
        max_bytes: largest size accepted.
    """

    label: str
    file: SourceFile
    part: Path
    max_bytes: int

    @property
    def fields(self) -> tuple[str, ...]:
        """The declared columns, under the layer's own names."""
        theirs = {ours: theirs for theirs, ours in self.file.rename.items()}
        return tuple(theirs.get(column, column) for column in self.file.columns)


def download_layer(web: Web, layer: Layer, report: Report) -> int:
    """Write a whole layer to ``layer.part`` and return its number of features.

    Raises:
        FetchError: the layer cannot be downloaded, its count is far from the declared one,
            features are missing or repeated, or they exceed the size limit.
    """
    expected = _count(web, layer)
    written = 0
    seen: set[int] = set()
    # Half of a character, which JSON can escape and UTF-8 cannot hold, becomes a question mark.
    with layer.part.open("w", encoding="utf-8", errors="replace", newline="") as handle:
        writer = _writer(handle, layer)
        while written < expected:
            features = _page(web, layer, written)
            seen.update(_identity(feature) for feature in features)
            written += len(features)
            if len(seen) != written or not features:
                raise _incomplete(layer, written, len(seen), expected)
            _add_all(writer, features, layer)
            _check_size(layer, handle.tell())
            report(handle.tell(), _whole(handle.tell(), written, expected))
        writer.close()
    if written != expected:
        raise _incomplete(layer, written, len(seen), expected)
    return written


def _add_all(writer: "_Writer", features: list[Feature], layer: Layer) -> None:
    try:
        for feature in features:
            writer.add(_renamed(feature, layer))
    except RecursionError:
        raise FetchError(
            layer.label,
            found="a feature of lists within lists",
            expected="features with a shape",
            mend=_MEND,
        ) from None


def _whole(size: int, written: int, expected: int) -> int:
    """Estimate the final size in bytes from the features written so far."""
    return size * expected // written


def _count(web: Web, layer: Layer) -> int:
    answer = _ask(web, layer, {"returnCountOnly": "true", "f": "json"})
    count = answer.get("count")
    if not isinstance(count, int) or isinstance(count, bool):
        raise FetchError(layer.label, found="no count", expected="a count of features", mend=_MEND)
    rows = layer.file.rows
    if rows is not None and abs(count - rows) > round(rows * layer.file.rows_within):
        raise FetchError(layer.label, found=f"{count:,} features", expected=f"{rows:,}", mend=_MEND)
    return count


def _page(web: Web, layer: Layer, offset: int) -> list[Feature]:
    geometry = layer.file.format is FileFormat.GEOJSON
    answer = _ask(
        web,
        layer,
        {
            "outFields": ",".join(layer.fields),
            # Without a fixed order, pages of different requests may overlap.
            "orderByFields": ",".join(layer.fields),
            "resultOffset": str(offset),
            "resultRecordCount": str(PAGE_FEATURES),
            "returnGeometry": "true" if geometry else "false",
            "outSR": "4326",
            "f": "geojson" if geometry else "json",
        },
    )
    features = answer.get("features")
    if not isinstance(features, list) or not all(map(_is_feature, features)):
        raise FetchError(
            layer.label, found="no features", expected="a page of features", mend=_MEND
        )
    return features


def _is_feature(found: object) -> bool:
    if not isinstance(found, dict) or not isinstance(_attributes(found), dict):
        return False
    return not any(isinstance(value, (dict, list)) for value in _attributes(found).values())


def _ask(web: Web, layer: Layer, params: dict[str, str]) -> dict[str, Any]:
    """Return one response of the layer, retrying temporary errors."""

    def attempt() -> dict[str, Any]:
        with web.stream(
            layer.label, layer.file.address, params={"where": "1=1", **params}
        ) as response:
            body = bytearray()
            for chunk in response.iter_bytes(_CHUNK):
                body += chunk
                _check_size(layer, len(body))
        return _parse(bytes(body), layer)

    return web.retrying(layer.label, attempt)


def _parse(body: bytes, layer: Layer) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    # RecursionError: lists within lists, deeper than any layer has them.
    except (ValueError, RecursionError):
        start = body[:60].decode("utf-8", "replace").strip()
        raise Passing(f"a response that is not JSON ({start!r})") from None
    if not isinstance(answer, dict):
        raise FetchError(layer.label, found="no JSON object", expected="a layer's response")
    error = answer.get("error")
    if error is None:
        return answer
    told = error if isinstance(error, dict) else {"message": str(error)}
    code, said = told.get("code"), told.get("message") or "no message"
    if code in _PASSING_CODES:
        raise Passing(f"error {code} ({said})")
    raise FetchError(layer.label, found=f"error {code} ({said})", expected="features", mend=_MEND)


def _identity(feature: Feature) -> int:
    return hash(json.dumps(_attributes(feature), sort_keys=True))


def _attributes(feature: Feature) -> dict[str, Any]:
    """Return a feature's values: ``properties`` in GeoJSON, ``attributes`` in ArcGIS JSON."""
    values: dict[str, Any] = feature.get("properties") or feature.get("attributes") or {}
    return values


def _renamed(feature: Feature, layer: Layer) -> Feature:
    values = _attributes(feature)
    missing = [field for field in layer.fields if field not in values]
    if missing:
        raise FetchError(
            layer.label,
            found=f"no field {', '.join(missing)} among {', '.join(values)}",
            expected=f"fields {', '.join(layer.fields)}",
            mend=_MEND,
        )
    ours = {
        column: values[field]
        for column, field in zip(layer.file.columns, layer.fields, strict=True)
    }
    return {"type": "Feature", "properties": ours, "geometry": feature.get("geometry")}


def _check_size(layer: Layer, size: int) -> None:
    if size > layer.max_bytes:
        raise FetchError(
            layer.label,
            found=f"at least {size:,} bytes",
            expected=f"at most {layer.max_bytes:,}",
            mend=_MEND,
        )


def _incomplete(layer: Layer, written: int, distinct: int, expected: int) -> FetchError:
    found = f"{written:,} features"
    if distinct != written:
        found += f", {written - distinct:,} of them twice"
    return FetchError(layer.label, found=found, expected=f"{expected:,}", mend=_MEND)


class _Writer(Protocol):
    def add(self, feature: Feature) -> None: ...

    def close(self) -> None: ...


def _writer(handle: TextIO, layer: Layer) -> _Writer:
    if layer.file.format is FileFormat.CSV:
        return _CsvWriter(handle, layer.file.columns)
    return _GeoJsonWriter(handle)


class _GeoJsonWriter:
    """Writes a FeatureCollection, one feature per line, without holding it in memory."""

    def __init__(self, handle: TextIO) -> None:
        self._handle = handle
        self._separators: Iterator[str] = iter([""])
        handle.write('{"type":"FeatureCollection","features":[\n')

    def add(self, feature: Feature) -> None:
        text = json.dumps(feature, ensure_ascii=False, separators=(",", ":"))
        self._handle.write(next(self._separators, ",\n") + text)

    def close(self) -> None:
        self._handle.write("\n]}\n")


class _CsvWriter:
    """Writes attributes as comma-separated values under the declared column names."""

    def __init__(self, handle: TextIO, columns: tuple[str, ...]) -> None:
        self._writer = csv.DictWriter(handle, columns, lineterminator="\n")
        self._writer.writeheader()

    def add(self, feature: Feature) -> None:
        self._writer.writerow(feature["properties"])

    def close(self) -> None:
        """Do nothing: CSV needs no closing text."""
