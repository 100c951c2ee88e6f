"""Check a raw file against the declaration of its source: format, columns, rows and size."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from exclusion_map.catalogue import FileFormat, SourceFile
from exclusion_map.errors import SourceError
from exclusion_map.sources import members

_HTML_STARTS = (b"<!doctype html", b"<html", b"<head", b"<!--")
_SNIFFED = 1024
_NOMIS_SUFFIX = "; measures: Value"
LONGEST_LINE = 131_072
"""Longest line accepted, in characters; known sources have at most a few thousand."""
_MEND = "The publisher may have changed the file: compare it with its declaration in the catalogue."


@dataclass(frozen=True)
class Observed:
    """What was found in a file; rows and columns are None where the format does not show them."""

    bytes: int
    rows: int | None = None
    columns: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Check:
    """One file to check: its bytes, its declaration and its name in errors."""

    path: Path
    file: SourceFile
    label: str
    unpacked_limit: int = 4_000_000_000


def check(path: Path, file: SourceFile, *, label: str, unpacked_limit: int) -> Observed:
    """Check a file in the publisher's own layout and return what it holds.

    Raises:
        SourceError: it is a web page, is damaged, or differs from the declared size or layout.
    """
    job = Check(path, file, label, unpacked_limit)
    observed = replace(_observe(job, file.format), bytes=path.stat().st_size)
    check_size(observed.bytes, file, label)
    _check_columns(observed, file.columns, label)
    _check_rows(observed, file, label)
    return observed


def check_copy(path: Path, file: SourceFile, *, label: str) -> Observed:
    """Check a re-encoded copy of a file and return what it holds.

    A copy starts with one heading line, whatever the publisher's own file looks like.

    Raises:
        SourceError: it is damaged, or has another layout.
    """
    plain = file.model_copy(update={"headings": True, "skip_lines": 0, "member": ""})
    observed = replace(
        _observe(Check(path, plain, label), FileFormat(path.suffix.removeprefix("."))),
        bytes=path.stat().st_size,
    )
    _check_columns(observed, file.copy_columns or file.columns, label)
    _check_rows(observed, file, label)
    return observed


def check_size(size: int, file: SourceFile, label: str) -> None:
    """Refuse a size outside the declared bounds.

    Raises:
        SourceError: too small or too large.
    """
    if size < file.min_bytes:
        raise SourceError(
            label, found=f"{size:,} bytes", expected=f"at least {file.min_bytes:,}", mend=_MEND
        )
    if file.max_bytes is not None and size > file.max_bytes:
        raise SourceError(
            label, found=f"{size:,} bytes", expected=f"at most {file.max_bytes:,}", mend=_MEND
        )


def _observe(job: Check, kind: FileFormat) -> Observed:
    with job.path.open("rb") as handle:
        start = handle.read(_SNIFFED)
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_HTML_STARTS):
        raise SourceError(
            job.label,
            found="a web page (HTML)",
            expected=f"a {kind.upper()} file",
            mend="The publisher may have moved the file: open its address in a browser.",
        )
    match kind:
        case FileFormat.CSV:
            return _csv(job)
        case FileFormat.ZIP:
            return _zip(job)
        case FileFormat.GEOJSON:
            return _geojson(job)
        case FileFormat.PARQUET:
            return _parquet(job)
        case FileFormat.XLSX | FileFormat.XLS | FileFormat.ODS:
            return _workbook(job)


def _csv(job: Check) -> Observed:
    with job.path.open("rb") as handle:
        return _table(handle, job)


def _zip(job: Check) -> Observed:
    if not job.file.member:
        members.verify_members(job.path, limit=job.unpacked_limit, label=job.label)
        return Observed(0)
    with members.open_member(
        job.path, job.file.member, limit=job.unpacked_limit, label=job.label
    ) as stream:
        if job.file.member.endswith(".csv"):
            return _table(stream, job)
        while stream.read(1 << 20):  # the checksum is compared at the end
            pass
        return Observed(0)


def _table(stream: IO[bytes], job: Check) -> Observed:
    encoding = "utf-8-sig" if job.file.encoding == "utf-8" else job.file.encoding
    text = io.TextIOWrapper(stream, encoding=encoding, errors="strict", newline="")
    try:
        return _count(csv.reader(_lines(text)), job)
    except UnicodeDecodeError as error:
        raise SourceError(
            job.label,
            found=f"bytes that are not {job.file.encoding} ({error.reason})",
            expected=f"text in {job.file.encoding}",
            mend=_MEND,
        ) from None
    except csv.Error as error:
        raise SourceError(
            job.label, found=f"no table ({error})", expected="comma-separated values", mend=_MEND
        ) from None
    finally:
        text.detach()  # leave the stream open for its owner to close


def _lines(text: Iterable[str]) -> Iterator[str]:
    """Yield lines, refusing overlong ones here because csv's own limit is global."""
    for line in text:
        if len(line) > LONGEST_LINE:
            raise csv.Error(f"a line of more than {LONGEST_LINE:,} characters")
        yield line


