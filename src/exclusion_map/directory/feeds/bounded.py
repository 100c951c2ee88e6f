"""JSON from the web within bounds: of bytes, of time, and only from where it may come from."""

import json
import threading
import time
from typing import Any

import httpx2

from exclusion_map.directory.feeds.gate import Gate
from exclusion_map.errors import FetchError
from exclusion_map.settings import FeedSettings, FetchSettings
from exclusion_map.sources.web import UnreachableError, Web

ATTEMPTS = 3
CONNECT_S, READ_S = 5.0, 15.0
AGAIN = "Nothing was loaded. Try again later."
LONGEST_ANSWER = 20_000_000
"""Bytes of one answer."""


class Missing(Exception):  # noqa: N818 - it is an answer, not a fault
    """The publisher says that there is no such thing."""


class BoundedWeb:
    """Reads JSON until a feed has used up its bytes or its time.

    Args:
        settings: the bounds.
    """

    def __init__(self, settings: FeedSettings) -> None:
        self.settings = settings
        self.requests = 0
        self.bytes = 0
        self._lock = threading.Lock()
        self._deadline = time.monotonic() + settings.feeds_max_seconds
        fetching = FetchSettings(
            fetch_attempts=ATTEMPTS,
            fetch_backoff_s=0.5,
            fetch_connect_timeout_s=CONNECT_S,
            fetch_read_timeout_s=min(READ_S, settings.feeds_max_seconds),
        )
        self._web = Web(fetching, transport=Gate(settings.feeds_allowed.split(",")))
        # Headers that come letter by letter never let a read time out.
        self._watch = threading.Timer(settings.feeds_max_seconds + 1, self._web.close)
        self._watch.daemon = True
        self._watch.start()

    def close(self) -> None:
        """Close every connection."""
        self._watch.cancel()
        self._web.close()

    def json(self, address: str, label: str) -> Any:
        """Return what an address answers, tried again where a fault may pass.

        Raises:
            Missing: it answers that there is none.
            FetchError: it cannot be had within the bounds, or is not JSON.
        """
        try:
            data = self._web.retrying(label, lambda: self._read(address, label), mend=AGAIN)
        except UnreachableError as error:
            mend = "Check the address, and whether the publisher's site is up."
            raise FetchError(label, found=error.found, expected="a response", mend=mend) from None
        except RuntimeError:
            # The watch closed the client.
            raise self._too_long(label) from None
        try:
            return json.loads(data)
        except (ValueError, RecursionError):
            start = data[:60].decode("utf-8", "replace")
            mend = "Give the address of an API, not of a page that people read."
            raise FetchError(
                label, found=f"text that begins {start!r}", expected="JSON", mend=mend
            ) from None

    def _read(self, address: str, label: str) -> bytes:
        self._check_time(label)
        try:
            return self._stream(address, label)
        except FetchError as error:
            said = error.found.split(" from ")[0]
            if said.startswith(("HTTP 404", "HTTP 410")):
                raise Missing(said) from None
            if said.startswith("HTTP "):
                mend = "The publisher refuses. Ask them whether the feed is open, and where it is."
                raise FetchError(label, found=said, expected="a response", mend=mend) from None
            raise

    def _stream(self, address: str, label: str) -> bytes:
        headers = {"Accept": "application/json"}
        parts: list[bytes] = []
        with self._web.stream(label, address, headers=headers) as response:
            with self._lock:
                self.requests += 1
            held = 0
            for part in response.iter_bytes():
                held += len(part)
                self._count(len(part), held, label)
                self._check_time(label)
                parts.append(part)
        return b"".join(parts)

    def _count(self, more: int, held: int, label: str) -> None:
        with self._lock:
            self.bytes += more
        if self.bytes > self.settings.feeds_max_bytes or held > LONGEST_ANSWER:
            raise FetchError(
                label,
                found=f"more than {min(self.settings.feeds_max_bytes, LONGEST_ANSWER):,} bytes",
                expected="less",
                mend="Raise EXCLUSION_MAP_FEEDS_MAX_BYTES, or request a smaller part of the feed.",
            )

    def _check_time(self, label: str) -> None:
        if time.monotonic() > self._deadline:
            raise self._too_long(label)

    def _too_long(self, label: str) -> FetchError:
        return FetchError(
            label,
            found=f"no end after {self.settings.feeds_max_seconds:.0f} seconds",
            expected="the whole feed",
            mend="Nothing was loaded. Raise EXCLUSION_MAP_FEEDS_MAX_SECONDS, or try later.",
        )


def web_address(text: str) -> httpx2.URL:
    """Return an address that somebody typed.

    Raises:
        FetchError: it is none.
    """
    try:
        url = httpx2.URL(text.strip())
    except (httpx2.InvalidURL, ValueError, TypeError):
        url = httpx2.URL("")
    if url.scheme not in ("http", "https") or not url.host or url.fragment:
        raise FetchError(
            "address of the feed",
            found=repr(text.strip()[:100]),
            expected="a web address, such as https://api.example.org/services",
        )
    return url
