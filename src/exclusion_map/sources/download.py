"""Download one file to a temporary name, resuming an interrupted download."""

import contextlib
import io
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2

from exclusion_map.errors import FetchError
from exclusion_map.sources.provenance import Record, write_atomically
from exclusion_map.sources.web import Passing, Web

Report = Callable[[int, int | None], None]
"""Progress callback: called with bytes received and, if known, bytes in total."""

_CRAWL_BYTES = 1024
_WEB_PAGES = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True)
class Request:
    """What to download, and the sizes accepted.

    Attributes:
        label: name of the file in errors.
        address: URL to download.
        part: file that holds the bytes during the download.
        min_bytes: smallest size accepted.
        max_bytes: largest size accepted.
        known: record of the existing copy, used for a conditional request.
    """

    label: str
    address: str
    part: Path
    min_bytes: int
    max_bytes: int
    known: Record | None = None


@dataclass(frozen=True)
class Arrived:
    """A complete file; HTTP validators are empty where the publisher gives none."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True)
class _State:
    """Which remote file, and which version of it, the bytes in the part file belong to."""

    address: str
    etag: str = ""
    last_modified: str = ""
    total: int | None = None

    @property
    def validator(self) -> str:
        """Validator for the If-Range header; weak ETags cannot be used there."""
        if self.etag and not self.etag.startswith("W/"):
            return self.etag
        return self.last_modified


def download(web: Web, request: Request, report: Report) -> Arrived | None:
    """Download a file to ``request.part``; return None if the existing copy is still current.

    Raises:
        FetchError: the publisher cannot be reached, refuses, interrupts every attempt, serves a
            web page, or the size is out of bounds. A part that can be resumed is kept.
    """
    arrived = web.retrying(request.label, lambda: _attempt(web, request, report))
    state_path(request.part).unlink(missing_ok=True)
    return arrived


def state_path(part: Path) -> Path:
    """Return the path of the file that records what a part file belongs to."""
    return part.with_name(part.name + ".json")


def discard(part: Path) -> None:
    """Remove a part file and its record."""
    part.unlink(missing_ok=True)
    state_path(part).unlink(missing_ok=True)


def _attempt(web: Web, request: Request, report: Report) -> Arrived | None:
    old = _old_state(request)
    have = request.part.stat().st_size if old is not None else 0
    with web.stream(
        request.label, request.address, headers=_headers(request.known, old, have)
    ) as response:
        if response.status_code == 304:
            discard(request.part)
            return None
        state = _state_of(response, request.address, have)
        if response.status_code == 416 or _is_other(response, old, state, have):
            discard(request.part)
            raise Passing("a remainder that does not match the part already downloaded")
        if response.status_code == 200:
            have = 0
        _refuse_early(response, request, state.total)
        _write_state(request.part, state)
        size = _receive(response, request, have, state.total, report, web)
    if state.total is not None and size != state.total:
        raise Passing(f"a truncated file: {size:,} of {state.total:,} bytes")
    if size < request.min_bytes:
        discard(request.part)
        raise _wrong_size(request, size)
    return Arrived(state.etag, state.last_modified)


def _headers(known: Record | None, old: _State | None, have: int) -> dict[str, str]:
    headers = {}
    if known is not None and known.etag:
        headers["If-None-Match"] = known.etag
    elif known is not None and known.last_modified:
        headers["If-Modified-Since"] = known.last_modified
    if old is not None:
        headers |= {"Range": f"bytes={have}-", "If-Range": old.validator}
    return headers


def _old_state(request: Request) -> _State | None:
    """Return the record of a part file that can be resumed; otherwise remove it."""
    # Whatever stands in a record that is not ours, the file is downloaded anew.
    with contextlib.suppress(OSError, ValueError, TypeError, AttributeError, RecursionError):
        state = _State(**json.loads(state_path(request.part).read_bytes()))
        size = request.part.stat().st_size
        fits = 0 < size < (state.total or request.max_bytes)
        if state.address == request.address and state.validator and fits:
            return state
    discard(request.part)
    return None


def _write_state(part: Path, state: _State) -> None:
    write_atomically(state_path(part), json.dumps(vars(state), sort_keys=True).encode())


def _state_of(response: httpx2.Response, address: str, have: int) -> _State:
    headers = response.headers
    state = _State(address, headers.get("ETag", ""), headers.get("Last-Modified", ""))
    length = headers.get("Content-Length", "")
    if headers.get("Content-Encoding", "identity") != "identity" or not (
        length.isascii() and length.isdigit()
    ):
        return state
    before = have if response.status_code == 206 else 0
    return replace(state, total=before + int(length))


def _is_other(response: httpx2.Response, old: _State | None, new: _State, have: int) -> bool:
    """Return whether a partial response is of another version: some servers ignore If-Range."""
    if response.status_code != 206:
        return False
    start = response.headers.get("Content-Range", "").removeprefix("bytes ").split("-")[0]
    return old is None or start != str(have) or new.validator != old.validator


def _refuse_early(response: httpx2.Response, request: Request, total: int | None) -> None:
    """Refuse, from the headers alone, a file that would be refused once downloaded."""
    kind = response.headers.get("Content-Type", "").split(";")[0].strip().lower()
    if kind in _WEB_PAGES:
        discard(request.part)
        raise FetchError(
            request.label,
            found=f"a web page ({kind}) from {request.address}",
            expected="the data",
            mend="The publisher may have moved the file: open its address in a browser.",
        )
    if total is not None and not request.min_bytes <= total <= request.max_bytes:
        discard(request.part)
        raise _wrong_size(request, total)


def _wrong_size(request: Request, size: int) -> FetchError:
    return FetchError(
        request.label,
        found=f"at least {size:,} bytes" if size > request.max_bytes else f"{size:,} bytes",
        expected=f"{request.min_bytes:,} to {request.max_bytes:,} bytes",
        mend="The publisher may have changed the file: compare it with its declaration.",
    )


def _receive(
    response: httpx2.Response,
    request: Request,
    have: int,
    total: int | None,
    report: Report,
    web: Web,
) -> int:
    pace = _Pace(web.settings.fetch_read_timeout_s)
    # Unbuffered, so that everything received survives an interruption or a kill.
    with request.part.open("ab" if have else "wb", buffering=0) as part:
        report(have, total)
        for chunk in response.iter_bytes():
            _write_all(part, chunk)
            have += len(chunk)
            if have > request.max_bytes:
                discard(request.part)
                raise _wrong_size(request, have)
            pace.add(len(chunk))
            report(have, total)
    return have


def _write_all(part: io.RawIOBase, chunk: bytes) -> None:
    """Write a whole chunk: an unbuffered write to a nearly full disk may be partial."""
    left = memoryview(chunk)
    while left:
        left = left[part.write(left) or 0 :]


class _Pace:
    """Gives up on a server that sends a few bytes at a time, which a read timeout never ends."""

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._start = time.monotonic()
        self._bytes = 0

    def add(self, count: int) -> None:
        """Count bytes.

        Raises:
            Passing: too few bytes arrived within the time window.
        """
        self._bytes += count
        now = time.monotonic()
        if now - self._start < self._window_s:
            return
        if self._bytes < _CRAWL_BYTES:
            raise Passing(f"{self._bytes} bytes in {now - self._start:.0f} s")
        self._start, self._bytes = now, 0
