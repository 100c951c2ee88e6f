"""Open a file that somebody hands in, whatever form it has."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from exclusion_map.directory.importing.csv_tables import read_csv_table
from exclusion_map.directory.importing.geojson_tables import is_geojson, read_geojson
from exclusion_map.directory.importing.services import services_of
from exclusion_map.directory.importing.table import Table
from exclusion_map.directory.importing.workbooks import read_workbook
from exclusion_map.errors import InvalidRequestError
from exclusion_map.settings import ImportSettings, read
from exclusion_map.uploads.text import decode

Json = Mapping[str, Any]
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def read_table(
    data: bytes | Path,
    name: str = "",
    *,
    sheet: str = "",
    limits: ImportSettings | None = None,
) -> Table:
    """Return the table in a CSV, XLSX, XLS or GeoJSON file; its form is seen, not told.

    Args:
        data: the bytes of the file, or where it is.
        name: of the file, for messages; that of the path if left out.
        sheet: of a workbook; the first that has a table if left out.
        limits: how large it may be; the settings' if left out.

    Raises:
        InvalidRequestError: naming the file, and the row or sheet, and what is wrong there. A file
            of Open Referral UK is refused too: see :func:`is_services`.
    """
    limits = limits or read(ImportSettings)
    content, name = _content(data, name, limits)
    if content.startswith((_ZIP, _OLE)):
        return read_workbook(
            content,
            name,
            sheet=sheet,
            most_rows=limits.import_max_rows,
            most_bytes=limits.import_max_bytes,
        )
    if sheet:
        raise InvalidRequestError(
            name, found=f"a sheet {sheet!r} was asked for", expected="a sheet only for a workbook"
        )
    if _is_json(content):
        document = _json(content, name)
        if services_of(document) is not None:
            raise InvalidRequestError(
                name,
                found="services of Open Referral UK",
                expected="a table",
                mend="It needs no mapping of columns: read it with read_services.",
            )
        if not is_geojson(document):
            raise InvalidRequestError(
                name,
                found="JSON without features and without services",
                expected="a GeoJSON FeatureCollection, or services of Open Referral UK",
            )
        return read_geojson(document, name, most_rows=limits.import_max_rows)
    return read_csv_table(content, name, most_rows=limits.import_max_rows)


def is_services(data: bytes | Path, *, limits: ImportSettings | None = None) -> bool:
    """Whether a file holds services of Open Referral UK, which :func:`read_services` reads.

    Raises:
        InvalidRequestError: it cannot be read or is too large.
    """
    content, name = _content(data, "", limits or read(ImportSettings))
    return _is_json(content) and services_of(_json(content, name)) is not None


def read_services(
    data: bytes | Path, name: str = "", *, limits: ImportSettings | None = None
) -> list[Json]:
    """Return the services in a file of Open Referral UK.

    The file is one service, one service at a location, an organisation with its services, a list
    of any of these, or a page of a feed with ``contents``.

    Raises:
        InvalidRequestError: it is none of these, or too large.
    """
    limits = limits or read(ImportSettings)
    content, name = _content(data, name, limits)
    found = services_of(_json(content, name)) if _is_json(content) else None
    if found is None:
        raise InvalidRequestError(
            name,
            found="no services",
            expected="JSON of Open Referral UK: a service, a list or page of services, or an "
            "organisation with services",
        )
    if len(found) > limits.import_max_rows:
        raise InvalidRequestError(
            name,
            found=f"{len(found):,} services",
            expected=f"at most {limits.import_max_rows:,}",
            mend="Split the file, or set EXCLUSION_MAP_IMPORT_MAX_ROWS.",
        )
    return found


def _content(data: bytes | Path, name: str, limits: ImportSettings) -> tuple[bytes, str]:
    most = limits.import_max_bytes
    if isinstance(data, Path):
        name = name or data.name
        try:
            size = data.stat().st_size
            content = data.read_bytes() if size <= most else b""
        except OSError as error:
            raise InvalidRequestError(
                str(data), found=error.strerror or str(error), expected="a file that can be read"
            ) from None
    else:
        size, content = len(data), data
    name = name or "file"
    if size > most:
        raise InvalidRequestError(
            name,
            found=f"{size:,} bytes",
            expected=f"at most {most:,}",
            mend="Split the file, or set EXCLUSION_MAP_IMPORT_MAX_BYTES.",
        )
    if not content.strip():
        raise InvalidRequestError(
            name, found="an empty file", expected="a table: CSV, XLSX or GeoJSON"
        )
    return content, name


def _is_json(content: bytes) -> bool:
    return content[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))


def _json(content: bytes, name: str) -> Any:
    text, _ = decode(content, name)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        at = f"line {error.lineno}, " if isinstance(error, json.JSONDecodeError) else ""
        raise InvalidRequestError(
            name, found=f"JSON that is broken ({at}{error})"[:200], expected="complete JSON"
        ) from None
