"""HTTP client for downloads: limited retries with back-off; unreachable hosts are tried once."""

import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from types import TracebackType
from typing import Self, TypeVar

import httpx2
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from exclusion_map.errors import FetchError
from exclusion_map.settings import FetchSettings

USER_AGENT = "exclusion-map (open-source; downloads public statistics)"
MEND = "Try again later: an interrupted download is resumed."
_LONGEST_WAIT_S = 30.0
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_UNREACHABLE = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError)

T = TypeVar("T")


class UnreachableError(FetchError):
    """The publisher's host does not respond."""


class Passing(Exception):  # noqa: N818 - caught by the retry, never seen by callers
    """A temporary error: the request is worth retrying."""

    def __init__(self, found: str, wait_s: float | None = None) -> None:
        super().__init__(found)
        self.wait_s = wait_s


class Web:
    """A client that remembers which hosts cannot be reached.

    Args:
        settings: number of attempts, back-off, timeouts.
        transport: the HTTP transport; by default one that uses the proxies of the environment.
    """

    def __init__(
        self, settings: FetchSettings, *, transport: httpx2.BaseTransport | None = None
    ) -> None:
        self.settings = settings
        self._dead: dict[str, str] = {}
        self._client = httpx2.Client(
            verify=certificates(),
            transport=transport,
            timeout=httpx2.Timeout(
                settings.fetch_read_timeout_s, connect=settings.fetch_connect_timeout_s
            ),
            follow_redirects=True,
            # No content encoding, so that lengths, ranges and digests refer to the same bytes.
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def probe(self, addresses: Iterable[str]) -> dict[str, str]:
        """Try all hosts in parallel; return those that cannot be reached, with the reason.

        Takes at most about three connect timeouts, however many hosts there are. A host that
        accepts a connection but sends nothing counts as unreachable: some networks accept
        connections to any host. Name resolution can block beyond any timeout, so each host gets a
        thread that is not joined.
        """
        hosts = {_origin(address): host_of(address) for address in addresses}
        threads = [
            threading.Thread(target=self._knock, args=(origin, host), daemon=True)
            for origin, host in hosts.items()
        ]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + 3 * self.settings.fetch_connect_timeout_s
        for thread, host in zip(threads, hosts.values(), strict=True):
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                self._dead.setdefault(host, "no answer in time")
        return {host: self._dead[host] for host in hosts.values() if host in self._dead}

    def _knock(self, origin: str, host: str) -> None:
        wait_s = self.settings.fetch_connect_timeout_s
        timeout = httpx2.Timeout(2 * wait_s, connect=wait_s)
        try:
            self._client.head(origin, timeout=timeout, follow_redirects=False)
        except (*_UNREACHABLE, httpx2.TimeoutException) as error:
            self._dead.setdefault(host, _say(error))
        except (httpx2.HTTPError, RuntimeError, OSError):
            # It responded, if only with an error; or the client was closed during a slow name
            # lookup. The download itself will show which.
            return

    def require(self, label: str, address: str) -> None:
        """Check that a host is not already known to be unreachable.

        Raises:
            UnreachableError: it did not respond earlier in this run.
        """
        host = host_of(address)
        if host in self._dead:
            raise _unreachable(label, host, self._dead[host])

    def retrying(self, label: str, action: Callable[[], T], *, mend: str = MEND) -> T:
        """Run an action again while it raises `Passing`, up to the number of attempts.

        Args:
            label: name of the file, for the error.
            action: the function to run.
            mend: advice for the final error.

        Raises:
            FetchError: every attempt failed.
        """
        tries = self.settings.fetch_attempts
        retry = Retrying(
            stop=stop_after_attempt(tries),
            wait=self._wait,
            retry=retry_if_exception_type(Passing),
            reraise=True,
        )
        try:
            return retry(action)
        except Passing as fault:
            raise FetchError(
                label,
                found=f"{fault} ({tries} tries)",
                expected="the whole file",
                mend=mend,
            ) from None

    def _wait(self, state: RetryCallState) -> float:
        """Return the wait in seconds: doubled each time, or as the publisher asks, limited."""
        fault = state.outcome.exception() if state.outcome else None
        if isinstance(fault, Passing) and fault.wait_s is not None:
            return min(fault.wait_s, _LONGEST_WAIT_S)
        return min(
            self.settings.fetch_backoff_s * 2.0 ** (state.attempt_number - 1), _LONGEST_WAIT_S
        )

    @contextmanager
    def stream(
        self,
        label: str,
        address: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[httpx2.Response]:
        """Open a GET request; its status is 200, 206, 304 or 416.

        Raises:
            Passing: the error is temporary.
            UnreachableError: the host cannot be reached.
            FetchError: the host refuses the request.
        """
        host = host_of(address)
        self.require(label, address)
        try:
            with self._client.stream("GET", address, params=params, headers=headers) as response:
                _judge(response, label, address)
                yield response
        except _UNREACHABLE as error:
            asked = error.request.url.netloc.decode("ascii")
            led_on = "" if asked == host else f" at {asked}, where it leads on to"
            self._dead[host] = _say(error) + led_on
            raise _unreachable(label, host, self._dead[host]) from None
        except httpx2.TooManyRedirects as error:
            raise FetchError(label, found=_say(error), expected="the file") from None
        except httpx2.TransportError as error:
            raise Passing(_say(error)) from None


@cache
def certificates() -> ssl.SSLContext:
    """Return the TLS context; cached, because reading the certificates is slow."""
    return httpx2.create_ssl_context()


def host_of(address: str) -> str:
    """Return the host and port of an address."""
    return httpx2.URL(address).netloc.decode("ascii")


def _unreachable(label: str, host: str, why: str) -> UnreachableError:
    """Return the error for a host that cannot be reached."""
    return UnreachableError(
        label,
        found=f"{host} cannot be reached ({why})",
        expected="an answer",
        mend="Check the network, or set EXCLUSION_MAP_RAW_DIR to a folder with the raw files.",
    )


def _origin(address: str) -> str:
    return str(httpx2.URL(address).copy_with(path="/", query=None, fragment=None))


def _say(error: Exception) -> str:
    name = type(error).__name__
    return f"{name}: {error}" if str(error) else name


def _judge(response: httpx2.Response, label: str, address: str) -> None:
    if address.startswith("https://"):
        for step in (*response.history, response):
            if step.url.scheme != "https":
                raise FetchError(
                    label, found=f"a redirect to {step.url}", expected="an https address"
                )
    status = response.status_code
    if status in (200, 206, 304, 416):
        return
    if status in _PASSING:
        raise Passing(f"HTTP {status}", _asked_wait(response))
    raise FetchError(
        label,
        found=f"HTTP {status} {response.reason_phrase} from {address}",
        expected="the file",
        mend="The publisher may have moved it: see the source's page, then its declaration.",
    )


def _asked_wait(response: httpx2.Response) -> float | None:
    """Return the Retry-After header in seconds, or None; dates in it are ignored."""
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() else None
