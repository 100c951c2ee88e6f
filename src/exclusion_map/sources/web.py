"""The downloader's HTTP client: bounded retry with back-off, no second wait for a dead host."""

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
MEND = "Try again later; a download that broke off is continued."
_LONGEST_WAIT_S = 30.0
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_UNREACHABLE = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError)

T = TypeVar("T")


class UnreachableError(FetchError):
    """The publisher's host gives no answer at all."""


class Passing(Exception):  # noqa: N818 - it is caught by the retry and never seen by a caller
    """A fault that may pass: the request is worth another try."""

    def __init__(self, found: str, wait_s: float | None = None) -> None:
        super().__init__(found)
        self.wait_s = wait_s


class Web:
    """A client that remembers which hosts cannot be reached.

    Args:
        settings: attempts, back-off, timeouts.
        transport: what connects; one of the client's own, through the proxies of the environment,
            where there is none.
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
            # Bytes as stored: lengths, ranges and digests then speak of the same thing.
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
        """Find the hosts that cannot be reached, all at once, and return why, by host.

        Takes at most about three connect timeouts however many hosts there are. A host that takes
        a connection and then says nothing counts as out of reach: some networks answer for all.
        Looking up a name can block for longer than any timeout, so each host has a thread that is
        not waited for.
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
            # It answered, if only with nonsense; or the client was closed while a late name
            # lookup still ran. The download will tell.
            return

    def require(self, label: str, address: str) -> None:
        """Do nothing for a host that is not known to be out of reach.

        Raises:
            UnreachableError: it was tried before in this run and gave no answer.
        """
        host = host_of(address)
        if host in self._dead:
            raise _unreachable(label, host, self._dead[host])

    def retrying(self, label: str, action: Callable[[], T], *, mend: str = MEND) -> T:
        """Run an action again while it raises `Passing`, up to the number of attempts.

        Args:
            label: what it is about, for the error.
            action: what to do.
            mend: what to do when the fault did not pass.

        Raises:
            FetchError: the fault did not pass.
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
        """Wait twice as long each time, or as long as the publisher asks, within a bound."""
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
            Passing: the fault may pass.
            UnreachableError: the host cannot be reached.
            FetchError: it refuses.
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
    """Return whom to trust; reading the certificates takes a while, so it is done once."""
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
        mend="Check the network, or set EXCLUSION_MAP_RAW_DIR to a folder already filled.",
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
    """Return the Retry-After header in seconds; its other form, a date, is not worth parsing."""
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isdigit() else None