def _count(rows: Iterator[list[str]], job: Check) -> Observed:
    """Count rows with at least two filled cells: notes below a table fill only one."""
    for _ in range(job.file.skip_lines):
        next(rows, None)
    columns = None
    if job.file.headings:
        columns = tuple(name.strip() for name in next(rows, []))
    return Observed(0, sum(1 for row in rows if _is_data(row)), columns)


def _is_data(row: list[str]) -> bool:
    filled = len(row) - row.count("")
    return filled >= 2 or (filled == 1 and len(row) == 1)


def _geojson(job: Check) -> Observed:
    from pyogrio import read_info
    from pyogrio.errors import DataLayerError, DataSourceError

    try:
        info = read_info(job.path, force_feature_count=True)
    except (DataSourceError, DataLayerError, ValueError) as error:
        raise _unreadable(job, "GeoJSON", error) from None
    return Observed(0, int(info["features"]), tuple(str(name) for name in info["fields"]))


def _parquet(job: Check) -> Observed:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(job.path) as table:
            return Observed(0, table.metadata.num_rows, tuple(table.schema_arrow.names))
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(job, "Parquet", error) from None


def _workbook(job: Check) -> Observed:
    """Check a workbook: one sheet must be long enough for the declared number of rows."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(job.path.read_bytes())) as book:
            longest = max(
                (book.get_sheet_by_name(name).height for name in book.sheet_names), default=0
            )
    except (CalamineError, OSError, ValueError) as error:
        raise _unreadable(job, job.file.format.upper(), error) from None
    least = _fewest(job.file)
    if longest < least:
        raise SourceError(
            job.label,
            found=f"a workbook whose longest sheet has {longest:,} rows",
            expected=f"at least {least:,} rows",
            mend=_MEND,
        )
    return Observed(0)


def _unreadable(job: Check, kind: str, error: Exception) -> SourceError:
    return SourceError(
        job.label,
        found=f"a file that cannot be read ({str(error).strip() or type(error).__name__})",
        expected=f"a {kind} file",
        mend=members.MEND,
    )


def _check_columns(observed: Observed, columns: tuple[str, ...], label: str) -> None:
    if observed.columns is None or not columns:
        return
    # Nomis adds the suffix to the columns of some tables only.
    there = {name.removesuffix(_NOMIS_SUFFIX) for name in observed.columns}
    missing = [name for name in columns if name.removesuffix(_NOMIS_SUFFIX) not in there]
    if missing:
        raise SourceError(
            label,
            found=f"no column {', '.join(missing[:5])} among {', '.join(observed.columns[:8])}",
            expected=f"columns {', '.join(columns[:8])}",
            mend=_MEND,
        )


def _check_rows(observed: Observed, file: SourceFile, label: str) -> None:
    if observed.rows is None or file.rows is None:
        return
    allowed = round(file.rows * file.rows_within)
    if abs(observed.rows - file.rows) > allowed:
        about = f"{file.rows:,}" if not allowed else f"{file.rows:,} give or take {allowed:,}"
        raise SourceError(
            label, found=f"{observed.rows:,} rows", expected=f"{about} rows", mend=_MEND
        )


def _fewest(file: SourceFile) -> int:
    return 0 if file.rows is None else file.rows - round(file.rows * file.rows_within)
