"""Bring one file into the raw folder: download it to a temporary name, check it, rename it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from exclusion_map.catalogue import Delivery, Source, SourceFile
from exclusion_map.errors import FetchError
from exclusion_map.sources import layout
from exclusion_map.sources.arcgis import Layer, download_layer
from exclusion_map.sources.download import Arrived, Report, Request, discard, download
from exclusion_map.sources.files import located
from exclusion_map.sources.provenance import Record, sha256_of
from exclusion_map.sources.web import Web


class Status(StrEnum):
    """Result of fetching one file."""

    FETCHED = "fetched"
    UNCHANGED = "unchanged"
    KEPT = "kept"
    BY_HAND = "to get by hand"
    UNREACHABLE = "unreachable"
    FAILED = "failed"


@dataclass(frozen=True)
class Wanted:
    """A file of a source to fetch."""

    source: Source
    file: SourceFile

    @property
    def name(self) -> str:
        """Name in the provenance lock and in errors."""
        return f"{self.source.id}/{self.file.path}"


@dataclass(frozen=True)
class Outcome:
    """What happened to one file.

    Attributes:
        wanted: the file.
        status: the result.
        detail: one line of explanation.
        record: entry for the provenance lock; only for a file that was fetched.
        error: why it failed.
    """

    wanted: Wanted
    status: Status
    detail: str
    record: Record | None = None
    error: Exception | None = None


def fetch_file(
    web: Web,
    raw_dir: Path,
    wanted: Wanted,
    *,
    known: Record | None,
    force: bool,
    report: Report,
) -> Outcome:
    """Bring one file into the raw folder, unless the existing copy will do.

    An existing file is replaced only by one that passed every check.

    Args:
        web: the client.
        raw_dir: the raw folder.
        wanted: the file.
        known: its record in the provenance lock, if any.
        force: download even if a copy exists.
        report: progress callback.

    Raises:
        UnreachableError: its publisher cannot be reached.
        SourceError: it cannot be downloaded, or does not match its declaration.
    """
    there = located(raw_dir, wanted.source.id, wanted.file)
    if there is not None and (kept := _reason_to_keep(there, wanted, known, force)):
        return Outcome(wanted, Status.KEPT, kept)
    if wanted.file.delivery is Delivery.BY_HAND:
        return Outcome(wanted, Status.BY_HAND, how_by_hand(wanted, raw_dir))
    current = None if force or there is None else known
    try:
        return _fetch(web, raw_dir, wanted, current, report)
    except OSError as error:
        raise FetchError(
            wanted.name,
            found=f"{raw_dir} cannot be written ({error.strerror or error})",
            expected="a folder with room for the file",
            mend="Free some space, or set EXCLUSION_MAP_RAW_DIR to a folder that can be written.",
        ) from error


def how_by_hand(wanted: Wanted, raw_dir: Path) -> str:
    """Return instructions for a file that has no stable direct address."""
    address = wanted.file.address or wanted.source.page or wanted.source.publisher
    return f"get it from {address} and save it as {raw_dir / wanted.source.id / wanted.file.path}"


def _reason_to_keep(there: Path, wanted: Wanted, known: Record | None, force: bool) -> str:
    """Return why an existing file is not fetched again, or an empty text if it is."""
    if wanted.file.delivery is Delivery.BY_HAND:
        return "put there by hand"
    if force:
        return ""
    if there.name != wanted.file.path:
        return f"there as {there.name}"
    if known is None:
        return "there already; the provenance lock does not know it"
    if known.sha256 != sha256_of(there):
        return ""  # changed since it was fetched, or a fetch was cut off before its last step
    if not (known.etag or known.last_modified):
        return "there already; its publisher gives no way to ask for changes"
    return ""


def _fetch(
    web: Web, raw_dir: Path, wanted: Wanted, current: Record | None, report: Report
) -> Outcome:
    target = raw_dir / wanted.source.id / wanted.file.path
    if current is not None and current.sha256 != sha256_of(target):
        current = None
    web.require(wanted.name, wanted.file.address)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    arrived = _download(web, wanted, part, current, report)
    if arrived is None:
        return Outcome(wanted, Status.UNCHANGED, "unchanged at the publisher")
    try:
        observed = layout.check(
            part,
            wanted.file,
            label=wanted.name,
            unpacked_limit=web.settings.fetch_max_unpacked_bytes,
        )
        record = Record(
            address=wanted.file.address,
            bytes=observed.bytes,
            sha256=sha256_of(part),
            fetched=datetime.now(UTC).isoformat(timespec="seconds"),
            licence=wanted.source.licence,
            etag=arrived.etag,
            last_modified=arrived.last_modified,
        )
        part.replace(target)
    except BaseException:
        discard(part)
        raise
    rows = f", {observed.rows:,} rows" if observed.rows is not None else ""
    return Outcome(wanted, Status.FETCHED, f"{observed.bytes:,} bytes{rows}", record)


def _download(
    web: Web, wanted: Wanted, part: Path, current: Record | None, report: Report
) -> Arrived | None:
    file = wanted.file
    limit = min(web.settings.fetch_max_bytes, file.max_bytes or web.settings.fetch_max_bytes)
    if file.delivery is Delivery.ARCGIS_LAYER:
        try:
            download_layer(web, Layer(wanted.name, file, part, limit), report)
        except BaseException:
            discard(part)
            raise
        return Arrived()
    request = Request(wanted.name, file.address, part, file.min_bytes, limit, current)
    return download(web, request, report)
