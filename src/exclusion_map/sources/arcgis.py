"""ArcGIS feature layers: asked for page by page, counted, written to disk as they come.

A layer gives at most so many features a request (2,000 on the Open Geography Portal) and says of
its own faults with status 200 and an ``error`` in the answer.
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
_MEND = "Try again later; if it stays so, compare the layer with its declaration in the catalogue."

Feature = dict[str, Any]


@dataclass(frozen=True)
class Layer:
    """A layer to download.

    Attributes:
        label: what the file is called in errors.
        file: its declaration; CSV means attributes alone, GeoJSON attributes and geometry.
        part: where it is written.
        max_bytes: more is refused.
    """

    label: str
    file: SourceFile
    part: Path
    max_bytes: int

    @property
    def fields(self) -> tuple[str, ...]:
        """The declared columns, by the names the layer has for them."""
        theirs = {ours: theirs for theirs, ours in self.file.rename.items()}
        return tuple(theirs.get(column, column) for column in self.file.columns)


def download_layer(web: Web, layer: Layer, report: Report) -> int:
    """Write a whole layer to ``layer.part`` and return how many features it has.

    Raises:
        FetchError: the layer cannot be had, its count is far from the declared one, features are
            missing or come twice, or they are larger than the limit.
    """
    expected = _count(web, layer)
    written = 0
    seen: set[int] = set()
    with layer.part.open("w", encoding="utf-8", newline="") as handle:
        writer = _writer(handle, layer)
        while written < expected:
            features = _page(web, layer, written)
            seen.update(_identity(feature) for feature in features)
            written += len(features)
            if len(seen) != written or not features:
                raise _incomplete(layer, written, len(seen), expected)
            for feature in features:
                writer.add(_renamed(feature, layer))
            _check_size(layer, handle.tell())
            report(handle.tell(), _whole(handle.tell(), written, expected))
        writer.close()
    if written != expected:
        raise _incomplete(layer, written, len(seen), expected)
    return written


def _whole(size: int, written: int, expected: int) -> int:
    """Return the size to expect in the end, going by the features that are there."""
    return size * expected // written


def _count(web: Web, layer: Layer) -> int:
    answer = _ask(web, layer, {"returnCountOnly": "true", "f": "json"})
    count = answer.get("count")
    if not isinstance(count, int):
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
            # Without an order the pages of two requests may overlap.
            "orderByFields": ",".join(layer.fields),
            "resultOffset": str(offset),
            "resultRecordCount": str(PAGE_FEATURES),
            "returnGeometry": "true" if geometry else "false",
            "outSR": "4326",
            "f": "geojson" if geometry else "json",
        },
    )
    features = answer.get("features")
    if not isinstance(features, list):
        raise FetchError(layer.label, found="no features", expected="a page of features")
    return features


def _ask(web: Web, layer: Layer, params: dict[str, str]) -> dict[str, Any]:
    """Return one answer of the layer, asked again while its fault may pass."""

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
    except ValueError:
        start = body[:60].decode("utf-8", "replace").strip()
        raise Passing(f"an answer that is not JSON ({start!r})") from None
    if not isinstance(answer, dict):
        raise FetchError(layer.label, found="no JSON object", expected="an answer of a layer")
    error = answer.get("error")
    if error is None:
        return answer
    code, said = error.get("code"), error.get("message") or "no message"
    if code in _PASSING_CODES:
        raise Passing(f"error {code} ({said})")
    raise FetchError(layer.label, found=f"error {code} ({said})", expected="features", mend=_MEND)


def _identity(feature: Feature) -> int:
    return hash(json.dumps(_attributes(feature), sort_keys=True))


def _attributes(feature: Feature) -> dict[str, Any]:
    """Return a feature's values: GeoJSON calls them properties, the layer's own JSON attributes."""
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
            found=f"{size:,} bytes or more",
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
    """Writes one FeatureCollection, a feature a line, without holding it in memory."""

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
    """Writes attributes as comma-separated values under our names for the columns."""

    def __init__(self, handle: TextIO, columns: tuple[str, ...]) -> None:
        self._writer = csv.DictWriter(handle, columns, lineterminator="\n")
        self._writer.writeheader()

    def add(self, feature: Feature) -> None:
        self._writer.writerow(feature["properties"])

    def close(self) -> None:
        """Nothing stands after the last row."""
